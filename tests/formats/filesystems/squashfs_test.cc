#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "tests/support/hex.h"
#include "tests/support/recording_sink.h"
#include "verifier/formats/format.h"

namespace assay::formats {

extern const Format kSquashfs;
namespace {

using testing::Concat;
using testing::Hex;
using testing::RecordedMember;
using testing::RecordingSink;
using testing::Sample;

const Bytes kXzImage = Sample("formats/squashfs/xz.hex");
const Bytes kPlainImage = Sample("formats/squashfs/plain.hex");

constexpr std::array kCompressions = {"gzip", "lzma", "lzo",  "lz4",
                                      "xz",   "zstd", "plain"};

Bytes Image(std::string_view compression) {
  return Sample(fmt::format("formats/squashfs/{}.hex", compression));
}

std::string Numbers() {
  std::string text;
  for (int i = 1; i <= 1100; ++i) {
    text += fmt::format("{}\n", i);
  }
  return text;
}

std::string Exact() {
  std::string text;
  while (text.size() < 8192) {
    text += "exact\n";
  }
  return text.substr(0, 8192);
}

bool AccountsFor(const RecordingSink& sink, std::uint64_t size) {
  std::string why;
  const bool accounts = sink.Accounts(size, &why);
  EXPECT_TRUE(accounts) << why;
  return accounts;
}

TEST(SquashfsTest, ReadsEveryCompression) {
  for (const char* compression : kCompressions) {
    const Bytes image = Image(compression);
    RecordingSink sink;
    const auto result = Unpack(kSquashfs, Concat(image, Hex("0000")), sink);
    ASSERT_TRUE(result) << compression << ": " << result.error().what;
    EXPECT_TRUE(sink.anomalies.empty());
    std::string names;
    for (const RecordedMember& member : sink.members) {
      names += member.member.name + " ";
      EXPECT_EQ(member.problem, "") << compression << member.member.name;
    }
    EXPECT_EQ(names,
              ". bin bin/su bin/su2 dev dev/console dev/disk dev/pipe dev/sock "
              "etc etc/empty etc/exact etc/holes etc/link etc/numbers ");
    EXPECT_EQ(AsText(sink.Find("bin/su")->content), "inert: not a program\n");
    EXPECT_TRUE(sink.Find("etc/empty")->content.empty());
    EXPECT_EQ(AsText(sink.Find("etc/exact")->content), Exact());
    EXPECT_EQ(AsText(sink.Find("etc/holes")->content),
              std::string(19997, '\0') + "end");
    EXPECT_EQ(AsText(sink.Find("etc/numbers")->content), Numbers());
  }
}

TEST(SquashfsTest, KeepsEveryMetadatum) {
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
      {"dev/console", FileType::kCharDevice, 0600, 0, 5, 5, 1, ""},
      {"dev/disk", FileType::kBlockDevice, 0660, 0, 6, 259, 300, ""},
      {"dev/pipe", FileType::kFifo, 0644, 7, 8, 0, 0, ""},
      {"dev/sock", FileType::kSocket, 0700, 9, 9, 0, 0, ""},
      {"etc", FileType::kDirectory, 01777, 0, 0, 0, 0, ""},
      {"etc/link", FileType::kSymlink, 0777, 5, 6, 0, 0, "../bin/su"},
      {"etc/numbers", FileType::kRegular, 0644, 1000, 100, 0, 0, ""},
  };
  for (const char* compression : kCompressions) {
    RecordingSink sink;
    ASSERT_TRUE(Unpack(kSquashfs, Image(compression), sink));
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
    EXPECT_FALSE(sink.Find("bin/su2")->has_content);
  }
}

TEST(SquashfsTest, KeepsExtendedAttributes) {
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kSquashfs, kXzImage, sink));
  const auto& su = sink.Find("bin/su")->member.meta.xattrs;
  ASSERT_EQ(su.size(), 1U);
  EXPECT_EQ(su[0].first, "security.capability");
  EXPECT_EQ(CopyOf(AsBytes(su[0].second)),
            Hex("0100000200200000000000000000000000000000"));
  auto numbers = sink.Find("etc/numbers")->member.meta.xattrs;
  std::sort(numbers.begin(), numbers.end());
  ASSERT_EQ(numbers.size(), 2U);
  EXPECT_EQ(numbers[0].first, "user.long");
  EXPECT_EQ(numbers[0].second, std::string(300, 'x'));
  EXPECT_EQ(numbers[1],
            std::pair(std::string("user.note"), std::string("hello")));
  EXPECT_TRUE(sink.Find("etc/exact")->member.meta.xattrs.empty());
}

TEST(SquashfsTest, AccountsForEveryByte) {
  for (const char* compression : kCompressions) {
    const Bytes image = Image(compression);
    EXPECT_TRUE(kSquashfs.matches(image));
    EXPECT_EQ(kSquashfs.measure(Concat(image, Hex("ff"))).value_or(0),
              image.size());
    RecordingSink sink;
    ASSERT_TRUE(Unpack(kSquashfs, image, sink));
    AccountsFor(sink, image.size());
    for (const Region& region : sink.regions) {
      EXPECT_TRUE(region.use == RegionUse::kMember ||
                  region.use == RegionUse::kMetadata);
    }
  }
}

TEST(SquashfsTest, PlainBlocksAreTheContentItself) {
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kSquashfs, kPlainImage, sink));
  const RecordedMember* exact = sink.Find("etc/exact");
  EXPECT_TRUE(exact->member.stored);
  ASSERT_TRUE(exact->member.origin);
  const auto origin = Slice(kPlainImage, exact->member.origin->offset, 8192);
  ASSERT_TRUE(origin);
  EXPECT_EQ(AsText(*origin), Exact());
  EXPECT_FALSE(sink.Find("etc/holes")->member.stored);
}

