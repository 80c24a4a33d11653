// Reads the parts of a JSON report, each the inverse of its writer.
#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "verifier/model/report.h"
#include "verifier/report/fields.h"

namespace assay::report {

// What the model keeps as views: texts that live as long as the report.
using Words = std::set<std::string>;

// "offset" and "length", whose sum fits 64 bits.
[[nodiscard]] Range PlaceFrom(Fields& fields);
// The same where both may be missing.
[[nodiscard]] std::optional<Range> PlaceIf(Fields& fields);
// The artifact at "artifact", of `count` artifacts.
[[nodiscard]] ArtifactId ArtifactAt(Fields& fields, std::size_t count);
// The same where it may be missing: kNoArtifact.
[[nodiscard]] ArtifactId ArtifactIf(Fields& fields, std::size_t count);

[[nodiscard]] Severity SeverityFrom(Fields& fields, std::string_view key);

// Tool, verdict, product, and what the report depends on.
void ReadHead(Fields& fields, Report& report);
void ReadConditions(Fields& fields, Report& report);
[[nodiscard]] Delta DeltaFrom(Fields fields);

[[nodiscard]] Redaction RedactionFrom(Fields fields);

[[nodiscard]] Finding FindingFrom(Fields& fields);

// The artifact that stands at `index`. Ids count up from 0 and a parent stands
// before its children, so that code may follow parents without a check.
[[nodiscard]] Artifact ArtifactFrom(Fields& fields, std::size_t index);

[[nodiscard]] SignatureCheck CheckFrom(Fields fields, std::size_t artifacts,
                                       Words& words);

[[nodiscard]] Reconciliation ReconciliationFrom(Fields fields,
                                                std::size_t artifacts,
                                                Words& words);

[[nodiscard]] Ledger LedgerFrom(Fields fields, std::size_t artifacts);

}  // namespace assay::report
