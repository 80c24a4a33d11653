// A report to be redacted, and what has to hold of the outcome.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "tests/report/checks.h"
#include "tests/report/example.h"
#include "verifier/report/norm.h"
#include "verifier/report/opening.h"
#include "verifier/report/read.h"
#include "verifier/report/redact.h"
#include "verifier/report/writer.h"

namespace assay::report::testing {

inline constexpr char kPasswd[] = "router.bin!/etc/passwd";

inline std::string Written(const Report& report) {
  return kJson.write(report, {});
}

// Two findings in one pack, one of them about a file that may be named.
inline Report Original() {
  Report report = assay::testing::ExampleReport();
  report.findings[0].rule = "NI3-HF03-009";
  report.findings[0].id = FindingId(report.findings[0]);
  Finding other = assay::testing::ExampleFinding();
  other.rule = "NI3-HF07-001";
  other.family = "HF-07";
  other.cwe = {};
  other.severity = Severity::kLow;
  other.title = "possible listener";
  other.subject = "router.bin!/bin/httpd";
  other.evidence = {
      {.kind = Evidence::Kind::kAbsence, .path = "router.bin!/bin/httpd"}};
  other.id = FindingId(other);
  report.findings.push_back(other);
  report.artifacts.push_back(
      assay::testing::ExampleArtifact(2, 0, "router.bin!/bin/httpd", 7));
  report.reasons = {"a finding is critical: " + report.findings[0].title +
                    " (" + kPasswd + ")"};
  report.not_examined.push_back({kPasswd, {0, 1}, "etc/passwd is odd"});
  return report;
}

inline RedactWish Wish() {
  return {.reason = "under repair", .salt = Bytes(kSaltSize, 7)};
}

inline RedactedReport Done(const RedactWish& wish, const Report& report) {
  auto done = Redact(Written(report), wish);
  EXPECT_TRUE(done) << done.error().what;
  return done.value_or(RedactedReport{});
}

inline std::string Refusal(const RedactWish& wish, std::string_view json) {
  const auto done = Redact(json, wish);
  return done ? "" : done.error().what;
}

// What does not fit, or the error.
inline std::string Misfit(const std::string& redacted,
                          const std::string& opening) {
  const auto opened = OpenRedacted(redacted, opening);
  if (!opened) {
    return opened.error().what;
  }
  return opened->problems.empty() ? "" : opened->problems.front();
}

inline void ExpectGone(const Report& report, std::string_view text) {
  for (const ReportWriter* writer : AllWriters()) {
    EXPECT_EQ(writer->write(report, {}).find(text), std::string::npos)
        << text << " in " << writer->name;
  }
}

inline void ExpectSameFigures(const Report& was, const Report& is) {
  EXPECT_EQ(was.verdict, is.verdict);
  EXPECT_EQ(was.artifacts.size(), is.artifacts.size());
  EXPECT_EQ(was.checks.size(), is.checks.size());
  EXPECT_EQ(was.not_examined.size(), is.not_examined.size());
  EXPECT_EQ(was.ledger.leaf_bytes, is.ledger.leaf_bytes);
  ASSERT_EQ(was.findings.size(), is.findings.size());
  for (std::size_t i = 0; i < was.findings.size(); ++i) {
    EXPECT_EQ(was.findings[i].severity, is.findings[i].severity);
  }
  const auto before = NormReport(was);
  const auto after = NormReport(is);
  for (std::size_t i = 0; i < before.size(); ++i) {
    EXPECT_EQ(before[i].evaluated, after[i].evaluated) << before[i].id;
    EXPECT_EQ(before[i].findings, after[i].findings) << before[i].id;
    EXPECT_EQ(before[i].state, after[i].state) << before[i].id;
  }
}

inline void ExpectProven(const RedactedReport& done, const Report& original) {
  const std::string text = Written(done.report);
  EXPECT_EQ(assay::testing::ProblemsOf(
                ASSAY_SOURCE_DIR "/verifier/report/assay-report.schema.json",
                ParseJson(text).value_or(Json())),
            "");
  const auto read = ReadReport(text);
  ASSERT_TRUE(read) << read.error().what;
  EXPECT_EQ(Written(*read), text);
  const auto opened = OpenRedacted(text, done.opening);
  ASSERT_TRUE(opened) << opened.error().what;
  EXPECT_TRUE(opened->problems.empty()) << opened->problems.front();
  EXPECT_EQ(opened->original, Written(original));
}

}  // namespace assay::report::testing
