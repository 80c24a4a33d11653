#include "verifier/base/json.h"

#include <gtest/gtest.h>

#include "tests/report/checks.h"
#include "tests/report/example.h"
#include "tests/support/hex.h"
#include "verifier/base/text.h"
#include "verifier/report/writer.h"

namespace assay::report {
namespace {

using testing::ExampleReport;

// What the published schema says against a document, "" when it conforms.
std::string ProblemOf(const Json& document) {
  return testing::ProblemsOf(
      ASSAY_SOURCE_DIR "/verifier/report/assay-report.schema.json", document);
}

Json Written(const Report& report) {
  return ParseJson(kJson.write(report, {})).value_or(Json());
}

TEST(JsonReportTest, ConformsToThePublishedSchema) {
  EXPECT_EQ(ProblemOf(Written(ExampleReport())), "");
  Report empty;
  empty.product_sha256 = ExampleReport().product_sha256;
  empty.rules_sha256 = ExampleReport().rules_sha256;
  EXPECT_EQ(ProblemOf(Written(empty)), "");
}

TEST(JsonReportTest, TheSampleConforms) {
  EXPECT_EQ(
      ProblemOf(ParseJson(AsText(testing::Sample("report/json/router.json")))
                    .value_or(Json())),
      "");
}

// The schema itself must bite, or the two tests above say nothing.
TEST(JsonReportTest, TheSchemaRefusesWhatIsNoReport) {
  const Json good = Written(ExampleReport());
  for (const auto& [key, value] : good.items()) {
    Json damaged = good;
    damaged.erase(key);
    EXPECT_NE(ProblemOf(damaged), "") << "without " << key;
  }
  const auto refuses = [&good](const std::string& pointer, const Json& value) {
    Json damaged = good;
    damaged[Json::json_pointer(pointer)] = value;
    return !ProblemOf(damaged).empty();
  };
  EXPECT_TRUE(refuses("/extra", 1));
  EXPECT_TRUE(refuses("/verdict", "maybe"));
  EXPECT_TRUE(refuses("/product/sha256", "ABC"));
  EXPECT_TRUE(refuses("/findings/0/severity", "terrible"));
  EXPECT_TRUE(refuses("/findings/0/evidence/0/offset", -1));
  EXPECT_TRUE(refuses("/findings/0/evidence/0/extra", 1));
  EXPECT_TRUE(refuses("/signatures/0/indication", "VALID"));
  EXPECT_TRUE(refuses("/artifacts/0/structure/0", "0-100 content"));
  EXPECT_TRUE(refuses("/ledger/axes/structure/content", "all"));
}

// Anybody can bring a report back to the form in which it was signed.
TEST(JsonReportTest, IsTheTwoSpaceFormOfItsOwnValue) {
  const std::string text = kJson.write(ExampleReport(), {});
  EXPECT_EQ(text, Written(ExampleReport()).dump(2) + "\n");
}

TEST(JsonReportTest, SaysWhatTheReportHolds) {
  const Json json = Written(ExampleReport());
  EXPECT_EQ(json["schema"], "assay-report/1");
  EXPECT_EQ(json["verdict"], "fail");
  EXPECT_EQ(json["at"], "2026-03-16T00:00:00Z");
  EXPECT_EQ(json["product"]["size"], 12'345'678);
  EXPECT_EQ(json["findings"][0]["evidence"][0]["offset"], 31);
  EXPECT_EQ(json["findings"][0]["evidence"][1]["value"], "0644");
  EXPECT_FALSE(json["findings"][0]["evidence"][2].contains("offset"));
  EXPECT_FALSE(json["findings"][0].contains("waiver"));
  EXPECT_EQ(json["signatures"][0]["signed_at"], "2026-01-15T00:00:00Z");
  EXPECT_FALSE(json["signatures"][0].contains("artifact"));
  EXPECT_EQ(json["ledger"]["axes"]["structure"]["unknown"], 1);
  EXPECT_TRUE(json["artifacts"][0]["parent"].is_null());
  EXPECT_EQ(json["artifacts"][1]["mode"], "0644");
  EXPECT_EQ(json["artifacts"][1]["component"], "base-files");
  EXPECT_EQ(json["artifacts"][1]["structure"][0], "0+43 content");
  EXPECT_FALSE(json["artifacts"][0].contains("component"));
}

TEST(JsonReportTest, ListsOfFilesAreNoComponents) {
  Report report = ExampleReport();
  report.checks[0].good_keys = {{.key = "AB"}};
  auto& inventory = report.reconciliation.inventory;
  inventory.push_back(inventory[0]);
  inventory[1].evidence.component.type = kFileListType;
  inventory[0].evidence.component.source_version = "1:1.36.1";
  const Json json = Written(report);
  EXPECT_EQ(json["sbom"]["components"].size(), 1U);
  EXPECT_EQ(ProblemOf(json), "");
}

TEST(JsonReportTest, WithoutPolicyThePolicyIsNull) {
  Report report = ExampleReport();
  report.policy_sha256.clear();
  EXPECT_TRUE(Written(report)["policy"].is_null());
}

TEST(JsonReportTest, HostileNamesReachNoTerminal) {
  const std::string hostile = "a\x1b[2J\n\xff\xe2\x80\xae\\b\"";
  Report report = ExampleReport();
  report.product = hostile;
  report.artifacts[1].name = hostile;
  report.artifacts[1].meta.link_target = hostile;
  report.checks[0].signer = hostile;
  report.findings[0].evidence[1].value = "\xe2\x80\xae \x1b[2J \\x41";
  report.reconciliation.inventory[0].evidence.component.name = hostile;
  const std::string text = kJson.write(report, {});
  EXPECT_TRUE(IsValidUtf8(text));
  for (const char c : text) {
    EXPECT_TRUE(c == '\n' || static_cast<unsigned char>(c) >= 0x20);
  }
  EXPECT_EQ(text.find("\xe2\x80\xae"), std::string::npos);
  const Json json = Written(report);
  EXPECT_EQ(json["artifacts"][1]["name"],
            "a\\x1b[2J\\x0a\\xff\\xe2\\x80\\xae\\x5cb\"");
  EXPECT_EQ(json["findings"][0]["evidence"][1]["value"],
            report.findings[0].evidence[1].value);
  EXPECT_EQ(ProblemOf(json), "");
}

TEST(JsonReportTest, CharactersBeyondTheFirstPlaneSurvive) {
  Report report = ExampleReport();
  report.reasons = {"\xf0\x9f\x94\x92 and \xf3\xa0\x80\x81"};  // lock, tag
  const std::string text = kJson.write(report, {});
  EXPECT_NE(text.find("\xf0\x9f\x94\x92"), std::string::npos);
  EXPECT_NE(text.find("\\udb40\\udc01"), std::string::npos);
  EXPECT_EQ(Written(report)["reasons"][0], report.reasons[0]);
}

}  // namespace
}  // namespace assay::report
