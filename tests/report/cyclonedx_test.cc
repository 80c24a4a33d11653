#include <gtest/gtest.h>

#include <set>
#include <string>

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
using testing::ProblemsOf;

constexpr const char* kSchema =
    ASSAY_SBOM_SCHEMAS "/bom-1.6.SNAPSHOT.schema.json";

Json BomOf(const Report& report) {
  return JsonBy(kCyclonedx, report);
}

// ExampleReport() with two signs of one component, one of which a lock file
// only claims, and a list of files that is no component.
Report ReportWithComponents() {
  Report report = ExampleReport();
  auto& inventory = report.reconciliation.inventory;
  inventory[0].evidence.component.purl = "pkg:deb/debian/busybox@1.36.1";
  inventory[0].evidence.strength = Strength::kVerifiedRow;
  inventory.push_back(inventory[0]);
  inventory[1].artifact = 0;
  inventory[1].evidence.cataloguer = "banners";
  inventory[1].evidence.strength = Strength::kWeak;
  inventory[1].evidence.place = {77, 9};
  inventory.push_back(inventory[0]);
  inventory[2].evidence.component = {.name = "left-pad", .version = "1.0.0"};
  inventory[2].evidence.strength = Strength::kClaim;
  inventory.push_back(inventory[0]);
  inventory[3].evidence.component = {.type = std::string(kFileListType),
                                     .name = "base-files"};
  return report;
}

void CollectRefs(const Json& components, std::multiset<std::string>& refs) {
  for (const Json& component : components) {
    refs.insert(component["bom-ref"].get<std::string>());
    if (component.contains("components")) {
      CollectRefs(component["components"], refs);
    }
  }
}

TEST(CycloneDxReportTest, ConformsToTheOfficialSchema) {
  for (const Report& report :
       {ExampleReport(), HostileReport(), ReportWithComponents(),
        testing::LargeReport(50), Report{}}) {
    EXPECT_EQ(ProblemsOf(kSchema, BomOf(report)), "");
  }
}

// Or the test above says nothing.
TEST(CycloneDxReportTest, TheOfficialSchemaBites) {
  Json damaged = BomOf(ExampleReport());
  damaged["vulnerabilities"][0]["analysis"]["state"] = "harmless";
  EXPECT_NE(ProblemsOf(kSchema, damaged), "");
  damaged = BomOf(ReportWithComponents());
  damaged["components"][0].erase("name");
  EXPECT_NE(ProblemsOf(kSchema, damaged), "");
}

TEST(CycloneDxReportTest, TheSampleNestsTheFileInItsOwner) {
  const auto report =
      ReadReport(AsText(testing::Sample("report/cyclonedx/components.json")));
  ASSERT_TRUE(report) << report.error().what;
  const Json bom = BomOf(*report);
  EXPECT_EQ(ProblemsOf(kSchema, bom), "");
  ASSERT_EQ(bom["components"].size(), 1U);
  EXPECT_EQ(bom["components"][0]["components"][0]["bom-ref"],
            "file:router.bin!/a!/deep er");
}

TEST(CycloneDxReportTest, AComponentIsOneHoweverOftenItShows) {
  const Json components = BomOf(ReportWithComponents())["components"];
  ASSERT_EQ(components.size(), 2U) << "and the file of the finding";
  const Json& busybox = components[0];
  EXPECT_EQ(busybox["bom-ref"], "pkg:deb/debian/busybox@1.36.1");
  const Json& identity = busybox["evidence"]["identity"][0];
  EXPECT_EQ(identity["confidence"], 0.9) << "the strongest";
  ASSERT_EQ(identity["methods"].size(), 2U);
  EXPECT_EQ(identity["methods"][0]["technique"], "binary-analysis");
  EXPECT_EQ(identity["methods"][1]["technique"], "hash-comparison");
  ASSERT_EQ(busybox["evidence"]["occurrences"].size(), 2U);
  EXPECT_EQ(busybox["evidence"]["occurrences"][1]["location"], "router.bin");
  EXPECT_EQ(busybox["evidence"]["occurrences"][1]["offset"], 77);
}

