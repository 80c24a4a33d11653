#include "sbom/diff.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <ctime>
#include <string>

#include "tests/sbom/survey_builder.h"

namespace assay::sbom {
namespace {

SbomDocument Document(std::vector<Component> components) {
  SbomDocument document;
  document.components = std::move(components);
  return document;
}

// "changed TYPE NAME FIELD BEFORE->AFTER\n"
std::string Said(const SbomDocument& before, const SbomDocument& after) {
  std::string text;
  for (const SbomChange& one : DiffSboms(before, after)) {
    text += fmt::format("{} {} {} {} {}->{}\n", NameOf(one.kind), one.type,
                        one.component, one.field, one.before, one.after);
  }
  return text;
}

TEST(DiffTest, EqualDocumentsDoNotDiffer) {
  const auto document = Document(
      {PackageClaim("pkg:deb/debian/a@1"), PackageClaim("pkg:deb/debian/a@2")});
  EXPECT_EQ(Said(document, document), "");
  EXPECT_EQ(Said(SbomDocument(), SbomDocument()), "");
}

TEST(DiffTest, SameVersionsPairFirstAndTheRestInOrder) {
  const auto before = Document(
      {PackageClaim("pkg:deb/debian/a@1"), PackageClaim("pkg:deb/debian/a@3"),
       PackageClaim("pkg:deb/debian/a@2"), PackageClaim("pkg:npm/b@1")});
  const auto after = Document({PackageClaim("pkg:deb/debian/a@4"),
                               PackageClaim("pkg:deb/debian/a@2"),
                               PackageClaim("pkg:npm/c@1")});
  EXPECT_EQ(Said(before, after),
            "changed deb a version 1->4\n"
            "removed deb a  3->\n"
            "removed npm b  1->\n"
            "added npm c  ->1\n");
}

// SPDX 2.3 annex D: AND and OR are commutative.
TEST(DiffTest, OperandsOfALicenceHaveNoOrder) {
  auto before = Document({PackageClaim("pkg:deb/debian/a@1")});
  auto after = before;
  before.components[0].licences = {"MIT AND Zlib OR ISC"};
  after.components[0].licences = {"ISC OR (Zlib AND MIT)"};
  EXPECT_EQ(Said(before, after), "");
  after.components[0].licences = {"ISC AND (Zlib OR MIT)"};
  EXPECT_NE(Said(before, after), "");
}

TEST(DiffTest, WhatTheDocumentsDescribe) {
  SbomDocument before;
  before.subject = Component{.type = "firmware",
                             .name = "router",
                             .version = "1.0",
                             .digests = {{DigestAlgorithm::kSha256, "aa"}}};
  SbomDocument after = before;
  EXPECT_EQ(Said(before, after), "");
  after.subject->digests[0].hex = "bb";
  EXPECT_EQ(Said(before, after), "changed subject router sha256 aa->bb\n");
  after.subject->name = "switch";
  after.subject->version = "1.1";
  EXPECT_EQ(Said(before, after),
            "changed subject switch name router->switch\n"
            "changed subject switch version 1.0->1.1\n");
  EXPECT_EQ(Said(before, SbomDocument()), "removed subject router  1.0->\n");
  EXPECT_EQ(Said(SbomDocument(), after), "added subject switch  ->1.1\n");
}

TEST(DiffTest, OtherBytesUnderOneVersion) {
  auto before = Document({PackageClaim("pkg:deb/debian/a@1")});
  auto after = before;
  before.components[0].digests = {{DigestAlgorithm::kSha256, "aa"},
                                  {DigestAlgorithm::kSha1, "cc"}};
  after.components[0].digests = {{DigestAlgorithm::kMd5, "dd"},
                                 {DigestAlgorithm::kSha256, "bb"}};
  EXPECT_EQ(Said(before, after), "changed deb a sha256 aa->bb\n");
}

TEST(DiffTest, ManyVersionsOfOneName) {
  SbomDocument before;
  SbomDocument after;
  for (int i = 0; i < 30'000; ++i) {
    before.components.push_back(
        PackageClaim(fmt::format("pkg:npm/a@1.0.{}", i)));
    after.components.push_back(
        PackageClaim(fmt::format("pkg:npm/a@2.0.{}", i)));
  }
  const std::clock_t started = std::clock();
  EXPECT_EQ(DiffSboms(before, after).size(), 30'000U);
  EXPECT_TRUE(DiffSboms(before, before).empty());
  EXPECT_LT((std::clock() - started) / CLOCKS_PER_SEC, 30);
}

}  // namespace
}  // namespace assay::sbom
