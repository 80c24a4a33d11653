// The component tree of a CycloneDX document.
#pragma once

#include <string_view>

#include "sbom/document_builder.h"
#include "verifier/base/json.h"
#include "verifier/model/component.h"

namespace assay::sbom {

// One component without those it nests.
[[nodiscard]] Component ReadCycloneDxComponent(const Json& object,
                                               std::string_view pointer,
                                               DocumentBuilder& builder);

// The components of `array` and all that they nest, parents first, appended to
// the builder's document. `parent` is the Component::parent of the outermost.
void ReadCycloneDxComponents(const Json& array, std::string_view pointer,
                             std::string_view parent, DocumentBuilder& builder);

}  // namespace assay::sbom
