// Products in which content is hidden from whoever looks less closely than the
// device that runs it: each is a payload and a trick.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "verifier/base/bytes.h"

namespace assay::testing {

inline constexpr std::size_t kFitsEverywhere = 0xFF00;

// A container and the digest of something that lies in it.
struct HiddenPayload {
  std::string name = {};
  Bytes bytes = {};
  std::string sha256 = {};
};

// One of every kind that is worth hiding.
[[nodiscard]] std::vector<HiddenPayload> HiddenPayloads();

// A way to put a payload where it is easily missed.
struct Trick {
  std::string name = {};
  std::function<Bytes(ByteView payload)> hide = {};
};

// What a viewer takes the whole for: pictures, documents, programs, texts that
// begin the file while the payload follows.
[[nodiscard]] std::vector<Trick> PrefixTricks();
// Behind the proper end of a container.
[[nodiscard]] std::vector<Trick> TrailingTricks();
// Inside a container, in bytes that its format does not read. Some of them hold
// no more than kFitsEverywhere bytes.
[[nodiscard]] std::vector<Trick> InnerTricks();

// `bytes` in so many layers of gzip.
[[nodiscard]] Bytes GzipTimes(Bytes bytes, int times);
[[nodiscard]] Bytes GzipStored(ByteView bytes);

}  // namespace assay::testing
