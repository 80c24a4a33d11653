#include <gtest/gtest.h>

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

Json PredicateOf(const Report& report) {
  return JsonBy(kVsa, report)["predicate"];
}

// https://slsa.dev/spec/v1.0/verification_summary: what is required.
TEST(VsaTest, IsAStatementOfTheProduct) {
  const Json statement = JsonBy(kVsa, ExampleReport());
  EXPECT_EQ(statement["_type"], "https://in-toto.io/Statement/v1");
  EXPECT_EQ(statement["predicateType"],
            "https://slsa.dev/verification_summary/v1");
  EXPECT_EQ(statement["subject"][0]["digest"]["sha256"],
            ExampleReport().product_sha256);
  const Json& predicate = statement["predicate"];
  EXPECT_EQ(predicate["verifier"]["id"], "urn:assay:verifier:0.1.0");
  EXPECT_EQ(predicate["verifier"]["version"]["assay"], "0.1.0");
  EXPECT_EQ(predicate["timeVerified"], "2026-03-16T00:00:00Z");
  EXPECT_EQ(predicate["resourceUri"],
            "pkg:generic/router.bin?checksum=sha256:" +
                ExampleReport().product_sha256);
  EXPECT_EQ(predicate["policy"]["digest"]["sha256"],
            ExampleReport().policy_sha256);
  EXPECT_EQ(predicate["slsaVersion"], "1.0");
  EXPECT_TRUE(kVsa.attestation);
}

TEST(VsaTest, OnlyAPassPassed) {
  Report report = ExampleReport();
  for (const Verdict verdict : {Verdict::kFail, Verdict::kInconclusive}) {
    report.verdict = verdict;
    EXPECT_EQ(PredicateOf(report)["verificationResult"], "FAILED");
    EXPECT_EQ(PredicateOf(report)["verifiedLevels"], Json::array({"FAILED"}));
  }
  report.verdict = Verdict::kPass;
  EXPECT_EQ(PredicateOf(report)["verificationResult"], "PASSED");
}

TEST(VsaTest, NoLevelIsClaimedThatWasNotEvaluated) {
  Report report = ExampleReport();
  report.verdict = Verdict::kPass;
  EXPECT_EQ(PredicateOf(report)["verifiedLevels"],
            Json::array({"SLSA_BUILD_LEVEL_UNEVALUATED"}));
}

TEST(VsaTest, InputsAreNamedByDigest) {
  Report report = ExampleReport();
  report.reconciliation.documents[0].artifact = 1;
  const Json inputs = PredicateOf(report)["inputAttestations"];
  ASSERT_EQ(inputs.size(), 2U);  // the SBOM and the reference set
  EXPECT_EQ(inputs[0]["name"], "router.cdx.json");
  EXPECT_EQ(inputs[0]["digest"]["sha256"], report.artifacts[1].sha256());
}

TEST(VsaTest, WithoutPolicyItSaysSo) {
  Report report = ExampleReport();
  report.policy_sha256.clear();
  EXPECT_EQ(PredicateOf(report)["policy"]["uri"], "urn:assay:policy:none");
}

TEST(VsaTest, TheSampleIsRead) {
  const auto report =
      ReadReport(AsText(testing::Sample("report/vsa/passed.json")));
  ASSERT_TRUE(report) << report.error().what;
  EXPECT_EQ(PredicateOf(*report)["verificationResult"], "PASSED");
}

TEST(VsaTest, NothingInItActs) {
  testing::ExpectInert(kVsa, HostileReport());
  testing::ExpectInertStrings(JsonBy(kVsa, HostileReport()));
  EXPECT_EQ(PredicateOf(HostileReport())["resourceUri"]
                .get<std::string>()
                .find_first_of("<> \"\n"),
            std::string::npos);
}

}  // namespace
}  // namespace assay::report
