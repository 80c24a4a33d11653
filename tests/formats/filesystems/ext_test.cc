#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "tests/support/hex.h"
#include "tests/support/volume_checks.h"
#include "verifier/formats/format.h"

namespace assay::formats {

extern const Format kExt;
namespace {

using testing::ExpectedFile;
using testing::Hex;
using testing::Problems;
using testing::PutLe;
using testing::RecordedMember;
using testing::RecordingSink;
using testing::Sample;

const Bytes kExt2 = Sample("formats/ext/ext2.hex");
const Bytes kExt4 = Sample("formats/ext/ext4.hex");
const Bytes kInline = Sample("formats/ext/inline.hex");

constexpr std::size_t kSuper = 1024;
constexpr std::size_t kInodeSize = 256;

std::string Numbers() {
  std::string text;
  for (int i = 1; i <= 700; ++i) {
    text += std::to_string(i) + "\n";
  }
  return text;
}

const ExpectedFile kFiles[] = {
    {".", FileType::kDirectory, 0755},
    {"bin/su", FileType::kRegular, 04755},
    {"bin/su2", FileType::kHardLink, 04755, 0, 0, 0, 0, "bin/su"},
    {"dev/console", FileType::kCharDevice, 0644, 0, 0, 5, 1},
    {"dev/disk", FileType::kBlockDevice, 0644, 0, 0, 259, 300},
    {"dev/pipe", FileType::kFifo, 0644},
    {"etc", FileType::kDirectory, 01777},
    {"etc/empty", FileType::kRegular, 0644},
    {"etc/link", FileType::kSymlink, 0777, 70000, 80000, 0, 0, "../bin/su"},
    {"etc/long", FileType::kSymlink, 0777, 0, 0, 0, 0, std::string(100, 'l')},
    {"etc/numbers", FileType::kRegular, 0644, 1000, 100},
    {"lost+found", FileType::kDirectory, 0700},
    {"many/name-" + std::string(79, '0') + "8", FileType::kRegular, 0644},
};

// Where inode `number` lies: all samples have one group.
std::size_t InodeAt(const Bytes& image, std::uint32_t number) {
  const auto table = ReadAt<Le32>(image, 2048 + 8);
  return std::size_t{*table} * 1024 + (number - 1) * kInodeSize;
}

// Where the directory entry of that name begins.
std::size_t EntryAt(const Bytes& image, std::string_view name) {
  const std::string_view text = AsText(image);
  std::size_t at = text.find(name);
  while (at != std::string_view::npos && image[at - 2] != name.size()) {
    at = text.find(name, at + 1);
  }
  EXPECT_NE(at, std::string_view::npos) << name;
  return at - 8;
}

std::uint32_t InodeOf(const Bytes& image, std::string_view name) {
  return *ReadAt<Le32>(image, EntryAt(image, name));
}

bool HasSlack(const RecordingSink& sink, std::uint64_t at) {
  return std::any_of(
      sink.regions.begin(), sink.regions.end(), [at](const Region& region) {
        return region.use == RegionUse::kSlack && region.range.offset <= at &&
               at < region.range.end();
      });
}

TEST(ExtTest, ReadsWhatMke2fsMade) {
  for (const Bytes& image : {kExt2, kExt4, kInline}) {
    RecordingSink sink;
    CheckVolume(kExt, image, kFiles, sink);
    EXPECT_EQ(sink.members.size(), 24U);
    EXPECT_EQ(sink.Find("etc/numbers")->member.meta.mtime, 1'000'000'000);
    EXPECT_EQ(AsText(sink.Find("bin/su")->content), "inert: not a program\n");
    EXPECT_EQ(AsText(sink.Find("etc/numbers")->content), Numbers());
    EXPECT_EQ(AsText(sink.Find("etc/holes")->content),
              std::string(19997, '\0') + "end");
    EXPECT_FALSE(std::any_of(
        sink.regions.begin(), sink.regions.end(),
        [](const auto& region) { return region.use == RegionUse::kSlack; }));
  }
}

TEST(ExtTest, KeepsExtendedAttributes) {
  for (const Bytes& image : {kExt2, kExt4, kInline}) {
    RecordingSink sink;
    ASSERT_TRUE(Unpack(kExt, image, sink));
    const auto& su = sink.Find("bin/su")->member.meta.xattrs;
    ASSERT_EQ(su.size(), 1U);
    EXPECT_EQ(su[0].first, "security.capability");
    EXPECT_EQ(CopyOf(AsBytes(su[0].second)),
              Hex("0100000200200000000000000000000000000000"));
    const auto& numbers = sink.Find("etc/numbers")->member.meta.xattrs;
    ASSERT_EQ(numbers.size(), 1U);
    EXPECT_EQ(numbers[0],
              std::pair(std::string("user.note"), std::string("hello")));
  }
}

TEST(ExtTest, ContentInOnePieceIsByReference) {
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kExt, kExt4, sink));
  const Member& numbers = sink.Find("etc/numbers")->member;
  ASSERT_TRUE(numbers.origin && numbers.stored);
  EXPECT_EQ(AsText(*Slice(kExt4, numbers.origin->offset, 6)), "1\n2\n3\n");
}

TEST(ExtTest, EveryProperPrefixFails) {
  for (const Bytes& image : {kExt2, kExt4, kInline}) {
    testing::CheckVolumePrefixes(kExt, image, 97);
  }
}

TEST(ExtTest, AnyFlipIsReadWithinTheBytes) {
  for (const Bytes& image : {kExt2, kExt4, kInline}) {
    testing::CheckVolumeFlips(kExt, image, 5);
  }
}

// With metadata checksums no flip in what is claimed as metadata goes unseen.
TEST(ExtTest, DamagedMetadataAreSaid) {
  RecordingSink whole;
  ASSERT_TRUE(Unpack(kExt, kExt4, whole));
  Bytes damaged = kExt4;
  std::size_t met = 0;
  for (const Region& region : whole.regions) {
    for (std::uint64_t at = region.range.offset; at < region.range.end();
         ++at) {
      // But for a link's target and inodes that were never used.
      const bool checked =
          region.use == RegionUse::kMetadata && kExt4[at] != 0 &&
          kExt4[at] != 'l' &&
          (at < InodeAt(kExt4, 3) || at >= InodeAt(kExt4, 11)) &&
          ++met % 7 == 0;
      if (!checked) {
        continue;
      }
      damaged[at] ^= 0x04U;
      RecordingSink sink;
      const auto result = Unpack(kExt, damaged, sink);
      EXPECT_TRUE(!kExt.matches(damaged) || !result || !sink.anomalies.empty())
          << at;
      damaged[at] = kExt4[at];
    }
  }
  EXPECT_GT(met, 500U);
}

TEST(ExtTest, SuperBlocksThatContradictThemselvesAreNotExt) {
  struct Case {
    std::size_t at;
    std::uint64_t value;
    std::size_t size;
  };
  for (const Case& wrong : std::initializer_list<Case>{
           {56, 0xEF52, 2},     // magic
           {24, 7, 4},          // block size
           {76, 2, 4},          // revision
           {90, 1, 2},          // a copy in another group
           {96, 8, 4},          // a journal of its own
           {88, 0, 2},          // inode size
           {88, 384, 2},        //
           {88, 2048, 2},       // more than a block
           {20, 2, 4},          // first block
           {4, 1, 4},           // blocks
           {32, 0, 4},          // blocks of a group
           {40, 0, 4},          // inodes of a group
           {40, 9000, 4},       //
           {0, 33, 4},          // inodes
           {16, 33, 4},         // free inodes
           {12, 1'000'000, 4},  // free blocks
       }) {
    Bytes image = kExt2;
    PutLe(image, kSuper + wrong.at, wrong.value, wrong.size);
    EXPECT_FALSE(kExt.matches(image)) << wrong.at;
    EXPECT_FALSE(kExt.measure(image)) << wrong.at;
    RecordingSink sink;
    EXPECT_FALSE(Unpack(kExt, image, sink)) << wrong.at;
  }
}

TEST(ExtTest, AFileSystemThatGoesOnBehindTheInputIsTruncated) {
  Bytes image = kExt2;
  PutLe(image, kSuper + 4, 8000, 4);
  EXPECT_EQ(kExt.measure(image).error().code, ErrorCode::kTruncated);
  RecordingSink sink;
  const auto result = Unpack(kExt, image, sink);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kTruncated);
  EXPECT_EQ(AsText(sink.Find("etc/numbers")->content), Numbers());
  std::string why;
  EXPECT_TRUE(sink.Accounts(image.size(), &why)) << why;
}

