// What SWID tags mean, in XML (ISO/IEC 19770-2) and in CBOR (RFC 9393).
#pragma once

#include <cstdint>
#include <string_view>

#include "sbom/tree.h"
#include "verifier/base/bytes.h"
#include "verifier/base/result.h"
#include "verifier/model/component.h"

namespace assay::sbom {

// Reads an array of tags with the member names of RFC 9393. The first tag is
// the document's subject, the others are its components.
[[nodiscard]] SbomDocument ReadSwid(const Tree& tree, std::string_view format);

// CoSWID tags, one after the other.
[[nodiscard]] Result<Tree> CoswidTree(ByteView bytes);
// Whether bytes begin as a CoSWID: its CBOR tag, or a map with a tag id.
[[nodiscard]] bool IsCoswid(ByteView bytes);

}  // namespace assay::sbom
