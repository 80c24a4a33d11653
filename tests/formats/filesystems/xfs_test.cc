#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "tests/support/hex.h"
#include "tests/support/volume_checks.h"
#include "verifier/base/crc32.h"
#include "verifier/formats/format.h"

namespace assay::formats {

extern const Format kXfs;
namespace {

using testing::ExpectedFile;
using testing::Problems;
using testing::PutLe;
using testing::RecordedMember;
using testing::RecordingSink;
using testing::Sample;

const Bytes kVersion5 = Sample("formats/xfs/v5.hex");
const Bytes kVersion4 = Sample("formats/xfs/v4.hex");

const ExpectedFile kFiles[] = {
    {".", FileType::kDirectory, 0755},
    {"bin/su", FileType::kRegular, 04755},
    {"dev/console", FileType::kCharDevice, 0600, 0, 5, 5, 1},
    {"dev/disk", FileType::kBlockDevice, 0660, 0, 6, 259, 300},
    {"dev/pipe", FileType::kFifo, 0644, 7, 8},
    {"etc/empty", FileType::kRegular, 0644},
    {"etc/link", FileType::kSymlink, 0777, 5, 6, 0, 0, "../bin/su"},
    {"etc/long", FileType::kSymlink, 0777, 0, 0, 0, 0, std::string(300, 'l')},
    {"etc/numbers", FileType::kRegular, 0644, 70000, 80000},
    {"many/name-" + std::string(99, '0') + "7", FileType::kRegular, 0644},
};

std::string Numbers() {
  std::string text;
  for (int i = 1; i <= 700; ++i) {
    text += std::to_string(i) + "\n";
  }
  return text;
}

void PutBe(Bytes& bytes, std::size_t at, std::uint64_t value,
           std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) {
    bytes.at(at + i) = static_cast<std::uint8_t>(value >> 8U * (size - 1 - i));
  }
}

// Where inode `number` lies: both samples have one group of 1 KiB blocks.
std::size_t InodeAt(const Bytes& image, std::uint64_t number) {
  return number * *ReadAt<Be16>(image, 104);
}

// The inode with that size of data and that owner.
std::size_t InodeOfSize(const Bytes& image, std::uint64_t size) {
  const std::uint64_t root = *ReadAt<Be64>(image, 56);
  for (std::uint64_t i = root; i < root + 64; ++i) {
    if (*ReadAt<Be64>(image, InodeAt(image, i) + 56) == size) {
      return InodeAt(image, i);
    }
  }
  ADD_FAILURE() << "no inode of size " << size;
  return 0;
}

void Seal(Bytes& image, std::size_t at, std::size_t size,
          std::size_t checksum) {
  PutLe(image, at + checksum, 0, 4);
  PutLe(image, at + checksum, Crc32c(*Slice(image, at, size)), 4);
}

constexpr std::size_t kNumbersSize = 2692;
constexpr std::size_t kSuSize = 21;
constexpr std::size_t kLiteral5 = 176;

TEST(XfsTest, ReadsWhatMkfsMade) {
  for (const Bytes& image : {kVersion5, kVersion4}) {
    RecordingSink sink;
    CheckVolume(kXfs, image, kFiles, sink);
    EXPECT_EQ(sink.members.size(), 25U);
    EXPECT_EQ(AsText(sink.Find("bin/su")->content), "inert: not a program\n");
    EXPECT_EQ(AsText(sink.Find("etc/numbers")->content), Numbers());
    EXPECT_TRUE(sink.Find("etc/numbers")->member.stored);
  }
}

TEST(XfsTest, KeepsTimesOfBothKinds) {
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kXfs, kVersion5, sink));  // nanoseconds since 1901
  EXPECT_EQ(sink.Find("etc/numbers")->member.meta.mtime, 1'795'602'794);
  RecordingSink old;
  ASSERT_TRUE(Unpack(kXfs, kVersion4, old));
  EXPECT_NEAR(static_cast<double>(*old.Find("bin/su")->member.meta.mtime),
              1'795'602'794, 5);
}

TEST(XfsTest, KeepsExtendedAttributes) {
  for (const Bytes& image : {kVersion5, kVersion4}) {
    RecordingSink sink;
    ASSERT_TRUE(Unpack(kXfs, image, sink));
    auto found = sink.Find("bin/su")->member.meta.xattrs;
    std::sort(found.begin(), found.end());
    std::vector<std::pair<std::string, std::string>> expected = {
        {"security.capability", std::string(20, 'v')},
        {"user.note", std::string(5, 'v')}};
    if (image == kVersion5) {  // in a block of its own
      expected.insert(expected.begin() + 1,
                      {"user.large", std::string(1500, 'v')});
    }
    EXPECT_EQ(found, expected);
  }
}

TEST(XfsTest, EveryProperPrefixFails) {
  for (const Bytes& image : {kVersion5, kVersion4}) {
    testing::CheckVolumePrefixes(kXfs, ByteView(image).first(20'000), 97);
    testing::CheckVolumePrefixes(kXfs, image, 300'007);
  }
}

TEST(XfsTest, AnyFlipIsReadWithinTheBytes) {
  testing::CheckVolumeFlips(kXfs, kVersion5, 101);
  testing::CheckVolumeFlips(kXfs, kVersion4, 101);
}

// In version 5, no flip in a header, tree, inode or directory goes unseen.
TEST(XfsTest, DamagedMetadataAreSaid) {
  RecordingSink whole;
  ASSERT_TRUE(Unpack(kXfs, kVersion5, whole));
  const std::uint64_t log = *ReadAt<Be64>(kVersion5, 48) * 1024;
  const std::uint64_t log_end = log + *ReadAt<Be32>(kVersion5, 96) * 1024ULL;
  Bytes damaged = kVersion5;
  std::size_t met = 0;
  for (const Region& region : whole.regions) {
    for (std::uint64_t at = region.range.offset;
         region.use == RegionUse::kMetadata && at < region.range.end(); ++at) {
      if (kVersion5[at] == 0 || (at >= log && at < log_end) ||
          ++met % 89 != 0) {
        continue;
      }
      damaged[at] ^= 0x04U;
      RecordingSink sink;
      const auto result = Unpack(kXfs, damaged, sink);
      const bool said = !result || !sink.anomalies.empty() ||
                        std::any_of(sink.regions.begin(), sink.regions.end(),
                                    [](const Region& found) {
                                      return found.use == RegionUse::kSlack;
                                    });
      EXPECT_TRUE(said || Problems(sink) > 0) << at;
      damaged[at] = kVersion5[at];
    }
  }
  EXPECT_GT(met, 5000U);
}

TEST(XfsTest, SuperBlocksThatContradictThemselvesAreNotXfs) {
  struct Case {
    std::size_t at;
    std::uint64_t value;
    std::size_t size;
  };
  for (const Case& wrong : std::initializer_list<Case>{
           {0, 0x58465343, 4},     // magic
           {4, 1000, 4},           // block size
           {4, 2048, 4},           // unlike its logarithm
           {8, 0, 8},              // blocks
           {8, 1ULL << 60U, 8},    //
           {84, 1, 4},             // blocks of a group
           {84, 8192, 4},          // fewer than there are
           {88, 0, 4},             // groups
           {88, 2, 4},             // more than there are blocks for
           {100, 3, 2},            // version
           {102, 256, 2},          // sector size
           {104, 0, 2},            // inode size
           {106, 3, 2},            // inodes of a block
           {124, 40, 1},           // logarithm of a group
           {126, 1, 1},            // being made
           {144, 1ULL << 40U, 8},  // free blocks
       }) {
    Bytes image = CopyOf(ByteView(kVersion5).first(65536));
    PutBe(image, wrong.at, wrong.value, wrong.size);
    EXPECT_FALSE(kXfs.matches(image)) << wrong.at;
    EXPECT_FALSE(kXfs.measure(image)) << wrong.at;
    RecordingSink sink;
    EXPECT_FALSE(Unpack(kXfs, image, sink)) << wrong.at;
  }
}

TEST(XfsTest, CopiesInOtherGroupsAreNoBeginning) {
  Bytes image = kVersion5;
  PutBe(image, 512 + 8, 1, 4);  // the number of the group
  EXPECT_FALSE(kXfs.measure(image));
}

TEST(XfsTest, WhatNobodyOwnsIsSlack) {
  Bytes image = kVersion5;
  image[image.size() - 10] = 'x';
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kXfs, image, sink));
  EXPECT_TRUE(sink.anomalies.empty());
  const Region& last = sink.regions.back();
  EXPECT_EQ(last.use, RegionUse::kSlack);
  EXPECT_EQ(last.range.end(), image.size());
}

TEST(XfsTest, BlocksOfTwoFilesAreShared) {
  Bytes image = kVersion4;
  const std::size_t su = InodeOfSize(image, kSuSize);
  const std::size_t numbers = InodeOfSize(image, kNumbersSize);
  for (std::size_t i = 0; i < 15; ++i) {
    image[su + 100 + i] = image[numbers + 100 + i];
  }
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kXfs, image, sink));
  EXPECT_TRUE(sink.Saw("xfs.overlapping-blocks"));  // no reflinks there
  EXPECT_EQ(AsText(sink.Find("bin/su")->content), Numbers().substr(0, kSuSize));
  std::string why;
  EXPECT_TRUE(sink.Accounts(image.size(), &why)) << why;
}

