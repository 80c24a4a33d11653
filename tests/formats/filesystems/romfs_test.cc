#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/hex.h"
#include "tests/support/image_checks.h"
#include "tests/support/recording_sink.h"
#include "verifier/formats/format.h"

namespace assay::formats {

extern const Format kRomfs;
namespace {

using testing::ExpectGood;
using testing::ExpectKept;
using testing::Hex;
using testing::Names;
using testing::RecordedMember;
using testing::RecordingSink;
using testing::Sample;
using testing::SweepImage;

const Bytes kImage = Sample("formats/romfs/plain.hex");

void Put32(Bytes& image, std::size_t at, std::uint32_t value) {
  for (std::size_t i = 0; i < 4; ++i) {
    image[at + 3 - i] = static_cast<std::uint8_t>(value >> (8 * i));
  }
}

std::uint32_t SumOf(const Bytes& image, std::size_t at, std::size_t size) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < size; i += 4) {
    sum += *ReadAt<Be32>(image, at + i);
  }
  return sum;
}

// Makes the checksum of a header with a short name right, and the image's.
void Reseal(Bytes& image, std::size_t header) {
  Put32(image, header + 12, 0);
  Put32(image, header + 12, 0 - SumOf(image, header, 32));
  Put32(image, 12, 0);
  Put32(image, 12, 0 - SumOf(image, 0, 512));
}

std::size_t HeaderOf(std::string_view name) {
  const std::string padded = std::string(name) + '\0';
  return AsText(kImage).find(padded, 48) - 16;
}

TEST(RomfsTest, ReadsWhatGenromfsWrote) {
  ExpectGood(kRomfs, kImage);
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kRomfs, kImage, sink));
  std::vector<std::string> names;
  for (const RecordedMember& member : sink.members) {
    names.push_back(member.member.name);
  }
  std::sort(names.begin(), names.end());
  EXPECT_EQ(names, (std::vector<std::string>{
                       ".", "bin", "bin/su", "bin/su2", "dev", "dev/console",
                       "dev/disk", "dev/pipe", "etc",
                       "etc/a-name-of-more-than-sixteen-bytes", "etc/empty",
                       "etc/link"}));
  std::string numbers;
  for (int i = 1; i <= 300; ++i) {
    numbers += fmt::format("{}\n", i);
  }
  const RecordedMember* file =
      sink.Find("etc/a-name-of-more-than-sixteen-bytes");
  EXPECT_EQ(AsText(file->content), numbers);
  EXPECT_TRUE(file->member.stored);
  EXPECT_EQ(AsText(*Slice(kImage, file->member.origin->offset,
                          file->member.origin->length)),
            numbers);
  EXPECT_TRUE(sink.Find("etc/empty")->has_content);
}

TEST(RomfsTest, KeepsEveryMetadatum) {
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kRomfs, kImage, sink));
  const auto meta = [&](std::string_view name) {
    return sink.Find(name)->member.meta;
  };
  EXPECT_EQ(meta("etc/link").type, FileType::kSymlink);
  EXPECT_EQ(meta("etc/link").link_target, "../bin/su");
  EXPECT_EQ(meta("dev/console").type, FileType::kCharDevice);
  EXPECT_EQ(meta("dev/console").device_major, 5U);
  EXPECT_EQ(meta("dev/console").device_minor, 1U);
  EXPECT_EQ(meta("dev/disk").type, FileType::kBlockDevice);
  EXPECT_EQ(meta("dev/disk").device_major, 8U);
  EXPECT_EQ(meta("dev/disk").device_minor, 17U);
  EXPECT_EQ(meta("dev/pipe").type, FileType::kFifo);
  EXPECT_EQ(meta("bin").mode, 0755U);
  EXPECT_EQ(meta("etc/empty").mode, 0644U);
  EXPECT_EQ(meta("etc/empty").uid, std::nullopt);
  const bool first = meta("bin/su").type == FileType::kRegular;
  const auto link = meta(first ? "bin/su2" : "bin/su");
  EXPECT_EQ(link.type, FileType::kHardLink);
  EXPECT_EQ(link.link_target, first ? "bin/su" : "bin/su2");
}

TEST(RomfsTest, ChecksumsAreChecked) {
  Bytes image = kImage;
  image[20] ^= 1U;  // the volume's name
  RecordingSink volume;
  ASSERT_TRUE(Unpack(kRomfs, image, volume));
  EXPECT_TRUE(volume.Saw("romfs.checksum-mismatch"));
  image = kImage;
  image[HeaderOf("empty") + 7] ^= 1U;
  RecordingSink header;
  (void)Unpack(kRomfs, image, header);
  EXPECT_TRUE(header.Saw("romfs.checksum-mismatch"));
}

