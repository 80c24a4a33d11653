// The comparison of two products as each output says it.

#include "verifier/report/comparison.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "tests/report/checks.h"
#include "tests/report/comparison_example.h"
#include "tests/report/page.h"
#include "verifier/base/json.h"
#include "verifier/report/comparison_words.h"
#include "verifier/report/html/data.h"

namespace assay::report {
namespace {

using testing::Between;
using testing::ExampleChange;
using testing::ExampleComparison;
using testing::Has;
using testing::HostileComparison;
using testing::kHostileTexts;

constexpr const char* kSchema = "sarif-2.1.0-rtm.5.json";

Json SarifOf(const Comparison& comparison) {
  const auto json = ParseJson(ComparisonSarif(comparison, {}));
  EXPECT_TRUE(json) << json.error().what;
  return json.value_or(Json());
}

std::string PageOf(const Comparison& comparison) {
  return ComparisonHtml(comparison, {});
}

// Up to where the page's program has to draw.
std::string PageOneOf(const Comparison& comparison) {
  const std::string page = PageOf(comparison);
  return page.substr(0, page.find("id=\"changes\""));
}

Json DataOf(const std::string& page) {
  return ParseJson(Between(page, "id=\"data\">", "</script>")).value_or(Json());
}

TEST(ComparisonTest, OneSentenceSaysWhichIsRiskierAndWhy) {
  EXPECT_EQ(RiskSentence(ExampleComparison()),
            "router-1.1.bin is riskier than router-1.0.bin: it has a "
            "critical finding: possible hidden administrator "
            "(router-1.1.bin!/etc/passwd); 3 changes that lead "
            "to control or data speak against it, 1 against the other.");
}

TEST(ComparisonTest, WhatIsGoneMayMakeTheOlderOneTheRiskier) {
  Comparison comparison = ExampleComparison();
  comparison.product.clear();
  comparison.places.erase(comparison.places.begin());
  EXPECT_EQ(
      RiskSentence(comparison),
      "router-1.0.bin is riskier than router-1.1.bin: it has a network "
      "service: tcp/23 (router-1.0.bin!/bin/telnetd); 1 change that leads to "
      "control or data speaks against it, 0 against the other.");
}

TEST(ComparisonTest, ALostSignerIsSaidToBeLacking) {
  Comparison comparison = ExampleComparison();
  comparison.places.clear();
  EXPECT_TRUE(Has(RiskSentence(comparison),
                  "router-1.1.bin is riskier than router-1.0.bin: it lacks "
                  "a signer: minisign RWT1;"));
}

TEST(ComparisonTest, AsMuchOnBothSidesIsNoClearDifference) {
  Comparison comparison = ExampleComparison();
  comparison.product.clear();
  comparison.places.clear();
  EXPECT_EQ(RiskSentence(comparison),
            "Nothing changed that leads to control or data.");
  comparison.product = {ExampleChange(true, 8, "listener", "tcp/23"),
                        ExampleChange(false, 8, "listener", "tcp/22")};
  EXPECT_EQ(RiskSentence(comparison),
            "Neither is plainly riskier: 1 change that leads to control or "
            "data speaks against each.");
  EXPECT_TRUE(Has(PageOf(comparison), "<span>No clear difference</span>"));
}

TEST(ComparisonTest, EveryOutputCarriesTheLabel) {
  Comparison comparison = ExampleComparison();
  comparison.tlp = Tlp::kRed;
  using Write = std::string (*)(const Comparison&, const Style&);
  for (const Write write :
       {ComparisonText, ComparisonJson, ComparisonHtml, ComparisonSarif}) {
    EXPECT_TRUE(Has(write(comparison, {}), "TLP:RED"));
    EXPECT_EQ(write(comparison, {}), write(comparison, {}));
  }
}

TEST(ComparisonTextTest, WhatWeighsLeastIsToldAsWell) {
  Comparison comparison;
  comparison.places = {
      {.weight = 1,
       .path = "fw!/bin/x",
       .changes = {ExampleChange(true, 1, "rights", "mode 0700, owner 0:0")}}};
  EXPECT_TRUE(Has(ComparisonText(comparison, {}), "fw!/bin/x (rights)"));
  EXPECT_TRUE(Has(ComparisonText(comparison, {.verbose = true}),
                  "+ rights mode 0700, owner 0:0"));
}

TEST(ComparisonSarifTest, ConformsToTheOfficialSchema) {
  for (const Comparison& comparison :
       {ExampleComparison(), HostileComparison("</script>"), Comparison{}}) {
    EXPECT_EQ(testing::ProblemsOf(testing::OfficialSchema(kSchema),
                                  SarifOf(comparison)),
              "");
  }
}

// Section 3.27.24, against the older product.
TEST(ComparisonSarifTest, WhatCameIsNewWhatWentIsAbsentAndTheRestUpdated) {
  const Json run = SarifOf(ExampleComparison())["runs"][0];
  std::map<std::string, std::string> states;
  for (const Json& result : run["results"]) {
    states[result["message"]["text"]] =
        result["baselineState"].get<std::string>() + " " +
        result["level"].get<std::string>();
  }
  const std::map<std::string, std::string> expected = {
      {"lost a signer: minisign RWT1", "absent error"},
      {"gained a component: openssl 3.0.2", "new note"},
      {"gained a critical finding: possible hidden administrator", "new error"},
      {"gained an account: toor", "new warning"},
      {"lost a network service: tcp/23", "absent note"},
      {"changed: router-1.1.bin!/etc/passwd", "updated note"},
      {"removed: router-1.0.bin!/bin/telnetd", "absent note"},
      {"added: router-1.1.bin!/etc/motd", "new note"},
      {"moved: router-1.1.bin!/b", "updated note"}};
  EXPECT_EQ(states, expected);
}

TEST(ComparisonSarifTest, EveryKindIsARuleAndEveryPlaceAnArtifact) {
  const Json run = SarifOf(ExampleComparison())["runs"][0];
  const Json& rules = run["tool"]["driver"]["rules"];
  EXPECT_EQ(rules.size(), 6U);
  for (const Json& result : run["results"]) {
    EXPECT_EQ(rules[result["ruleIndex"].get<std::size_t>()]["id"],
              result["ruleId"]);
    for (const Json& location : result["locations"]) {
      const Json& physical = location["physicalLocation"]["artifactLocation"];
      EXPECT_EQ(run["artifacts"][physical["index"].get<std::size_t>()]
                   ["location"]["uri"],
                physical["uri"]);
    }
  }
  EXPECT_EQ(run["artifacts"][0]["hashes"]["sha-256"],
            Sha256Hex(AsBytes("new passwd")));
  EXPECT_EQ(run["artifacts"][1]["hashes"]["sha-256"],
            Sha256Hex(AsBytes("telnetd")))
      << "what is gone is named by what it was";
}

TEST(ComparisonSarifTest, FindingsBringTheirEvidence) {
  const Json run = SarifOf(ExampleComparison())["runs"][0];
  for (const Json& result : run["results"]) {
    if (result["ruleId"] != "change/finding") {
      EXPECT_FALSE(result.contains("relatedLocations"));
      continue;
    }
    const Json& region =
        result["relatedLocations"][0]["physicalLocation"]["region"];
    EXPECT_EQ(region["byteOffset"], 31);
    EXPECT_EQ(region["byteLength"], 12);
  }
  EXPECT_EQ(run["invocations"][0]["toolExecutionNotifications"].size(), 1U);
  EXPECT_EQ(run["properties"]["riskier"], "now");
}

TEST(ComparisonSarifTest, NothingInItActs) {
  testing::ExpectInertStrings(SarifOf(HostileComparison("</script>")));
}

TEST(ComparisonHtmlTest, PageOneSaysItAllWithoutAnyProgram) {
  const std::string page = PageOneOf(ExampleComparison());
  for (const std::string_view words :
       {"<span>Riskier</span>", "is riskier than", "router-1.1.bin!/etc/passwd",
        "possible hidden administrator", "toor:x:0:0::", "minisign RWT1",
        "25.0%", "1 part could not be examined", "Network services",
        "TLP:AMBER+STRICT"}) {
    EXPECT_TRUE(Has(page, words)) << words;
  }
}

// What gives most first, whatever kind comes first in the alphabet.
TEST(ComparisonHtmlTest, TheHeaviestKindComesFirst) {
  const std::string page = PageOneOf(ExampleComparison());
  const std::size_t kinds = page.find("by kind");
  ASSERT_NE(kinds, std::string::npos);
  EXPECT_LT(page.find("<bdi>Findings</bdi>", kinds),
            page.find("<bdi>Signers</bdi>", kinds));
  EXPECT_LT(page.find("<bdi>Signers</bdi>", kinds),
            page.find("<bdi>Components</bdi>", kinds));
}

TEST(ComparisonHtmlTest, ItsDataHaveEveryChangeHeaviestFirst) {
  const Json data = DataOf(PageOf(ExampleComparison()))["data"];
  ASSERT_EQ(data["changes"]["rows"].size(), 5U);
  std::vector<int> weights;
  for (const Json& row : data["changes"]["rows"]) {
    weights.push_back(row[0]);
  }
  EXPECT_EQ(weights, (std::vector<int>{10, 8, 7, 4, 2}));
  EXPECT_EQ(data["files"]["rows"].size(), 4U);
}

TEST(ComparisonHtmlTest, LongListsAreCutAndSaySo) {
  Comparison comparison = ExampleComparison();
  comparison.places.resize(html::kMostRows + 5, comparison.places[0]);
  const std::string page = PageOf(comparison);
  EXPECT_TRUE(Has(page, "10000 of 10005 files are in this page"));
  EXPECT_EQ(DataOf(page)["data"]["files"]["rows"].size(), html::kMostRows);
}

TEST(ComparisonHtmlTest, StandsAloneUnderItsOwnPolicy) {
  testing::ExpectOwnPolicy(PageOf(ExampleComparison()));
  testing::ExpectAlone(PageOf(ExampleComparison()));
  testing::ExpectKnownAttributes(PageOf(HostileComparison("</h1>")));
}

TEST(ComparisonHtmlTest, HostileTextStaysText) {
  const std::string plain = PageOf(HostileComparison("x"));
  for (const std::string_view text : kHostileTexts) {
    const std::string page = PageOf(HostileComparison(text));
    testing::ExpectSameTags(page, plain);
    testing::ExpectReadable(page);
    const std::string data = Between(page, "id=\"data\">", "</script>");
    EXPECT_EQ(data.find_first_of("<>&"), std::string::npos);
    EXPECT_TRUE(ParseJson(data));
  }
}

}  // namespace
}  // namespace assay::report
