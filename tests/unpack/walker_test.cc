#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/archive_writer.h"
#include "tests/support/hex.h"
#include "tests/support/product.h"
#include "verifier/unpack/walk.h"

namespace assay::unpack {
namespace {

using testing::ArtifactAt;
using testing::Concat;
using testing::FileProduct;
using testing::FolderProduct;
using testing::HasAnomaly;
using testing::IsPartitioned;
using testing::Onlooker;
using testing::Sample;

const Bytes kUimage = Sample("formats/uimage/abc.hex");

Survey WalkFile(const std::string& name, Bytes content, WalkOptions options) {
  return Walk(FileProduct(name, std::move(content)), Onlooker(), options);
}

Bytes Repeat(std::uint8_t byte, std::size_t count) {
  return Bytes(count, byte);
}

// Bytes that no format begins with.
Bytes Noise(std::size_t count) {
  Bytes bytes(count);
  std::uint32_t state = 7;
  for (std::uint8_t& byte : bytes) {
    state = state * 1664525U + 1013904223U;
    byte = static_cast<std::uint8_t>(state >> 24U);
  }
  return bytes;
}

TEST(WalkTest, AccountsForAFlatImage) {
  const Bytes noise = Noise(100);
  Bytes image = Concat(noise, kUimage);
  image = Concat(image, Repeat(0xFF, 50));
  const Survey survey = WalkFile("flash.bin", image, {});
  std::string why;
  EXPECT_TRUE(IsPartitioned(survey, &why)) << why;
  EXPECT_EQ(ArtifactAt(survey, "flash.bin").format, "flat-image");
  EXPECT_EQ(ArtifactAt(survey, "flash.bin!/@0x0.unknown").sha256(),
            Sha256Hex(noise));
  const Artifact& inner = ArtifactAt(survey, "flash.bin!/@0x64.uimage!/data");
  EXPECT_EQ(inner.sha256(), Sha256Hex(AsBytes("abc")));
  EXPECT_EQ(inner.origin, (Range{64, 3}));
  const auto& structure = ArtifactAt(survey, "flash.bin").structure;
  EXPECT_EQ(structure.back().role, Structure::kPadding);
  EXPECT_EQ(structure.back().range.length, 50U);
}

TEST(WalkTest, WhatFollowsAChunkOfAFlatImageIsUnknown) {
  const Survey survey = WalkFile("a.img", Concat(kUimage, Noise(4096)), {});
  EXPECT_EQ(ArtifactAt(survey, "a.img").format, "flat-image");
  EXPECT_EQ(ArtifactAt(survey, "a.img!/@0x0.uimage!/data").size, 3U);
  const Artifact& rest = ArtifactAt(survey, "a.img!/@0x43.unknown");
  EXPECT_EQ(rest.size, 4096U);
  EXPECT_EQ(rest.structure.front().role, Structure::kUnknown);
}

// Inside of somebody's container a file ends where its format ends: what
// follows was put there by somebody.
TEST(WalkTest, WhatFollowsAFileInsideAContainerIsSaid) {
  const Bytes tar = testing::WriteArchive(
      "ustar",
      {{.name = "a.img",
        .content = std::string(AsText(Concat(kUimage, Noise(4096))))}});
  const Survey survey = WalkFile("p.tar", tar, {});
  const Artifact& file = ArtifactAt(survey, "p.tar!/a.img");
  EXPECT_EQ(file.format, "uimage");
  EXPECT_TRUE(HasAnomaly(file, "unpack.trailing-data"));
  EXPECT_EQ(ArtifactAt(survey, "p.tar!/a.img!/@0x43.unknown").size, 4096U);
}

TEST(WalkTest, EmptyAndUnreadableFilesAreArtifactsToo) {
  Product product = FolderProduct({{"empty", {}}, {"x/y.bin", kUimage}});
  product.files.push_back({.name = "z", .open = [] {
                             return Result<ByteSource>(
                                 Fail(ErrorCode::kUnreadable, "z: refused"));
                           }});
  const Survey survey = Walk(product, Onlooker(), {});
  EXPECT_EQ(ArtifactAt(survey, "empty").sha256(), Sha256Hex({}));
  EXPECT_EQ(ArtifactAt(survey, "x/y.bin!/data").size, 3U);
  EXPECT_TRUE(HasAnomaly(ArtifactAt(survey, "z"), "unpack.unreadable"));
}

TEST(WalkTest, StopsAtTheDepthLimitAndSaysSo) {
  WalkOptions options;
  options.limits.depth = 1;
  Bytes nested = Concat(kUimage, {});
  const Survey survey = WalkFile("n.bin", Concat(Noise(64), nested), options);
  const Artifact& chunk = ArtifactAt(survey, "n.bin!/@0x40.uimage");
  EXPECT_TRUE(HasAnomaly(chunk, "unpack.limit"));
  EXPECT_EQ(survey.nodes.size(), 3U);
}

// A compressor's payload is content too: nothing may hide one level deeper.
TEST(WalkTest, SaysThatACompressedMemberLiesBeyondTheDepthLimit) {
  const Bytes gzip = Sample("formats/gzip/seq.hex");
  const Bytes tar = testing::WriteArchive(
      "ustar", {{.name = "s.gz", .content = std::string(AsText(gzip))}});
  WalkOptions options;
  options.limits.depth = 1;
  const Survey survey = WalkFile("p.tar", tar, options);
  EXPECT_TRUE(HasAnomaly(ArtifactAt(survey, "p.tar!/s.gz"), "unpack.limit"));
}

TEST(WalkTest, StopsAtTheEntryLimitTheSameOnEveryThreadCount) {
  Bytes image;
  for (int i = 0; i < 50; ++i) {
    image = Concat(Concat(image, Noise(64)), kUimage);
  }
  std::vector<std::string> seen;
  for (const unsigned jobs : {1U, 2U, 4U}) {
    WalkOptions options;
    options.jobs = jobs;
    options.limits.entries = 20;
    const Survey survey = WalkFile("many.bin", image, options);
    EXPECT_FALSE(survey.stopped.empty());
    std::string paths;
    for (const Node& node : survey.nodes) {
      paths += node.artifact.path + "\n";
    }
    seen.push_back(paths);
  }
  EXPECT_EQ(seen[0], seen[1]);
  EXPECT_EQ(seen[0], seen[2]);
}

TEST(WalkTest, DecodesOnlyWhatIsWanted) {
  const std::vector<std::string> wanted = {"a!/data"};
  WalkOptions options;
  options.only = &wanted;
  const Product product = FolderProduct({{"a", kUimage}, {"b", kUimage}});
  const Survey survey = Walk(product, Onlooker(), options);
  EXPECT_EQ(ArtifactAt(survey, "a!/data").sha256(), Sha256Hex(AsBytes("abc")));
  EXPECT_TRUE(ArtifactAt(survey, "b").digests.empty());
}

TEST(WalkTest, EveryPrefixOfAFlatImageIsAccountedFor) {
  const Bytes image = Concat(Concat(Noise(70), kUimage), Noise(40));
  for (std::size_t size = 0; size <= image.size(); ++size) {
    const Survey survey =
        WalkFile("p", CopyOf(ByteView(image).first(size)), {});
    std::string why;
    EXPECT_TRUE(IsPartitioned(survey, &why)) << size << ": " << why;
  }
}

}  // namespace
}  // namespace assay::unpack
