// One door for SBOM documents of every format.
#pragma once

#include <cstddef>

#include "verifier/base/bytes.h"
#include "verifier/base/result.h"
#include "verifier/model/component.h"

namespace assay::sbom {

inline constexpr std::size_t kMaxSbomBytes = std::size_t{64} << 20U;

// Picks the reader by content. kLimit past kMaxSbomBytes, kMalformed when the
// bytes are not JSON (names the byte), kUnsupported when they are JSON but no
// SBOM format that is read. What is wrong inside a document that was read is
// in its `problems`.
[[nodiscard]] Result<SbomDocument> ReadSbom(ByteView bytes);

}  // namespace assay::sbom
