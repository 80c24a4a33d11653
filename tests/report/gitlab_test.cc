#include <gtest/gtest.h>

#include <algorithm>
#include <regex>
#include <set>

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

std::vector<std::string> UuidsOf(const Report& report) {
  std::vector<std::string> ids;
  for (const std::string& id : testing::IdsOf(report)) {
    ids.push_back(UuidOf("finding", id));
  }
  std::sort(ids.begin(), ids.end());
  return ids;
}

std::vector<std::string> IdsIn(const Json& document) {
  std::vector<std::string> ids;
  for (const Json& one : document["vulnerabilities"]) {
    ids.push_back(one["id"]);
  }
  std::sort(ids.begin(), ids.end());
  return ids;
}

// What gitlab-org/security-products/security-report-schemas v15.0.7 asks for in
// sast-report-format.json; no package carries the schema itself.
void ExpectRequired(const Json& document) {
  for (const char* const key : {"scan", "version", "vulnerabilities"}) {
    EXPECT_TRUE(document.contains(key)) << key;
  }
  const Json& scan = document["scan"];
  const std::regex time("\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}");
  for (const char* const key : {"start_time", "end_time"}) {
    EXPECT_TRUE(std::regex_match(scan[key].get<std::string>(), time));
  }
  EXPECT_EQ(scan["type"], "sast");
  EXPECT_TRUE(scan["status"] == "success" || scan["status"] == "failure");
  for (const char* const who : {"analyzer", "scanner"}) {
    for (const char* const key : {"id", "name", "version"}) {
      EXPECT_FALSE(scan[who][key].get<std::string>().empty()) << key;
    }
    EXPECT_FALSE(scan[who]["vendor"]["name"].get<std::string>().empty());
  }
  for (const Json& message : scan["messages"]) {
    EXPECT_FALSE(message["value"].get<std::string>().empty());
  }
  for (const Json& option : scan["options"]) {
    EXPECT_LE(option["value"].get<std::string>().size(), 255U);
  }
  const std::set<std::string> severities = {"Info",   "Unknown", "Low",
                                            "Medium", "High",    "Critical"};
  for (const Json& one : document["vulnerabilities"]) {
    EXPECT_LE(one["name"].get<std::string>().size(), 255U);
    EXPECT_LE(one["description"].get<std::string>().size(), 1'048'576U);
    EXPECT_LE(one["solution"].get<std::string>().size(), 7000U);
    EXPECT_EQ(severities.count(one["severity"].get<std::string>()), 1U);
    ASSERT_FALSE(one["identifiers"].empty());
    for (const Json& identifier : one["identifiers"]) {
      for (const char* const key : {"type", "name", "value"}) {
        EXPECT_FALSE(identifier[key].get<std::string>().empty());
      }
    }
    EXPECT_TRUE(one["location"].is_object());
    for (const auto& [name, detail] : one["details"].items()) {
      EXPECT_FALSE(detail["name"].get<std::string>().empty()) << name;
    }
  }
}

TEST(GitlabTest, HasWhatTheSchemaAsksFor) {
  for (const Report& report :
       {ExampleReport(), HostileReport(), testing::LargeReport(50)}) {
    ExpectRequired(JsonBy(kGitlab, report));
  }
}

TEST(GitlabTest, LongTextsAreCut) {
  Report report = ExampleReport();
  report.policy_name = std::string(3000, 'p');
  report.findings[0].title = std::string(3000, 't');
  report.findings[0].fix = std::string(30'000, '.');
  report.findings[0].explanation = std::string(2'000'000, 'e');
  ExpectRequired(JsonBy(kGitlab, report));
}

TEST(GitlabTest, CarriesEveryFinding) {
  for (const Report& report : {HostileReport(), testing::LargeReport(6000)}) {
    EXPECT_EQ(IdsIn(JsonBy(kGitlab, report)), UuidsOf(report));
  }
}

TEST(GitlabTest, TheSampleCarriesItsFindings) {
  const auto report =
      ReadReport(AsText(testing::Sample("report/gitlab/markdown.json")));
  ASSERT_TRUE(report) << report.error().what;
  const Json document = JsonBy(kGitlab, *report);
  ExpectRequired(document);
  EXPECT_EQ(IdsIn(document), UuidsOf(*report));
}

TEST(GitlabTest, SaysWhatTheReportHolds) {
  const Json document = JsonBy(kGitlab, ExampleReport());
  EXPECT_EQ(document["version"], "15.0.7");
  EXPECT_EQ(document["scan"]["options"][0]["value"], "TLP:AMBER+STRICT");
  EXPECT_EQ(document["scan"]["start_time"], "2026-03-16T00:00:00");
  const Json& one = document["vulnerabilities"][0];
  EXPECT_EQ(one["severity"], "Critical");
  EXPECT_EQ(one["location"]["file"], "router.bin!/etc/passwd");
  EXPECT_EQ(one["identifiers"][0]["value"], "accounts.second-root");
  EXPECT_EQ(one["identifiers"][1]["type"], "cwe");
  EXPECT_EQ(one["identifiers"][1]["value"], "798");
  Report stopped = ExampleReport();
  stopped.reproducible = false;
  EXPECT_EQ(JsonBy(kGitlab, stopped)["scan"]["status"], "failure");
}

// CommonMark 0.30, section 2.4: an escaped character is text.
TEST(GitlabTest, NoNameSpeaksMarkdown) {
  Report report = ExampleReport();
  report.findings[0].subject = "![x](http://a/) <b> @all #1 `c`";
  const Json document = JsonBy(kGitlab, report);
  EXPECT_NE(
      document["vulnerabilities"][0]["description"].get<std::string>().find(
          "\\!\\[x\\]\\(http\\://a/\\) \\<b\\> \\@all \\#1 \\`c\\`"),
      std::string::npos);
}

TEST(GitlabTest, NothingInItActs) {
  testing::ExpectInert(kGitlab, HostileReport());
  testing::ExpectInertStrings(JsonBy(kGitlab, HostileReport()));
}

}  // namespace
}  // namespace assay::report
