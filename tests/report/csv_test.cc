#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/report/checks.h"
#include "tests/report/example.h"
#include "tests/support/hex.h"
#include "verifier/report/read.h"
#include "verifier/report/writer.h"

namespace assay::report {
namespace {

using testing::ExampleReport;
using testing::HostileReport;

using Rows = std::vector<std::vector<std::string>>;

// RFC 4180, every field quoted; stops at what is none.
Rows RowsOf(const std::string& text) {
  Rows rows(1);
  std::size_t at = 0;
  while (at < text.size() && text[at] == '"') {
    std::string field;
    for (++at; at < text.size(); ++at) {
      if (text[at] != '"') {
        field.push_back(text[at]);
      } else if (at + 1 < text.size() && text[at + 1] == '"') {
        field.push_back(text[++at]);
      } else {
        break;
      }
    }
    rows.back().push_back(field);
    const char next = ++at < text.size() ? text[at++] : '?';
    if (next == '\n' && at < text.size()) {
      rows.emplace_back();
    } else if (next != ',' && next != '\n') {
      ADD_FAILURE() << "not CSV at byte " << at;
      break;
    }
  }
  EXPECT_EQ(at, text.size());
  return rows;
}

std::vector<std::string> IdsIn(const Rows& rows) {
  std::vector<std::string> ids;
  for (std::size_t i = 1; i < rows.size(); ++i) {
    ids.push_back(rows[i].at(1));
  }
  std::sort(ids.begin(), ids.end());
  return ids;
}

TEST(CsvTest, HasALineForEveryFinding) {
  for (const Report& report :
       {ExampleReport(), HostileReport(), testing::LargeReport(100)}) {
    const Rows rows = RowsOf(kCsv.write(report, {}));
    EXPECT_EQ(IdsIn(rows), testing::IdsOf(report));
    for (const auto& row : rows) {
      EXPECT_EQ(row.size(), rows[0].size());
    }
  }
}

TEST(CsvTest, TheSampleCarriesItsFindings) {
  const auto report =
      ReadReport(AsText(testing::Sample("report/csv/formulas.json")));
  ASSERT_TRUE(report) << report.error().what;
  EXPECT_EQ(IdsIn(RowsOf(kCsv.write(*report, {}))), testing::IdsOf(*report));
}

TEST(CsvTest, SaysWhatTheReportHolds) {
  const Rows rows = RowsOf(kCsv.write(ExampleReport(), {}));
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0][0], "product");
  ASSERT_EQ(rows[0].size(), rows[1].size());
  EXPECT_EQ(rows[0][rows[0].size() - 2], "tlp");
  EXPECT_EQ(rows[0].back(), "redaction");
  EXPECT_EQ(rows[1][0], "router.bin");
  EXPECT_EQ(rows[1][2], "critical");
  EXPECT_EQ(rows[1][6], "possible hidden administrator \"toor\"");
  EXPECT_EQ(rows[1][8], "router.bin!/etc/passwd 31+12");
  EXPECT_EQ(rows[1][rows[1].size() - 2], "TLP:AMBER+STRICT");
  EXPECT_EQ(rows[1].back(), "");
}

// OWASP, "CSV Injection".
TEST(CsvTest, NothingIsAFormula) {
  for (const std::string text :
       {"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1",
        "\xEF\xBC\x9D"
        "1",
        "\xEF\xBC\x8B"
        "1",
        "\xEF\xBC\x8D"
        "1",
        "\xEF\xBC\xA0"
        "1"}) {
    Report report = ExampleReport();
    report.product = text;
    report.findings[0].title = text;
    report.findings[0].subject = text;
    report.findings[0].waiver = text;
    const Rows rows = RowsOf(kCsv.write(report, {}));
    for (const std::string& field : rows[1]) {
      EXPECT_EQ(field.find_first_of("=+-@\t\r"),
                field.find_first_of("=+-@\t\r", 1))
          << field;
      EXPECT_FALSE(field.starts_with("\xEF\xBC")) << field;
      EXPECT_FALSE(field.starts_with(" ")) << field;
    }
  }
}

TEST(CsvTest, WithoutFindingsThereIsTheHeadAlone) {
  Report report = ExampleReport();
  report.findings.clear();
  EXPECT_EQ(RowsOf(kCsv.write(report, {})).size(), 1U);
}

TEST(CsvTest, NothingInItActs) {
  testing::ExpectInert(kCsv, HostileReport());
}

}  // namespace
}  // namespace assay::report
