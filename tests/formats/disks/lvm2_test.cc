#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/support/hex.h"
#include "tests/support/image_checks.h"
#include "tests/support/image_sweep.h"
#include "tests/support/recording_sink.h"
#include "tests/support/volume_checks.h"
#include "tests/support/wrapper_checks.h"
#include "verifier/base/crc32.h"
#include "verifier/formats/disks/lvm2_config.h"
#include "verifier/formats/disks/lvm2_metadata.h"
#include "verifier/formats/format.h"

namespace assay::formats {

extern const Format kLvm2;
namespace {

using testing::Concat;
using testing::Hex;
using testing::RecordingSink;
using testing::Sample;

const Bytes kImage = Sample("formats/lvm2/one.hex");
constexpr std::size_t kArea = 4096;
constexpr std::size_t kExtent = 4096;
constexpr std::uint32_t kSeed = 0xf597a6cf;

// Each extent begins with its own number.
std::string Extents(std::string_view content) {
  std::string all;
  for (std::size_t at = 0; at < content.size(); at += kExtent) {
    const std::string_view extent = content.substr(at, kExtent);
    all += std::string(extent.substr(0, extent.find('\0'))) + ";";
  }
  return all;
}

// The image with other text in its metadata, all checksums right.
Bytes Edited(std::string_view from, std::string_view to) {
  Bytes image = kImage;
  const std::size_t at = kArea + *ReadAt<Le64>(image, kArea + 40);
  const std::size_t size = *ReadAt<Le64>(image, kArea + 48);
  std::string text(AsText(*Slice(image, at, size)));
  const std::size_t found = text.find(from);
  EXPECT_NE(found, std::string::npos) << from;
  text.replace(found, from.size(), to);
  std::copy(text.begin(), text.end(),
            image.begin() + static_cast<std::ptrdiff_t>(at));
  testing::PutLe(image, kArea + 48, text.size(), 8);
  testing::PutLe(image, kArea + 56, Crc32Raw(kSeed, AsBytes(text)), 4);
  testing::PutLe(image, kArea, Crc32Raw(kSeed, *Slice(image, kArea + 4, 508)),
                 4);
  return image;
}

std::string ProblemOf(const Bytes& image, std::string_view member) {
  RecordingSink sink;
  EXPECT_TRUE(Unpack(kLvm2, image, sink));
  std::string why;
  EXPECT_TRUE(sink.Accounts(image.size(), &why)) << why;
  const auto* found = sink.Find(member);
  return found == nullptr ? "no such member" : found->problem;
}

TEST(Lvm2Test, GathersTheLogicalVolumes) {
  EXPECT_TRUE(HasMagic(kLvm2, kImage));
  EXPECT_TRUE(kLvm2.matches(ByteView(kImage).first(Input::kPeekLimit)));
  const Bytes longer = Concat(kImage, Hex("0102"));
  EXPECT_EQ(kLvm2.measure(longer).value_or(0), kImage.size());
  RecordingSink sink;
  std::uint64_t consumed = 0;
  ASSERT_TRUE(Unpack(kLvm2, longer, sink, &consumed));
  EXPECT_EQ(consumed, kImage.size());
  EXPECT_EQ(testing::Names(sink), "root data wide stripes other ");
  EXPECT_EQ(Extents(AsText(sink.Find("root")->content)),
            "one extent 0;one extent 1;one extent 2;one extent 5;"
            "one extent 6;");
  EXPECT_EQ(Extents(AsText(sink.Find("data")->content)),
            "one extent 3;one extent 4;");
  EXPECT_TRUE(sink.Find("data")->member.stored);
  EXPECT_EQ(Extents(AsText(sink.Find("stripes")->content)),
            "one extent 9;one extent 11;one extent 10;one extent 12;");
  EXPECT_EQ(sink.Find("wide")->problem,
            "a part of it lies on another device, pv1");
  EXPECT_EQ(sink.Find("other")->problem,
            "a part of it lies on another device, pv1");
  EXPECT_TRUE(sink.anomalies.empty());
  std::string why;
  EXPECT_TRUE(sink.Accounts(kImage.size(), &why)) << why;
}

TEST(Lvm2Test, FreeExtentsAreSlack) {
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kLvm2, kImage, sink));
  const std::size_t at = AsText(kImage).find("one extent 13");
  EXPECT_TRUE(std::any_of(
      sink.regions.begin(), sink.regions.end(), [&](const Region& region) {
        return region.use == RegionUse::kSlack && region.range.offset <= at &&
               at < region.range.end();
      }));
}

