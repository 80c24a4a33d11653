// What the SPDX 3 model says of classes.
#pragma once

#include <string_view>
#include <vector>

#include "sbom/read.h"
#include "sbom/tree.h"

namespace assay::sbom {

// "3.0.1", by the context; "" for no SPDX 3.
[[nodiscard]] std::string_view Spdx3VersionOf(Value document);

// The elements of a document: its graph, or the one beside the context.
[[nodiscard]] std::vector<Value> Spdx3ElementsOf(Value document);

// Whether a class is software_Package or a kind of it.
[[nodiscard]] bool IsSpdx3Package(std::string_view type);

// By own tables, for a version whose official schema no package carries:
// "sbom.required-missing", "sbom.value-unknown".
[[nodiscard]] SchemaCheck CheckSpdx3(const Tree& tree);

}  // namespace assay::sbom