TEST(ExtTest, WhatNobodyOwnsIsSlack) {
  Bytes image = kExt2;
  const std::size_t numbers = InodeAt(image, InodeOf(image, "numbers"));
  const std::size_t last = *ReadAt<Le32>(image, numbers + 40 + 8) * 1024UL;
  const std::size_t places[] = {
      100,                 // boot block
      last + 1023,         // behind a file's last byte
      image.size() - 100,  // a free block
      InodeAt(image, 5),   // an inode in no use
  };
  for (const std::size_t at : places) {
    image[at] = 'x';
  }
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kExt, image, sink));
  for (const std::size_t at : places) {
    EXPECT_TRUE(HasSlack(sink, at)) << at;
  }
}

TEST(ExtTest, AnInodeInNoDirectoryIsShown) {
  Bytes image = kExt2;
  const std::uint32_t number = InodeOf(image, "numbers");
  PutLe(image, EntryAt(image, "numbers"), 0, 4);
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kExt, image, sink));
  EXPECT_TRUE(sink.Saw("ext.unlisted-inode"));
  EXPECT_FALSE(sink.Saw("ext.hidden-entry"));
  const RecordedMember* found = sink.Find("#" + std::to_string(number));
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(AsText(found->content), Numbers());
}

TEST(ExtTest, ANameBehindAnEntryIsHidden) {
  Bytes image = kExt2;
  const std::size_t long_at = EntryAt(image, "long");
  const std::size_t next = long_at + *ReadAt<Le16>(image, long_at + 4);
  ASSERT_LT(next % 1024, 1000U);  // there is one more in the block
  PutLe(image, long_at + 4,
        *ReadAt<Le16>(image, long_at + 4) + *ReadAt<Le16>(image, next + 4), 2);
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kExt, image, sink));
  EXPECT_TRUE(sink.Saw("ext.hidden-entry"));
  EXPECT_TRUE(sink.Saw("ext.unlisted-inode"));
}

