// CBOR into trees. Own code: the library in Debian allocates what a hostile
// length states before it looks whether the bytes are there.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "sbom/tree.h"
#include "verifier/base/bytes.h"
#include "verifier/base/result.h"

namespace assay::sbom {

// RFC 8949. All data items of `bytes`, one after the other, become the elements
// of the root array. Byte strings become strings in lower-case hex; the integer
// key k of a map becomes what `name_of(k)` gives, or its digits when that is
// empty; tags are passed over. Places are byte offsets. kTruncated and
// kMalformed name the byte.
[[nodiscard]] Result<Tree> CborTree(
    ByteView bytes, std::string_view (*name_of)(std::int64_t key));

}  // namespace assay::sbom
