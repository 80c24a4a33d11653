// in-toto Statement v1: what an attestation is about, and of which kind it is
// (in-toto attestation framework, spec/v1/statement.md).
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "verifier/model/report.h"
#include "verifier/report/json_text.h"

namespace assay::report {

// Something else that a statement is about.
struct StatementSubject {
  std::string name = {};
  std::string sha256 = {};
};

// Opens the statement and its member "predicate"; the caller writes the members
// of that and closes both. Subjects are `others`, then the product's files, by
// SHA-256.
void OpenStatement(JsonText& json, const Report& report,
                   std::string_view predicate_type,
                   std::span<const StatementSubject> others = {});

// The member "verifier": its "id" changes with every version of the rules'
// logic, which is the tool's.
void PutVerifier(JsonText& json, const Report& report, bool with_versions);

// A resource descriptor of the policy as members of the open object. There is
// a policy.
void PutPolicyDescriptor(JsonText& json, const Report& report);

// What consumers who know Assay also read: label, verdict and rules.
void PutExtensions(JsonText& json, const Report& report);

}  // namespace assay::report
