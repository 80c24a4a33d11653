#include "verifier/report/tree.h"

#include <gtest/gtest.h>

#include "tests/report/example.h"
#include "verifier/base/json.h"
#include "verifier/base/text.h"

namespace assay::report {
namespace {

using testing::ExampleArtifact;

std::vector<Artifact> Tree() {
  std::vector<Artifact> tree = {
      ExampleArtifact(0, kNoArtifact, "r.bin", 4096),
      ExampleArtifact(1, 0, "r.bin!/etc/passwd", 43),
      ExampleArtifact(2, 0, "r.bin!/bin/sh", 0),
  };
  tree[0].format = "squashfs";
  tree[1].meta.mode = 0644;
  tree[1].meta.uid = 0;
  tree[1].meta.gid = 0;
  tree[2].has_content = false;
  tree[2].digests.clear();
  tree[2].meta = {.type = FileType::kSymlink,
                  .owner = "root",
                  .link_target = "busybox\x1b"};
  return tree;
}

TEST(TreeTest, OneLineForEachArtifactNested) {
  const std::string text = WriteTree(Tree(), {});
  const auto lines = SplitLines(text);
  ASSERT_EQ(lines.size(), 3U);
  const std::string sha = Tree()[0].sha256().substr(0, 12);
  EXPECT_EQ(lines[0],
            "-                   4.0 kB squashfs       " + sha + "  r.bin");
  EXPECT_EQ(lines[1], "-0644  0:0            43 B                " + sha +
                          "    etc/passwd");
  EXPECT_EQ(lines[2].substr(0, 12), "l      root:");
  EXPECT_NE(lines[2].find("    bin/sh -> busybox\\x1b"),
            std::string_view::npos);
}

TEST(TreeTest, WhatWasNotExaminedSaysSo) {
  auto tree = Tree();
  tree[1].examination = Examination::kOpaque;
  tree[1].opaque_reason = "encrypted\x1b";
  EXPECT_NE(WriteTree(tree, {}).find("[not examined: encrypted\\x1b]"),
            std::string::npos);
}

TEST(TreeTest, JsonHasTheSameArtifacts) {
  const auto json = ParseJson(WriteTreeJson(Tree()));
  ASSERT_TRUE(json) << json.error().what;
  EXPECT_EQ((*json)["schema"], "assay-tree/1");
  ASSERT_EQ((*json)["artifacts"].size(), 3U);
  EXPECT_EQ((*json)["artifacts"][0]["format"], "squashfs");
  EXPECT_EQ((*json)["artifacts"][2]["link_target"], "busybox\\x1b");
  EXPECT_EQ((*json)["artifacts"][2]["type"], "symlink");
  EXPECT_FALSE((*json)["artifacts"][2].contains("digests"));
}

}  // namespace
}  // namespace assay::report
