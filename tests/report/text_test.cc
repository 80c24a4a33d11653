#include "verifier/base/text.h"

#include <gtest/gtest.h>

#include "tests/report/example.h"
#include "verifier/report/layout.h"
#include "verifier/report/writer.h"

namespace assay::report {
namespace {

using testing::ExampleFinding;
using testing::ExampleReport;

std::string Written(const Report& report, const Style& style = {}) {
  return kText.write(report, style);
}

bool Has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST(TextReportTest, TheVerdictIsTheFirstWord) {
  Report report = ExampleReport();
  EXPECT_EQ(Written(report).substr(0, 16), "FAIL  router.bin");
  report.verdict = Verdict::kPass;
  EXPECT_EQ(Written(report).substr(0, 16), "PASS  router.bin");
  report.verdict = Verdict::kInconclusive;
  EXPECT_EQ(Written(report).substr(0, 24), "INCONCLUSIVE  router.bin");
}

TEST(TextReportTest, CarriesItsLabel) {
  Report report = ExampleReport();
  EXPECT_TRUE(Has(Written(report), "\n      TLP:AMBER+STRICT\n"));
  report.tlp = Tlp::kClear;
  EXPECT_TRUE(Has(Written(report), "\n      TLP:CLEAR\n"));
}

TEST(TextReportTest, SaysWhyAndWhereAndWhatToDo) {
  const std::string text = Written(ExampleReport());
  EXPECT_TRUE(Has(text, "12.3 MB (12345678 bytes), sha256 "));
  EXPECT_TRUE(Has(text, "  - a finding is critical\n"));
  EXPECT_TRUE(Has(text, "Findings: 1 critical\n"));
  EXPECT_TRUE(Has(text, "CRITICAL  accounts.second-root f-"));
  EXPECT_TRUE(Has(text, "possible hidden administrator \"toor\""));
  EXPECT_TRUE(Has(text, "in   router.bin!/etc/passwd\n"));
  EXPECT_TRUE(Has(text, "at 31, 12 bytes: \"toor:x:0:0::\"\n"));
  EXPECT_TRUE(Has(text, "router.bin!/etc/shadow: mode is 0644\n"));
  EXPECT_TRUE(Has(text, "router.bin!/etc/securetty: is not there\n"));
  EXPECT_TRUE(Has(text, "fix  Remove the account"));
  EXPECT_TRUE(Has(text, "TOTAL-FAILED HASH_FAILURE  minisign"));
  EXPECT_TRUE(Has(text, "Claimed, not in the product: 1"));
  EXPECT_TRUE(Has(text, "openssl, claimed 3.0.2"));
  EXPECT_TRUE(Has(text, "router.bin!/blob at 0, 9 bytes: encrypted"));
  EXPECT_TRUE(Has(text, "assay recheck REPORT router.bin"));
}

TEST(TextReportTest, SharesAreNeverRoundedToAllOrNothing) {
  const std::string text = Written(ExampleReport());
  EXPECT_TRUE(Has(text, "# content 99.9%, = unknown 0.1%"));
  EXPECT_EQ(PercentText(999'999, 1'000'000), "99.9%");
  EXPECT_EQ(PercentText(1, 1'000'000), "<0.1%");
  EXPECT_EQ(PercentText(0, 10), "0%");
  EXPECT_EQ(PercentText(10, 10), "100%");
  EXPECT_EQ(PercentText(0, 0), "0%");
  EXPECT_EQ(PercentText(UINT64_MAX - 1, UINT64_MAX), "99.9%");
}

TEST(TextReportTest, ASmallShareKeepsAColumnOfItsBar) {
  const std::string text = Written(ExampleReport());
  EXPECT_TRUE(Has(text, std::string(39, '#') + "=\n"));
  EXPECT_TRUE(Has(text, std::string(40, '#') + "\n"));
}

TEST(TextReportTest, FitsIntoTheWidth) {
  Report report = ExampleReport();
  report.findings[0].explanation = std::string(300, 'x') + " and words";
  report.findings[0].subject = "router.bin!/" + std::string(200, 'y');
  for (const std::size_t width : {60U, 80U, 132U}) {
    const std::string text = Written(report, {.width = width});
    for (const std::string_view line : SplitLines(text)) {
      EXPECT_LE(WidthOf(line), std::max<std::size_t>(width, 72)) << line;
    }
  }
}

TEST(TextReportTest, NothingOfALongWordIsLost) {
  Report report = ExampleReport();
  std::string word;
  for (int i = 0; i < 100; ++i) {
    word += std::to_string(i);
  }
  report.reasons = {word};
  std::string joined;
  const std::string text = Written(report);
  for (const std::string_view line : SplitLines(text)) {
    joined += Trim(line);
  }
  EXPECT_TRUE(Has(joined, word));
}

TEST(TextReportTest, ColoursOnlyWhenAsked) {
  EXPECT_FALSE(Has(Written(ExampleReport()), "\x1b"));
  EXPECT_TRUE(Has(Written(ExampleReport(), {.colour = true}), "\x1b[1;31m"));
}

TEST(TextReportTest, OnlyAsciiUnlessUnicodeIsAsked) {
  for (const char c : Written(ExampleReport())) {
    EXPECT_LT(static_cast<unsigned char>(c), 0x80);
  }
  EXPECT_TRUE(Has(Written(ExampleReport(), {.unicode = true}), "█"));
}

TEST(TextReportTest, NotesTakeOneLineAndComeLast) {
  Report report = ExampleReport();
  Finding note = ExampleFinding();
  note.severity = Severity::kInfo;
  note.title = "possible listener";
  note.explained_by = "manifest";
  Finding waived = ExampleFinding();
  waived.title = "possible telnet";
  waived.waiver = "W-7";
  report.findings = {waived, ExampleFinding(), note};
  const std::string text = Written(report);
  EXPECT_TRUE(Has(text, "Findings: 1 critical, 2 notes"));
  EXPECT_TRUE(Has(text, "accepted by waiver W-7"));
  EXPECT_TRUE(Has(text, "explained by manifest"));
  EXPECT_GT(text.find("possible telnet"), text.find("fix  Remove"));
}

TEST(TextReportTest, LongListsAreCutAndSaySo) {
  Report report = ExampleReport();
  report.not_examined.resize(13, {"router.bin!/blob", {0, 1}, "encrypted"});
  EXPECT_TRUE(Has(Written(report), "... and 3 more (see JSON)"));
  EXPECT_FALSE(Has(Written(report, {.verbose = true}), "more (see JSON)"));
}

TEST(TextReportTest, HostileTextReachesNoTerminal) {
  const std::string hostile = "a\x1b[2J\r\xff\xe2\x80\xae";
  Report report = ExampleReport();
  report.product = hostile;
  report.reasons = {hostile};
  report.findings[0].title = hostile;
  report.findings[0].subject = hostile;
  report.findings[0].evidence[0].excerpt = hostile;
  report.checks[0].signer = hostile;
  report.checks[0].scheme = hostile;
  report.reconciliation.documents[0].holder = hostile;
  report.reconciliation.documents[0].document.format = hostile;
  report.reconciliation.discrepancies[0].component = hostile;
  report.ledger.headline[0].entries[0].category = hostile;
  report.ledger.headline[0].name = hostile;
  report.not_examined[0].reason = hostile;
  report.policy_name = hostile;
  report.confinement = hostile;
  const std::string text = Written(report);
  EXPECT_TRUE(IsValidUtf8(text));
  EXPECT_EQ(text.find_first_of("\x1b\r"), std::string::npos);
  EXPECT_FALSE(Has(text, "\xe2\x80\xae"));
}

TEST(TextReportTest, WhatIsEscapedAlreadyStaysAsItIs) {
  EXPECT_EQ(Printable("a\\x1bb"), "a\\x1bb");
  EXPECT_EQ(Printable("a\x1b\\x41"), "a\\x1b\\x41");
}

TEST(TextReportTest, SizesReadLikePeopleWriteThem) {
  EXPECT_EQ(SizeText(0), "0 B");
  EXPECT_EQ(SizeText(999), "999 B");
  EXPECT_EQ(SizeText(1000), "1.0 kB");
  EXPECT_EQ(SizeText(999'999), "999.9 kB");
  EXPECT_EQ(SizeText(12'345'678), "12.3 MB");
  EXPECT_EQ(SizeText(UINT64_MAX), "18.4 EB");
}

TEST(TextReportTest, DigestsAreShortInProse) {
  const std::string digest(64, 'a');
  EXPECT_EQ(WithShortDigests("sha256:" + digest + ", found " + digest),
            "sha256:aaaaaaaaaaaaaaaa, found aaaaaaaaaaaaaaaa");
  EXPECT_EQ(WithShortDigests("cafe dead beef"), "cafe dead beef");
  EXPECT_EQ(WithShortDigests(std::string(39, 'a')), std::string(39, 'a'));
  EXPECT_EQ(WithShortDigests(""), "");
}

TEST(TextReportTest, AnEmptyReportStillSaysThatNobodyIsTrusted) {
  const std::string text = Written(Report{});
  EXPECT_EQ(text.substr(0, 12), "INCONCLUSIVE");
  EXPECT_TRUE(Has(text, "Findings: none"));
  EXPECT_TRUE(Has(text, "Signatures: none found"));
  EXPECT_TRUE(Has(text, "nobody is trusted, so nothing can pass"));
}

TEST(WriterTest, IsFoundByName) {
  EXPECT_EQ(FindWriter("text"), &kText);
  EXPECT_EQ(FindWriter("json"), &kJson);
  EXPECT_EQ(FindWriter("TEXT"), nullptr);
  EXPECT_EQ(FindWriter(""), nullptr);
}

}  // namespace
}  // namespace assay::report