TEST(RomfsTest, LoopsAreSaid) {
  // The files of bin go on with those of the root.
  Bytes image = kImage;
  const std::size_t last = HeaderOf("disk");
  Put32(image, last, 0x40U | (image[last + 3] & 0xfU));
  Reseal(image, last);
  RecordingSink sink;
  (void)Unpack(kRomfs, image, sink);
  EXPECT_FALSE(sink.anomalies.empty());
  // A directory that is its own entry.
  const std::size_t etc = HeaderOf("etc");
  image = kImage;
  Put32(image, etc + 4, static_cast<std::uint32_t>(etc));
  Reseal(image, etc);
  RecordingSink self;
  (void)Unpack(kRomfs, image, self);
  EXPECT_TRUE(self.Saw("romfs.bad-directory") ||
              self.Saw("romfs.directory-again"));
}

TEST(RomfsTest, HardLinksInACircleEnd) {
  Bytes image = kImage;
  const std::size_t empty = HeaderOf("empty");
  Put32(image, empty, *ReadAt<Be32>(image, empty) & ~7U);
  Put32(image, empty + 4, static_cast<std::uint32_t>(empty));
  Reseal(image, empty);
  RecordingSink sink;
  (void)Unpack(kRomfs, image, sink);
  EXPECT_NE(sink.Find("etc/empty")->problem, "");
}

TEST(RomfsTest, DataOfTwoFilesAreSaid) {
  Bytes image = kImage;
  const std::size_t empty = HeaderOf("empty");
  Put32(image, empty + 8, 200);
  Reseal(image, empty);
  RecordingSink sink;
  (void)Unpack(kRomfs, image, sink);
  std::string why;
  EXPECT_TRUE(sink.Accounts(kImage.size(), &why)) << why;
}

TEST(RomfsTest, WhatNoFileOwnsIsSlack) {
  Bytes image = kImage;
  const std::size_t link = HeaderOf("empty");
  image[link + 16 + 10] = 'x';  // behind the name
  RecordingSink sink;
  (void)Unpack(kRomfs, image, sink);
  EXPECT_TRUE(sink.Saw("romfs.checksum-mismatch"));
}

TEST(RomfsTest, LyingFieldsAreBounded) {
  for (const char* name : {"etc", "empty", "link", "pipe", "disk", "su"}) {
    for (const std::size_t field : {0U, 4U, 8U}) {
      for (const std::uint32_t value :
           {0U, 1U, 2U, 0x20U, 0x100U, 0x7fffffffU, 0xffffffffU}) {
        Bytes image = kImage;
        Put32(image, HeaderOf(name) + field, value);
        Reseal(image, HeaderOf(name));
        ExpectKept(kRomfs, image,
                   fmt::format("{}+{} = {}", name, field, value));
      }
    }
  }
  for (const std::uint32_t size : {0U, 16U, 48U, 512U, 0xffffffffU}) {
    Bytes image = kImage;
    Put32(image, 8, size);
    ExpectKept(kRomfs, image, fmt::format("size {}", size));
  }
}

TEST(RomfsTest, RefusesWhatIsNone) {
  EXPECT_FALSE(kRomfs.matches({}));
  EXPECT_FALSE(kRomfs.matches(AsBytes("-rom1fs-")));
  Bytes text = CopyOf(AsBytes("-rom1fs- is the magic of romfs. "));
  text.resize(2048, 'x');
  EXPECT_FALSE(kRomfs.measure(text));
  EXPECT_FALSE(kRomfs.measure(Bytes(2048, 0)));
}

TEST(RomfsTest, LimitsHold) {
  RecordingSink few;
  few.set_limits({.entries = 5});
  EXPECT_EQ(Unpack(kRomfs, kImage, few).error().code, ErrorCode::kLimit);
}

TEST(RomfsTest, EveryProperPrefixFails) {
  for (std::size_t size = 0; size < kImage.size(); ++size) {
    RecordingSink sink;
    EXPECT_FALSE(Unpack(kRomfs, ByteView(kImage).first(size), sink)) << size;
  }
}

TEST(RomfsTest, PrefixesAndFlipsAreKept) {
  SweepImage(kRomfs, kImage);
}

}  // namespace
}  // namespace assay::formats
