// What the SPDX 3 model asks of an element. Own tables: no package carries the
// official schema.
#pragma once

#include <string_view>

#include "sbom/document_builder.h"
#include "sbom/tree.h"

namespace assay::sbom {

// Whether a class is software_Package or a kind of it.
[[nodiscard]] bool IsSpdx3Package(std::string_view type);

// "sbom.required-missing", "sbom.value-unknown", "sbom.type-wrong".
void CheckSpdx3Element(Value element, DocumentBuilder& builder);

}  // namespace assay::sbom
