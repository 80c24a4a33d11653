// Properties of components and documents in SPDX, which has no field for them:
// in SPDX 2.3 annotations (clause 12), in SPDX 3 the extension for CycloneDX'
// properties (profile Extension) and what BSI TR-03183-2 has as purposes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sbom/tree.h"
#include "verifier/base/json.h"
#include "verifier/model/component.h"

namespace assay::sbom {

// The name under which a document's own version stands among its properties:
// SPDX has none.
inline constexpr std::string_view kVersionProperty = "assay:document:version";

// The document's properties with its version, and back.
[[nodiscard]] std::vector<Property> WithVersion(const SbomDocument& document);
void TakeVersion(SbomDocument& document);

// SPDX 2: "NAME=VALUE" as the comment of an annotation by a tool, of type
// OTHER. Other annotations are no properties.
void PutSpdx2Properties(const std::vector<Property>& properties,
                        const SbomDocument& document, Json& object);
[[nodiscard]] std::vector<Property> Spdx2PropertiesOf(Value object);

// SPDX 3: extension_CdxPropertiesExtension, and purposes.
void PutSpdx3Properties(const std::vector<Property>& properties, Json& element);
[[nodiscard]] std::vector<Property> Spdx3PropertiesOf(Value element);

// An agent of SPDX 3 with how to reach it: "Example <mail@example.org>".
[[nodiscard]] std::string Spdx3PartyOf(Value agent);

}  // namespace assay::sbom
