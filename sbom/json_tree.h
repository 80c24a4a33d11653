// JSON into a tree. Own code instead of the JSON library's values: a document
// of 54 MB has to be read with the place of every value, in bounded memory.
#pragma once

#include <string_view>

#include "sbom/tree.h"
#include "verifier/base/result.h"

namespace assay::sbom {

// RFC 8259, strictly; a UTF-8 byte order mark is passed over. The tree borrows
// `text`. kMalformed names line, column and byte: of what is no JSON, no UTF-8,
// nested too deep, or a name that stands twice in an object.
[[nodiscard]] Result<Tree> JsonTree(std::string_view text);

}  // namespace assay::sbom
