#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/hex.h"
#include "tests/support/volume_checks.h"
#include "verifier/formats/format.h"

namespace assay::formats {

extern const Format kIso9660;
namespace {

using testing::ExpectedFile;
using testing::PutLe;
using testing::RecordingSink;
using testing::Sample;

const Bytes kRock = Sample("formats/iso9660/rock.hex");
const Bytes kJoliet = Sample("formats/iso9660/joliet.hex");

constexpr std::size_t kVolume = 0x8000;

std::string Numbers() {
  std::string text;
  for (int i = 1; i <= 700; ++i) {
    text += std::to_string(i) + "\n";
  }
  return text;
}

const ExpectedFile kFiles[] = {
    {"bin/su", FileType::kRegular, 04755},
    {"dev/console", FileType::kCharDevice, 0644, 0, 0, 5, 1},
    {"dev/pipe", FileType::kFifo, 0644},
    {"etc", FileType::kDirectory, 01777},
    {"etc/empty", FileType::kRegular, 0644},
    {"etc/link", FileType::kSymlink, 0777, 0, 0, 0, 0, "../bin/su"},
    {"etc/numbers", FileType::kRegular, 0644, 1000, 100},
    {"a/b/c/d/e/f/g/h/deep/file", FileType::kRegular, 0644},
    {"etc/long-" + std::string(99, '0') + "1", FileType::kRegular, 0644},
};

// Where the first record of that identifier begins; its size stands before it.
std::size_t RecordOf(const Bytes& image, const std::string& identifier) {
  const std::string sized = static_cast<char>(identifier.size()) + identifier;
  const auto name = AsBytes(sized);
  const auto at = std::search(image.begin() + kVolume, image.end(),
                              name.begin(), name.end());
  return static_cast<std::size_t>(at - image.begin()) - 32;
}

TEST(Iso9660Test, ReadsRockRidge) {
  RecordingSink sink;
  testing::CheckVolume(kIso9660, kRock, kFiles, sink);
  const auto* numbers = sink.Find("etc/numbers");
  ASSERT_NE(numbers, nullptr);
  EXPECT_EQ(AsText(numbers->content), Numbers());
  EXPECT_EQ(numbers->member.meta.mtime, 1000000000);
  EXPECT_TRUE(numbers->member.stored);
  const auto* deep = sink.Find("a/b/c/d/e/f/g/h/deep/file");
  ASSERT_NE(deep, nullptr);
  EXPECT_EQ(AsText(deep->content), "deep\n");
  EXPECT_EQ(testing::Problems(sink), 0U);
}

TEST(Iso9660Test, ReadsJolietNamesWhereThereIsNoRockRidge) {
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kIso9660, kJoliet, sink));
  const auto* numbers = sink.Find("etc/numbers");
  ASSERT_NE(numbers, nullptr);
  EXPECT_EQ(AsText(numbers->content), Numbers());
  EXPECT_FALSE(numbers->member.meta.mode);
  std::string why;
  EXPECT_TRUE(sink.Accounts(kJoliet.size(), &why)) << why;
}

TEST(Iso9660Test, AFileOfOneHierarchyAloneIsSaid) {
  Bytes image = kRock;
  // The Joliet record of "bin/su" (UTF-16) comes to name another size.
  const std::string name("\0s\0u", 4);
  const std::size_t at = RecordOf(image, name);
  PutLe(image, at + 10, 7, 4);
  image[at + 17] = 7;
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kIso9660, image, sink));
  EXPECT_TRUE(sink.Saw("iso9660.unlisted-file"));
  ASSERT_NE(sink.Find("joliet/bin/su"), nullptr);
  EXPECT_EQ(AsText(sink.Find("joliet/bin/su")->content), "inert: ");
}

TEST(Iso9660Test, ByteOrdersThatDisagreeAreSaid) {
  Bytes image = kRock;
  const std::size_t at = RecordOf(image, "NUMBERS.;1");
  image[at + 9] ^= 1;  // the extent's big-endian copy
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kIso9660, image, sink));
  EXPECT_TRUE(sink.Saw("iso9660.ambiguous-record"));
}

TEST(Iso9660Test, ADirectoryInsideOfItselfEnds) {
  Bytes image = kRock;
  const std::size_t at = RecordOf(image, "ETC");
  const auto root = ReadAt<Le32>(image, kVolume + 156 + 2);
  PutLe(image, at + 2, *root, 4);
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kIso9660, image, sink));
  EXPECT_TRUE(sink.Saw("iso9660.directory-again"));
}

TEST(Iso9660Test, AFileThatEndsOutsideIsNotSilent) {
  Bytes image = kRock;
  const std::size_t at = RecordOf(image, "NUMBERS.;1");
  PutLe(image, at + 10, 0x7FFFFFFF, 4);
  RecordingSink sink;
  (void)Unpack(kIso9660, image, sink);
  const auto* numbers = sink.Find("etc/numbers");
  ASSERT_NE(numbers, nullptr);
  EXPECT_FALSE(numbers->problem.empty());
}

TEST(Iso9660Test, AnInterleavedFileThatEndsOutsideClaimsNothingThere) {
  Bytes image = kRock;
  const std::size_t at = RecordOf(image, "NUMBERS.;1");
  PutLe(image, at + 10, 0x7FFFFFFF, 4);
  image[at + 26] = 1;  // file unit size
  RecordingSink sink;
  (void)Unpack(kIso9660, image, sink);
  const auto* numbers = sink.Find("etc/numbers");
  ASSERT_NE(numbers, nullptr);
  EXPECT_FALSE(numbers->problem.empty());
  EXPECT_FALSE(numbers->member.origin.has_value());
}

TEST(Iso9660Test, ABootCatalogThatDoesNotSumUpIsSaid) {
  Bytes image = kRock;
  const auto catalog = ReadAt<Le32>(image, kVolume + 2048 + 0x47);
  ASSERT_TRUE(catalog);
  image[std::size_t{*catalog} * 2048 + 4] ^= 1;
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kIso9660, image, sink));
  EXPECT_TRUE(sink.Saw("iso9660.boot-catalog-checksum-mismatch"));
}

TEST(Iso9660Test, WhatIsHiddenInTheSystemAreaIsSlack) {
  Bytes image = kRock;
  image[1000] = 1;
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kIso9660, image, sink));
  EXPECT_EQ(sink.regions.back().use == RegionUse::kSlack ||
                std::any_of(sink.regions.begin(), sink.regions.end(),
                            [](const Region& region) {
                              return region.use == RegionUse::kSlack &&
                                     region.range.offset == 0;
                            }),
            true);
}

TEST(Iso9660Test, RefusesOtherVolumes) {
  for (const std::size_t at :
       {kVolume, kVolume + 1, kVolume + 6, kVolume + 81, kVolume + 129}) {
    Bytes image = kRock;
    image[at] ^= 1;
    EXPECT_FALSE(kIso9660.matches(image)) << at;
  }
}

TEST(Iso9660Test, EveryPrefixAndFlipIsAccountedFor) {
  testing::CheckVolumePrefixes(kIso9660, kRock, 2048);
  testing::CheckVolumeFlips(kIso9660, kRock, 7);
}

}  // namespace
}  // namespace assay::formats
