#include "verifier/engine/baseline.h"

#include <gtest/gtest.h>

#include <string>

namespace assay::engine {
namespace {

// One finding about a file of the product.
Report ReportOf(const std::string& product, const std::string& digest) {
  Report report;
  report.artifacts.resize(2);
  report.artifacts[0].path = product;
  report.artifacts[1].id = 1;
  report.artifacts[1].parent = 0;
  report.artifacts[1].path = product + "!/etc/passwd";
  Finding finding;
  finding.rule = "NI3-HF01-001";
  finding.subject = report.artifacts[1].path;
  finding.evidence = {{.kind = Evidence::Kind::kBytes,
                       .path = finding.subject,
                       .place = Range{10, 4},
                       .digest = digest}};
  report.findings = {finding};
  return report;
}

TEST(BaselineTest, TheSameEvidenceAtTheSamePlaceIsKnown) {
  Report now = ReportOf("fw-1.1.bin", "aa");
  now.findings[0].evidence[0].place = Range{99, 4};
  MarkKnown(ReportOf("fw-1.0.bin", "aa"), "old.json", now);
  EXPECT_EQ(now.findings[0].baseline, "old.json")
      << "another release, another offset, the same bytes";
}

TEST(BaselineTest, AnythingElseIsNew) {
  const Report old = ReportOf("fw-1.0.bin", "aa");
  Report now = ReportOf("fw-1.1.bin", "bb");
  MarkKnown(old, "old.json", now);
  EXPECT_EQ(now.findings[0].baseline, "") << "other bytes";

  now = ReportOf("fw-1.1.bin", "aa");
  now.findings[0].evidence.push_back(
      {.kind = Evidence::Kind::kBytes, .path = "x", .digest = "cc"});
  MarkKnown(old, "old.json", now);
  EXPECT_EQ(now.findings[0].baseline, "") << "one more piece of evidence";

  now = ReportOf("fw-1.1.bin", "aa");
  now.findings[0].rule = "NI3-HF01-002";
  MarkKnown(old, "old.json", now);
  EXPECT_EQ(now.findings[0].baseline, "") << "another rule";

  now = ReportOf("fw-1.1.bin", "aa");
  now.findings[0].subject = "fw-1.1.bin";
  MarkKnown(old, "old.json", now);
  EXPECT_EQ(now.findings[0].baseline, "") << "another place";

  Report empty = ReportOf("fw-1.0.bin", "aa");
  empty.findings.clear();
  now = ReportOf("fw-1.1.bin", "aa");
  MarkKnown(empty, "old.json", now);
  EXPECT_EQ(now.findings[0].baseline, "") << "nothing was known";
}

TEST(BaselineTest, AnEmptyReportKnowsNothing) {
  Report now = ReportOf("fw", "aa");
  MarkKnown(Report{}, "old.json", now);
  EXPECT_EQ(now.findings[0].baseline, "");
}

}  // namespace
}  // namespace assay::engine
