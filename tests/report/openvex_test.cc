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

// OPENVEX-SPEC.md 0.2.0: members that are required, those that there are, and
// what each status asks for.
void ExpectDocument(const Json& document) {
  EXPECT_EQ(document["@context"], "https://openvex.dev/ns/v0.2.0");
  for (const char* const key : {"@id", "author", "timestamp"}) {
    EXPECT_FALSE(document[key].get<std::string>().empty()) << key;
  }
  EXPECT_EQ(document["version"], 1);
  const std::set<std::string> known = {"vulnerability",    "products",
                                       "status",           "status_notes",
                                       "impact_statement", "justification"};
  for (const Json& statement : document["statements"]) {
    for (const auto& [key, value] : statement.items()) {
      EXPECT_TRUE(known.count(key) > 0) << key;
    }
    EXPECT_FALSE(statement["vulnerability"]["name"].empty());
    EXPECT_FALSE(statement["products"].empty());
    if (statement["status"] == "not_affected") {
      EXPECT_TRUE(statement.contains("impact_statement"));
    } else {
      EXPECT_EQ(statement["status"], "under_investigation");
    }
  }
}

Report Answered() {
  Report report = ExampleReport();
  for (const char* const rule : {"NI3-A-1", "NI3-B-1", "NI3-C-1", "NI3-D-1"}) {
    report.findings.push_back(testing::ExampleFinding());
    report.findings.back().rule = rule;
  }
  report.findings[1].waiver = "W-7";
  report.findings[2].explained_by = "manifest";
  report.findings[2].severity = Severity::kInfo;
  report.findings[3].severity = Severity::kInfo;  // for information
  report.findings[4].baseline = "old.json";
  return report;
}

TEST(OpenVexTest, OnlyWhatSomebodyAnsweredIsNotAffected) {
  const Json document = JsonBy(kOpenvex, Answered());
  ExpectDocument(document);
  const Json& statements = document["statements"];
  ASSERT_EQ(statements.size(), 4);
  EXPECT_EQ(statements[0]["status"], "under_investigation");
  EXPECT_EQ(statements[1]["status"], "not_affected");
  EXPECT_EQ(statements[1]["impact_statement"], "accepted by waiver W-7");
  EXPECT_EQ(statements[2]["impact_statement"], "explained by manifest");
  // Known is not answered.
  EXPECT_EQ(statements[3]["vulnerability"]["name"], "NI3-D-1");
  EXPECT_EQ(statements[3]["status"], "under_investigation");
}

TEST(OpenVexTest, ItNamesProductAndFileByDigest) {
  const Json document = JsonBy(kOpenvex, ExampleReport());
  const Json& product = document["statements"][0]["products"][0];
  EXPECT_EQ(product["hashes"]["sha-256"], ExampleReport().product_sha256);
  EXPECT_EQ(product["subcomponents"][0]["@id"],
            "urn:assay:path:router.bin!/etc/passwd");
  EXPECT_EQ(product["subcomponents"][0]["hashes"]["sha-256"],
            ExampleReport().artifacts[1].sha256());
  EXPECT_EQ(document["author"], "policy acme");
}

TEST(OpenVexTest, WithoutAPolicyNobodyDecided) {
  Report report = ExampleReport();
  report.policy_sha256.clear();
  EXPECT_EQ(JsonBy(kOpenvex, report)["author"], "Assay, by no policy");
  report.findings.clear();
  EXPECT_EQ(JsonBy(kOpenvex, report)["statements"], Json::array());
}

TEST(OpenVexTest, TheSampleIsAnswered) {
  const auto report =
      ReadReport(AsText(testing::Sample("report/openvex/answered.json")));
  ASSERT_TRUE(report) << report.error().what;
  const Json document = JsonBy(kOpenvex, *report);
  ExpectDocument(document);
  EXPECT_EQ(document["statements"][0]["status"], "not_affected");
  EXPECT_EQ(document["statements"][1]["status"], "under_investigation");
}

TEST(OpenVexTest, NothingInItActs) {
  testing::ExpectInert(kOpenvex, HostileReport());
  testing::ExpectInertStrings(JsonBy(kOpenvex, HostileReport()));
}

}  // namespace
}  // namespace assay::report
