#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "tests/support/hex.h"
#include "tests/support/recording_sink.h"
#include "tests/support/sweep.h"
#include "verifier/formats/firmware/uefi_guid.h"
#include "verifier/formats/format.h"

namespace assay::formats {

extern const Format kUefiSection;
extern const Format kUefiVolume;
namespace {

using testing::Attempt;
using testing::Concat;
using testing::ForEachFlip;
using testing::ForEachPrefix;
using testing::RecordedMember;
using testing::RecordingSink;
using testing::Sample;

const Bytes kFiles = Sample("formats/uefi_volume/files.hex");
const Bytes kLarge = Sample("formats/uefi_volume/large.hex");
const Bytes kProgram = Sample("formats/pe/plain.hex");

// The files of make.py by their number.
std::string File(unsigned number) {
  const auto byte = static_cast<std::uint8_t>(number);
  return GuidOf(byte, 0, 0x4000, {0x80, 0, 0, 0, 0, 0, 0, 0}).Text();
}

std::string ContentOf(const RecordingSink& sink, const std::string& name) {
  const RecordedMember* const member = sink.Find(name);
  return member == nullptr ? "(none)" : std::string(AsText(member->content));
}

RegionUse UseAt(const RecordingSink& sink, std::uint64_t offset) {
  const auto found = std::find_if(
      sink.regions.begin(), sink.regions.end(), [&](const Region& region) {
        return offset >= region.range.offset && offset < region.range.end();
      });
  return found == sink.regions.end() ? RegionUse::kUnknown : found->use;
}

std::size_t PlaceOf(const Bytes& bytes, std::string_view text) {
  return AsText(bytes).find(text);
}

// The header's sum of 16-bit words is 0 again after a change.
void Mend(Bytes& volume) {
  volume[50] = volume[51] = 0;
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < 72; i += 2) {
    sum += volume[i] + (static_cast<unsigned>(volume[i + 1]) << 8U);
  }
  const auto missing = static_cast<std::uint16_t>(0x10000U - (sum & 0xffffU));
  volume[50] = static_cast<std::uint8_t>(missing);
  volume[51] = static_cast<std::uint8_t>(missing >> 8U);
}

void ReadGood(const Bytes& volume, RecordingSink& sink) {
  std::uint64_t consumed = 0;
  const auto result = Unpack(kUefiVolume, volume, sink, &consumed);
  ASSERT_TRUE(result) << result.error().what;
  EXPECT_EQ(consumed, volume.size());
  EXPECT_EQ(kUefiVolume.measure(volume).value_or(0), volume.size());
  EXPECT_TRUE(sink.anomalies.empty()) << sink.anomalies.front().detail;
  std::string why;
  EXPECT_TRUE(sink.Accounts(volume.size(), &why)) << why;
}

TEST(UefiVolumeTest, FilesAreNamedByGuidAndTitle) {
  RecordingSink sink;
  ReadGood(kFiles, sink);
  EXPECT_EQ(ContentOf(sink, File(1) + "(Driver)/pe32"), AsText(kProgram));
  EXPECT_EQ(ContentOf(sink, File(1) + "(Driver)/dxe-depex"), "\x06\x08");
  EXPECT_EQ(ContentOf(sink, File(1) + "(Driver)/version").substr(0, 3),
            std::string("2\0.", 3));
  EXPECT_EQ(ContentOf(sink, File(2) + "/data"), "raw content");
  EXPECT_EQ(ContentOf(sink, File(5) + "/freeform-" + File(0x55)),
            "freeform with a GUID");
  EXPECT_EQ(sink.members.size(), 15U);
}

TEST(UefiVolumeTest, EveryEncodingGivesAChainOfSections) {
  RecordingSink sink;
  ReadGood(kFiles, sink);
  struct Case {
    unsigned file;
    const char* encoding;
    const char* title;
  };
  for (const Case& expected :
       {Case{0x10, "/compressed", "Efi"}, Case{0x11, "/tiano", "Tiano"},
        Case{0x12, "/lzma", "Lzma"}, Case{0x13, "/lzma-f86", "F86"},
        Case{0x14, "/brotli", "Brotli"}}) {
    const RecordedMember* const member =
        sink.Find(File(expected.file) + expected.encoding);
    ASSERT_NE(member, nullptr) << expected.encoding;
    EXPECT_EQ(member->problem, "");
    EXPECT_TRUE(kUefiSection.matches(member->content)) << expected.encoding;
    RecordingSink inner;
    ASSERT_TRUE(Unpack(kUefiSection, member->content, inner));
    const std::string text = ContentOf(inner, "raw");
    EXPECT_EQ(text.substr(0, text.find(' ')),
              std::string(expected.title) + "0");
    EXPECT_EQ(text.substr(text.rfind(' ') + 1),
              std::string(expected.title) + "9801");
    if (expected.file == 0x13) {
      EXPECT_EQ(ContentOf(inner, "pe32"), AsText(kProgram));
    }
  }
  EXPECT_NE(ContentOf(sink, File(0x15) + "/crc32/raw").find("Crc9801"),
            std::string::npos);
  EXPECT_NE(ContentOf(sink, File(0x16) + "/plain/raw").find("Plain9801"),
            std::string::npos);
}

TEST(UefiVolumeTest, AVolumeInsideIsAMember) {
  RecordingSink sink;
  ReadGood(kFiles, sink);
  const RecordedMember* const inner = sink.Find(File(4) + "/fv");
  ASSERT_NE(inner, nullptr);
  RecordingSink nested;
  ReadGood(inner->content, nested);
  EXPECT_EQ(ContentOf(nested, File(9) + "/raw"), "nested");
}

TEST(UefiVolumeTest, LargeFilesAndSectionsHaveLongerHeaders) {
  RecordingSink sink;
  ReadGood(kLarge, sink);
  ASSERT_EQ(sink.members.size(), 1U);
  EXPECT_EQ(ContentOf(sink, File(6) + "/raw"), "large");
}

TEST(UefiVolumeTest, DeletedFilesAreSlack) {
  RecordingSink sink;
  ReadGood(kFiles, sink);
  EXPECT_EQ(UseAt(sink, PlaceOf(kFiles, "an old version")), RegionUse::kSlack);
  EXPECT_EQ(sink.Find(File(3) + "/raw"), nullptr);
}

TEST(UefiVolumeTest, WhatHidesInPadFilesAndFreeSpaceIsReported) {
  const std::size_t pad = PlaceOf(kFiles, "raw content") + 13 + 24;
  for (const std::size_t at : {pad + 3, kFiles.size() - 1}) {
    Bytes hiding = kFiles;
    hiding[at] = 'x';
    RecordingSink sink;
    ASSERT_TRUE(Unpack(kUefiVolume, hiding, sink));
    EXPECT_TRUE(sink.Saw("uefi_volume.hidden-data")) << at;
    EXPECT_EQ(UseAt(sink, at), RegionUse::kSlack) << at;
    std::string why;
    EXPECT_TRUE(sink.Accounts(hiding.size(), &why)) << why;
  }
}

TEST(UefiVolumeTest, WrongChecksumsAreReportedAndReadingGoesOn) {
  Bytes header = kFiles;
  header[96] ^= 1;  // the first file's GUID
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kUefiVolume, header, sink));
  EXPECT_TRUE(sink.Saw("uefi_volume.header-checksum-mismatch"));
  EXPECT_EQ(ContentOf(sink, File(2) + "/data"), "raw content");

  Bytes data = kFiles;
  data[PlaceOf(data, "greeting")] ^= 1;
  RecordingSink other;
  ASSERT_TRUE(Unpack(kUefiVolume, data, other));
  EXPECT_TRUE(other.Saw("uefi_volume.checksum-mismatch"));
  EXPECT_EQ(ContentOf(other, File(2) + "/data"), "raw content");
}

