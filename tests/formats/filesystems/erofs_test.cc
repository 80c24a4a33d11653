#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "tests/support/hex.h"
#include "tests/support/recording_sink.h"
#include "tests/support/sweep.h"
#include "verifier/base/crc32.h"
#include "verifier/formats/format.h"

namespace assay::formats {

extern const Format kErofs;
namespace {

using testing::Attempt;
using testing::Concat;
using testing::ForEachFlip;
using testing::ForEachPrefix;
using testing::Hex;
using testing::RecordedMember;
using testing::RecordingSink;
using testing::Sample;

constexpr std::array kAll = {"plain", "chunks",  "lz4", "legacy",
                             "lzma",  "deflate", "zstd"};
constexpr std::size_t kSuper = 1024;

Bytes Image(std::string_view name) {
  return Sample(fmt::format("formats/erofs/{}.hex", name));
}

std::string Numbers(int last) {
  std::string text;
  for (int i = 1; i <= last; ++i) {
    text += fmt::format("{}\n", i);
  }
  return text;
}

std::string Exact() {
  std::string text;
  while (text.size() < 1024) {
    text += "exact\n";
  }
  return text.substr(0, 1024);
}

void Put32(Bytes& image, std::size_t at, std::uint32_t value) {
  for (std::size_t i = 0; i < 4; ++i) {
    image[at + i] = static_cast<std::uint8_t>(value >> 8 * i);
  }
}

// With a checksum that is right, as anyone can make it; blocks of 512 bytes.
Bytes Sealed(Bytes image) {
  image[kSuper + 8] |= 1U;
  Put32(image, kSuper + 4, 0);
  Put32(image, kSuper + 4,
        Crc32cRaw(~0U, ByteView(image).subspan(kSuper, 512)));
  return image;
}

// Where the inode of `nid` lies: the samples' metadata begin at block 0.
std::size_t InodeAt(std::uint64_t nid) {
  return static_cast<std::size_t>(nid * 32);
}

// Where the name in a listing lies, and its entry's node id.
std::size_t NameAt(const Bytes& image, std::string_view name) {
  return AsText(image).find(name, kSuper + 128);
}

TEST(ErofsTest, ReadsEveryCompressionAndLayout) {
  for (const char* name : kAll) {
    const Bytes image = Image(name);
    RecordingSink sink;
    std::uint64_t consumed = 0;
    const auto result =
        Unpack(kErofs, Concat(image, Hex("0000")), sink, &consumed);
    ASSERT_TRUE(result) << name << ": " << result.error().what;
    EXPECT_EQ(consumed, image.size());
    EXPECT_TRUE(sink.anomalies.empty()) << name << sink.anomalies[0].detail;
    std::string names;
    for (const RecordedMember& member : sink.members) {
      names += member.member.name + " ";
      EXPECT_EQ(member.problem, "") << name << member.member.name;
    }
    EXPECT_EQ(names,
              ". bin bin/su bin/su2 dev dev/console dev/disk dev/pipe etc "
              "etc/empty etc/exact etc/holes etc/link etc/numbers etc/other ");
    EXPECT_EQ(AsText(sink.Find("bin/su")->content), "inert: not a program\n");
    EXPECT_TRUE(sink.Find("etc/empty")->content.empty());
    EXPECT_EQ(AsText(sink.Find("etc/exact")->content), Exact());
    EXPECT_EQ(AsText(sink.Find("etc/holes")->content),
              std::string(2997, '\0') + "end");
    EXPECT_EQ(AsText(sink.Find("etc/numbers")->content), Numbers(700));
    EXPECT_EQ(AsText(sink.Find("etc/other")->content), Numbers(500) + "tail\n");
  }
}

// The setuid bit too, which dump.erofs and fsck.erofs 1.5 hide.
TEST(ErofsTest, KeepsEveryMetadatum) {
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
      {"dev/disk", FileType::kBlockDevice, 0660, 0, 0, 259, 300, ""},
      {"dev/pipe", FileType::kFifo, 0644, 7, 8, 0, 0, ""},
      {"etc", FileType::kDirectory, 01777, 0, 0, 0, 0, ""},
      {"etc/link", FileType::kSymlink, 0777, 5, 6, 0, 0, "../bin/su"},
      {"etc/numbers", FileType::kRegular, 0644, 70000, 100, 0, 0, ""},
  };
  for (const char* name : kAll) {
    RecordingSink sink;
    ASSERT_TRUE(Unpack(kErofs, Image(name), sink));
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

// Shared and inline ones; those of deflate.hex have a long prefix.
TEST(ErofsTest, KeepsExtendedAttributes) {
  using Attribute = std::pair<std::string, std::string>;
  for (const char* name : kAll) {
    RecordingSink sink;
    ASSERT_TRUE(Unpack(kErofs, Image(name), sink));
    const auto& su = sink.Find("bin/su")->member.meta.xattrs;
    ASSERT_EQ(su.size(), 1U) << name;
    EXPECT_EQ(su[0].first, "security.capability");
    EXPECT_EQ(CopyOf(AsBytes(su[0].second)),
              Hex("0100000200200000000000000000000000000000"));
    auto other = sink.Find("etc/other")->member.meta.xattrs;
    std::sort(other.begin(), other.end());
    ASSERT_EQ(other.size(), 3U) << name;
    EXPECT_EQ(other[0], Attribute("trusted.inert.kind", "text")) << name;
    EXPECT_EQ(other[1], Attribute("user.long", std::string(100, 'x')));
    EXPECT_EQ(other[2], Attribute("user.note", "hello"));
    EXPECT_EQ(sink.Find("etc/numbers")->member.meta.xattrs.size(), 2U);
    EXPECT_TRUE(sink.Find("etc/exact")->member.meta.xattrs.empty());
  }
}

TEST(ErofsTest, AccountsForEveryByte) {
  for (const char* name : kAll) {
    const Bytes image = Image(name);
    EXPECT_TRUE(kErofs.matches(image));
    EXPECT_EQ(kErofs.measure(Concat(image, Hex("ff"))).value_or(0),
              image.size());
    RecordingSink sink;
    ASSERT_TRUE(Unpack(kErofs, image, sink));
    std::string why;
    EXPECT_TRUE(sink.Accounts(image.size(), &why)) << name << why;
    // Of legacy.hex mkfs left 23 bytes of text behind an inode.
    for (const Region& region : sink.regions) {
      if (region.use == RegionUse::kSlack && name == std::string("legacy")) {
        EXPECT_EQ(region.range.length, 23U);
        continue;
      }
      EXPECT_NE(region.use, RegionUse::kSlack) << name << region.range.offset;
    }
  }
}

TEST(ErofsTest, PlainBlocksAreTheContentItself) {
  const Bytes image = Image("plain");
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kErofs, image, sink));
  const RecordedMember* exact = sink.Find("etc/exact");
  EXPECT_TRUE(exact->member.stored);
  ASSERT_TRUE(exact->member.origin);
  EXPECT_EQ(AsText(*Slice(image, exact->member.origin->offset, 1024)), Exact());
}

TEST(ErofsTest, EveryProperPrefixFails) {
  const Bytes image = Image("lzma");
  ForEachPrefix(kErofs, image, [&](const Attempt& attempt) {
    EXPECT_FALSE(attempt.ok) << attempt.at;
    EXPECT_FALSE(kErofs.measure(ByteView(image).first(attempt.at)));
  });
}

// Whatever a flip does, claims stay inside and apart: the sweep checks. What
// the checksum covers is noticed.
TEST(ErofsTest, AnyFlipIsReadWithinTheBytes) {
  for (const char* name : {"zstd", "deflate"}) {
    ForEachFlip(kErofs, Image(name), [&](const Attempt& attempt) {
      EXPECT_LE(attempt.sink->members.size(), 200U);
    });
  }
  ForEachFlip(kErofs, Image("lzma"), [&](const Attempt& attempt) {
    const bool covered = attempt.at >= kSuper && attempt.at < 2048;
    const bool says_so = attempt.at >= kSuper + 8 && attempt.at < kSuper + 12;
    EXPECT_TRUE(!covered || says_so || !attempt.ok ||
                attempt.sink->Saw("erofs.checksum-mismatch"))
        << attempt.at;
  });
}

TEST(ErofsTest, DamagedDataStayWithTheirFile) {
  for (const char* name : {"lzma", "deflate", "zstd", "lz4"}) {
    Bytes image = Image(name);
    for (std::size_t at = image.size() - 512; at < image.size(); ++at) {
      image[at] = static_cast<std::uint8_t>(~image[at]);
    }
    RecordingSink sink;
    (void)Unpack(kErofs, image, sink);
    EXPECT_EQ(sink.members.size(), 15U) << name;
  }
}

TEST(ErofsTest, SuperBlocksThatContradictThemselvesAreNotErofs) {
  const Bytes image = Image("plain");
  const auto wrong = [&](std::size_t at, std::uint32_t value) {
    Bytes changed = image;
    Put32(changed, kSuper + at, value);
    EXPECT_FALSE(kErofs.matches(Sealed(changed))) << at;
  };
  wrong(0, 0xe0f5e1e3);
  wrong(12, 8);  // block bits
  wrong(12, 17);
  wrong(16, 0);  // inodes
  wrong(16, 0x10000000);
  wrong(36, 0);           // blocks
  wrong(40, 0xffffffff);  // first block of inodes
  wrong(88, 0x00010000);  // bits of directory blocks
}

TEST(ErofsTest, UnknownFeaturesAreSaid) {
  Bytes image = Image("plain");
  Put32(image, kSuper + 80, 0x80);
  RecordingSink sink;
  EXPECT_EQ(Unpack(kErofs, Sealed(image), sink).error().code,
            ErrorCode::kUnsupported);
}

TEST(ErofsTest, AWrongChecksumIsSaidAndTheRestRead) {
  Bytes image = Sealed(Image("plain"));
  EXPECT_TRUE(kErofs.measure(image));
  image[kSuper + 48] ^= 1U;  // in the UUID
  EXPECT_FALSE(kErofs.measure(image));
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kErofs, image, sink));
  EXPECT_TRUE(sink.Saw("erofs.checksum-mismatch"));
  EXPECT_EQ(sink.members.size(), 15U);
}

