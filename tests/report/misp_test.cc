#include <gtest/gtest.h>

#include <algorithm>
#include <set>

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

Json EventOf(const Report& report) {
  return JsonBy(kMisp, report)["Event"];
}

// "(f-0123456789abcdef)" ends the text of a finding.
std::vector<std::string> IdsIn(const Json& event) {
  std::vector<std::string> ids;
  for (const Json& attribute : event["Attribute"]) {
    const std::string value = attribute["value"];
    if (attribute["type"] == "text") {
      ids.push_back(value.substr(value.size() - 19, 18));
    }
  }
  std::sort(ids.begin(), ids.end());
  return ids;
}

// MISP core format, sections 2.2 and 2.4: required keys, and numbers as text.
// An event does not take the same attribute twice.
void ExpectEvent(const Json& event) {
  for (const char* const key : {"date", "threat_level_id", "info", "analysis",
                                "distribution", "timestamp", "uuid"}) {
    EXPECT_TRUE(event[key].is_string()) << key;
  }
  EXPECT_TRUE(event["published"].is_boolean());
  std::set<std::string> known;
  for (const Json& attribute : event["Attribute"]) {
    for (const char* const key : {"uuid", "type", "category", "value",
                                  "comment", "distribution", "timestamp"}) {
      EXPECT_TRUE(attribute[key].is_string()) << key;
    }
    EXPECT_FALSE(attribute["value"].get<std::string>().empty());
    EXPECT_TRUE(known.insert(attribute["value"].get<std::string>()).second)
        << attribute["value"];
    EXPECT_TRUE(known.insert(attribute["uuid"].get<std::string>()).second)
        << attribute["uuid"];
    EXPECT_EQ(attribute["to_ids"], false);
  }
}

TEST(MispTest, EventsAreComplete) {
  for (const Report& report :
       {ExampleReport(), HostileReport(), testing::LargeReport(50)}) {
    ExpectEvent(EventOf(report));
  }
}

TEST(MispTest, CarriesEveryFinding) {
  for (const Report& report : {HostileReport(), testing::LargeReport(100)}) {
    EXPECT_EQ(IdsIn(EventOf(report)), testing::IdsOf(report));
  }
}

TEST(MispTest, SaysWhatTheReportHolds) {
  const Json event = EventOf(ExampleReport());
  EXPECT_EQ(event["info"], "Assay: router.bin: fail");
  EXPECT_EQ(event["date"], "2026-03-16");
  EXPECT_EQ(event["threat_level_id"], "1");
  EXPECT_EQ(event["Tag"][0]["name"], "tlp:amber+strict");
  EXPECT_EQ(event["Attribute"][0]["value"],
            "router.bin|" + ExampleReport().product_sha256);
  EXPECT_EQ(event["Attribute"][1]["type"], "filename|sha256");
}

// It leaves the organisation that imports it by that one's decision alone.
TEST(MispTest, GoesToNobodyByItself) {
  for (const Tlp tlp : {Tlp::kRed, Tlp::kClear}) {
    Report report = ExampleReport();
    report.tlp = tlp;
    EXPECT_EQ(EventOf(report)["distribution"], "0");
    EXPECT_EQ(EventOf(report)["published"], false);
  }
}

TEST(MispTest, TheLevelIsThatOfWhatWeighs) {
  Report report = ExampleReport();
  report.findings[0].severity = Severity::kMedium;
  EXPECT_EQ(EventOf(report)["threat_level_id"], "2");
  report.findings[0].waiver = "W-1";
  EXPECT_EQ(EventOf(report)["threat_level_id"], "4");
}

// "filename|sha256" has one bar.
TEST(MispTest, ABarInANameDividesNothing) {
  const Json event = EventOf(HostileReport());
  for (const Json& attribute : event["Attribute"]) {
    if (attribute["type"] == "filename|sha256") {
      const std::string value = attribute["value"];
      EXPECT_EQ(std::count(value.begin(), value.end(), '|'), 1) << value;
    }
  }
}

TEST(MispTest, TheSampleCarriesItsFindings) {
  const auto report =
      ReadReport(AsText(testing::Sample("report/misp/bars.json")));
  ASSERT_TRUE(report) << report.error().what;
  ExpectEvent(EventOf(*report));
  EXPECT_EQ(IdsIn(EventOf(*report)), testing::IdsOf(*report));
}

TEST(MispTest, NothingInItActs) {
  testing::ExpectInert(kMisp, HostileReport());
  testing::ExpectInertStrings(JsonBy(kMisp, HostileReport()));
}

}  // namespace
}  // namespace assay::report