TEST(Lvm2Test, WhatIsNotSupportedIsNamed) {
  EXPECT_EQ(ProblemOf(Edited("\"striped\"", "\"raid1\""), "root"),
            "segments of type raid1 are not supported");
  EXPECT_EQ(ProblemOf(Edited("\"pv0\", 0", "\"lv9\", 0"), "root"),
            "a part of it is the volume lv9");
  EXPECT_EQ(ProblemOf(Edited("start_extent = 3", "start_extent = 4"), "root"),
            "its segments leave extent 3 out");
  EXPECT_EQ(ProblemOf(Edited("\"pv0\", 0", "\"pv0\", 900"), "root"),
            "12288 bytes at 3723264 lie outside of the device");
  EXPECT_EQ(ProblemOf(Edited("\"pv0\", 5", "\"pv0\""), "root"),
            "2 extents in 0 stripes");
  EXPECT_EQ(ProblemOf(Edited("stripe_size = 8\n\nstripes = [\n\"pv0\", 9",
                             "stripe_size = 0\n\nstripes = [\n\"pv0\", 9"),
                      "stripes"),
            "stripes of 0 bytes over 8192");
}

TEST(Lvm2Test, ThePiecesOfStripesAreBounded) {
  RecordingSink sink;
  sink.set_limits({.entries = 3});
  ASSERT_TRUE(Unpack(kLvm2, kImage, sink));
  EXPECT_EQ(sink.Find("stripes")->problem, "stripes of 4096 bytes over 8192");
}

TEST(Lvm2Test, VolumesThatShareBytesAreReported) {
  const Bytes image = Edited("\"pv0\", 3", "\"pv0\", 1");
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kLvm2, image, sink));
  EXPECT_TRUE(sink.Saw("lvm2.overlapping-volumes"));
  EXPECT_EQ(Extents(AsText(sink.Find("data")->content)),
            "one extent 1;one extent 2;");
  std::string why;
  EXPECT_TRUE(sink.Accounts(image.size(), &why)) << why;
}

TEST(Lvm2Test, MetadataThatLieAreRefused) {
  const std::pair<std::string_view, std::string_view> lies[] = {
      {"extent_size = 8", "extent_size = 0"},
      {"extent_size = 8", "extent_size = 4294967296"},
      {"extent_size = 8", "extent_siz = 8"},
      {"pe_count = ", "pe_count = -"},
      {"extent_count = 3", "extent_count = 99999999999"},
      {"logical_volumes {", "logical_volumes { {"},
      {"seqno = ", "seqno = [ "}};
  for (const auto& [from, to] : lies) {
    RecordingSink sink;
    EXPECT_FALSE(Unpack(kLvm2, Edited(from, to), sink)) << to;
    EXPECT_TRUE(sink.Saw("lvm2.bad-metadata")) << to;
  }
}

TEST(Lvm2Test, EveryBitOfTheLabelIsChecked) {
  for (std::size_t at = 512; at < 1024; ++at) {
    Bytes damaged = kImage;
    damaged[at] ^= 1U;
    EXPECT_FALSE(kLvm2.matches(damaged)) << at;
    RecordingSink sink;
    EXPECT_FALSE(Unpack(kLvm2, damaged, sink)) << at;
  }
}

TEST(Lvm2Test, DamagedMetadataAreNoticed) {
  const std::size_t text = kArea + *ReadAt<Le64>(kImage, kArea + 40);
  for (const std::size_t at :
       {kArea, kArea + 4, kArea + 40, kArea + 511, text, text + 700}) {
    Bytes damaged = kImage;
    damaged[at] ^= 1U;
    RecordingSink sink;
    EXPECT_FALSE(Unpack(kLvm2, damaged, sink)) << at;
    EXPECT_TRUE(sink.Saw("lvm2.bad-metadata")) << at;
  }
}

TEST(Lvm2Test, TheTextIsParsedStrictly) {
  const auto good = lvm2::ParseConfig(
      "a { # no { comment\n b = 3 c = [\"x\\\"y\", 4,]\n d {} }\ne = \"f\"");
  ASSERT_TRUE(good) << good.error().what;
  EXPECT_EQ(good->Find("a")->Number("b"), 3U);
  EXPECT_EQ(good->Find("a")->Find("c")->values.at(0).text, "x\"y");
  EXPECT_EQ(good->Text("e"), "f");
  std::string deep;
  for (int i = 0; i < 100; ++i) {
    deep += "a {";
  }
  for (const std::string& text :
       {deep, std::string("a"), std::string("a {"), std::string("a = "),
        std::string("a = ["), std::string("a = \"x"), std::string("}"),
        std::string("a = [1 2]"), std::string("a = \"\\")}) {
    EXPECT_FALSE(lvm2::ParseConfig(text)) << text;
  }
  EXPECT_FALSE(lvm2::ReadGroup(""));
}

TEST(Lvm2Test, CutImagesAreTruncated) {
  for (const std::size_t size : {1024U, 4096U, 5000U, 36864U, 2097151U}) {
    const ByteView prefix = ByteView(kImage).first(size);
    RecordingSink sink;
    EXPECT_FALSE(Unpack(kLvm2, prefix, sink)) << size;
    EXPECT_FALSE(kLvm2.measure(prefix)) << size;
  }
}

TEST(Lvm2Test, HostileImagesAreKeptWithinBounds) {
  testing::SweepFlips(kLvm2, kImage, 97, 512, 40960);
}

TEST(Lvm2Test, RefusesNoise) {
  testing::CheckRefusesNoise(kLvm2, kImage, 600);
}

}  // namespace
}  // namespace assay::formats
