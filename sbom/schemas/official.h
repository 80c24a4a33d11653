// The official schemas, as fetch.sh got them, inside the program.
#pragma once

#include <string>
#include <string_view>

#include "sbom/read.h"
#include "sbom/schema/json_schema.h"
#include "sbom/tree.h"
#include "sbom/xml_schema.h"
#include "verifier/base/result.h"

namespace assay::sbom {

// The text of a schema file, "bom-1.6.SNAPSHOT.schema.json"; "" when there is
// none of that name. Unpacked at the first call; thread-safe.
[[nodiscard]] std::string_view OfficialSchema(std::string_view name);

// Compiled at the first call for a version and kept; null when there is none.
[[nodiscard]] const JsonSchema* CycloneDxJsonSchema(std::string_view version);
[[nodiscard]] const XmlSchema* CycloneDxXmlSchema(std::string_view version);
[[nodiscard]] const JsonSchema* Spdx3JsonSchema(std::string_view version);

// What says that a version has no schema here.
[[nodiscard]] SbomProblem SchemaMissing(std::string_view format,
                                        std::string_view version);

}  // namespace assay::sbom
