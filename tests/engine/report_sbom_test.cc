#include "verifier/engine/report_sbom.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/report/example.h"
#include "verifier/base/json.h"

namespace assay::engine {
namespace {

// A root file system with a dpkg database that owns one of two programs.
Report RouterReport() {
  Report report;
  report.tool_version = "0.1.0";
  report.at = 1773619200;  // 2026-03-16T00:00:00Z
  report.product = "router.tar";
  report.product_sha256 = Sha256Hex(AsBytes("product"));
  const auto add = [&](const std::string& inner) {
    const auto id = static_cast<ArtifactId>(report.artifacts.size());
    Artifact artifact = testing::ExampleArtifact(
        id, id == 0 ? kNoArtifact : 0,
        inner.empty() ? "router.tar" : "router.tar!/" + inner, 10);
    artifact.inner_path = inner;
    artifact.meta.mode = 0755;
    report.artifacts.push_back(artifact);
    return id;
  };
  add("");
  const ArtifactId status = add("var/lib/dpkg/status");
  const ArtifactId owned = add("usr/bin/owned");
  add("usr/bin/stray");
  report.artifacts[status].meta.mode = 0644;
  InventoryItem item{.artifact = status};
  item.evidence.cataloguer = "dpkg";
  item.evidence.component = {.name = "tools",
                             .version = "1.2-3",
                             .purl = "pkg:deb/debian/tools@1.2-3",
                             .supplier = "Debian",
                             .files = {"", "", ""}};  // only their number
  report.reconciliation.inventory = {item};
  report.reconciliation.owners = {{owned, Provenance::kRecord, "tools"}};
  return report;
}

// The component of that name, wherever it is nested; null when there is none.
const Json& Find(const Json& components, const std::string& name) {
  static const Json kNull;
  for (const Json& component : components) {
    if (TextAt(component, "name") == name) {
      return component;
    }
    const Json& inner = Find(At(component, "components"), name);
    if (!inner.is_null()) {
      return inner;
    }
  }
  return kNull;
}

TEST(ReportSbomTest, HoldsPackagesAndPrograms) {
  const auto text = SbomOfReport(RouterReport());
  ASSERT_TRUE(text) << text.error().what;
  const auto sbom = ParseJson(*text);
  ASSERT_TRUE(sbom);
  EXPECT_EQ(TextAt(*sbom, "bomFormat"), "CycloneDX");
  EXPECT_EQ(TextAt(*sbom, "specVersion"), "1.6");
  const Json& metadata = At(*sbom, "metadata");
  EXPECT_EQ(TextAt(metadata, "timestamp"), "2026-03-16T00:00:00Z");
  EXPECT_EQ(TextAt(At(metadata, "component"), "name"), "router.tar");
  const Json& components = At(*sbom, "components");
  const Json& package = Find(components, "tools");
  EXPECT_EQ(TextAt(package, "version"), "1.2-3");
  EXPECT_EQ(TextAt(package, "purl"), "pkg:deb/debian/tools@1.2-3");
  EXPECT_TRUE(Find(components, "router.tar!/var/lib/dpkg/status").is_null());
  EXPECT_EQ(TextAt(Find(components, "router.tar!/usr/bin/owned"), "version"),
            "1.2-3");
  const Json& stray = Find(components, "router.tar!/usr/bin/stray");
  ASSERT_FALSE(stray.is_null());
  EXPECT_NE(TextAt(stray, "version"), "1.2-3");
  EXPECT_EQ(TextAt(At(stray, "hashes")[0], "content"),
            Sha256Hex(AsBytes("abc")));
}

TEST(ReportSbomTest, TheSameReportGivesTheSameBytes) {
  const Report report = RouterReport();
  EXPECT_EQ(SbomOfReport(report).value_or("a"),
            SbomOfReport(report).value_or("b"));
}

TEST(ReportSbomTest, AReportOnNothingHasNone) {
  EXPECT_FALSE(SbomOfReport(Report{}));
}

}  // namespace
}  // namespace assay::engine
