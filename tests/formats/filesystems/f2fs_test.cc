#include <gtest/gtest.h>
#include <lz4.h>
#include <lzo/lzo1x.h>
#include <zstd.h>

#include <algorithm>
#include <array>

#include "tests/support/hex.h"
#include "tests/support/volume_checks.h"
#include "verifier/base/crc32.h"
#include "verifier/formats/format.h"

namespace assay::formats {

extern const Format kF2fs;
namespace {

using testing::ExpectedFile;
using testing::Problems;
using testing::PutLe;
using testing::RecordedMember;
using testing::RecordingSink;
using testing::Sample;

const Bytes kImage = Sample("formats/f2fs/checked.hex");

constexpr std::size_t kSuper = 1024;
constexpr std::size_t kBlock = 4096;
constexpr std::size_t kAddresses = 360;
constexpr std::size_t kFooter = 4072;
constexpr std::uint32_t kMagic = 0xF2F52010;

const ExpectedFile kFiles[] = {
    {".", FileType::kDirectory, 0755},
    {"bin/su", FileType::kRegular, 04755},
    {"dev/name-" + std::string(199, '0') + "8", FileType::kRegular, 0644},
    {"etc", FileType::kDirectory, 01777},
    {"etc/empty", FileType::kRegular, 0644},
    {"etc/link", FileType::kSymlink, 0777, 0, 0, 0, 0, "../bin/su"},
    {"etc/numbers", FileType::kRegular, 0644, 1000, 100},
};
constexpr std::size_t kMembers = 16;

std::string Numbers() {
  std::string text;
  for (int i = 1; i <= 1100; ++i) {
    text += std::to_string(i) + "\n";
  }
  return text;
}

// As long, but better to compress.
std::string Again() {
  std::string text;
  while (text.size() < Numbers().size()) {
    text += Numbers().substr(0, 400);
  }
  return text.substr(0, Numbers().size());
}

// Where the inode lies that holds its name. Older versions may, too: all.
std::vector<std::size_t> InodesOf(const Bytes& image, std::string_view name) {
  std::vector<std::size_t> places;
  const std::size_t main = *ReadAt<Le32>(image, kSuper + 92) * kBlock;
  for (std::size_t at = main; at < image.size(); at += kBlock) {
    if (*ReadAt<Le32>(image, at + 88) == name.size() &&
        AsText(*Slice(image, at + 92, name.size())) == name &&
        *ReadAt<Le32>(image, at + kFooter) != 0) {
      places.push_back(at);
    }
  }
  EXPECT_FALSE(places.empty()) << name;
  return places;
}

std::size_t ExtraOf(const Bytes& image, std::size_t inode) {
  return *ReadAt<Le16>(image, inode + kAddresses);
}

// Gives an inode a checksum that holds.
void Seal(Bytes& image, std::size_t at) {
  constexpr std::size_t kChecksum = 368;
  PutLe(image, at + kChecksum, 0, 4);
  std::uint32_t state = Crc32Raw(~0U, *Slice(image, kSuper + 108, 16));
  state = Crc32Raw(state, *Slice(image, at + kFooter + 4, 4));
  state = Crc32Raw(state, *Slice(image, at + 68, 4));
  PutLe(image, at + kChecksum, Crc32Raw(state, *Slice(image, at, kBlock)), 4);
}

// Gives a super block or checkpoint one.
void SealWithMagic(Bytes& image, std::size_t at, std::size_t size) {
  PutLe(image, at + size, Crc32Raw(kMagic, *Slice(image, at, size)), 4);
}

void SealCheckpoint(Bytes& image, std::size_t at) {
  const std::size_t offset = *ReadAt<Le32>(image, at + 164);
  ASSERT_EQ(offset, kBlock - 4);
  SealWithMagic(image, at, offset);
}

// etc/numbers as one compressed cluster of four blocks.
Bytes WithCompressed(unsigned algorithm, const Bytes& packed,
                     bool wrong_checksum = false) {
  Bytes image = kImage;
  for (const std::size_t at : InodesOf(image, "numbers")) {
    const std::size_t addresses = at + kAddresses + ExtraOf(image, at);
    const std::uint32_t block = *ReadAt<Le32>(image, addresses);
    PutLe(image, at + 80, 0x4, 4);  // compressed
    PutLe(image, at + 392, algorithm, 1);
    PutLe(image, at + 393, 2, 1);
    PutLe(image, at + 394, 1, 2);  // with a checksum
    PutLe(image, addresses, 0xfffffffe, 4);
    PutLe(image, addresses + 4, block, 4);
    PutLe(image, addresses + 8, 0, 4);
    Seal(image, at);
    const auto data = image.begin() +
                      static_cast<std::ptrdiff_t>(std::size_t{block} * kBlock);
    std::fill_n(data, 2 * kBlock, std::uint8_t{0});
    PutLe(image, block * kBlock, packed.size(), 4);
    PutLe(image, block * kBlock + 4,
          Crc32Raw(kMagic, packed) ^ (wrong_checksum ? 1U : 0U), 4);
    std::copy(packed.begin(), packed.end(), data + 24);
  }
  return image;
}

// The content of the cluster, with what lies behind the file's end.
Bytes Cluster() {
  Bytes all = CopyOf(AsBytes(Again()));
  all.resize(4 * kBlock);
  return all;
}

std::array<Bytes, 3> Packed() {
  const Bytes plain = Cluster();
  std::array<Bytes, 3> packed = {Bytes(kBlock * 8), Bytes(kBlock * 8),
                                 Bytes(kBlock * 8)};
  std::vector<std::uint8_t> work(LZO1X_1_MEM_COMPRESS);
  lzo_uint size = packed[0].size();
  EXPECT_EQ(lzo1x_1_compress(plain.data(), plain.size(), packed[0].data(),
                             &size, work.data()),
            LZO_E_OK);
  packed[0].resize(size);
  std::string text(kBlock * 8, '\0');
  text.resize(static_cast<std::size_t>(LZ4_compress_default(
      AsText(plain).data(), text.data(), static_cast<int>(plain.size()),
      static_cast<int>(text.size()))));
  packed[1] = CopyOf(AsBytes(text));
  packed[2].resize(ZSTD_compress(packed[2].data(), packed[2].size(),
                                 plain.data(), plain.size(), 3));
  return packed;
}

TEST(F2fsTest, ReadsWhatSloadMade) {
  RecordingSink sink;
  CheckVolume(kF2fs, kImage, kFiles, sink);
  EXPECT_EQ(sink.members.size(), kMembers);
  EXPECT_EQ(sink.Find("etc/numbers")->member.meta.mtime, 1'000'000'000);
  EXPECT_EQ(AsText(sink.Find("bin/su")->content), "inert: not a program\n");
  EXPECT_EQ(AsText(sink.Find("etc/numbers")->content), Numbers());
  EXPECT_TRUE(sink.Find("etc/numbers")->member.stored);
}

TEST(F2fsTest, ReadsEveryCompression) {
  const auto packed = Packed();
  for (unsigned i = 0; i < packed.size(); ++i) {
    const Bytes image = WithCompressed(i, packed.at(i));
    RecordingSink sink;
    const auto result = Unpack(kF2fs, image, sink);
    ASSERT_TRUE(result) << result.error().what;
    const RecordedMember* numbers = sink.Find("etc/numbers");
    EXPECT_EQ(numbers->problem, "") << i;
    EXPECT_EQ(AsText(numbers->content), Again()) << i;
    EXPECT_TRUE(sink.anomalies.empty()) << i;
    std::string why;
    EXPECT_TRUE(sink.Accounts(image.size(), &why)) << why;
  }
}

TEST(F2fsTest, DamagedClustersStayWithTheirFile) {
  const auto packed = Packed();
  for (unsigned i = 0; i < packed.size(); ++i) {
    for (const bool checksum : {true, false}) {
      Bytes broken = packed.at(i);
      if (!checksum) {
        broken.resize(broken.size() / 2);
      }
      RecordingSink sink;
      ASSERT_TRUE(Unpack(kF2fs, WithCompressed(i, broken, checksum), sink));
      EXPECT_EQ(sink.members.size(), kMembers);
      EXPECT_EQ(Problems(sink), 1U) << i;
    }
  }
  RecordingSink sink;  // of another compression
  ASSERT_TRUE(Unpack(kF2fs, WithCompressed(3, packed[0]), sink));
  EXPECT_EQ(sink.Find("etc/numbers")->problem, "of unknown compression");
}

TEST(F2fsTest, KeepsExtendedAttributes) {
  Bytes image = kImage;
  for (const std::size_t at : InodesOf(image, "numbers")) {
    const std::size_t list = at + 4052 - 200;
    image[at + 3] |= 0x1U;  // attributes in the inode
    PutLe(image, list, 0xF2F52011, 4);
    const std::string_view entry(
        "\x06\x0a\x06\x00"
        "capabilitybinary",
        20);
    std::copy(entry.begin(), entry.end(),
              image.begin() + static_cast<std::ptrdiff_t>(list + 24));
    Seal(image, at);
  }
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kF2fs, image, sink));
  EXPECT_TRUE(sink.anomalies.empty());
  const auto& xattrs = sink.Find("etc/numbers")->member.meta.xattrs;
  ASSERT_EQ(xattrs.size(), 1U);
  EXPECT_EQ(xattrs[0], std::pair(std::string("security.capability"),
                                 std::string("binary")));
  EXPECT_EQ(AsText(sink.Find("etc/numbers")->content), Numbers());
}

TEST(F2fsTest, KeepsDeviceNumbers) {
  Bytes image = kImage;
  for (const std::size_t at : InodesOf(image, "empty")) {
    PutLe(image, at, 0020600, 2);
    image[at + 3] &= 0xfdU;  // no content in the inode
    PutLe(image, at + kAddresses + ExtraOf(image, at) + 4,
          0x2U << 20U | 0x103U << 8U | 0x2cU, 4);
    Seal(image, at);
  }
  RecordingSink sink;
  (void)Unpack(kF2fs, image, sink);
  EXPECT_TRUE(sink.Saw("f2fs.type-mismatch"));
  const FileMetadata& meta = sink.Find("etc/empty")->member.meta;
  EXPECT_EQ(meta.type, FileType::kCharDevice);
  EXPECT_EQ(meta.device_major, 259U);
  EXPECT_EQ(meta.device_minor, 0x22cU);
}

TEST(F2fsTest, EveryProperPrefixFails) {
  testing::CheckVolumePrefixes(kF2fs, ByteView(kImage).first(9'000), 97);
  testing::CheckVolumePrefixes(kF2fs, kImage, 1'000'003);
}

TEST(F2fsTest, AnyFlipIsReadWithinTheBytes) {
  testing::CheckVolumeFlips(kF2fs, kImage, 97);
}

TEST(F2fsTest, DamagedChecksumsAreSaid) {
  Bytes damaged = kImage;
  for (const std::size_t at : {InodesOf(kImage, "numbers").back() + 500,
                               InodesOf(kImage, "su").back() + 4, kSuper + 1148,
                               kSuper + kBlock + 2000}) {
    damaged[at] ^= 0x04U;
    RecordingSink sink;
    (void)Unpack(kF2fs, damaged, sink);
    EXPECT_TRUE(sink.Saw("f2fs.checksum-mismatch")) << at;
    damaged[at] = kImage[at];
  }
}

TEST(F2fsTest, SuperBlocksThatContradictThemselvesAreNotF2fs) {
  struct Case {
    std::size_t at;
    std::uint64_t value;
  };
  for (const Case& wrong : std::initializer_list<Case>{
           {0, 1},         // magic
           {8, 3},         // sector size
           {16, 13},       // block size
           {20, 10},       // segment size
           {24, 0},        // segments of a section
           {36, 0},        // blocks
           {36, 100},      // fewer than there are segments for
           {52, 3},        // segments of checkpoints
           {56, 3},        // of the first table
           {68, 100'000},  // of the main area
           {76, 1},        // where the checkpoints are
           {92, 1},        // where the main area is
           {96, 1},        // root
       }) {
    Bytes image = CopyOf(ByteView(kImage).first(3'000'000));
    PutLe(image, kSuper + wrong.at, wrong.value, 4);
    EXPECT_FALSE(kF2fs.matches(image)) << wrong.at;
    EXPECT_FALSE(kF2fs.measure(image)) << wrong.at;
    RecordingSink sink;
    EXPECT_FALSE(Unpack(kF2fs, image, sink)) << wrong.at;
  }
}

TEST(F2fsTest, WithoutACheckpointNothingIsRead) {
  Bytes image = kImage;
  const std::size_t first = *ReadAt<Le32>(image, kSuper + 76) * kBlock;
  image[first + 200] ^= 1U;
  RecordingSink one;
  (void)Unpack(kF2fs, image, one);
  EXPECT_TRUE(one.Saw("f2fs.checksum-mismatch"));
  image[first + 512 * kBlock + 200] ^= 1U;
  EXPECT_FALSE(kF2fs.measure(image));
  RecordingSink none;
  EXPECT_EQ(Unpack(kF2fs, image, none).error().code, ErrorCode::kMalformed);
}

TEST(F2fsTest, WhatWasNotUnmountedIsSaid) {
  Bytes image = kImage;
  const std::size_t first = *ReadAt<Le32>(image, kSuper + 76) * kBlock;
  for (const std::size_t pack : {first, first + 512 * kBlock}) {
    const std::size_t blocks = *ReadAt<Le32>(image, pack + 136);
    for (const std::size_t at : {pack, pack + (blocks - 1) * kBlock}) {
      PutLe(image, at + 132, *ReadAt<Le32>(image, at + 132) & ~1U, 4);
      SealCheckpoint(image, at);
    }
  }
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kF2fs, image, sink));
  EXPECT_TRUE(sink.Saw("f2fs.ambiguous-journal"));
}

TEST(F2fsTest, InodesThatLieStayWithTheirFile) {
  struct Case {
    std::size_t at;
    std::uint64_t value;
    std::size_t size;
  };
  for (const Case& wrong : std::initializer_list<Case>{
           {2, 0x4, 1},            // encrypted
           {3, 0x22, 1},           // content in the inode: too long for it
           {16, 1ULL << 60U, 8},   // size
           {kAddresses, 3, 2},     // bytes of attributes
           {kAddresses, 4000, 2},  //
           {kFooter, 99, 4},       // another node
           {kFooter + 4, 99, 4},   //
       }) {
    Bytes image = kImage;
    for (const std::size_t at : InodesOf(kImage, "numbers")) {
      PutLe(image, at + wrong.at, wrong.value, wrong.size);
      Seal(image, at);
    }
    RecordingSink sink;
    (void)Unpack(kF2fs, image, sink);
    EXPECT_EQ(sink.members.size(), kMembers) << wrong.at;
    EXPECT_EQ(Problems(sink), 1U) << wrong.at << " " << wrong.value;
  }
}

TEST(F2fsTest, BlocksOfTwoFilesAreAnAnomaly) {
  Bytes image = kImage;
  for (const std::size_t at : InodesOf(kImage, "numbers")) {
    const std::size_t second = at + kAddresses + ExtraOf(image, at) + 4;
    PutLe(image, second, *ReadAt<Le32>(image, second - 4), 4);
    Seal(image, at);
  }
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kF2fs, image, sink));
  EXPECT_EQ(AsText(sink.Find("etc/numbers")->content),
            Numbers().substr(0, 4096) + Numbers().substr(0, 297));
  std::string why;
  EXPECT_TRUE(sink.Accounts(image.size(), &why)) << why;
}

