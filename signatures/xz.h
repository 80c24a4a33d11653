// The .xz variant of an archive index.
#pragma once

#include <cstdint>

#include "verifier/base/bytes.h"
#include "verifier/base/result.h"

namespace assay::signatures {

// Decodes one .xz file that is the whole of `encoded`; kLimit over `ceiling`
// decoded bytes or 256 MiB of decoder memory.
[[nodiscard]] Result<Bytes> DecodeXz(ByteView encoded, std::uint64_t ceiling);

}  // namespace assay::signatures