TEST(ErofsTest, MoreInodesThanNamesAreHidden) {
  Bytes image = Image("plain");
  ++image[kSuper + 16];
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kErofs, Sealed(image), sink));
  EXPECT_TRUE(sink.Saw("erofs.unlisted-inodes"));
}

// "bin", "dev" and "etc" follow one another in the root's listing.
TEST(ErofsTest, NamesOutOfOrderAreSaid) {
  Bytes image = Image("plain");
  const std::size_t at = NameAt(image, "bindevetc");
  ASSERT_NE(at, std::string::npos);
  image[at] = 'x';
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kErofs, image, sink));
  EXPECT_TRUE(sink.Saw("erofs.ambiguous-order"));
  std::copy_n("devdev", 6, image.begin() + static_cast<std::ptrdiff_t>(at));
  RecordingSink twice;
  ASSERT_TRUE(Unpack(kErofs, image, twice));
  EXPECT_TRUE(twice.Saw("erofs.ambiguous-name"));
  image[at + 1] = '/';
  RecordingSink odd;
  ASSERT_TRUE(Unpack(kErofs, image, odd));
  EXPECT_TRUE(odd.Saw("erofs.odd-name"));
}

// The root's entries: 12 bytes each in front of the names ". .. bin dev etc".
TEST(ErofsTest, ListingsThatLieAreSaid) {
  const Bytes image = Image("plain");
  const std::size_t names = NameAt(image, "...bindevetc");
  ASSERT_NE(names, std::string::npos);
  const std::size_t first = names - 5 * 12;
  const std::size_t bin = first + 2 * 12;
  Bytes cycle = image;  // bin leads to the root
  std::copy_n(image.begin() + static_cast<std::ptrdiff_t>(first), 8,
              cycle.begin() + static_cast<std::ptrdiff_t>(bin));
  RecordingSink again;
  ASSERT_TRUE(Unpack(kErofs, cycle, again));
  EXPECT_TRUE(again.Saw("erofs.directory-again"));
  Bytes type = image;
  type[bin + 10] = 1;
  RecordingSink ambiguous;
  ASSERT_TRUE(Unpack(kErofs, type, ambiguous));
  EXPECT_TRUE(ambiguous.Saw("erofs.ambiguous-type"));
  Bytes parent = image;
  parent[first + 12] = parent[bin];
  RecordingSink astray;
  ASSERT_TRUE(Unpack(kErofs, parent, astray));
  EXPECT_TRUE(astray.Saw("erofs.ambiguous-parent"));
  for (const auto& [at, value] :
       {std::pair<std::size_t, std::uint8_t>{first + 8, 11},
        {first + 8, 0},
        {bin + 8, 1},
        {bin + 9, 0x70}}) {
    Bytes broken = image;
    broken[at] = value;
    RecordingSink sink;
    EXPECT_FALSE(Unpack(kErofs, broken, sink));
    EXPECT_TRUE(sink.Saw("erofs.bad-directory")) << at;
  }
  Bytes outside = image;
  outside[bin + 5] = 1;
  RecordingSink opaque;
  ASSERT_TRUE(Unpack(kErofs, outside, opaque));
  EXPECT_NE(opaque.Find("bin")->problem, "");
}