TEST(XfsTest, AnInodeInNoDirectoryIsShown) {
  Bytes image = kVersion4;
  const std::uint64_t root = *ReadAt<Be64>(image, 56);
  const std::size_t at = InodeAt(image, root) + 100;
  // The directory in the inode loses its last name ("many").
  ASSERT_EQ(image[at], 4);
  image[at] = 3;
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kXfs, image, sink));
  EXPECT_TRUE(sink.Saw("xfs.unlisted-inode"));
  EXPECT_EQ(sink.Find("many"), nullptr);
  EXPECT_GE(sink.members.size(), 25U);
}

TEST(XfsTest, DirectoryCyclesEnd) {
  Bytes image = kVersion4;
  const std::uint64_t root = *ReadAt<Be64>(image, 56);
  const std::size_t at = InodeAt(image, root) + 100;
  PutBe(image, at + 6 + 3 + 3, root, 4);  // "bin"
  RecordingSink sink;
  (void)Unpack(kXfs, image, sink);
  EXPECT_TRUE(sink.Saw("xfs.directory-again"));
}

TEST(XfsTest, LongLinksHaveAHeader) {
  Bytes image = kVersion5;
  const std::size_t inode = InodeOfSize(image, kNumbersSize);
  PutBe(image, inode + 2, 0120777, 2);
  PutBe(image, inode + 56, 500, 8);
  Seal(image, inode, 512, 100);
  RecordingSink raw;
  (void)Unpack(kXfs, image, raw);
  EXPECT_TRUE(raw.Saw("xfs.checksum-mismatch"));
  EXPECT_EQ(raw.Find("etc/numbers")->member.meta.link_target,
            Numbers().substr(0, 500));
  const std::size_t block =
      (*ReadAt<Be64>(image, inode + kLiteral5 + 8) >> 21U) * 1024;
  PutBe(image, block, 0x58534c4d, 4);
  Seal(image, block, 1024, 12);
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kXfs, image, sink));
  EXPECT_FALSE(sink.Saw("xfs.checksum-mismatch"));
  EXPECT_EQ(sink.Find("etc/numbers")->member.meta.link_target,
            Numbers().substr(56, 500));
}

