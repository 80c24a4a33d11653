// What is met again is unpacked once: the whole tree must be as if it were not.
#include "verifier/unpack/fold.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/archive_writer.h"
#include "tests/support/product.h"
#include "verifier/base/crc32.h"
#include "verifier/unpack/walk.h"

namespace assay::unpack {
namespace {

using testing::FolderProduct;
using testing::Onlooker;
using testing::WriteArchive;

constexpr std::uint64_t kAll = 1U << 20U;

// Larger than what is quicker processed than remembered.
std::string Tar(const std::string& what) {
  const std::string text(40000, 'x');
  return std::string(AsText(
      WriteArchive("ustar", {{.name = "etc/" + what, .content = text + what},
                             {.name = "small", .content = what}})));
}

// An archive in two files, one of them with another name; and the two files in
// a file that is there twice itself.
Product Copies() {
  const std::string inner = Tar("inner");
  const auto outer = [&](const std::string& name) {
    return WriteArchive("ustar", {{.name = "a/" + name, .content = inner},
                                  {.name = "b/other", .content = inner}});
  };
  return FolderProduct({{"one.tar", outer("one")},
                        {"three.tar", outer("one")},
                        {"two/one.tar", outer("one")},
                        {"zinner.tar", CopyOf(AsBytes(inner))},
                        {"zother.tar", CopyOf(AsBytes(inner))}});
}

std::string Tale(const Survey& survey) {
  std::string tale;
  for (const Node& node : survey.nodes) {
    const Artifact& artifact = node.artifact;
    tale += std::to_string(artifact.id) + "<" +
            std::to_string(static_cast<int>(artifact.parent)) + " " +
            artifact.path + " " + artifact.name + " " + artifact.inner_path +
            " " + artifact.format + " " + artifact.sha256() + " " +
            std::to_string(artifact.structure.size()) + "\n";
  }
  return tale;
}

std::string Walked(const Product& product, bool reuse, unsigned jobs) {
  WalkOptions options;
  options.reuse = reuse;
  options.jobs = jobs;
  return Tale(Walk(product, Onlooker(), options));
}

TEST(FoldTest, ATreeOfCopiesIsAsIfEachWereUnpacked) {
  const Product product = Copies();
  const std::string plain = Walked(product, false, 1);
  for (const unsigned jobs : {1U, 2U, 4U}) {
    EXPECT_EQ(Walked(product, true, jobs), plain) << jobs;
  }
}

TEST(FoldTest, WhatIsInsideOfACopyStandsOnce) {
  const Product product = Copies();
  const FoldedSurvey folded = WalkFolded(product, Onlooker(), {});
  EXPECT_EQ(folded.copies.size(), 4U);
  const std::size_t once = folded.survey.nodes.size();
  const auto whole = Unfolded(folded, kAll);
  ASSERT_TRUE(whole);
  EXPECT_GT(whole->nodes.size(), 2 * once);
}

// `bytes` in one stored block.
Bytes Gzip(const Bytes& bytes) {
  Bytes gzip = {0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 1};
  const auto put = [&](std::uint64_t value, unsigned count) {
    for (unsigned i = 0; i < count; ++i) {
      gzip.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
    }
  };
  put(bytes.size(), 2);
  put(~bytes.size(), 2);
  gzip.insert(gzip.end(), bytes.begin(), bytes.end());
  put(Crc32(bytes), 4);
  put(bytes.size(), 4);
  return gzip;
}

// What its container has no name for is called after the copy's own.
TEST(FoldTest, ACompressedCopyNamesItsContentItself) {
  const Bytes tar = CopyOf(AsBytes(Tar("x")));
  const Product product = FolderProduct({{"a.tar.gz", Gzip(tar)},
                                         {"b.tar.gz", Gzip(tar)},
                                         {"c.tar.gz.gz", Gzip(Gzip(tar))},
                                         {"d.tgz.gz", Gzip(Gzip(tar))}});
  const std::string plain = Walked(product, false, 1);
  EXPECT_EQ(Walked(product, true, 1), plain);
  EXPECT_NE(plain.find("d.tgz.gz!/d.tgz!/d.tar!/small"), std::string::npos);
  EXPECT_EQ(WalkFolded(product, Onlooker(), {}).copies.size(), 2U);
}

// A file may mean something else under another name.
TEST(FoldTest, AFileThatIsCalledAfterItsContainerIsUnpackedAgain) {
  const Bytes text(40000, 'x');
  const Product product =
      FolderProduct({{"a.gz", Gzip(text)}, {"b.gz", Gzip(text)}});
  EXPECT_TRUE(WalkFolded(product, Onlooker(), {}).copies.empty());
  EXPECT_EQ(Walked(product, true, 1), Walked(product, false, 1));
}

// --- what a confined process may not make of it ---

FoldedSurvey TwoFiles() {
  FoldedSurvey folded;
  for (const char* path : {".", "a", "a!/x", "b"}) {
    Artifact artifact;
    artifact.path = path;
    artifact.name = path;
    artifact.depth = std::string(path).size() > 1 ? 2 : *path == '.' ? 0 : 1;
    folded.survey.nodes.push_back({artifact, {}});
  }
  folded.copies = {{3, 1}};
  return folded;
}

TEST(FoldTest, UnfoldsBelowTheCopy) {
  const auto whole = Unfolded(TwoFiles(), 5);
  ASSERT_TRUE(whole);
  ASSERT_EQ(whole->nodes.size(), 5U);
  EXPECT_EQ(whole->nodes[4].artifact.path, "b!/x");
  EXPECT_EQ(whole->nodes[4].artifact.parent, 3U);
}

TEST(FoldTest, RefusesMoreNodesThanAreAllowed) {
  EXPECT_FALSE(Unfolded(TwoFiles(), 4));
}

TEST(FoldTest, RefusesCopiesThatAreNone) {
  using Copies = std::vector<FoldedSurvey::Copy>;
  for (const Copies& copies :
       {Copies{{4, 1}}, Copies{{3, 4}}, Copies{{3, 3}}, Copies{{1, 3}},
        Copies{{3, 2}}, Copies{{3, 0}}, Copies{{3, 1}, {3, 1}}}) {
    FoldedSurvey folded = TwoFiles();
    folded.copies = copies;
    EXPECT_FALSE(Unfolded(folded, kAll)) << copies.front().copy;
  }
  FoldedSurvey folded = TwoFiles();
  folded.survey.nodes[3].artifact.size = 1;  // another content
  EXPECT_FALSE(Unfolded(folded, kAll));
  folded = TwoFiles();
  folded.survey.nodes[2].artifact.path = "elsewhere";
  EXPECT_FALSE(Unfolded(folded, kAll));
  folded = TwoFiles();
  folded.nameless = {4};
  EXPECT_FALSE(Unfolded(folded, kAll));
}

// Copies of copies would double the tree with every pair, or never end.
TEST(FoldTest, RefusesACopyOfACopy) {
  FoldedSurvey folded = TwoFiles();
  Node node = folded.survey.nodes[3];
  node.artifact.path = "c";
  folded.survey.nodes.push_back(node);
  folded.copies = {{3, 4}, {4, 3}};
  EXPECT_FALSE(Unfolded(folded, kAll));
  folded.copies = {{3, 1}, {4, 3}};
  EXPECT_FALSE(Unfolded(folded, kAll));
  folded.copies = {{3, 1}, {4, 1}};
  EXPECT_TRUE(Unfolded(folded, kAll));
}

}  // namespace
}  // namespace assay::unpack