TEST(UefiVolumeTest, AFileThatIsTooLongEndsTheList) {
  Bytes damaged = kFiles;
  damaged[96 + 22] = 0xff;
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kUefiVolume, damaged, sink));
  EXPECT_TRUE(sink.Saw("uefi_volume.size-mismatch"));
  EXPECT_TRUE(sink.members.empty());
  std::string why;
  EXPECT_TRUE(sink.Accounts(damaged.size(), &why)) << why;
}

TEST(UefiVolumeTest, OtherFileSystemsAreOneMember) {
  Bytes other = kFiles;
  other[16] ^= 0xff;
  for (std::size_t i = 0; i < 24; ++i) {
    other[96 + i] = 0x11;  // no header of a file either
  }
  Mend(other);
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kUefiVolume, other, sink));
  ASSERT_EQ(sink.members.size(), 1U);
  EXPECT_EQ(sink.members[0].member.name, "body");
  std::string why;
  EXPECT_TRUE(sink.Accounts(other.size(), &why)) << why;
}

TEST(UefiVolumeTest, AnUnknownGuidDoesNotHideFiles) {
  Bytes other = kFiles;
  other[16] ^= 0xff;
  Mend(other);
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kUefiVolume, other, sink));
  EXPECT_EQ(sink.members.size(), 15U);
}

