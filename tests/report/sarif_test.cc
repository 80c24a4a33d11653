#include <gtest/gtest.h>

#include <algorithm>

#include "tests/report/checks.h"
#include "tests/report/example.h"
#include "tests/support/hex.h"
#include "verifier/report/exchange.h"
#include "verifier/report/read.h"
#include "verifier/report/writer.h"

namespace assay::report {
namespace {

using testing::ExampleReport;
using testing::HostileReport;
using testing::JsonBy;
using testing::OfficialSchema;
using testing::ProblemsOf;

constexpr const char* kSchema = "sarif-2.1.0-rtm.5.json";

Json RunOf(const Report& report) {
  return JsonBy(kSarif, report)["runs"][0];
}

std::vector<std::string> IdsIn(const Json& run) {
  std::vector<std::string> ids;
  for (const Json& result : run["results"]) {
    ids.push_back(result["fingerprints"]["assayFindingId/v1"]);
  }
  std::sort(ids.begin(), ids.end());
  return ids;
}

TEST(SarifTest, ConformsToTheOfficialSchema) {
  Report empty;
  for (const Report& report :
       {ExampleReport(), HostileReport(), testing::LargeReport(50), empty}) {
    EXPECT_EQ(ProblemsOf(OfficialSchema(kSchema), JsonBy(kSarif, report)), "");
  }
}

// Or the test above says nothing.
TEST(SarifTest, TheOfficialSchemaBites) {
  Json damaged = JsonBy(kSarif, ExampleReport());
  damaged["runs"][0]["results"][0]["level"] = "terrible";
  EXPECT_NE(ProblemsOf(OfficialSchema(kSchema), damaged), "");
  damaged = JsonBy(kSarif, ExampleReport());
  damaged["runs"][0]["results"][0].erase("message");
  EXPECT_NE(ProblemsOf(OfficialSchema(kSchema), damaged), "");
}

TEST(SarifTest, TheSampleConforms) {
  const auto report =
      ReadReport(AsText(testing::Sample("report/sarif/nested.json")));
  ASSERT_TRUE(report) << report.error().what;
  const Json document = JsonBy(kSarif, *report);
  EXPECT_EQ(ProblemsOf(OfficialSchema(kSchema), document), "");
  EXPECT_EQ(IdsIn(document["runs"][0]), testing::IdsOf(*report));
}

TEST(SarifTest, CarriesEveryFinding) {
  for (const Report& report : {HostileReport(), testing::LargeReport(6000)}) {
    EXPECT_EQ(IdsIn(RunOf(report)), testing::IdsOf(report));
  }
}

// Section 3.24: a path inside the artifact that holds it, and that one's place.
TEST(SarifTest, ArtifactsAreNested) {
  Report report = ExampleReport();
  Artifact inner =
      testing::ExampleArtifact(2, 1, "router.bin!/etc/passwd!/inner file", 5);
  inner.origin = Range{3, 5};
  inner.stored = true;
  report.artifacts.push_back(inner);
  report.findings[0].subject = inner.path;
  const Json artifacts = RunOf(report)["artifacts"];
  ASSERT_EQ(artifacts.size(), 3U);
  EXPECT_EQ(artifacts[0]["location"]["uri"], "router.bin");
  EXPECT_FALSE(artifacts[0].contains("parentIndex"));
  EXPECT_EQ(artifacts[0]["roles"][0], "analysisTarget");
  EXPECT_EQ(artifacts[1]["location"]["uri"], "/etc/passwd");
  EXPECT_EQ(artifacts[1]["parentIndex"], 0);
  EXPECT_EQ(artifacts[2]["location"]["uri"], "/inner%20file");
  EXPECT_EQ(artifacts[2]["parentIndex"], 1);
  EXPECT_EQ(artifacts[2]["offset"], 3);
  EXPECT_EQ(artifacts[2]["length"], 5);
  EXPECT_EQ(artifacts[2]["hashes"]["sha-256"], inner.sha256());
}

TEST(SarifTest, WhereBytesAreIsARegion) {
  const Json result = RunOf(ExampleReport())["results"][0];
  const Json& location = result["locations"][0]["physicalLocation"];
  EXPECT_EQ(location["artifactLocation"]["index"], 1);
  EXPECT_EQ(location["region"]["byteOffset"], 31);
  EXPECT_EQ(location["region"]["byteLength"], 12);
  EXPECT_EQ(location["region"]["snippet"]["text"], "toor:x:0:0::");
  ASSERT_EQ(result["relatedLocations"].size(), 3U);
  EXPECT_EQ(result["relatedLocations"][1]["message"]["text"], "mode is 0644");
}

TEST(SarifTest, SaysHowItEndedAndWhatWasNotSeen) {
  const Json run = RunOf(ExampleReport());
  const Json& invocation = run["invocations"][0];
  EXPECT_EQ(invocation["exitCode"], 1);
  EXPECT_EQ(invocation["exitCodeDescription"],
            "fail: a finding is critical; a signature failed");
  EXPECT_EQ(invocation["toolExecutionNotifications"].size(), 2U);
  EXPECT_EQ(run["properties"]["tlp"], "TLP:AMBER+STRICT");
  EXPECT_EQ(run["properties"]["verdict"], "fail");
  EXPECT_EQ(invocation["executionSuccessful"], true);
  Report stopped = ExampleReport();
  stopped.reproducible = false;
  EXPECT_EQ(RunOf(stopped)["invocations"][0]["executionSuccessful"], false);
}

TEST(SarifTest, RulesHaveHelpAndSeverity) {
  const Json rules = RunOf(ExampleReport())["tool"]["driver"]["rules"];
  ASSERT_EQ(rules.size(), 5U);  // found, two passed, not evaluated, disabled
  EXPECT_EQ(rules[0]["id"], "accounts.second-root");
  EXPECT_EQ(rules[0]["properties"]["security-severity"], "9.5");
  EXPECT_NE(
      rules[0]["help"]["text"].get<std::string>().find("Remove the account"),
      std::string::npos);
  EXPECT_EQ(rules[4]["id"], "NI3-HF11-002");
  EXPECT_EQ(rules[4]["defaultConfiguration"]["enabled"], false);
}

TEST(SarifTest, AcceptedFindingsAreSuppressedAndStay) {
  const Json results = RunOf(HostileReport())["results"];
  EXPECT_FALSE(results[0].contains("suppressions"));
  EXPECT_EQ(results[1]["suppressions"][0]["status"], "accepted");
  EXPECT_EQ(results[1]["suppressions"][0]["kind"], "external");
}

TEST(SarifTest, AgainstABaselineFindingsAreNewOrUnchanged) {
  Report report = HostileReport();
  EXPECT_FALSE(RunOf(report)["results"][0].contains("baselineState"));
  report.explanations.push_back({.kind = "baseline"});
  report.findings[1].baseline = "old.json";
  const Json results = RunOf(report)["results"];
  EXPECT_EQ(results[0]["baselineState"], "new");
  EXPECT_EQ(results[1]["baselineState"], "unchanged");
}

TEST(SarifTest, NothingInItActs) {
  testing::ExpectInert(kSarif, HostileReport());
  testing::ExpectInertStrings(JsonBy(kSarif, HostileReport()));
}

}  // namespace
}  // namespace assay::report
