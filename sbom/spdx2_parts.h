// Parts of packages and files of SPDX 2.
#pragma once

#include <string>
#include <string_view>

#include "sbom/document_builder.h"
#include "sbom/tree.h"

namespace assay::sbom {

// "Organization: Example (mail@example.org)" -> "Example (mail@example.org)";
// clauses 6.8, 7.5 and 7.6.
[[nodiscard]] std::string WithoutSpdx2Role(std::string_view text);

// Clauses 7.13 to 7.17, and 8.5 and 8.8: concluded, declared, copyright.
void AddSpdx2Licences(Value object, Component& component,
                      DocumentBuilder& builder);
// Clause 8.6: what the file itself says.
void AddSpdx2LicencesInFile(Value object, Component& component,
                            DocumentBuilder& builder);

// Clauses 7.8 and 7.9: "sbom.verification-code-missing", "...-malformed".
void CheckSpdx2VerificationCode(Value package, DocumentBuilder& builder);

}  // namespace assay::sbom
