// The sample deliveries' reports in every format: read back from JSON they say
// the same, and every format has the findings that the JSON has.

#include <gtest/gtest.h>

#include <string>

#include "tests/golden/verified.h"
#include "tests/support/hex.h"
#include "verifier/base/json.h"
#include "verifier/report/exchange.h"
#include "verifier/report/read.h"
#include "verifier/report/writer.h"

namespace assay {
namespace {

using testing::SamplePath;

Report VerifyRouter(const std::string& version) {
  return testing::Verified({.product = SamplePath("products/router-" + version),
                            .previous = SamplePath("products/router-1.0"),
                            .policy = SamplePath("policies/vendor-router.yaml"),
                            .jobs = 2});
}

std::size_t CountIn(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos;
       at = text.find(part, at + 1)) {
    ++count;
  }
  return count;
}

std::string By(std::string_view writer, const Report& report) {
  return report::FindWriter(writer)->write(report, {});
}

void ExpectSameFindings(const Report& report) {
  const auto sarif = ParseJson(By("sarif", report));
  const auto gitlab = ParseJson(By("gitlab", report));
  ASSERT_TRUE(sarif && gitlab);
  const Json& results = (*sarif)["runs"][0]["results"];
  const Json& vulnerabilities = (*gitlab)["vulnerabilities"];
  const std::string junit = By("junit", report);
  ASSERT_EQ(results.size(), report.findings.size());
  ASSERT_EQ(vulnerabilities.size(), report.findings.size());
  for (std::size_t i = 0; i < report.findings.size(); ++i) {
    const std::string& id = report.findings[i].id;
    EXPECT_EQ(results[i]["fingerprints"]["assayFindingId/v1"], id);
    EXPECT_EQ(vulnerabilities[i]["id"], report::UuidOf("finding", id));
    EXPECT_EQ(CountIn(junit, " " + id + "\""), 1U);
  }
  EXPECT_EQ(CountIn(junit, "classname=\"rules."),
            report.findings.size() + report.rules.passed.size() +
                report.rules.not_evaluated.size() +
                report.rules.disabled.size());
}

TEST(OutputsTest, SayTheSameOfWhatWasReadBack) {
  for (const char* const version : {"1.0", "1.1"}) {
    const Report report = VerifyRouter(version);
    const std::string json = By("json", report);
    const auto read = report::ReadReport(json);
    ASSERT_TRUE(read) << read.error().what;
    EXPECT_EQ(By("json", *read) == json, true) << version;
    for (const report::ReportWriter* writer : report::AllWriters()) {
      EXPECT_EQ(writer->write(*read, {.verbose = true}) ==
                    writer->write(report, {.verbose = true}),
                true)
          << version << " " << writer->name;
    }
    ExpectSameFindings(report);
    EXPECT_EQ(report.rules.passed.size() + report.rules.matched,
              report.rules.evaluated);
  }
}

// What passes has nothing in it that stops a pipeline.
TEST(OutputsTest, TheCleanReleaseHasNoFailingTest) {
  const Report report = VerifyRouter("1.0");
  ASSERT_EQ(report.verdict, Verdict::kPass);
  const std::string junit = By("junit", report);
  EXPECT_EQ(CountIn(junit, "<failure"), 0U);
  EXPECT_EQ(CountIn(junit, "<error"), 0U);
  EXPECT_GT(CountIn(junit, "/>\n"), 200U);
}

}  // namespace
}  // namespace assay
