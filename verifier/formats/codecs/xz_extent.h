// Where an .xz stream ends, told by its headers alone.
#pragma once

#include <cstdint>
#include <optional>

#include "verifier/base/bytes.h"

namespace assay::formats {

// The length of the stream that `bytes` begins with, when it lies wholly in
// them and every block header states its sizes, as those of encoders with
// threads do. Headers, index length and footer are checked; what the blocks
// hold is not looked at. (The .xz File Format 1.1.0, sections 2 to 4.)
[[nodiscard]] std::optional<std::uint64_t> XzStreamExtent(ByteView bytes);

}  // namespace assay::formats
