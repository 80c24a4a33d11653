#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/hex.h"
#include "tests/support/image_checks.h"
#include "tests/support/recording_sink.h"
#include "verifier/formats/format.h"

namespace assay::formats {

extern const Format kSquashfs;
extern const Format kSquashfsLegacy;
namespace {

using testing::ExpectGood;
using testing::ExpectKept;
using testing::Hex;
using testing::Names;
using testing::RecordedMember;
using testing::RecordingSink;
using testing::Sample;
using testing::SweepImage;

constexpr std::array kImages = {"one",   "one-big",   "two",      "two-big",
                                "three", "three-big", "four-big", "lzma",
                                "lzma5", "raw",       "raw022"};

Bytes Image(std::string_view name) {
  return Sample(fmt::format("formats/squashfs_legacy/{}.hex", name));
}

// Expected values: make.py --samples, and `unsquashfs -lln` for layouts 1 to 3.
TEST(SquashfsLegacyTest, ReadsEveryLayoutAndOrder) {
  std::string numbers;
  for (int i = 1; i <= 1100; ++i) {
    numbers += fmt::format("{}\n", i);
  }
  std::string exact;
  while (exact.size() < 8192) {
    exact += "exact\n";
  }
  exact.resize(8192);
  for (const char* name : kImages) {
    SCOPED_TRACE(name);
    const Bytes image = Image(name);
    ExpectGood(kSquashfsLegacy, image);
    RecordingSink sink;
    ASSERT_TRUE(Unpack(kSquashfsLegacy, image, sink));
    EXPECT_EQ(Names(sink),
              ". bin bin/su bin/su2 dev dev/console dev/disk dev/pipe etc "
              "etc/empty etc/exact etc/holes etc/link etc/numbers ");
    EXPECT_EQ(AsText(sink.Find("bin/su")->content), "inert: not a program\n");
    EXPECT_EQ(AsText(sink.Find("etc/exact")->content), exact);
    EXPECT_EQ(AsText(sink.Find("etc/holes")->content),
              std::string(9000, '\0') + "end");
    EXPECT_EQ(AsText(sink.Find("etc/numbers")->content), numbers);
  }
}

TEST(SquashfsLegacyTest, KeepsEveryMetadatum) {
  struct Case {
    const char* name;
    FileType type;
    std::uint32_t mode;
    std::uint64_t uid, gid;
    std::uint32_t device_major, device_minor;
    const char* target;
  };
  const Case cases[] = {
      {".", FileType::kDirectory, 0755, 0, 0, 0, 0, ""},
      {"bin/su", FileType::kRegular, 04755, 0, 0, 0, 0, ""},
      {"bin/su2", FileType::kHardLink, 04755, 0, 0, 0, 0, "bin/su"},
      {"dev/console", FileType::kCharDevice, 0600, 0, 0, 5, 1, ""},
      {"dev/disk", FileType::kBlockDevice, 0660, 0, 0, 8, 17, ""},
      {"dev/pipe", FileType::kFifo, 0644, 0, 0, 0, 0, ""},
      {"etc", FileType::kDirectory, 01777, 0, 0, 0, 0, ""},
      {"etc/link", FileType::kSymlink, 0777, 5, 6, 0, 0, "../bin/su"},
      {"etc/numbers", FileType::kRegular, 0644, 1000, 100, 0, 0, ""},
  };
  for (const char* image : kImages) {
    SCOPED_TRACE(image);
    RecordingSink sink;
    ASSERT_TRUE(Unpack(kSquashfsLegacy, Image(image), sink));
    for (const Case& expected : cases) {
      const RecordedMember* found = sink.Find(expected.name);
      ASSERT_NE(found, nullptr) << expected.name;
      const FileMetadata& meta = found->member.meta;
      EXPECT_EQ(meta.type, expected.type) << expected.name;
      EXPECT_EQ(meta.mode, expected.mode) << expected.name;
      EXPECT_EQ(meta.uid, expected.uid) << expected.name;
      EXPECT_EQ(meta.gid, expected.gid) << expected.name;
      EXPECT_EQ(meta.mtime, 1'000'000'000) << expected.name;
      EXPECT_EQ(meta.device_major, expected.device_major) << expected.name;
      EXPECT_EQ(meta.device_minor, expected.device_minor) << expected.name;
      EXPECT_EQ(meta.link_target, expected.target) << expected.name;
    }
  }
}

// The byte order is that of the fields, whatever the magic is.
TEST(SquashfsLegacyTest, AnyVendorsMagicWillDo) {
  for (const char* name : {"two", "three-big", "four-big"}) {
    for (const char* magic :
         {"sqsh", "hsqs", "sqlz", "zlqs", "shsq", "qshs", "tqsh", "hsqt"}) {
      Bytes image = Image(name);
      std::copy_n(AsBytes(magic).begin(), 4, image.begin());
      SCOPED_TRACE(magic);
      ExpectGood(kSquashfsLegacy, image);
    }
  }
}

TEST(SquashfsLegacyTest, PlainFourIsNotOurs) {
  const Bytes image = Sample("formats/squashfs/gzip.hex");
  EXPECT_TRUE(kSquashfs.matches(image));
  EXPECT_FALSE(kSquashfsLegacy.matches(image));
  EXPECT_FALSE(kSquashfs.matches(Image("four-big")));
  EXPECT_FALSE(kSquashfs.matches(Image("three")));
}

TEST(SquashfsLegacyTest, DamagedDataStayWithTheirFile) {
  Bytes image = Image("three");
  image[119 + 5] ^= 0xffU;  // in the first data block
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kSquashfsLegacy, image, sink));
  std::size_t problems = 0;
  for (const RecordedMember& member : sink.members) {
    problems += member.problem.empty() ? 0U : 1U;
  }
  EXPECT_EQ(problems, 1U);
  EXPECT_EQ(sink.members.size(), 14U);
}

TEST(SquashfsLegacyTest, WhatNoMethodFitsIsUnsupported) {
  Bytes image = Image("three");
  const auto inodes = static_cast<std::size_t>(*ReadAt<Le64>(image, 87));
  std::fill_n(image.begin() + static_cast<std::ptrdiff_t>(inodes + 2), 40,
              std::uint8_t{0xa5});
  RecordingSink sink;
  const auto result = Unpack(kSquashfsLegacy, image, sink);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kUnsupported);
  EXPECT_FALSE(kSquashfsLegacy.measure(image));
}