TEST(UefiVolumeTest, TheExtentIsTheHeadersOwn) {
  const Bytes longer = Concat(kLarge, AsBytes("more"));
  EXPECT_EQ(kUefiVolume.measure(longer).value_or(0), kLarge.size());
  for (std::size_t size = 0; size < kLarge.size(); ++size) {
    EXPECT_FALSE(kUefiVolume.measure(ByteView(kLarge).first(size))) << size;
  }
}

TEST(UefiVolumeTest, EveryProperPrefixFails) {
  ForEachPrefix(kUefiVolume, kFiles, [](const Attempt& attempt) {
    EXPECT_FALSE(attempt.ok) << attempt.at;
  });
}

TEST(UefiVolumeTest, EveryFlipIsAccountedFor) {
  for (const Bytes& volume : {kFiles, kLarge}) {
    ForEachFlip(kUefiVolume, volume, [&](const Attempt& attempt) {
      EXPECT_TRUE(attempt.at >= 72 || !attempt.ok) << attempt.at;
    });
  }
}

// As the variables of ArmVirtQemu have it.
TEST(UefiVolumeTest, AMapOfMoreThanTheVolumeIsReported) {
  Bytes larger = kLarge;
  larger[56] = 9;
  Mend(larger);
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kUefiVolume, larger, sink));
  EXPECT_TRUE(sink.Saw("uefi_volume.odd-block-map"));
  EXPECT_EQ(ContentOf(sink, File(6) + "/raw"), "large");
}

// Of the six "_FVH" in OVMF_CODE_4M.fd two are headers: sums must hold.
TEST(UefiVolumeTest, AHeaderMustProveItself) {
  EXPECT_TRUE(kUefiVolume.matches(kLarge));
  for (std::size_t at = 0; at < 72; ++at) {
    Bytes damaged = kLarge;
    damaged[at] ^= 0x10;
    EXPECT_FALSE(kUefiVolume.matches(damaged)) << at;
  }
  Bytes unmapped = kLarge;
  unmapped[56] = 0;  // no blocks at all
  Mend(unmapped);
  EXPECT_FALSE(kUefiVolume.matches(unmapped));
  Bytes unended = kLarge;
  unended[64] = 1;  // no end of the block map
  Mend(unended);
  EXPECT_FALSE(kUefiVolume.matches(unended));
  Bytes empty = kLarge;
  empty[48] = 56;  // no block map
  Mend(empty);
  EXPECT_FALSE(kUefiVolume.matches(empty));
  EXPECT_FALSE(kUefiVolume.matches(AsBytes("_FVH")));
}

}  // namespace
}  // namespace assay::formats
