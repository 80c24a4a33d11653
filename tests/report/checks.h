// What tests of outputs share.
#pragma once

#include <string>
#include <vector>

#include "verifier/base/json.h"
#include "verifier/model/report.h"
#include "verifier/report/writer.h"

namespace assay::testing {

// What a JSON Schema says against a document, "" when it conforms.
[[nodiscard]] std::string ProblemsOf(const std::string& schema_file,
                                     const Json& document);
// The file of an official schema, by tests/schemas/packages.txt.
[[nodiscard]] std::string OfficialSchema(const std::string& name);

// ExampleReport() with hostile text wherever text can come from the product,
// and with findings that are waived, explained, and about no artifact.
[[nodiscard]] Report HostileReport();
// ExampleReport() with so many findings, of every severity.
[[nodiscard]] Report LargeReport(std::size_t findings);

// Fails the test when the output is not valid UTF-8, holds a control character
// or one that reorders a page, or is different when it is written again.
void ExpectInert(const report::ReportWriter& writer, const Report& report);
// The same for every string of a JSON document once it is decoded.
void ExpectInertStrings(const Json& document);

[[nodiscard]] Json JsonBy(const report::ReportWriter& writer,
                          const Report& report);

// Sorted ids of the report's findings.
[[nodiscard]] std::vector<std::string> IdsOf(const Report& report);

}  // namespace assay::testing