TEST(XfsTest, UnwrittenExtentsAreHoles) {
  Bytes image = kVersion5;
  const std::size_t inode = InodeOfSize(image, kNumbersSize);
  image[inode + kLiteral5] |= 0x80U;
  Seal(image, inode, 512, 100);
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kXfs, image, sink));
  EXPECT_EQ(AsText(sink.Find("etc/numbers")->content),
            std::string(kNumbersSize, '\0'));
  // What lies there was not read by anyone.
  EXPECT_TRUE(std::any_of(
      sink.regions.begin(), sink.regions.end(),
      [](const Region& region) { return region.use == RegionUse::kSlack; }));
}

TEST(XfsTest, DamagedMapsStayWithTheirFile) {
  struct Case {
    std::size_t at;
    std::uint64_t value;
    std::size_t size;
  };
  for (const Case& wrong : std::initializer_list<Case>{
           {5, 1, 1},                       // format: in the inode
           {5, 3, 1},                       // format: a tree
           {5, 9, 1},                       // format: unknown
           {76, 100, 4},                    // more extents than room
           {kLiteral5 + 8, ~0ULL, 8},       // block
           {kLiteral5 + 8, 5UL << 21U, 8},  // no length
           {56, 1ULL << 62U, 8},            // size
           {82, 0xff, 1},                   // the other fork
           {0, 0, 2},                       // magic
       }) {
    Bytes image = kVersion5;
    const std::size_t inode = InodeOfSize(image, kNumbersSize);
    PutBe(image, inode + wrong.at, wrong.value, wrong.size);
    Seal(image, inode, 512, 100);
    RecordingSink sink;
    (void)Unpack(kXfs, image, sink);
    EXPECT_EQ(sink.members.size(), 25U) << wrong.at;
    EXPECT_EQ(Problems(sink), 1U) << wrong.at;
  }
}

TEST(XfsTest, ASparseBombStopsAtTheLimit) {
  Bytes image = kVersion5;
  const std::size_t inode = InodeOfSize(image, kNumbersSize);
  PutBe(image, inode + 56, 1ULL << 50U, 8);
  Seal(image, inode, 512, 100);
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kXfs, image, sink));
  EXPECT_EQ(sink.Find("etc/numbers")->problem, "limit");
}

TEST(XfsTest, WhatIsOnAnotherDeviceIsSaid) {
  Bytes image = kVersion5;
  const std::size_t inode = InodeOfSize(image, kNumbersSize);
  PutBe(image, inode + 90, 1, 2);
  Seal(image, inode, 512, 100);
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kXfs, image, sink));
  EXPECT_EQ(sink.Find("etc/numbers")->problem, "on the real-time device");
}

TEST(XfsTest, AnUnreplayedLogIsSaid) {
  Bytes image = kVersion5;
  const std::size_t log = *ReadAt<Be64>(image, 48) * 1024;
  ASSERT_EQ(*ReadAt<Be32>(image, log), 0xfeedbabeU);
  PutBe(image, log + 512 + 9, 0, 1);  // no longer: unmounted
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kXfs, image, sink));
  EXPECT_TRUE(sink.Saw("xfs.ambiguous-journal"));
}

TEST(XfsTest, EntriesAndNamesAreBounded) {
  RecordingSink few;
  few.set_limits({.entries = 5});
  EXPECT_EQ(Unpack(kXfs, kVersion5, few).error().code, ErrorCode::kLimit);
  EXPECT_LE(few.members.size(), 5U);
  RecordingSink brief;
  brief.set_limits({.name = 4});
  EXPECT_EQ(Unpack(kXfs, kVersion5, brief).error().code, ErrorCode::kLimit);
}

}  // namespace
}  // namespace assay::formats
