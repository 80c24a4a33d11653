// The .lz4 variant of an archive index, as apt keeps its lists.
#pragma once

#include <cstdint>

#include "verifier/base/bytes.h"
#include "verifier/base/result.h"

namespace assay::signatures {

[[nodiscard]] bool IsLz4(ByteView encoded);

// Decodes one LZ4 frame that is the whole of `encoded`; kLimit over `ceiling`
// decoded bytes.
[[nodiscard]] Result<Bytes> DecodeLz4(ByteView encoded, std::uint64_t ceiling);

}  // namespace assay::signatures
