#include "verifier/engine/compare.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "verifier/base/digest.h"

namespace assay::engine {
namespace {

// A product whose root holds files, each with a text as content.
Report ProductOf(const std::string& name,
                 const std::vector<std::pair<std::string, std::string>>& files,
                 const std::string& format = "") {
  Report report;
  report.product = name;
  Artifact root;
  root.path = name;
  root.name = name;
  root.has_content = true;
  root.size = 1;
  root.structure = {{{0, 1}, Structure::kMember}};
  root.digests = {{DigestAlgorithm::kSha256, Sha256Hex(AsBytes(name))}};
  report.artifacts.push_back(root);
  for (const auto& [path, text] : files) {
    Artifact file;
    file.id = static_cast<ArtifactId>(report.artifacts.size());
    file.parent = 0;
    file.depth = 1;
    file.path = name + "!/" + path;
    file.name = path;
    file.format = format;
    file.has_content = true;
    file.size = text.size();
    file.structure = {{{0, text.size()}, Structure::kContent}};
    file.digests = {{DigestAlgorithm::kSha256, Sha256Hex(AsBytes(text))}};
    file.meta.mode = 0644;
    report.artifacts.push_back(file);
  }
  return report;
}

const ChangedPlace* PlaceOf(const Comparison& comparison,
                            const std::string& path) {
  for (const ChangedPlace& place : comparison.places) {
    if (place.path == path) {
      return &place;
    }
  }
  return nullptr;
}

TEST(CompareTest, TheSameProductHasNoChange) {
  const Report report = ProductOf("a.bin", {{"x", "1"}, {"y", "2"}});
  const Comparison comparison = CompareReports(report, report);
  EXPECT_TRUE(comparison.places.empty());
  EXPECT_TRUE(comparison.product.empty());
  EXPECT_TRUE(comparison.incomplete.empty());
  EXPECT_EQ(comparison.same, 2U);
}

TEST(CompareTest, VersionsInNamesHideNoPlace) {
  const Comparison comparison =
      CompareReports(ProductOf("fw-1.0.bin", {{"etc/passwd", "1"}}),
                     ProductOf("fw-1.1.bin", {{"etc/passwd", "2"}}));
  ASSERT_EQ(comparison.places.size(), 1U);
  EXPECT_EQ(comparison.places[0].path, "fw-1.1.bin!/etc/passwd");
  EXPECT_EQ(comparison.places[0].file, FileChange::kChanged);
}

TEST(CompareTest, WhatGivesMostToAnAttackerComesFirst) {
  const Report before = ProductOf("fw", {{"a", "1"}, {"b", "1"}, {"c", "1"}});
  Report now = ProductOf("fw", {{"a", "2"}, {"b", "2"}, {"c", "2"}});
  now.traits = {{2, "listener", "tcp/23"}, {3, "preload", "/lib/x.so"}};
  const Comparison comparison = CompareReports(before, now);
  ASSERT_EQ(comparison.places.size(), 3U);
  EXPECT_EQ(comparison.places[0].path, "fw!/c");
  EXPECT_EQ(comparison.places[1].path, "fw!/b");
  EXPECT_EQ(comparison.places[2].path, "fw!/a");
  EXPECT_TRUE(comparison.places[2].changes.empty());
}

TEST(CompareTest, ALostListenerWeighsLessThanAGainedOne) {
  Report with = ProductOf("fw", {{"a", "1"}});
  with.traits = {{1, "listener", "tcp/23"}};
  const Report without = ProductOf("fw", {{"a", "2"}});
  const Comparison gained = CompareReports(without, with);
  const Comparison lost = CompareReports(with, without);
  ASSERT_EQ(gained.places.size(), 1U);
  ASSERT_EQ(lost.places.size(), 1U);
  EXPECT_TRUE(gained.places[0].changes[0].gained);
  EXPECT_FALSE(lost.places[0].changes[0].gained);
  EXPECT_GT(gained.places[0].weight, lost.places[0].weight);
}

TEST(CompareTest, ALostSignatureWeighsAsMuchAsAGainedDanger) {
  Report before = ProductOf("fw", {{"a", "1"}});
  Report now = ProductOf("fw", {{"a", "1"}});
  SignatureCheck check;
  check.scheme = "minisign";
  check.target = "fw";
  check.indication = Indication::kTotalPassed;
  check.good_keys = {{.key = "RWT1", .anchor = "acme"}};
  before.checks = {check};
  check.indication = Indication::kTotalFailed;
  check.good_keys.clear();
  now.checks = {check};
  const Comparison comparison = CompareReports(before, now);
  const ChangedPlace* place = PlaceOf(comparison, "fw");
  ASSERT_NE(place, nullptr);
  EXPECT_GE(place->weight, 8U);
  EXPECT_FALSE(place->file) << "a container is what it holds";
  ASSERT_EQ(comparison.product.size(), 1U);
  EXPECT_EQ(comparison.product[0].kind, "signer");
  EXPECT_FALSE(comparison.product[0].gained);
}

TEST(CompareTest, ARebuildChangesNothingThatLeadsToControl) {
  Report before = ProductOf("fw", {{"bin/x", "1"}}, "elf");
  Report now = ProductOf("fw", {{"bin/x", "2"}}, "elf");
  before.traits = now.traits = {{1, "elf.import", "execve"}};
  Comparison comparison = CompareReports(before, now);
  ASSERT_EQ(comparison.places.size(), 1U);
  EXPECT_EQ(comparison.places[0].file, FileChange::kRebuilt);
  EXPECT_EQ(comparison.places[0].weight, kPlainChange);
  now.traits.push_back({1, "elf.import", "listen"});
  comparison = CompareReports(before, now);
  EXPECT_EQ(comparison.places[0].file, FileChange::kChanged);
  EXPECT_GT(comparison.places[0].weight, kPlainChange);
}

TEST(CompareTest, TellsAddedRemovedAndMovedFilesApart) {
  const Comparison comparison =
      CompareReports(ProductOf("fw", {{"old", "1"}, {"gone", "2"}}),
                     ProductOf("fw", {{"new", "1"}, {"come", "3"}}));
  ASSERT_EQ(comparison.places.size(), 3U);
  EXPECT_EQ(PlaceOf(comparison, "fw!/new")->file, FileChange::kMoved);
  EXPECT_EQ(PlaceOf(comparison, "fw!/come")->file, FileChange::kAdded);
  EXPECT_EQ(PlaceOf(comparison, "fw!/gone")->file, FileChange::kRemoved);
}

TEST(CompareTest, WhatMovedBringsNothingNew) {
  Report before = ProductOf("fw", {{"old", "1"}});
  Report now = ProductOf("fw", {{"new", "1"}, {"other", "2"}});
  before.traits = {{1, "listener", "tcp 23"}};
  now.traits = {{1, "listener", "tcp 23"}};
  const Comparison comparison = CompareReports(before, now);
  EXPECT_EQ(PlaceOf(comparison, "fw!/new")->file, FileChange::kMoved);
  EXPECT_EQ(PlaceOf(comparison, "fw!/new")->old_path, "fw!/old");
  EXPECT_TRUE(PlaceOf(comparison, "fw!/new")->changes.empty());
  EXPECT_EQ(BalanceOf(comparison).riskier, Riskier::kNeither);
}

// A copy that came did not move, and one that went is gone.
TEST(CompareTest, CopiesAreFilesOfTheirOwn) {
  Report one = ProductOf("fw", {{"a", "1"}, {"z", "2"}});
  Report two = ProductOf("fw", {{"a", "1"}, {"b", "1"}, {"z", "2"}});
  one.traits = {{1, "listener", "tcp 23"}};
  two.traits = {{1, "listener", "tcp 23"}, {2, "listener", "tcp 23"}};
  const Comparison came = CompareReports(one, two);
  ASSERT_EQ(came.places.size(), 1U);
  EXPECT_EQ(came.places[0].file, FileChange::kAdded);
  EXPECT_EQ(came.places[0].changes.size(), 1U);
  const Comparison went = CompareReports(two, one);
  ASSERT_EQ(went.places.size(), 1U);
  EXPECT_EQ(went.places[0].path, "fw!/b");
  EXPECT_EQ(went.places[0].file, FileChange::kRemoved);
  EXPECT_EQ(went.places[0].changes.size(), 1U);
}

TEST(CompareTest, ReportsThatDoNotSayAllAreNamed) {
  const Report whole = ProductOf("fw", {{"a", "1"}});
  Report part = whole;
  part.redaction = Redaction{};
  EXPECT_EQ(CompareReports(whole, part).incomplete,
            std::vector<std::string>{"fw: parts of its report were taken out"});
  part = whole;
  part.reproducible = false;
  EXPECT_EQ(CompareReports(part, whole).incomplete,
            std::vector<std::string>{"fw: its examination was broken off"});
}

TEST(CompareTest, RightsAndOpaquePartsAreTold) {
  const Report before = ProductOf("fw", {{"a", "1"}, {"b", "1"}});
  Report now = ProductOf("fw", {{"a", "1"}, {"b", "1"}});
  now.artifacts[1].meta.mode = 0666;
  now.artifacts[2].examination = Examination::kOpaque;
  now.artifacts[2].opaque_reason = "encrypted";
  const Comparison comparison = CompareReports(before, now);
  ASSERT_EQ(comparison.places.size(), 2U);
  EXPECT_EQ(comparison.places[0].changes[0].kind, "rights");
  EXPECT_EQ(comparison.places[1].changes[0].kind, "opaque");
  EXPECT_FALSE(comparison.places[0].file) << "its bytes are the same";
}

TEST(CompareTest, ComponentsAreComparedByNameAndVersion) {
  Report before = ProductOf("fw", {});
  Report now = ProductOf("fw", {});
  const auto with = [](Report& report, const std::string& version) {
    InventoryItem item;
    item.evidence.component.name = "openssl";
    item.evidence.component.version = version;
    report.reconciliation.inventory.push_back(item);
  };
  with(before, "3.0.1");
  with(now, "3.0.2");
  const Comparison comparison = CompareReports(before, now);
  ASSERT_EQ(comparison.product.size(), 2U);
  EXPECT_EQ(comparison.product[0].value, "openssl 3.0.2");
  EXPECT_TRUE(comparison.product[0].gained);
  EXPECT_EQ(comparison.product[1].value, "openssl 3.0.1");
}

TEST(CompareTest, WhatCouldNotBeReadAndOtherRulesAreSaid) {
  Report before = ProductOf("fw", {{"a", "1"}});
  Report now = ProductOf("fw", {{"a", "1"}});
  now.artifacts[1].anomalies = {{"unpack.damaged", {}, "cut short"}};
  now.rules_sha256 = "other";
  const Comparison comparison = CompareReports(before, now);
  ASSERT_EQ(comparison.incomplete.size(), 2U);
  EXPECT_NE(comparison.incomplete[0].find("cut short"), std::string::npos);
  EXPECT_NE(comparison.incomplete[1].find("different versions or rules"),
            std::string::npos);
}

}  // namespace
}  // namespace assay::engine
