#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/hex.h"
#include "tests/support/image_checks.h"
#include "tests/support/recording_sink.h"
#include "verifier/base/crc32.h"
#include "verifier/formats/format.h"

namespace assay::formats {

extern const Format kCramfs;
namespace {

using testing::Concat;
using testing::ExpectGood;
using testing::ExpectKept;
using testing::Hex;
using testing::Names;
using testing::RecordedMember;
using testing::RecordingSink;
using testing::Sample;
using testing::SweepImage;

const Bytes kLittle = Sample("formats/cramfs/little.hex");
const Bytes kBig = Sample("formats/cramfs/big.hex");
const Bytes kBoot = Sample("formats/cramfs/boot.hex");

void Put32(Bytes& image, std::size_t at, std::uint32_t value) {
  for (std::size_t i = 0; i < 4; ++i) {
    image[at + i] = static_cast<std::uint8_t>(value >> (8 * i));
  }
}

void Reseal(Bytes& image) {
  Put32(image, 32, 0);
  Put32(image, 32, Crc32(image));
}

// Where the inode lies whose name begins with `name`.
std::size_t InodeOf(const Bytes& image, std::string_view name) {
  return AsText(image).find(name, 76) - 12;
}

TEST(CramfsTest, ReadsWhatMkfsWrote) {
  std::string numbers;
  for (int i = 1; i <= 1100; ++i) {
    numbers += fmt::format("{}\n", i);
  }
  for (const Bytes& image : {kLittle, kBig, kBoot}) {
    ExpectGood(kCramfs, image);
    RecordingSink sink;
    ASSERT_TRUE(Unpack(kCramfs, image, sink));
    EXPECT_EQ(Names(sink),
              ". bin bin/same bin/su dev dev/console dev/pipe etc etc/empty "
              "etc/holes etc/link etc/numbers none ");
    EXPECT_EQ(AsText(sink.Find("bin/su")->content), "inert: not a program\n");
    EXPECT_EQ(AsText(sink.Find("bin/same")->content), "inert: not a program\n");
    EXPECT_TRUE(sink.Find("etc/empty")->content.empty());
    EXPECT_EQ(AsText(sink.Find("etc/holes")->content),
              std::string(9000, '\0') + "end");
    EXPECT_EQ(AsText(sink.Find("etc/numbers")->content), numbers);
  }
}

TEST(CramfsTest, KeepsEveryMetadatum) {
  struct Case {
    const char* name;
    FileType type;
    std::uint32_t mode;
    std::uint64_t uid, gid;
    std::uint32_t device_major, device_minor;
    const char* target;
  };
  const Case cases[] = {
      {"bin/su", FileType::kRegular, 04755, 0, 0, 0, 0, ""},
      {"dev/console", FileType::kCharDevice, 0600, 0, 0, 5, 1, ""},
      {"dev/pipe", FileType::kFifo, 0644, 0, 0, 0, 0, ""},
      {"etc", FileType::kDirectory, 01777, 0, 0, 0, 0, ""},
      {"etc/link", FileType::kSymlink, 0777, 5, 6, 0, 0, "../bin/su"},
      {"etc/numbers", FileType::kRegular, 0644, 1000, 100, 0, 0, ""},
  };
  for (const Bytes& image : {kLittle, kBig, kBoot}) {
    RecordingSink sink;
    ASSERT_TRUE(Unpack(kCramfs, image, sink));
    for (const Case& expected : cases) {
      const RecordedMember* found = sink.Find(expected.name);
      ASSERT_NE(found, nullptr) << expected.name;
      const FileMetadata& meta = found->member.meta;
      EXPECT_EQ(meta.type, expected.type) << expected.name;
      EXPECT_EQ(meta.mode, expected.mode) << expected.name;
      EXPECT_EQ(meta.uid, expected.uid) << expected.name;
      EXPECT_EQ(meta.gid, expected.gid) << expected.name;
      EXPECT_EQ(meta.mtime, std::nullopt) << expected.name;
      EXPECT_EQ(meta.device_major, expected.device_major) << expected.name;
      EXPECT_EQ(meta.device_minor, expected.device_minor) << expected.name;
      EXPECT_EQ(meta.link_target, expected.target) << expected.name;
    }
  }
}

// Version 1 states no size: it ends with its last block.
TEST(CramfsTest, VersionOneIsMeasuredByWalking) {
  Bytes image = kLittle;
  Put32(image, 8, 0x100);
  Put32(image, 4, 0x10000);
  std::size_t used = image.size();
  while (image[used - 1] == 0) {
    --used;
  }
  const auto size = kCramfs.measure(image);
  ASSERT_TRUE(size);
  EXPECT_GE(*size, used);
  EXPECT_LT(*size, used + 4);
  EXPECT_EQ(kCramfs.measure(Concat(image, Hex("ff00ff"))).value_or(0), *size);
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kCramfs, image, sink));
  EXPECT_TRUE(sink.anomalies.empty());
  std::string why;
  EXPECT_TRUE(sink.Accounts(*size, &why)) << why;
}

TEST(CramfsTest, TheCrcIsChecked) {
  for (const Bytes& whole : {kLittle, kBig, kBoot}) {
    Bytes image = whole;
    image.back() ^= 1U;
    RecordingSink sink;
    ASSERT_TRUE(Unpack(kCramfs, image, sink));
    EXPECT_TRUE(sink.Saw("cramfs.crc-mismatch"));
  }
}