TEST(SquashfsLegacyTest, LyingSuperBlocksAreBounded) {
  for (const char* name : {"one", "two-big", "three", "four-big"}) {
    for (std::size_t at = 4; at < 119; at += 2) {
      for (const unsigned value : {0x00U, 0x01U, 0x7fU, 0xffU}) {
        Bytes image = Image(name);
        image[at] = static_cast<std::uint8_t>(value);
        image[at + 1] = image[at];
        ExpectKept(kSquashfsLegacy, image,
                   fmt::format("{}: {} at {}", name, value, at));
      }
    }
  }
}

TEST(SquashfsLegacyTest, UnreadAttributesAreSaid) {
  Bytes image = Image("four-big");
  std::fill_n(image.begin() + 56, 8, std::uint8_t{0});
  image[63] = 200;
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kSquashfsLegacy, image, sink));
  EXPECT_TRUE(sink.Saw("squashfs_legacy.unread-xattrs"));
}

TEST(SquashfsLegacyTest, LimitsHold) {
  RecordingSink few;
  few.set_limits({.entries = 5});
  EXPECT_EQ(Unpack(kSquashfsLegacy, Image("three"), few).error().code,
            ErrorCode::kLimit);
  RecordingSink brief;
  brief.set_limits({.name = 4});
  EXPECT_EQ(Unpack(kSquashfsLegacy, Image("three"), brief).error().code,
            ErrorCode::kLimit);
}

TEST(SquashfsLegacyTest, RefusesWhatIsNone) {
  EXPECT_FALSE(kSquashfsLegacy.matches({}));
  EXPECT_FALSE(kSquashfsLegacy.matches(AsBytes("sqsh")));
  EXPECT_FALSE(kSquashfsLegacy.matches(AsBytes(
      "sqsh, qshs and hsqt are magics that vendors have used for SquashFS; "
      "this is a text about them that goes on for more than a hundred bytes")));
  Bytes zeros(200, 0);
  std::copy_n(AsBytes("sqsh").begin(), 4, zeros.begin());
  EXPECT_FALSE(kSquashfsLegacy.matches(zeros));
}

TEST(SquashfsLegacyTest, EveryProperPrefixFails) {
  for (const char* name : {"one", "three-big"}) {
    const Bytes image = Image(name);
    for (std::size_t size = 0; size < image.size(); size += 3) {
      RecordingSink sink;
      EXPECT_FALSE(Unpack(kSquashfsLegacy, ByteView(image).first(size), sink));
    }
  }
}

TEST(SquashfsLegacyTest, PrefixesAndFlipsAreKept) {
  for (const char* name : kImages) {
    SCOPED_TRACE(name);
    SweepImage(kSquashfsLegacy, Image(name), 23);
  }
}

}  // namespace
}  // namespace assay::formats
