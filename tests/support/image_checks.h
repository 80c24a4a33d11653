// What every format at rest (a file system, a flash image) must keep to,
// whatever its bytes are.
#pragma once

#include <cstddef>
#include <string>

#include "tests/support/recording_sink.h"

namespace assay::testing {

// A good image: matched, measured to its last byte though more follows,
// unpacked without anomaly or problem, and accounted for.
void ExpectGood(const formats::Format& format, ByteView image);

// Unpacks `image`, changed as `what` says: claims must lie inside of it and
// apart from each other (or an anomaly says that they do not), and when it
// ends well, account for every byte up to where measure says it ends.
void ExpectKept(const formats::Format& format, ByteView image,
                const std::string& what);

// ExpectKept for each `step`th proper prefix, and for one bit, then several,
// flipped in each `step`th byte.
void SweepImage(const formats::Format& format, ByteView image,
                std::size_t step = 1);

// The names of all members, each followed by a blank.
[[nodiscard]] std::string Names(const RecordingSink& sink);

}  // namespace assay::testing
