#include <gtest/gtest.h>

#include <algorithm>

#include "tests/report/checks.h"
#include "tests/report/example.h"
#include "tests/support/hex.h"
#include "verifier/report/read.h"
#include "verifier/report/writer.h"

namespace assay::report {
namespace {

using testing::ExampleReport;
using testing::HostileReport;
using testing::JsonBy;

bool Has(const Report& report, std::string_view property) {
  const Json properties = JsonBy(kSvr, report)["predicate"]["properties"];
  return std::find(properties.begin(), properties.end(), property) !=
         properties.end();
}

// Everything is as it should be.
Report GoodReport() {
  Report report = ExampleReport();
  report.verdict = Verdict::kPass;
  report.findings.clear();
  report.checks[0].indication = Indication::kTotalPassed;
  report.reconciliation.discrepancies.clear();
  report.reconciliation.scores = Scores{};
  report.not_examined.clear();
  report.rules.not_evaluated.clear();
  report.rules.disabled.clear();
  report.confinement = kConfinedProcess;
  return report;
}

// in-toto attestation framework, spec/v1/statement.md and predicates/svr.md.
TEST(SvrTest, IsAStatementOfTheProduct) {
  const Json statement = JsonBy(kSvr, ExampleReport());
  EXPECT_EQ(statement["_type"], "https://in-toto.io/Statement/v1");
  EXPECT_EQ(statement["predicateType"],
            "https://in-toto.io/attestation/svr/v0.2");
  ASSERT_EQ(statement["subject"].size(), 1U);
  EXPECT_EQ(statement["subject"][0]["name"], "router.bin");
  EXPECT_EQ(statement["subject"][0]["digest"]["sha256"],
            ExampleReport().product_sha256);
  const Json& predicate = statement["predicate"];
  EXPECT_EQ(predicate["verifier"]["id"], "urn:assay:verifier:0.1.0");
  EXPECT_EQ(predicate["timeCreated"], "2026-03-16T00:00:00Z");
  EXPECT_EQ(predicate["policies"][0]["digest"]["sha256"],
            ExampleReport().policy_sha256);
  EXPECT_EQ(predicate["assay_tlp"], "TLP:AMBER+STRICT");
  EXPECT_TRUE(kSvr.attestation);
}

// Nobody but us computes the digest of a delivery.
TEST(SvrTest, OfADeliveryItsFilesAreTheSubjects) {
  Report report = ExampleReport();
  report.artifacts[0].has_content = false;
  report.artifacts[0].digests.clear();
  const Json statement = JsonBy(kSvr, report);
  ASSERT_EQ(statement["subject"].size(), 1U);
  EXPECT_EQ(statement["subject"][0]["name"], "router.bin!/etc/passwd");
  EXPECT_EQ(statement["subject"][0]["digest"]["sha256"],
            report.artifacts[1].sha256());
}

TEST(SvrTest, WithoutPolicyTheListIsThereAndEmpty) {
  Report report = ExampleReport();
  report.policy_sha256.clear();
  const Json predicate = JsonBy(kSvr, report)["predicate"];
  EXPECT_TRUE(predicate["policies"].is_array());
  EXPECT_TRUE(predicate["policies"].empty());
}

TEST(SvrTest, WhatHoldsIsSaid) {
  EXPECT_EQ(JsonBy(kSvr, GoodReport())["predicate"]["properties"].size(), 5U);
}

TEST(SvrTest, WhatDoesNotHoldIsNotSaid) {
  EXPECT_EQ(JsonBy(kSvr, ExampleReport())["predicate"]["properties"].size(),
            0U);
  Report report = GoodReport();
  report.verdict = Verdict::kInconclusive;
  EXPECT_FALSE(Has(report, "ASSAY_POLICY_SATISFIED"));
  report = GoodReport();
  report.checks.clear();
  EXPECT_FALSE(Has(report, "ASSAY_SIGNATURES_HOLD"));
  report = GoodReport();
  report.checks.push_back(testing::ExampleCheck());
  EXPECT_FALSE(Has(report, "ASSAY_SIGNATURES_HOLD"));
  report = GoodReport();
  report.reconciliation.scores.reset();
  EXPECT_FALSE(Has(report, "ASSAY_SBOM_AGREES_WITH_CONTENT"));
  report = GoodReport();
  report.reconciliation.discrepancies = {
      {.kind = DiscrepancyKind::kPhantom, .weight = 1}};
  EXPECT_FALSE(Has(report, "ASSAY_SBOM_AGREES_WITH_CONTENT"));
}

TEST(SvrTest, AcceptedFindingsAreFindings) {
  Report report = GoodReport();
  EXPECT_TRUE(Has(report, "ASSAY_NO_FINDINGS_FROM_MEDIUM_ON"));
  report.findings = {testing::ExampleFinding()};
  report.findings[0].waiver = "W-1";
  EXPECT_FALSE(Has(report, "ASSAY_NO_FINDINGS_FROM_MEDIUM_ON"));
  report.findings[0].severity = Severity::kLow;
  EXPECT_TRUE(Has(report, "ASSAY_NO_FINDINGS_FROM_MEDIUM_ON"));
}

TEST(SvrTest, WhatWasLeftOutIsNotExamined) {
  constexpr std::string_view kProperty = "ASSAY_FULLY_EXAMINED";
  EXPECT_TRUE(Has(GoodReport(), kProperty));
  Report report = GoodReport();
  report.not_examined = ExampleReport().not_examined;
  EXPECT_FALSE(Has(report, kProperty));
  report = GoodReport();
  report.rules.disabled = {"NI3-HF11-002"};
  EXPECT_FALSE(Has(report, kProperty));
  report = GoodReport();
  report.rules.not_evaluated = {"pe.x"};
  EXPECT_FALSE(Has(report, kProperty));
  report = GoodReport();
  report.reproducible = false;
  EXPECT_FALSE(Has(report, kProperty));
  report = GoodReport();
  report.confinement = kNotConfined;
  EXPECT_FALSE(Has(report, kProperty));
}

TEST(SvrTest, TheSampleIsRead) {
  const auto report =
      ReadReport(AsText(testing::Sample("report/svr/passed.json")));
  ASSERT_TRUE(report) << report.error().what;
  EXPECT_TRUE(Has(*report, "ASSAY_POLICY_SATISFIED"));
}

TEST(SvrTest, NothingInItActs) {
  testing::ExpectInert(kSvr, HostileReport());
  testing::ExpectInertStrings(JsonBy(kSvr, HostileReport()));
}

}  // namespace
}  // namespace assay::report