TEST(ErofsTest, LyingInodesAreOpaque) {
  const Bytes image = Image("plain");
  const std::size_t at = NameAt(image, "...emptyexact");
  ASSERT_NE(at, std::string::npos);
  const auto nid = ReadAt<Le64>(image, at - 8 * 12 + 3 * 12);  // exact
  ASSERT_TRUE(nid);
  const std::size_t inode = InodeAt(*nid);
  for (const auto& [offset, value] :
       {std::pair<std::size_t, std::uint8_t>{0, 0x0e},  // a layout
        {1, 1},                                         // an unknown flag
        {10, 0xff},                                     // the size
        {18, 0xff}}) {                                  // the first block
    Bytes lying = image;
    lying[inode + offset] = value;
    RecordingSink sink;
    ASSERT_TRUE(Unpack(kErofs, lying, sink)) << offset;
    EXPECT_NE(sink.Find("etc/exact")->problem, "") << offset;
  }
}

TEST(ErofsTest, ChunksOnAnotherDeviceAreOpaque) {
  Bytes image = Image("chunks");
  const std::size_t at = NameAt(image, "...emptyexact");
  ASSERT_NE(at, std::string::npos);
  const auto nid = ReadAt<Le64>(image, at - 8 * 12 + 3 * 12);
  ASSERT_TRUE(nid);
  const bool extended = (image[InodeAt(*nid)] & 1U) != 0;
  const std::size_t table = InodeAt(*nid) + (extended ? 64 : 32);
  image[table + 2] = 1;
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kErofs, image, sink));
  EXPECT_EQ(sink.Find("etc/exact")->problem, "erofs: a chunk lies on device 1");
}

TEST(ErofsTest, EntriesNamesAndWorkAreBounded) {
  const Bytes image = Image("lzma");
  RecordingSink few;
  few.set_limits({.entries = 5});
  (void)Unpack(kErofs, image, few);
  EXPECT_LE(few.members.size(), 5U);
  RecordingSink brief;
  brief.set_limits({.name = 4});
  EXPECT_EQ(Unpack(kErofs, image, brief).error().code, ErrorCode::kLimit);
  RecordingSink little;
  little.set_limits({.unpacked = 1000});
  EXPECT_EQ(Unpack(kErofs, image, little).error().code, ErrorCode::kLimit);
}

}  // namespace
}  // namespace assay::formats