TEST(CramfsTest, EveryFlippedByteIsNoticed) {
  for (std::size_t at = 0; at < kLittle.size(); at += 3) {
    Bytes image = kLittle;
    image[at] ^= 0x10U;
    RecordingSink sink;
    const auto result = Unpack(kCramfs, image, sink);
    EXPECT_TRUE(!kCramfs.matches(image) || !result || !sink.anomalies.empty())
        << at;
  }
}

TEST(CramfsTest, TheNumberOfFilesIsCompared) {
  Bytes image = kLittle;
  image[44] = static_cast<std::uint8_t>(image[44] + 1);
  Reseal(image);
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kCramfs, image, sink));
  EXPECT_TRUE(sink.Saw("cramfs.files-mismatch"));
}

TEST(CramfsTest, ADamagedBlockStaysWithItsFile) {
  Bytes image = kLittle;
  const std::size_t inode = InodeOf(image, "numbers");
  const std::uint32_t pointers = (*ReadAt<Le32>(image, inode + 8) >> 6U) * 4;
  image[pointers + 20] ^= 0xffU;  // in the first of its two blocks
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kCramfs, image, sink));
  EXPECT_NE(sink.Find("etc/numbers")->problem, "");
  EXPECT_EQ(sink.Find("bin/su")->problem, "");
}

TEST(CramfsTest, PointersThatDoNotAscendAreSaid) {
  Bytes image = kLittle;
  const std::size_t inode = InodeOf(image, "numbers");
  const std::uint32_t pointers = (*ReadAt<Le32>(image, inode + 8) >> 6U) * 4;
  for (const std::uint32_t value : {0U, 0x7fffffffU, 0xffffffffU}) {
    Put32(image, pointers, value);
    RecordingSink sink;
    (void)Unpack(kCramfs, image, sink);
    EXPECT_NE(sink.Find("etc/numbers")->problem, "");
  }
}

TEST(CramfsTest, DirectoryLoopsAreBounded) {
  Bytes image = kLittle;
  const std::size_t etc = InodeOf(image, "etc");
  const std::uint32_t root = *ReadAt<Le32>(image, 72);
  Put32(image, etc + 4, *ReadAt<Le32>(image, 68));
  // Its entries are those of the root; its name's length stays.
  Put32(image, etc + 8, (root & ~0x3fU) | (image[etc + 8] & 0x3fU));
  Reseal(image);
  RecordingSink sink;
  (void)Unpack(kCramfs, image, sink);
  EXPECT_TRUE(sink.Saw("cramfs.directory-again"));
}

TEST(CramfsTest, OddNamesAreSaid) {
  Bytes image = kLittle;
  image[InodeOf(image, "numbers") + 12] = '/';
  Reseal(image);
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kCramfs, image, sink));
  EXPECT_TRUE(sink.Saw("cramfs.odd-name"));
}

TEST(CramfsTest, ExtendedPointersAreSaid) {
  Bytes image = kLittle;
  image[9] |= 0x08U;
  RecordingSink sink;
  (void)Unpack(kCramfs, image, sink);
  EXPECT_EQ(sink.Find("etc/numbers")->problem, "extended block pointers");
}

TEST(CramfsTest, LyingSizesAreBounded) {
  for (const std::uint32_t size : {0U, 75U, 80U, 5000U, 0xffffffffU}) {
    Bytes image = kLittle;
    Put32(image, 4, size);
    ExpectKept(kCramfs, image, fmt::format("size {}", size));
  }
  for (const char* name : {"etc", "numbers", "link", "dev"}) {
    for (const std::uint32_t size : {1U, 13U, 0xffffffU}) {
      Bytes image = kLittle;
      const std::size_t inode = InodeOf(image, name);
      Put32(image, inode + 4, size);
      Reseal(image);
      ExpectKept(kCramfs, image, fmt::format("{} bytes of {}", size, name));
    }
  }
}

TEST(CramfsTest, LimitsHold) {
  RecordingSink few;
  few.set_limits({.entries = 5});
  EXPECT_EQ(Unpack(kCramfs, kLittle, few).error().code, ErrorCode::kLimit);
}

TEST(CramfsTest, RefusesWhatIsNone) {
  EXPECT_FALSE(kCramfs.matches({}));
  EXPECT_FALSE(kCramfs.matches(Hex("453dcd28")));
  Bytes image = kLittle;
  image[20] ^= 1U;  // the signature
  EXPECT_FALSE(kCramfs.matches(image));
  EXPECT_FALSE(kCramfs.measure(Bytes(5000, 0)));
}

TEST(CramfsTest, EveryProperPrefixFails) {
  for (std::size_t size = 0; size < kLittle.size(); size += 5) {
    RecordingSink sink;
    EXPECT_FALSE(Unpack(kCramfs, ByteView(kLittle).first(size), sink));
  }
}

TEST(CramfsTest, PrefixesAndFlipsAreKept) {
  SweepImage(kCramfs, kLittle, 7);
  SweepImage(kCramfs, kBig, 11);
  SweepImage(kCramfs, kBoot, 13);
  Bytes first = kLittle;
  Put32(first, 8, 0x100);
  SweepImage(kCramfs, first, 17);
}

}  // namespace
}  // namespace assay::formats