TEST(F2fsTest, AnInodeInNoDirectoryIsShown) {
  Bytes image = kImage;
  for (const std::size_t at : InodesOf(kImage, "etc")) {
    const std::size_t entries = at + kAddresses + ExtraOf(image, at);
    // The first entry behind "." and "..".
    image[*ReadAt<Le32>(image, entries) * kBlock] &= 0xfbU;
  }
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kF2fs, image, sink));
  EXPECT_TRUE(sink.Saw("f2fs.unlisted-inode"));
  EXPECT_EQ(sink.members.size(), kMembers);
}

// Moves the entries of bin into its inode, as Linux keeps few of them.
TEST(F2fsTest, ReadsEntriesInTheInode) {
  Bytes image = kImage;
  for (const std::size_t at : InodesOf(kImage, "bin")) {
    const std::size_t extra = ExtraOf(image, at);
    const std::size_t from = at + kAddresses + extra;
    const std::size_t block = *ReadAt<Le32>(image, from) * kBlock;
    const std::size_t room = 923 * 4 - extra - 200 - 4;
    const std::size_t count = room * 8 / (19 * 8 + 1);
    const std::size_t start = from + 4 + room - 19 * count;
    PutLe(image, from, 0, 4);
    image[at + 3] |= 0x4U;
    image[from + 4] = image[block];  // which of the first eight are in use
    for (std::size_t i = 0; i < 3; ++i) {
      for (std::size_t j = 0; j < 11; ++j) {
        image[start + i * 11 + j] = kImage[block + 30 + i * 11 + j];
      }
      for (std::size_t j = 0; j < 8; ++j) {
        image[start + count * 11 + i * 8 + j] =
            kImage[block + 30 + 214 * 11 + i * 8 + j];
      }
    }
    Seal(image, at);
  }
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kF2fs, image, sink));
  EXPECT_TRUE(sink.anomalies.empty());
  EXPECT_EQ(AsText(sink.Find("bin/su")->content), "inert: not a program\n");
  // The block that they lay in is not the directory's any more.
  EXPECT_TRUE(std::any_of(
      sink.regions.begin(), sink.regions.end(),
      [](const Region& region) { return region.use == RegionUse::kSlack; }));
}

TEST(F2fsTest, WhatNobodyOwnsIsSlack) {
  Bytes image = kImage;
  image[image.size() - 10] = 'x';
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kF2fs, image, sink));
  EXPECT_TRUE(sink.anomalies.empty());
  EXPECT_EQ(sink.regions.back().use, RegionUse::kSlack);
  EXPECT_EQ(sink.regions.back().range.end(), image.size());
}

TEST(F2fsTest, EntriesAndNamesAreBounded) {
  RecordingSink few;
  few.set_limits({.entries = 5});
  EXPECT_EQ(Unpack(kF2fs, kImage, few).error().code, ErrorCode::kLimit);
  EXPECT_LE(few.members.size(), 5U);
  RecordingSink brief;
  brief.set_limits({.name = 4});
  EXPECT_EQ(Unpack(kF2fs, kImage, brief).error().code, ErrorCode::kLimit);
}

}  // namespace
}  // namespace assay::formats
