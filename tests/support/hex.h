// Samples as commented hex: '#' starts a comment, blanks do not matter, and a
// line "@1f000" stands for zeros up to that offset (in hex).
#pragma once

#include <string>
#include <string_view>

#include "verifier/base/bytes.h"

namespace assay::testing {

// Aborts the test program on anything that is not hex.
[[nodiscard]] Bytes Hex(std::string_view text);
// samples/<path>, as raw bytes or (for *.hex) decoded.
[[nodiscard]] Bytes Sample(std::string_view path);
[[nodiscard]] std::string SamplePath(std::string_view path);
[[nodiscard]] Bytes Concat(ByteView a, ByteView b);

}  // namespace assay::testing
