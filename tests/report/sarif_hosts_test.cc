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
using testing::LargeReport;
using testing::OfficialSchema;
using testing::ProblemsOf;

constexpr const char* kSchema = "sarif-2.1.0-rtm.5.json";
// GitHub, "SARIF support for code scanning", validation of files.
constexpr std::size_t kHostResults = 5000;
constexpr std::size_t kHostBytes = 10'000'000;
constexpr std::size_t kHostTags = 10;

Json ResultsOf(const Report& report) {
  return JsonBy(kSarifHosts, report)["runs"][0]["results"];
}

std::vector<std::string> IdsIn(const Json& results) {
  std::vector<std::string> ids;
  for (const Json& result : results) {
    ids.push_back(result["properties"]["id"]);
  }
  std::sort(ids.begin(), ids.end());
  return ids;
}

TEST(SarifHostsTest, ConformsToTheOfficialSchema) {
  Report empty;
  for (const Report& report :
       {ExampleReport(), HostileReport(), LargeReport(50), empty}) {
    EXPECT_EQ(ProblemsOf(OfficialSchema(kSchema), JsonBy(kSarifHosts, report)),
              "");
  }
}

TEST(SarifHostsTest, TheSampleCarriesItsFindings) {
  const auto report =
      ReadReport(AsText(testing::Sample("report/sarif_hosts/names.json")));
  ASSERT_TRUE(report) << report.error().what;
  EXPECT_EQ(IdsIn(ResultsOf(*report)), testing::IdsOf(*report));
}

// A host shows what has a message, a relative URI and a line.
TEST(SarifHostsTest, EveryResultHasWhatHostsAskFor) {
  for (const Json& result : ResultsOf(HostileReport())) {
    EXPECT_FALSE(result["message"]["text"].get<std::string>().empty());
    const Json& place = result["locations"][0]["physicalLocation"];
    EXPECT_EQ(place["region"]["startLine"], 1);
    const std::string uri = place["artifactLocation"]["uri"];
    EXPECT_FALSE(uri.empty());
    EXPECT_EQ(uri.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                    "abcdefghijklmnopqrstuvwxyz"
                                    "0123456789-._~!/%"),
              std::string::npos)
        << uri;
    EXPECT_NE(uri.front(), '/');
    EXPECT_EQ(uri.find("/../"), std::string::npos);
    EXPECT_TRUE(
        result["partialFingerprints"].contains("primaryLocationLineHash"));
  }
}

TEST(SarifHostsTest, AsManyAsHostsTakeAreAllThere) {
  const Report report = LargeReport(kHostResults);
  EXPECT_EQ(IdsIn(ResultsOf(report)), testing::IdsOf(report));
}

TEST(SarifHostsTest, OfMoreTheMostSevereAreThereAndTheRestIsCounted) {
  const Report report = LargeReport(kHostResults + 1234);
  const Json results = ResultsOf(report);
  ASSERT_EQ(results.size(), kHostResults);
  EXPECT_EQ(results.back()["ruleId"], "assay-omitted");
  EXPECT_EQ(results.back()["message"]["text"].get<std::string>().substr(0, 18),
            "1235 more findings");
  const auto count = [&](std::string_view severity) {
    return std::count_if(results.begin(), results.end() - 1,
                         [&](const Json& result) {
                           return result["properties"]["severity"] == severity;
                         });
  };
  // Of 6,234 findings 1,246 or 1,247 are of each severity.
  EXPECT_EQ(count("critical"), 1246);
  EXPECT_EQ(count("high"), 1247);
  EXPECT_EQ(count("medium"), 1247);
  EXPECT_EQ(count("low"), 1247);
  EXPECT_EQ(count("info"), 4999 - 1246 - 3 * 1247);
  EXPECT_EQ(ProblemsOf(OfficialSchema(kSchema), JsonBy(kSarifHosts, report)),
            "");
}

TEST(SarifHostsTest, AcceptedFindingsLeaveRoomForOthers) {
  Report report = LargeReport(kHostResults + 10);
  for (Finding& finding : report.findings) {
    finding.waiver = finding.severity == Severity::kCritical ? "W-1" : "";
  }
  const Json results = ResultsOf(report);
  EXPECT_FALSE(results[0].contains("suppressions"));
  EXPECT_EQ(results[0]["properties"]["severity"], "high");
}

TEST(SarifHostsTest, StaysUnderTheSizeThatHostsTake) {
  Report report = LargeReport(kHostResults);
  for (Finding& finding : report.findings) {
    finding.title = std::string(100'000, 'x');
    finding.subject = "router.bin!/" + std::string(4096, '<');
  }
  const std::string text = kSarifHosts.write(report, {});
  EXPECT_LT(text.size(), kHostBytes);
  EXPECT_NE(text.find("\"ruleId\": \"assay-omitted\""), std::string::npos);
}

TEST(SarifHostsTest, ARuleHasAsManyTagsAsHostsShow) {
  Report report = ExampleReport();
  report.findings[0].attack.assign(50, "T1001");
  const Json run = JsonBy(kSarifHosts, report)["runs"][0];
  EXPECT_EQ(run["tool"]["driver"]["rules"][0]["properties"]["tags"].size(),
            kHostTags);
}

TEST(SarifHostsTest, SameContentAtAnotherPlaceHasTheSameFingerprint) {
  const Report report = ExampleReport();
  Report moved = report;
  moved.findings[0].subject = "router-2.bin!/etc/passwd";
  moved.findings[0].evidence[0].path = moved.findings[0].subject;
  EXPECT_EQ(ResultsOf(report)[0]["partialFingerprints"],
            ResultsOf(moved)[0]["partialFingerprints"]);
}

TEST(SarifHostsTest, NothingInItActs) {
  testing::ExpectInert(kSarifHosts, HostileReport());
  testing::ExpectInertStrings(JsonBy(kSarifHosts, HostileReport()));
}

}  // namespace
}  // namespace assay::report