// What is left of a removed entry is no news while its inode is listed.
TEST(ExtTest, LeftoversOfEntriesAreNoNews) {
  Bytes image = kExt2;
  const std::size_t at = EntryAt(image, "long");
  const std::size_t next = at + *ReadAt<Le16>(image, at + 4);
  const std::uint32_t lost = *ReadAt<Le32>(image, next);
  PutLe(image, at + 4,
        *ReadAt<Le16>(image, at + 4) + *ReadAt<Le16>(image, next + 4), 2);
  const std::size_t inode = InodeAt(image, lost);
  PutLe(image, inode + 20, 1'000'000'001, 4);  // deleted
  PutLe(image, inode + 26, 0, 2);
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kExt, image, sink));
  EXPECT_FALSE(sink.Saw("ext.hidden-entry"));
  EXPECT_FALSE(sink.Saw("ext.unlisted-inode"));
}

TEST(ExtTest, BlocksOfTwoFilesAreAnAnomaly) {
  Bytes image = kExt2;
  const std::size_t su = InodeAt(image, InodeOf(image, "su"));
  const std::size_t numbers = InodeAt(image, InodeOf(image, "numbers"));
  PutLe(image, su + 40, *ReadAt<Le32>(image, numbers + 40), 4);
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kExt, image, sink));
  EXPECT_TRUE(sink.Saw("ext.overlapping-blocks"));
  EXPECT_EQ(AsText(sink.Find("bin/su")->content), Numbers().substr(0, 21));
  EXPECT_EQ(AsText(sink.Find("etc/numbers")->content), Numbers());
  std::string why;
  EXPECT_TRUE(sink.Accounts(image.size(), &why)) << why;
}

TEST(ExtTest, DirectoryCyclesEnd) {
  Bytes image = kExt2;
  PutLe(image, EntryAt(image, "many"), 2, 4);  // the root, in itself
  RecordingSink sink;
  (void)Unpack(kExt, image, sink);
  EXPECT_TRUE(sink.Saw("ext.directory-again"));
  EXPECT_TRUE(sink.Saw("ext.unlisted-inode"));
}

TEST(ExtTest, BlocksBehindTheEndStayWithTheirFile) {
  for (const std::uint64_t block : {95U, 96U, 0xffffffffU}) {
    Bytes image = kExt2;
    PutLe(image, InodeAt(image, InodeOf(image, "numbers")) + 44, block, 4);
    RecordingSink sink;
    (void)Unpack(kExt, image, sink);
    EXPECT_EQ(Problems(sink), block == 95 ? 0U : 1U);
    EXPECT_EQ(sink.members.size(), 24U);
  }
}

TEST(ExtTest, DamagedMapsStayWithTheirFile) {
  const std::size_t inode = InodeAt(kExt4, InodeOf(kExt4, "numbers"));
  struct Case {
    std::size_t at;
    std::uint64_t value;
    std::size_t size;
  };
  for (const Case& wrong : std::initializer_list<Case>{
           {40, 0xF30B, 2},     // magic
           {42, 5, 2},          // more entries than there is room
           {44, 9, 2},          // likewise
           {46, 6, 2},          // too deep
           {46, 1, 2},          // data read as a node
           {56, 0, 2},          // no length
           {60, 0xffffff, 4},   // start
           {52, 1, 4},          // what comes before is a hole
           {4, 0x7fffffff, 4},  // size
       }) {
    Bytes image = kExt4;
    PutLe(image, inode + wrong.at, wrong.value, wrong.size);
    RecordingSink sink;
    (void)Unpack(kExt, image, sink);
    EXPECT_EQ(sink.members.size(), 24U) << wrong.at;
    EXPECT_TRUE(sink.Saw("ext.checksum-mismatch")) << wrong.at;
    const bool readable = wrong.at == 52;
    EXPECT_EQ(Problems(sink), readable ? 0U : 1U) << wrong.at;
  }
}

