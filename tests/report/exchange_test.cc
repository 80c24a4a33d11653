#include "verifier/report/exchange.h"

#include <gtest/gtest.h>

#include "tests/report/checks.h"
#include "tests/report/example.h"

namespace assay::report {
namespace {

using testing::ExampleFinding;
using testing::ExampleReport;

TEST(ExchangeTest, UrisAreRelativeAndEncoded) {
  EXPECT_EQ(UriOf("router.bin!/etc/passwd"), "router.bin!/etc/passwd");
  EXPECT_EQ(UriOf("a b!/100%"), "a%20b!/100%25");
  EXPECT_EQ(UriOf("http://x"), "http%3A//x");  // no scheme
  EXPECT_EQ(UriOf("a\\x1b?q#f"), "a%5Cx1b%3Fq%23f");
  EXPECT_EQ(UriOf("\xc3\xa4"), "%C3%A4");
  EXPECT_EQ(UriOf("<img src=x>"), "%3Cimg%20src%3Dx%3E");
}

TEST(ExchangeTest, StepsOfDotsLeadNowhere) {
  EXPECT_EQ(UriOf("a!/../../etc/./x"),
            "a!/%5Cx2e%5Cx2e/%5Cx2e%5Cx2e/etc/%5Cx2e/x");
  EXPECT_EQ(UriOf("..."), "...");
  EXPECT_EQ(UriOf(".hidden"), ".hidden");
}

// RFC 9562, appendix A.4: www.example.com in the namespace of DNS.
TEST(ExchangeTest, UuidsAreThoseOfTheRfc) {
  EXPECT_EQ(UuidIn("6ba7b8109dad11d180b400c04fd430c8", "www.example.com"),
            "2ed6657d-e927-568b-95e1-2665a8aea6a2");
  EXPECT_EQ(UuidOf("a", "b"), UuidOf("a", "b"));
  EXPECT_NE(UuidOf("a", "b"), UuidOf("b", "b"));
}

TEST(ExchangeTest, FingerprintsFollowContentAndNotPlace) {
  const Finding finding = ExampleFinding();
  Finding moved = finding;
  moved.subject = "other.bin!/passwd";
  moved.evidence[0].path = moved.subject;
  moved.evidence[0].place->offset += 7;
  EXPECT_EQ(FingerprintOf(finding), FingerprintOf(moved));
  Finding other = finding;
  other.rule = "accounts.third-root";
  EXPECT_NE(FingerprintOf(finding), FingerprintOf(other));
  other = finding;
  other.evidence[0].digest = other.evidence[0].sha256;
  EXPECT_NE(FingerprintOf(finding), FingerprintOf(other));
  other = finding;
  other.evidence[2].path = "router.bin!/etc/nologin";  // what is absent
  EXPECT_NE(FingerprintOf(finding), FingerprintOf(other));
}

TEST(ExchangeTest, WhatIsAcceptedOrLightDoesNotWeigh) {
  Report report = ExampleReport();
  report.thresholds.fail_on = Severity::kHigh;
  Finding finding = ExampleFinding();
  finding.severity = Severity::kHigh;
  EXPECT_TRUE(Weighs(finding, report));
  finding.severity = Severity::kMedium;
  EXPECT_FALSE(Weighs(finding, report));
  finding.severity = Severity::kCritical;
  finding.waiver = "W-1";
  EXPECT_FALSE(Weighs(finding, report));
  finding.waiver.clear();
  finding.baseline = "old.json";
  EXPECT_FALSE(Weighs(finding, report));
}

TEST(ExchangeTest, AFamilyMayHaveAThresholdOfItsOwn) {
  Report report = ExampleReport();
  const Finding finding = ExampleFinding();  // critical, of HF-03
  report.thresholds.fail_on = Severity::kCritical;
  EXPECT_TRUE(Weighs(finding, report));
  Finding lighter = finding;
  lighter.severity = Severity::kLow;
  EXPECT_FALSE(Weighs(lighter, report));
  report.thresholds.families = {{"HF-03", Severity::kLow}};
  EXPECT_TRUE(Weighs(lighter, report));
}

TEST(ExchangeTest, TextIsCutBetweenCharacters) {
  EXPECT_EQ(Cut("short", 5), "short");
  EXPECT_EQ(Cut("abcdefgh", 7), "abc ...");
  EXPECT_EQ(Cut("ab\xc3\xa4"
                "defgh",
                7),
            "ab ...");
  EXPECT_LE(Cut(std::string(1000, 'x'), 255).size(), 255U);
}

TEST(ExchangeTest, ARuleIsAsSevereAsItsWorstFinding) {
  const Report report = testing::LargeReport(70);
  const auto rules = RulesOf(FindingsOf(report));
  ASSERT_EQ(rules.size(), 7U);
  for (const RuleSummary& rule : rules) {
    EXPECT_EQ(rule.worst->severity, Severity::kCritical) << rule.id;
  }
}

}  // namespace
}  // namespace assay::report