TEST(CycloneDxReportTest, WhatIsOnlyClaimedIsNoComponent) {
  const std::string text = kCyclonedx.write(ReportWithComponents(), {});
  EXPECT_EQ(text.find("left-pad"), std::string::npos);
  EXPECT_EQ(text.find("base-files"), std::string::npos);
}

TEST(CycloneDxReportTest, EveryFindingIsAboutAComponentOfTheDocument) {
  for (const Report& report :
       {ReportWithComponents(), HostileReport(), testing::LargeReport(200)}) {
    const Json bom = BomOf(report);
    std::multiset<std::string> refs = {"product"};
    CollectRefs(bom["components"], refs);
    for (const std::string& ref : refs) {
      EXPECT_EQ(refs.count(ref), 1U) << ref;
    }
    EXPECT_EQ(bom["vulnerabilities"].size(), report.findings.size());
    for (const Json& finding : bom["vulnerabilities"]) {
      EXPECT_EQ(refs.count(finding["affects"][0]["ref"]), 1U);
    }
  }
}

TEST(CycloneDxReportTest, AFindingSaysWhatItIsAndWhoSaysSo) {
  const Json finding = BomOf(ExampleReport())["vulnerabilities"][0];
  EXPECT_EQ(finding["id"], "accounts.second-root");
  EXPECT_EQ(finding["source"]["name"], "Assay");
  EXPECT_EQ(finding["ratings"][0]["severity"], "critical");
  EXPECT_EQ(finding["cwes"], Json::array({798}));
  EXPECT_EQ(finding["description"], "possible hidden administrator \"toor\"");
  EXPECT_EQ(finding["affects"][0]["ref"], "file:router.bin!/etc/passwd");
  EXPECT_EQ(finding["analysis"]["state"], "in_triage");
}

TEST(CycloneDxReportTest, WhatSomebodyJudgedIsInTheAnalysis) {
  const Json findings = BomOf(HostileReport())["vulnerabilities"];
  EXPECT_EQ(findings[0]["analysis"]["state"], "in_triage");
  EXPECT_EQ(findings[1]["analysis"]["state"], "exploitable");
  EXPECT_EQ(findings[1]["analysis"]["response"], Json::array({"will_not_fix"}));
  EXPECT_EQ(findings[2]["analysis"]["state"], "false_positive");
  EXPECT_EQ(findings[2]["affects"][0]["ref"], "product")
      << "a finding about no file is about the product";
}

TEST(CycloneDxReportTest, AWeaknessWithoutANumberIsLeftOut) {
  Report report = ExampleReport();
  report.findings[0].cwe = {"CWE-", "CWE-0", "CWE-x", "798", "CWE-22"};
  EXPECT_EQ(BomOf(report)["vulnerabilities"][0]["cwes"], Json::array({22}));
}

TEST(CycloneDxReportTest, TheSerialIsMadeOfTheContent) {
  const Json bom = BomOf(ExampleReport());
  EXPECT_EQ(BomOf(ExampleReport())["serialNumber"], bom["serialNumber"]);
  Report other = ExampleReport();
  other.findings[0].title += "!";
  EXPECT_NE(BomOf(other)["serialNumber"], bom["serialNumber"]);
}

TEST(CycloneDxReportTest, CarriesTheLabelAndTheVerdict) {
  const Json properties = BomOf(ExampleReport())["metadata"]["properties"];
  EXPECT_EQ(properties[0]["name"], "assay:tlp");
  EXPECT_EQ(properties[0]["value"], "TLP:AMBER+STRICT");
  EXPECT_EQ(properties[1]["value"], "fail");
}

TEST(CycloneDxReportTest, NothingInItActs) {
  testing::ExpectInert(kCyclonedx, HostileReport());
  testing::ExpectInertStrings(BomOf(HostileReport()));
}

}  // namespace
}  // namespace assay::report
