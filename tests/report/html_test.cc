#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/report/hostile.h"
#include "tests/report/page.h"
#include "verifier/base/digest.h"
#include "verifier/base/json.h"
#include "verifier/base/text.h"
#include "verifier/report/html/data.h"
#include "verifier/report/writer.h"

namespace assay::report {
namespace {

using testing::AddHostile;
using testing::Between;
using testing::ExampleFinding;
using testing::ExampleReport;
using testing::Has;
using testing::HostileReport;
using testing::kHostileTexts;

std::string Written(const Report& report) {
  return kHtml.write(report, {});
}

Json DataOf(const std::string& page) {
  return ParseJson(Between(page, "id=\"data\">", "</script>")).value_or(Json());
}

Json Parsed(std::string_view text) {
  return ParseJson(text).value_or(Json());
}

// A blob of no known format that nothing could look into is one loss, not two,
// and the same content at two places is one as well.
TEST(HtmlReportTest, BytesThatAreUnknownAndOpaqueAreLostOnce) {
  Report report = testing::ExampleReport();
  report.artifacts[1].digests = {
      {DigestAlgorithm::kSha256, Sha256Hex(AsBytes("blob"))}};
  report.artifacts[1].size = 10;
  report.artifacts[1].structure = {{{0, 10}, Structure::kUnknown}};
  report.artifacts[1].examination = Examination::kOpaque;
  report.artifacts.push_back(report.artifacts[1]);
  report.artifacts[2].id = 2;
  report.artifacts[2].path = "router.bin!/copy";
  report.ledger.leaf_bytes = 100;
  report.ledger.headline = {{"structure", {{"content", 90}, {"unknown", 10}}},
                            {"examination", {{"parsed", 90}, {"opaque", 10}}}};
  EXPECT_NE(kHtml.write(report, {}).find("90.0% of bytes explained"),
            std::string::npos);
  report.artifacts[1].structure = {{{0, 10}, Structure::kContent}};
  report.artifacts[2].structure = report.artifacts[1].structure;
  EXPECT_NE(kHtml.write(report, {}).find("90.0% of bytes explained"),
            std::string::npos)
      << "a known format that could not be opened";
  report.ledger.leaf_bytes = 120;
  report.ledger.headline[0].entries.push_back({"not-decoded", 20});
  EXPECT_NE(kHtml.write(report, {}).find("75.0% of bytes explained"),
            std::string::npos)
      << "and members that could not be decoded";
}

TEST(HtmlReportTest, SaysWithWhomItMayBeShared) {
  Report report = testing::ExampleReport();
  for (const Tlp tlp :
       {Tlp::kRed, Tlp::kAmberStrict, Tlp::kAmber, Tlp::kGreen, Tlp::kClear}) {
    report.tlp = tlp;
    const std::string page = kHtml.write(report, {});
    const std::string label = ">" + std::string(NameOf(tlp)) + "</span>";
    const auto first = page.find(label);
    ASSERT_NE(first, std::string::npos) << NameOf(tlp);
    EXPECT_NE(page.find(label, first + 1), std::string::npos)
        << "at the head and at the foot";
  }
}

TEST(HtmlReportTest, PageOneSaysVerdictWhyAndWhatToAskWithoutAnyProgram) {
  std::string page = Written(testing::ReportWithUnknownByte());
  page = page.substr(0, page.find("id=\"findings\""));
  EXPECT_TRUE(Has(page, "<h1 id=\"verdict\"><span>Fail</span>"));
  EXPECT_TRUE(Has(page,
                  "It does not meet the policy \u201cacme\u201d: a "
                  "finding is critical, and 1 more reason."));
  EXPECT_TRUE(Has(page, "What to ask the vendor"));
  EXPECT_TRUE(Has(page, "Remove the account or declare it in the manifest."));
  EXPECT_TRUE(Has(page, "99.9% of bytes explained"));
  EXPECT_TRUE(Has(page, "router.bin!/blob"));
  EXPECT_TRUE(Has(page, "encrypted"));
  EXPECT_TRUE(Has(page, ExampleReport().product_sha256));
  EXPECT_TRUE(Has(page, "2026-03-16T00:00:00Z"));
}

TEST(HtmlReportTest, EveryVerdictHasItsWord) {
  Report report = ExampleReport();
  report.verdict = Verdict::kPass;
  EXPECT_TRUE(Has(Written(report), "<span>Pass</span>"));
  report.verdict = Verdict::kInconclusive;
  EXPECT_TRUE(Has(Written(report), "<span>Inconclusive</span>"));
  EXPECT_TRUE(Has(Written(report), "It could not be decided: a finding"));
}

TEST(HtmlReportTest, AnEmptyReportTrustsNobody) {
  const std::string page = Written(Report{});
  EXPECT_TRUE(Has(page, "<span>Inconclusive</span>"));
  EXPECT_TRUE(Has(page, "First choose whom to trust"));
  EXPECT_TRUE(Has(page, "none: nobody is trusted"));
  EXPECT_TRUE(Has(page, "0% of bytes explained"));
}

TEST(HtmlReportTest, TheSameReportGivesTheSamePage) {
  EXPECT_EQ(Written(ExampleReport()), Written(ExampleReport()));
  EXPECT_EQ(kHtml.write(ExampleReport(), {}),
            kHtml.write(ExampleReport(),
                        {.colour = true, .unicode = true, .width = 40}));
}

TEST(HtmlReportTest, AsksNobodyForAnything) {
  testing::ExpectAlone(Written(ExampleReport()));
}

TEST(HtmlReportTest, ItsPolicyNamesItsOwnStyleAndProgramAlone) {
  testing::ExpectOwnPolicy(Written(ExampleReport()));
}

TEST(HtmlReportTest, TheProgramNeverReadsMarkupNorMakesCode) {
  const std::string program =
      Between(Written(ExampleReport()), "<script>", "</script>");
  for (const std::string_view way :
       {"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write",
        "eval(", "Function(", "DOMParser", "createContextualFragment",
        "setTimeout(\"", "fetch(", "XMLHttpRequest", "import("}) {
    EXPECT_FALSE(Has(program, way)) << way;
  }
}

TEST(HtmlReportTest, HostileTextAddsNoTagAndNoAttribute) {
  // The same report in letters: as many tags, the same in the same order.
  const std::string plain = Written(HostileReport("x"));
  for (const std::string_view text : kHostileTexts) {
    testing::ExpectSameTags(Written(HostileReport(text)), plain);
  }
}

TEST(HtmlReportTest, OnlyKnownTagsAndAttributesOccur) {
  testing::ExpectKnownAttributes(Written(HostileReport("</h1>")));
}

TEST(HtmlReportTest, NothingReordersThePageOrReachesAsControl) {
  for (const std::string_view text : kHostileTexts) {
    testing::ExpectReadable(Written(HostileReport(text)));
  }
}

TEST(HtmlReportTest, ItsDataAreStrictJsonWithoutAnyTag) {
  const std::string page = Written(HostileReport("</script>"));
  const std::string text = Between(page, "id=\"data\">", "</script>");
  EXPECT_EQ(text.find_first_of("<>&"), std::string::npos);
  ASSERT_TRUE(ParseJson(text));
  const Json data = DataOf(page);
  EXPECT_EQ(data["data"]["findings"]["rows"].size(), 1 + kHostileTexts.size());
}

TEST(HtmlReportTest, WhatIsShownIsWhatWasSaid) {
  Report report = ExampleReport();
  AddHostile("<b>\"&\\x1b", report);
  const Json data = DataOf(Written(report));
  const auto& row = data["data"]["findings"]["rows"][1];
  EXPECT_EQ(data["strings"][row[6].get<std::size_t>()], "<b>\"&\\x1b");
}

TEST(HtmlReportTest, ArtifactsComeBackFromTheirColumns) {
  const Json data = DataOf(Written(ExampleReport()));
  const auto& parts = data["data"]["artifacts"];
  EXPECT_EQ(parts["parent"], Parsed("[-1, 0]"));
  EXPECT_EQ(parts["size"], Parsed("[100, 43]"));
  EXPECT_EQ(data["strings"][parts["name"][1].get<std::size_t>()], "etc/passwd");
  EXPECT_EQ(data["strings"][parts["component"][1].get<std::size_t>()],
            "base-files");
  EXPECT_EQ(data["data"]["axes"][0]["of"], Parsed("[-1, 0]"));
}

TEST(HtmlReportTest, PathsBelowADeliverysFolderStayWhole) {
  Report report = ExampleReport();
  report.artifacts[0].path = ".";
  const Json data = DataOf(Written(report));
  const auto& parts = data["data"]["artifacts"];
  EXPECT_EQ(parts["whole"], Parsed("[0, 1]"));
  EXPECT_EQ(data["strings"][parts["name"][1].get<std::size_t>()],
            "router.bin!/etc/passwd");
  EXPECT_EQ(DataOf(Written(ExampleReport()))["data"]["artifacts"]["whole"],
            Parsed("[0]"));
}

TEST(HtmlReportTest, WhoSignedIsNeverSaidWithoutWhatDoesNotHold) {
  Report report = ExampleReport();
  EXPECT_TRUE(Has(Written(report), "nobody whom the policy trusts"));
  report.checks.push_back(report.checks[0]);
  report.checks[1].indication = Indication::kTotalPassed;
  report.checks[1].anchor = "acme-release";
  EXPECT_TRUE(Has(Written(report), "acme-release; 1 of 2 signatures hold"));
}

TEST(HtmlReportTest, WithoutAPolicyNoSignatureIsCalledBad) {
  Report report = ExampleReport();
  report.policy_sha256.clear();
  report.checks[0].indication = Indication::kIndeterminate;
  const std::string page = Written(report);
  EXPECT_TRUE(Has(page, "0 broken; no policy says whose count"));
  EXPECT_TRUE(Has(page, "not judged: no policy was given"));
  EXPECT_FALSE(Has(page, "signatures hold"));
}

TEST(HtmlReportTest, DigestsAreBase64OfFixedLength) {
  // SHA-256 of "abc" (FIPS 180-2, appendix B.1) as base64.
  const std::string abc = "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0";
  Report report = ExampleReport();
  report.artifacts[0].digests.clear();
  EXPECT_EQ(html::DigestsOf(report), std::string(43, '-') + abc);
}

TEST(HtmlReportTest, LongListsAreCutAndSaySo) {
  Report report = ExampleReport();
  report.findings.resize(html::kMostFindings + 7, ExampleFinding());
  const std::string page = Written(report);
  EXPECT_TRUE(Has(page,
                  "10000 of 10007 findings, the heaviest first, are in "
                  "this page; the JSON report holds all."));
  const Json data = DataOf(page);
  EXPECT_EQ(data["data"]["findings"]["total"], 10007);
  EXPECT_EQ(data["data"]["findings"]["rows"].size(), html::kMostFindings);
}

TEST(HtmlReportTest, EqualTextsStandInThePageOnce) {
  Report report = ExampleReport();
  report.findings.resize(1000, ExampleFinding());
  EXPECT_LT(Written(report).size(), Written(ExampleReport()).size() + 300'000);
}

TEST(HtmlReportTest, WaivedFindingsStayVisible) {
  Report report = ExampleReport();
  report.findings[0].waiver = "W-7";
  const std::string page = Written(report);
  EXPECT_TRUE(Has(page, "Accepted by waiver W-7."));
  EXPECT_TRUE(Has(page, "possible hidden administrator"));
  // Nobody is asked for what was accepted.
  EXPECT_FALSE(Has(page, "</b><bdi>Remove the account"));
  report.findings[0].waiver.clear();
  report.findings[0].baseline = "router-1.0.json";
  EXPECT_TRUE(Has(Written(report), "Known from router-1.0.json."));
}

TEST(HtmlReportTest, WithoutAReleaseBeforeItSaysThatNothingWasCompared) {
  Report report = ExampleReport();
  report.delta.reset();
  EXPECT_TRUE(Has(Written(report), "nothing was compared"));
  EXPECT_TRUE(Has(Written(ExampleReport()), "7 files are the same, 1 changed"));
}

TEST(HtmlReportTest, SettingsThatWeakenAVerdictStandOnPageOne) {
  Report report = ExampleReport();
  report.reproducible = false;
  std::string page = Written(report);
  page = page.substr(0, page.find("id=\"findings\""));
  EXPECT_TRUE(Has(page, "another run may say something else"));
  EXPECT_TRUE(Has(page, "read without confinement"));
}

}  // namespace
}  // namespace assay::report