TEST(ExtTest, AnIndirectBlockIsFollowedOnce) {
  Bytes image = kExt2;
  const std::size_t inode = InodeAt(image, InodeOf(image, "holes"));
  const std::uint32_t indirect = *ReadAt<Le32>(image, inode + 40 + 48);
  ASSERT_NE(indirect, 0U);
  PutLe(image, indirect * 1024UL, indirect, 4);
  PutLe(image, inode + 40 + 52, indirect, 4);  // doubly indirect: itself
  PutLe(image, inode + 4, 100'000'000, 4);
  RecordingSink sink;
  (void)Unpack(kExt, image, sink);
  EXPECT_TRUE(sink.Saw("ext.bad-map"));
}

TEST(ExtTest, ASparseBombStopsAtTheLimit) {
  Bytes image = kExt2;
  const std::size_t inode = InodeAt(image, InodeOf(image, "empty"));
  PutLe(image, inode + 4, 0, 4);
  PutLe(image, inode + 108, 0x1000, 4);  // 16 TiB
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kExt, image, sink));
  EXPECT_EQ(sink.Find("etc/empty")->problem, "limit");
}

TEST(ExtTest, WhatIsEncryptedIsSaid) {
  Bytes image = kExt2;
  PutLe(image, InodeAt(image, InodeOf(image, "su")) + 32, 0x800, 4);
  PutLe(image, InodeAt(image, InodeOf(image, "numbers")) + 32, 0x4, 4);
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kExt, image, sink));
  EXPECT_EQ(sink.Find("bin/su")->problem, "encrypted (fscrypt)");
  EXPECT_EQ(sink.Find("etc/numbers")->problem, "compressed (e2compr)");
  std::string why;
  EXPECT_TRUE(sink.Accounts(image.size(), &why)) << why;
}

TEST(ExtTest, ContradictionsAreSaid) {
  struct Case {
    const char* name;
    std::size_t at;
    std::uint64_t value;
    const char* anomaly;
  };
  for (const Case& wrong : {
           Case{"su", 26, 1, "ext.link-count"},
           Case{"empty", 0, 0120777, "ext.type-mismatch"},
       }) {
    Bytes image = kExt2;
    PutLe(image, InodeAt(image, InodeOf(image, wrong.name)) + wrong.at,
          wrong.value, 2);
    RecordingSink sink;
    (void)Unpack(kExt, image, sink);
    EXPECT_TRUE(sink.Saw(wrong.anomaly)) << wrong.anomaly;
  }
  Bytes image = kExt2;
  PutLe(image, kSuper + 96, *ReadAt<Le32>(image, kSuper + 96) | 4U, 4);
  RecordingSink sink;
  (void)Unpack(kExt, image, sink);
  EXPECT_TRUE(sink.Saw("ext.ambiguous-journal"));
}

TEST(ExtTest, DamagedAttributesAndNamesAreSaid) {
  Bytes image = kExt2;
  const std::size_t inode = InodeAt(image, InodeOf(image, "numbers"));
  const auto extra = *ReadAt<Le16>(image, inode + 128);
  PutLe(image, inode + 128 + extra + 4 + 2, 0xfff0, 2);  // the value's place
  image[EntryAt(image, "link") + 8] = '/';
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kExt, image, sink));
  EXPECT_TRUE(sink.Saw("ext.bad-xattrs"));
  EXPECT_TRUE(sink.Saw("ext.odd-name"));
  EXPECT_EQ(AsText(sink.Find("etc/numbers")->content), Numbers());
}

TEST(ExtTest, EntriesThatLieAreSaid) {
  for (const std::uint64_t length : {0ULL, 4ULL, 13ULL, 2000ULL}) {
    Bytes image = kExt2;
    PutLe(image, EntryAt(image, "long") + 4, length, 2);
    RecordingSink sink;
    const auto result = Unpack(kExt, image, sink);
    // A length of 0 stands for all the rest: one name is hidden then.
    EXPECT_TRUE(!result || sink.Saw("ext.hidden-entry")) << length;
  }
}

TEST(ExtTest, EntriesAndNamesAreBounded) {
  RecordingSink few;
  few.set_limits({.entries = 5});
  EXPECT_EQ(Unpack(kExt, kExt4, few).error().code, ErrorCode::kLimit);
  EXPECT_LE(few.members.size(), 5U);
  RecordingSink brief;
  brief.set_limits({.name = 4});
  EXPECT_EQ(Unpack(kExt, kExt4, brief).error().code, ErrorCode::kLimit);
}

}  // namespace
}  // namespace assay::formats
