#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "tests/support/hex.h"
#include "tests/support/image_sweep.h"
#include "tests/support/recording_sink.h"
#include "verifier/formats/format.h"

namespace assay::formats {

extern const Format kQcow2;
namespace {

using testing::RecordedMember;
using testing::RecordingSink;

constexpr std::size_t kCluster = 512;

Bytes Image(std::string_view name) {
  return testing::Sample(fmt::format("formats/qcow2/{}.hex", name));
}

// What samples/formats/qcow2/make.sh puts in.
std::string Guest() {
  std::string text;
  for (int i = 1; i <= 400; ++i) {
    text += fmt::format("{}\n", i);
  }
  text.resize(4096);
  for (int i = 401; i <= 600; ++i) {
    text += fmt::format("{}\n", i);
  }
  text.resize(5120);
  return text;
}

void PutBig(Bytes& image, std::size_t at, std::uint64_t value,
            std::size_t width) {
  for (std::size_t i = 0; i < width; ++i) {
    image.at(at + i) =
        static_cast<std::uint8_t>(value >> (8 * (width - 1 - i)));
  }
}

std::uint64_t Big64(const Bytes& image, std::uint64_t at) {
  return *ReadAt<Be64>(image, at);
}

void Read(const Bytes& image, RecordingSink& sink) {
  const auto result = Unpack(kQcow2, image, sink);
  ASSERT_TRUE(result) << result.error().what;
  std::string why;
  EXPECT_TRUE(sink.Accounts(kQcow2.measure(image).value_or(0), &why)) << why;
}

TEST(Qcow2Test, EveryCompressionGivesTheSameDisk) {
  for (const char* name : {"plain", "deflate", "zstd"}) {
    const Bytes image = Image(name);
    EXPECT_TRUE(kQcow2.matches(image));
    EXPECT_EQ(
        kQcow2.measure(testing::Concat(image, Bytes(2000, 1))).value_or(0),
        (image.size() + kCluster - 1) / kCluster * kCluster)
        << name;
    RecordingSink sink;
    Read(image, sink);
    EXPECT_TRUE(sink.anomalies.empty());
    ASSERT_EQ(sink.members.size(), 1U);
    EXPECT_EQ(sink.members[0].member.name, "disk");
    EXPECT_EQ(sink.members[0].problem, "");
    EXPECT_EQ(AsText(sink.members[0].content), Guest()) << name;
  }
}

TEST(Qcow2Test, ASnapshotIsSaidAndRead) {
  const Bytes image = Image("snapshot");
  RecordingSink sink;
  Read(image, sink);
  EXPECT_TRUE(sink.Saw("qcow2.hidden-snapshot"));
  const RecordedMember* before = sink.Find("snapshot.1.before");
  ASSERT_NE(before, nullptr);
  EXPECT_EQ(AsText(before->content), Guest());
  std::string now = Guest();
  now.replace(512, 512, 512, 'A');
  EXPECT_EQ(AsText(sink.Find("disk")->content), now);
}

TEST(Qcow2Test, ABackingFileIsNamed) {
  RecordingSink sink;
  Read(Image("backed"), sink);
  const RecordedMember* backing = sink.Find("backing-file");
  ASSERT_NE(backing, nullptr);
  EXPECT_NE(backing->problem.find("\"base.raw\""), std::string::npos);
  EXPECT_EQ(AsText(sink.Find("disk")->content),
            std::string(512, 'B') + std::string(4608, '\0'));
}

TEST(Qcow2Test, EncryptionIsSaid) {
  for (const std::uint32_t method : {1U, 2U}) {
    Bytes image = Image("plain");
    PutBig(image, 32, method, 4);
    RecordingSink sink;
    Read(image, sink);
    EXPECT_FALSE(sink.members[0].has_content);
    EXPECT_EQ(sink.members[0].problem,
              method == 1 ? "encrypted with AES" : "encrypted with LUKS");
  }
}

TEST(Qcow2Test, WhatCannotBeReadIsSaid) {
  const struct {
    std::uint64_t flags;
    const char* why;
  } cases[] = {{4, "the data are in an external file"},
               {8, "unknown compression 0"},
               {32, "unknown incompatible features 0x20"}};
  for (const auto& expected : cases) {
    Bytes image = Image("plain");
    PutBig(image, 72, expected.flags, 8);
    RecordingSink sink;
    Read(image, sink);
    EXPECT_EQ(sink.members[0].problem, expected.why);
  }
  Bytes dirty = Image("plain");
  PutBig(dirty, 72, 3, 8);
  RecordingSink sink;
  Read(dirty, sink);
  EXPECT_TRUE(sink.Saw("qcow2.marked-dirty"));
  EXPECT_TRUE(sink.Saw("qcow2.marked-corrupt"));
}

TEST(Qcow2Test, UnreferencedClustersAreSlack) {
  Bytes image = Image("plain");
  const std::uint64_t l2 = Big64(image, Big64(image, 40)) & 0xFFFFFFFFFFFE00;
  const std::uint64_t data = Big64(image, l2) & 0xFFFFFFFFFFFE00;
  PutBig(image, l2, 0, 8);
  RecordingSink sink;
  Read(image, sink);
  EXPECT_TRUE(std::any_of(
      sink.regions.begin(), sink.regions.end(), [&](const Region& region) {
        return region.use == RegionUse::kSlack && region.range.offset == data;
      }));
}

TEST(Qcow2Test, ClustersPastTheEndAreDamage) {
  Bytes image = Image("plain");
  const std::uint64_t l2 = Big64(image, Big64(image, 40)) & 0xFFFFFFFFFFFE00;
  PutBig(image, l2, 1ULL << 40U, 8);
  RecordingSink sink;
  EXPECT_FALSE(Unpack(kQcow2, image, sink));
  EXPECT_TRUE(sink.Saw("qcow2.unknown-blocks"));
  std::string expected = Guest();
  expected.replace(0, kCluster, kCluster, '\0');
  EXPECT_EQ(AsText(sink.Find("disk")->content), expected);
}

TEST(Qcow2Test, DamagedCompressionIsSaid) {
  Bytes image = Image("deflate");
  const std::uint64_t l2 = Big64(image, Big64(image, 40)) & 0xFFFFFFFFFFFE00;
  const std::uint64_t data = Big64(image, l2) & 0x1FFFFFFFFFFFFFFF;
  image[data] = 0xFF;
  image[data + 1] = 0xFF;
  RecordingSink sink;
  Read(image, sink);
  EXPECT_NE(sink.members[0].problem, "");
}

// Sixty-four clusters' worth of mapping for each entry that names it again.
TEST(Qcow2Test, ATableIsReadOnce) {
  Bytes image = Image("plain");
  const std::uint64_t l1 = Big64(image, 40);
  PutBig(image, l1 + 8, Big64(image, l1), 8);
  PutBig(image, 36, 2, 4);               // entries of the L1 table
  PutBig(image, 24, 64 * 512 + 512, 8);  // size of the disk
  RecordingSink sink;
  EXPECT_FALSE(Unpack(kQcow2, image, sink));
  EXPECT_TRUE(sink.Saw("qcow2.unknown-blocks"));
}

TEST(Qcow2Test, LyingHeadersAreRefused) {
  const struct {
    std::size_t at;
    std::uint64_t value;
    std::size_t width;
  } lies[] = {{0, 0x514649FA, 4},   {4, 1, 4},    {4, 4, 4},
              {20, 8, 4},           {20, 22, 4},  {24, ~0ULL, 8},
              {32, 3, 4},           {40, 513, 8}, {40, 0, 8},
              {40, 1ULL << 40U, 8}, {48, 0, 8},   {48, 100, 8},
              {48, 1ULL << 40U, 8}, {56, 0, 4},   {96, 7, 4},
              {100, 72, 4},         {100, 513, 4}};
  for (const auto& lie : lies) {
    Bytes image = Image("plain");
    PutBig(image, lie.at, lie.value, lie.width);
    EXPECT_FALSE(HasMagic(kQcow2, image) && kQcow2.measure(image)) << lie.at;
    RecordingSink sink;
    EXPECT_FALSE(Unpack(kQcow2, image, sink)) << lie.at;
  }
}

TEST(Qcow2Test, AHugeDiskInFewBytesIsOpaque) {
  Bytes image = Image("plain");
  PutBig(image, 24, 1ULL << 59U, 8);
  RecordingSink sink;
  Read(image, sink);
  EXPECT_FALSE(sink.members[0].has_content);
  EXPECT_NE(sink.members[0].problem, "");
}

TEST(Qcow2Test, SnapshotsThatAreNotThereAreSaid) {
  Bytes image = Image("snapshot");
  PutBig(image, 60, ~0U, 4);
  RecordingSink sink;
  (void)Unpack(kQcow2, image, sink);
  EXPECT_TRUE(sink.Saw("qcow2.bad-snapshots"));
}

TEST(Qcow2Test, SurvivesEveryPrefixAndFlip) {
  for (const char* name : {"deflate", "zstd", "backed"}) {
    testing::SweepPrefixes(kQcow2, Image(name));
    testing::SweepFlips(kQcow2, Image(name));
  }
  testing::SweepPrefixes(kQcow2, Image("snapshot"), 7);
  testing::SweepFlips(kQcow2, Image("snapshot"), 3);
}

}  // namespace
}  // namespace assay::formats