// The last entry is cut off its directory's listing.
TEST(SquashfsTest, ABrokenListingIsSaid) {
  Bytes image = kPlainImage;
  const std::string_view text = AsText(image);
  const std::size_t first = text.find("empty", 0x3000);
  ASSERT_NE(first, std::string_view::npos);
  const std::size_t header = first - 8 - 12;
  ASSERT_EQ(image[header], 4);
  image[header] = 3;
  RecordingSink sink;
  (void)Unpack(kSquashfs, image, sink);
  EXPECT_EQ(sink.Find("etc/numbers"), nullptr);
  // The listing now has a rest that is no header: said, not skipped.
  EXPECT_TRUE(sink.Saw("squashfs.bad-directory"));
  // And the block of the file that nothing leads to any more is slack.
  EXPECT_TRUE(std::any_of(
      sink.regions.begin(), sink.regions.end(), [](const Region& region) {
        return region.use == RegionUse::kSlack && region.range.length >= 4096;
      }));
}

TEST(SquashfsTest, DamagedDataStayWithTheirFile) {
  Bytes image = kXzImage;
  image[96 + 30] ^= 0xffU;  // in the first data block
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kSquashfs, image, sink));
  std::size_t problems = 0;
  for (const RecordedMember& member : sink.members) {
    problems += member.problem.empty() ? 0U : 1U;
  }
  EXPECT_EQ(problems, 1U);
  EXPECT_EQ(sink.members.size(), 15U);
}

TEST(SquashfsTest, ASparseBombStopsAtTheLimit) {
  const Bytes image = Sample("formats/squashfs/holes.hex");
  EXPECT_LT(image.size(), 300U);
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kSquashfs, image, sink));
  const RecordedMember* zeros = sink.Find("z1g");
  ASSERT_NE(zeros, nullptr);
  EXPECT_EQ(zeros->problem, "limit");
}

TEST(SquashfsTest, EntriesAndNamesAreBounded) {
  RecordingSink few;
  few.set_limits({.entries = 5});
  const auto result = Unpack(kSquashfs, kXzImage, few);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kLimit);
  EXPECT_LE(few.members.size(), 5U);
  RecordingSink brief;
  brief.set_limits({.name = 4});
  EXPECT_EQ(Unpack(kSquashfs, kXzImage, brief).error().code, ErrorCode::kLimit);
}

TEST(SquashfsTest, DecodingWorkIsBounded) {
  RecordingSink sink;
  sink.set_limits({.unpacked = 40'000});
  (void)Unpack(kSquashfs, kXzImage, sink);
  bool stopped = false;
  for (const RecordedMember& member : sink.members) {
    stopped =
        stopped || member.problem.find("too many blocks") != std::string::npos;
  }
  EXPECT_TRUE(stopped);
}

TEST(SquashfsTest, EveryProperPrefixFails) {
  for (std::size_t size = 0; size < kXzImage.size(); ++size) {
    const ByteView prefix = ByteView(kXzImage).first(size);
    EXPECT_FALSE(kSquashfs.measure(prefix)) << size;
    RecordingSink sink;
    EXPECT_FALSE(Unpack(kSquashfs, prefix, sink)) << size;
  }
}

// Whatever a flip does, claims stay inside the image and apart; where the walk
// ends well, they account for every byte.
TEST(SquashfsTest, AnyFlipIsReadWithinTheBytes) {
  for (const Bytes& whole : {kXzImage, Image("lzma"), Image("plain")}) {
    const std::size_t step = whole.size() > 5000 ? 7 : 1;
    for (std::size_t at = 0; at < whole.size(); at += step) {
      Bytes damaged = whole;
      damaged[at] ^= 0x11U;
      RecordingSink sink;
      const auto result = Unpack(kSquashfs, damaged, sink);
      const auto size = kSquashfs.measure(damaged);
      EXPECT_LE(size.value_or(0), damaged.size());
      if (result && size) {
        EXPECT_TRUE(AccountsFor(sink, *size)) << "byte " << at;
      }
    }
  }
}

TEST(SquashfsTest, SuperBlocksThatContradictThemselvesAreNotSquashfs) {
  for (const auto& [at, value] : {std::pair<std::size_t, std::uint8_t>{0, 'H'},
                                  {13, 0x20},
                                  {20, 0},
                                  {20, 7},
                                  {22, 13},
                                  {26, 0},
                                  {28, 3},
                                  {30, 1},
                                  {64, 0},
                                  {71, 1},
                                  {72, 0}}) {
    Bytes wrong = kXzImage;
    wrong[at] = value;
    wrong[at + 1] = at == 26 || at == 64 || at == 72 ? 0 : wrong[at + 1];
    EXPECT_FALSE(kSquashfs.matches(wrong)) << at;
  }
}

// A directory that holds itself, by way of its own inode.
TEST(SquashfsTest, DirectoryCyclesEnd) {
  Bytes image = kPlainImage;
  const std::string_view text = AsText(image);
  const std::size_t name = text.rfind("bin");  // in the root
  ASSERT_NE(name, std::string_view::npos);
  const auto super_root = ReadAt<Le64>(image, 32);
  ASSERT_TRUE(super_root);
  ASSERT_EQ(*super_root >> 16U, 0U);  // in the first metadata block
  image[name - 8] = static_cast<std::uint8_t>(*super_root & 0xffU);
  image[name - 7] = static_cast<std::uint8_t>(*super_root >> 8U & 0xffU);
  RecordingSink sink;
  (void)Unpack(kSquashfs, image, sink);
  EXPECT_TRUE(sink.Saw("squashfs.directory-again"));
  EXPECT_TRUE(sink.Saw("squashfs.unreached-inodes"));
}

}  // namespace
}  // namespace assay::formats
