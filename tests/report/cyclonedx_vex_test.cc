#include <gtest/gtest.h>

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

// References that lead somewhere, each once; `assay sbom check` holds the
// document against the official schema (tests/cli/vex.sh).
void ExpectReferences(const Json& document) {
  std::set<std::string> known = {
      document["metadata"]["component"]["bom-ref"].get<std::string>()};
  for (const Json& component : document["components"]) {
    EXPECT_TRUE(known.insert(component["bom-ref"]).second);
  }
  for (const Json& one : document["vulnerabilities"]) {
    EXPECT_TRUE(known.insert(one["bom-ref"]).second);
    for (const Json& affected : one["affects"]) {
      EXPECT_EQ(known.count(affected["ref"]), 1);
    }
  }
}

TEST(CycloneDxVexTest, OnlyWhatSomebodyAnsweredIsNotAffected) {
  Report report = ExampleReport();
  report.findings.push_back(testing::ExampleFinding());
  report.findings[1].id = "f-0123456789abcdef";
  report.findings[1].waiver = "W-7";
  const Json document = JsonBy(kCyclonedxVex, report);
  ExpectReferences(document);
  const Json& list = document["vulnerabilities"];
  ASSERT_EQ(list.size(), 2);
  EXPECT_EQ(list[0]["analysis"]["state"], "in_triage");
  EXPECT_EQ(list[0]["ratings"][0]["severity"], "critical");
  EXPECT_EQ(list[0]["cwes"], Json({798}));
  EXPECT_EQ(list[1]["analysis"]["state"], "not_affected");
  EXPECT_EQ(list[1]["analysis"]["detail"], "accepted by waiver W-7");
}

TEST(CycloneDxVexTest, WhatIsNoWeaknessIsLeftOut) {
  Report report = ExampleReport();
  report.findings[0].cwe = {"798", "CWE-", "CWE-x", "CWE-0",
                            "CWE-99999999999999999999"};
  EXPECT_EQ(JsonBy(kCyclonedxVex, report)["vulnerabilities"][0]["cwes"],
            Json::array());
}

TEST(CycloneDxVexTest, TheSampleIsAnswered) {
  const auto report =
      ReadReport(AsText(testing::Sample("report/cyclonedx_vex/answered.json")));
  ASSERT_TRUE(report) << report.error().what;
  const Json document = JsonBy(kCyclonedxVex, *report);
  ExpectReferences(document);
  EXPECT_EQ(document["vulnerabilities"][0]["analysis"]["state"], "in_triage");
  EXPECT_EQ(document["vulnerabilities"][1]["analysis"]["state"],
            "not_affected");
}

TEST(CycloneDxVexTest, NothingInItActs) {
  testing::ExpectInert(kCyclonedxVex, HostileReport());
  testing::ExpectInertStrings(JsonBy(kCyclonedxVex, HostileReport()));
}

}  // namespace
}  // namespace assay::report
