#include "verifier/report/html/asks.h"

#include <gtest/gtest.h>

#include "tests/report/example.h"

namespace assay::report::html {
namespace {

using assay::testing::ExampleFinding;
using assay::testing::ExampleReport;

Report OnlyFindings(std::vector<Finding> findings) {
  Report report;
  report.verdict = Verdict::kPass;
  report.findings = std::move(findings);
  return report;
}

Finding WithFix(std::string fix, Severity severity = Severity::kHigh) {
  Finding finding = ExampleFinding();
  finding.fix = std::move(fix);
  finding.severity = severity;
  return finding;
}

TEST(AsksTest, TheHeaviestComesFirstAndEachRequestOnce) {
  const auto asks =
      AsksOf(OnlyFindings({WithFix("a", Severity::kCritical), WithFix("b"),
                           WithFix("a"), WithFix("a")}),
             5);
  ASSERT_EQ(asks.size(), 2U);
  EXPECT_EQ(asks[0].request, "a");
  EXPECT_EQ(asks[0].weight, "critical");
  EXPECT_EQ(asks[0].more, 2U);
  EXPECT_EQ(asks[0].place, "router.bin!/etc/passwd");
  EXPECT_EQ(asks[1].request, "b");
  EXPECT_EQ(asks[1].more, 0U);
}

TEST(AsksTest, NoMoreThanWereWanted) {
  const auto report = OnlyFindings({WithFix("a"), WithFix("b"), WithFix("c")});
  EXPECT_EQ(AsksOf(report, 2).size(), 2U);
  EXPECT_TRUE(AsksOf(report, 0).empty());
}

TEST(AsksTest, WhatDoesNotWeighIsNotAskedFor) {
  Finding waived = WithFix("a");
  waived.waiver = "W-1";
  Finding explained = WithFix("b");
  explained.explained_by = "manifest";
  EXPECT_TRUE(AsksOf(OnlyFindings({waived, explained,
                                   WithFix("c", Severity::kInfo), WithFix("")}),
                     5)
                  .empty());
}

TEST(AsksTest, ASignatureIsAskedForUnlessAFindingSpeaksOfItsFile) {
  Report report = ExampleReport();
  report.findings.clear();
  auto asks = AsksOf(report, 5);
  ASSERT_FALSE(asks.empty());
  EXPECT_EQ(asks[0].place, "router.bin");
  EXPECT_EQ(asks[0].about,
            "a minisign signature does not hold: the signature is over other "
            "bytes");
  report.findings = {WithFix("a")};
  report.findings[0].subject = "router.bin";
  asks = AsksOf(report, 5);
  EXPECT_EQ(asks[0].request, "a");
  EXPECT_NE(asks[1].place, "router.bin");
}

TEST(AsksTest, WhatWasNotExaminedIsAskedForOnce) {
  Report report;
  report.verdict = Verdict::kPass;
  report.not_examined = {{"a", {0, 1}, "encrypted"}, {"b", {0, 1}, "damaged"}};
  const auto asks = AsksOf(report, 5);
  ASSERT_EQ(asks.size(), 1U);
  EXPECT_EQ(asks[0].about, "not examined: encrypted");
  EXPECT_EQ(asks[0].more, 1U);
}

TEST(AsksTest, AnSbomIsAskedForWhenNoneCameAndItDidNotPass) {
  Report report;
  ASSERT_EQ(AsksOf(report, 5).size(), 1U);
  EXPECT_EQ(AsksOf(report, 5)[0].weight, "SBOM");
  report.verdict = Verdict::kPass;
  EXPECT_TRUE(AsksOf(report, 5).empty());
}

}  // namespace
}  // namespace assay::report::html
