// Sweeps over one image: what a parser does with every prefix and with every
// damaged byte of it.
#pragma once

#include <cstddef>
#include <functional>
#include <string>

#include "tests/support/recording_sink.h"

namespace assay::testing {

// One unpacking of a changed image.
struct Attempt {
  std::size_t at = 0;  // the prefix's size, or the flipped byte
  bool ok = false;
  std::uint64_t consumed = 0;
  const RecordingSink* sink = nullptr;
};

// Unpacks each proper prefix, and each image with one byte flipped. An
// attempt that succeeds must account for all it consumed; `check` sees every
// attempt.
void ForEachPrefix(const formats::Format& format, ByteView image,
                   const std::function<void(const Attempt&)>& check);
void ForEachFlip(const formats::Format& format, ByteView image,
                 const std::function<void(const Attempt&)>& check);

// All that a sink was told, as text: equal for two sinks that were told the
// same members, regions and anomalies.
[[nodiscard]] std::string Fingerprint(const RecordingSink& sink);

}  // namespace assay::testing
