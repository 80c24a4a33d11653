// BLAKE2sp, the digest of RAR 5: eight BLAKE2s in parallel over blocks in turn,
// and one over their digests. OpenSSL has BLAKE2s without the parameters of a
// tree. (RFC 7693; "BLAKE2: simpler, smaller, fast as MD5", section 2.)
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "verifier/base/bytes.h"

namespace assay::formats {

using Blake2spDigest = std::array<std::uint8_t, 32>;

[[nodiscard]] Blake2spDigest Blake2spOf(ByteView bytes);

}  // namespace assay::formats
