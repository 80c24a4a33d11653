// Verification of real files, for golden tests.
#pragma once

#include <string>
#include <string_view>

#include "verifier/engine/verify.h"
#include "verifier/model/report.h"

namespace assay::testing {

// Verifies at a fixed time; a failure to verify fails the test and gives an
// empty report.
[[nodiscard]] Report Verified(engine::VerifyRequest request);
// Verifies under a policy that asks for nothing; `trust` follows its head.
[[nodiscard]] Report VerifiedUnder(const std::string& trust,
                                   engine::VerifyRequest request);
// The same for the signatures alone, which takes no rules and gives no verdict.
[[nodiscard]] Report SignaturesUnder(const std::string& trust,
                                     engine::VerifyRequest request);
// The verdicts on one file, in the order of the report: "TOTAL-PASSED,
// INDETERMINATE NO_POE".
[[nodiscard]] std::string VerdictsOn(const Report& report,
                                     std::string_view target);
[[nodiscard]] std::string ReasonsOf(const Report& report);
[[nodiscard]] std::string JsonOf(const Report& report);
// Every axis of every account sums to the size of its artifact, and of the
// headline to the leaf bytes.
void ExpectBalanced(const Report& report);

void CopyFolder(const std::string& from, const std::string& to);
void FlipByte(const std::string& path, std::uint64_t offset);
void RemoveFile(const std::string& path);

}  // namespace assay::testing
