#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/hex.h"
#include "tests/support/image_checks.h"
#include "tests/support/recording_sink.h"
#include "verifier/base/crc32.h"
#include "verifier/formats/format.h"

namespace assay::formats {

extern const Format kLittlefs;
namespace {

using testing::Concat;
using testing::ExpectGood;
using testing::ExpectKept;
using testing::Names;
using testing::RecordedMember;
using testing::RecordingSink;
using testing::Sample;
using testing::SweepImage;

constexpr std::array kPlain = {"v20", "v21", "small", "second"};

Bytes Image(std::string_view name) {
  return Sample(fmt::format("formats/littlefs/{}.hex", name));
}

std::string Numbers() {
  std::string text;
  for (int i = 1; i <= 700; ++i) {
    text += fmt::format("{}\n", i);
  }
  return text;
}

std::string Anomalies(const RecordingSink& sink) {
  std::string ids;
  for (const Anomaly& anomaly : sink.anomalies) {
    ids += anomaly.id + " ";
  }
  return ids;
}

void Put32(Bytes& image, std::size_t at, std::uint32_t value) {
  for (std::size_t i = 0; i < 4; ++i) {
    image[at + i] = static_cast<std::uint8_t>(value >> (8 * i));
  }
}

// Makes the CRC of the first commit in the block at `start` right again.
void Reseal(Bytes& image, std::size_t start) {
  std::uint32_t previous = 0xffffffff;
  for (std::size_t at = start + 4;;) {
    const std::uint32_t tag = *ReadAt<Be32>(image, at) ^ previous;
    if ((tag >> 27U & 0xfU) == 0xaU) {  // a CRC
      Put32(image, at + 4,
            Crc32Raw(0xffffffff, *Slice(image, start, at + 4 - start)));
      return;
    }
    previous = tag;
    at += 4 + ((tag & 0x3ffU) == 0x3ffU ? 0 : tag & 0x3ffU);
  }
}

std::size_t Find(const Bytes& image, std::string_view text) {
  const std::size_t at = AsText(image).find(text);
  EXPECT_NE(at, std::string::npos) << text;
  return at;
}

TEST(LittlefsTest, ReadsEveryStructure) {
  for (const char* name : kPlain) {
    RecordingSink sink;
    const auto result = Unpack(kLittlefs, Image(name), sink);
    ASSERT_TRUE(result) << name << ": " << result.error().what;
    EXPECT_EQ(Names(sink),
              ". deep deep/deeper etc etc/empty etc/numbers etc/zeta su ")
        << name;
    EXPECT_EQ(AsText(sink.Find("su")->content), "inert: not a program\n");
    EXPECT_EQ(AsText(sink.Find("etc/numbers")->content), Numbers()) << name;
    EXPECT_EQ(AsText(sink.Find("etc/zeta")->content), "last\n") << name;
    EXPECT_EQ(AsText(sink.Find("deep/deeper")->content), "x") << name;
    EXPECT_TRUE(sink.Find("etc/empty")->has_content);
    EXPECT_TRUE(sink.Find("etc/empty")->content.empty());
  }
}

TEST(LittlefsTest, KeepsWhatThereIsOfMetadata) {
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kLittlefs, Image("v21"), sink));
  const FileMetadata& meta = sink.Find("su")->member.meta;
  EXPECT_EQ(meta.mode, std::nullopt);
  EXPECT_EQ(meta.mtime, std::nullopt);
  ASSERT_EQ(meta.xattrs.size(), 1U);
  EXPECT_EQ(meta.xattrs[0].first, "0x74");
  EXPECT_EQ(meta.xattrs[0].second, std::string("\x00\xca\x9a\x3b\0\0\0\0", 8));
  EXPECT_EQ(sink.Find("etc")->member.meta.type, FileType::kDirectory);
}

TEST(LittlefsTest, AccountsForEveryByte) {
  for (const char* name : {"v20", "v21", "small", "second", "grown"}) {
    SCOPED_TRACE(name);
    ExpectGood(kLittlefs, Image(name));
  }
}

TEST(LittlefsTest, ASmallFileLiesInItsDirectory) {
  const Bytes image = Image("v21");
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kLittlefs, image, sink));
  const RecordedMember* su = sink.Find("su");
  ASSERT_TRUE(su->member.stored && su->member.origin);
  EXPECT_EQ(AsText(*Slice(image, su->member.origin->offset,
                          su->member.origin->length)),
            "inert: not a program\n");
}

// log of make.py: revisions wrap around, and the last commits count.
TEST(LittlefsTest, TheLastCommitsCount) {
  const Bytes image = Image("log");
  RecordingSink sink;
  const auto result = Unpack(kLittlefs, image, sink);
  ASSERT_TRUE(result) << result.error().what;
  EXPECT_EQ(Names(sink), ". aaa config grow there there/stays ");
  EXPECT_EQ(AsText(sink.Find("aaa")->content), "first");
  EXPECT_EQ(AsText(sink.Find("config")->content), "password=2");
  EXPECT_EQ(AsText(sink.Find("grow")->content), Numbers());
  EXPECT_EQ(AsText(sink.Find("there/stays")->content), "once");
  const auto& xattrs = sink.Find("config")->member.meta.xattrs;
  ASSERT_EQ(xattrs.size(), 1U);
  EXPECT_EQ(xattrs[0], std::pair(std::string("0x70"), std::string("new")));
  EXPECT_TRUE(sink.Find("grow")->member.meta.xattrs.empty());
  std::string why;
  EXPECT_TRUE(sink.Accounts(image.size(), &why)) << why;
}

// The move, the deleted file, the old password, the removed directory; but not
// the file that grew.
TEST(LittlefsTest, ThePastIsSaid) {
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kLittlefs, Image("log"), sink));
  EXPECT_EQ(Anomalies(sink),
            "littlefs.hidden-file littlefs.unfinished-move "
            "littlefs.hidden-version littlefs.orphaned-directory ");
}

TEST(LittlefsTest, OldContentsAreSlack) {
  const Bytes image = Image("log");
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kLittlefs, image, sink));
  for (const char* old : {"password=1", "hidden", "orphan"}) {
    const std::size_t at = Find(image, old);
    const bool slack = std::any_of(
        sink.regions.begin(), sink.regions.end(), [&](const Region& region) {
          return region.use == RegionUse::kSlack && region.range.offset <= at &&
                 region.range.end() > at;
        });
    EXPECT_TRUE(slack) << old;
  }
}

// The super block that counts is that of the root, wherever it went.
TEST(LittlefsTest, AGrownOneIsReadToItsNewEnd) {
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kLittlefs, Image("grown"), sink));
  EXPECT_EQ(Names(sink), ". file ");
  EXPECT_EQ(AsText(sink.Find("file")->content), "content");
  EXPECT_EQ(kLittlefs.measure(Image("grown")).value_or(0), 6 * 256U);
}

TEST(LittlefsTest, TheOlderBlockStandsInForADamagedOne) {
  Bytes image = Image("v21");
  image[Find(image, "inert")] ^= 1U;
  RecordingSink sink;
  const auto result = Unpack(kLittlefs, image, sink);
  ASSERT_TRUE(result) << result.error().what;
  EXPECT_EQ(Names(sink), ". ");  // as it was formatted
}

TEST(LittlefsTest, DamagedPairsAreSaid) {
  Bytes image = Image("v21");
  image[Find(image, "zeta")] ^= 1U;
  RecordingSink sink;
  EXPECT_FALSE(Unpack(kLittlefs, image, sink));
  EXPECT_TRUE(sink.Saw("littlefs.bad-pair"));
  EXPECT_TRUE(sink.Saw("littlefs.bad-directory"));
  EXPECT_EQ(AsText(sink.Find("etc/numbers")->content), Numbers());
  std::string why;
  EXPECT_TRUE(sink.Accounts(image.size(), &why)) << why;
}

// A commit that was cut short leaves what was to be erased. Version 2.0 cannot
// know.
TEST(LittlefsTest, InterruptedCommitsAreSaid) {
  for (const bool promises : {true, false}) {
    Bytes image = Image(promises ? "v21" : "v20");
    const std::size_t block = Find(image, "deeper") / 512 * 512;
    const std::size_t end = block + (promises ? 48 : 32);
    image[end + 8] = 0x7f;
    RecordingSink sink;
    ASSERT_TRUE(Unpack(kLittlefs, image, sink));
    EXPECT_EQ(Anomalies(sink), promises ? "littlefs.interrupted-commit " : "");
    EXPECT_EQ(AsText(sink.Find("deep/deeper")->content), "x");
  }
}

// Who reads a file from its end takes the first pointers, who seeks in it the
// others as well.
TEST(LittlefsTest, SkipListsHaveOneMeaning) {
  Bytes image = Image("v21");
  RecordingSink good;
  ASSERT_TRUE(Unpack(kLittlefs, image, good));
  // The third block of the file has two pointers.
  const std::size_t third = Find(image, Numbers().substr(512 + 508, 30)) - 8;
  ASSERT_EQ(third % 512, 0U);
  Put32(image, third + 4, 9);
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kLittlefs, image, sink));
  EXPECT_EQ(Anomalies(sink), "littlefs.bad-skip-list ");
  EXPECT_EQ(AsText(sink.Find("etc/numbers")->content), Numbers());
  // And where the first one leads outside, to itself or into a directory,
  // there is no file.
  for (const std::uint32_t block :
       {16U, 0xffffffffU, static_cast<std::uint32_t>(third / 512), 0U}) {
    Put32(image, third, block);
    RecordingSink bad;
    (void)Unpack(kLittlefs, image, bad);
    EXPECT_NE(bad.Find("etc/numbers")->problem, "") << block;
    EXPECT_TRUE(bad.Saw("littlefs.bad-file")) << block;
    ExpectKept(kLittlefs, image, fmt::format("pointer {}", block));
  }
}

TEST(LittlefsTest, LyingSizesAreBounded) {
  for (const std::uint32_t size : {0xffffffffU, 0x7fffffffU, 8192U, 5000U}) {
    Bytes image = Image("v21");
    const std::size_t at = Find(image, "numbers") + 7 + 4;
    Put32(image, at + 4, size);
    Reseal(image, at / 512 * 512);
    RecordingSink sink;
    (void)Unpack(kLittlefs, image, sink);
    EXPECT_NE(sink.Find("etc/numbers")->problem, "") << size;
    ExpectKept(kLittlefs, image, fmt::format("size {}", size));
  }
}

TEST(LittlefsTest, LoopsEnd) {
  // A directory that is its own parent, and one that continues itself.
  Bytes image = Image("v21");
  const std::size_t etc = Find(image, "etc") + 3 + 4;
  Put32(image, etc, 1);
  Put32(image, etc + 4, 0);
  Reseal(image, 0);
  RecordingSink sink;
  (void)Unpack(kLittlefs, image, sink);
  EXPECT_TRUE(sink.Saw("littlefs.directory-again"));
  EXPECT_TRUE(sink.Saw("littlefs.orphaned-directory"));

  Bytes chain = Image("v21");
  const std::size_t numbers = Find(chain, "numbers");
  const std::size_t block = numbers / 512 * 512;
  const std::size_t tail = numbers + 7 + 4 + 8 + 4;
  Put32(chain, tail, static_cast<std::uint32_t>(block / 512 + 1));
  Put32(chain, tail + 4, static_cast<std::uint32_t>(block / 512));
  Reseal(chain, block);
  RecordingSink other;
  EXPECT_FALSE(Unpack(kLittlefs, chain, other));
  EXPECT_TRUE(other.Saw("littlefs.list-loop"));
  EXPECT_TRUE(other.Saw("littlefs.unlisted-pair"));
  EXPECT_TRUE(other.Saw("littlefs.bad-directory"));
}

TEST(LittlefsTest, OddEntriesAreSaid) {
  Bytes image = Image("v21");
  const std::size_t at = Find(image, "su\x20\x00");
  image[at] = '/';
  Reseal(image, 0);
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kLittlefs, image, sink));
  EXPECT_TRUE(sink.Saw("littlefs.odd-name"));
  // A kind that there is none of.
  Bytes kind = Image("v21");
  for (const std::size_t tag : {at - 4, at + 2}) {
    kind[tag + 1] ^= 0x70U;
  }
  Reseal(kind, 0);
  RecordingSink other;
  ASSERT_TRUE(Unpack(kLittlefs, kind, other));
  EXPECT_TRUE(other.Saw("littlefs.bad-entry"));
  EXPECT_EQ(other.Find("su"), nullptr);
}

TEST(LittlefsTest, WhatIsMissingIsSaid) {
  const Bytes image = Image("v21");
  for (const std::size_t size : {600U, 4096U, 8191U}) {
    RecordingSink sink;
    const auto cut = ByteView(image).first(size);
    EXPECT_EQ(kLittlefs.measure(cut).error().code, ErrorCode::kTruncated);
    EXPECT_EQ(Unpack(kLittlefs, cut, sink).error().code, ErrorCode::kTruncated);
  }
}

TEST(LittlefsTest, LaterVersionsAreNotGuessed) {
  Bytes image = Image("v21");
  for (const std::size_t block : {0U, 512U}) {
    image[block + 20] = 9;
    Reseal(image, block);
  }
  RecordingSink sink;
  EXPECT_EQ(Unpack(kLittlefs, image, sink).error().code,
            ErrorCode::kUnsupported);
  image[22] = 3;
  Reseal(image, 0);
  image[512 + 22] = 1;
  Reseal(image, 512);
  EXPECT_FALSE(kLittlefs.matches(image));
}

TEST(LittlefsTest, LimitsHold) {
  RecordingSink few;
  few.set_limits({.entries = 4});
  EXPECT_EQ(Unpack(kLittlefs, Image("v21"), few).error().code,
            ErrorCode::kLimit);
  RecordingSink brief;
  brief.set_limits({.name = 4});
  EXPECT_EQ(Unpack(kLittlefs, Image("v21"), brief).error().code,
            ErrorCode::kLimit);
}

TEST(LittlefsTest, RefusesWhatIsNone) {
  EXPECT_FALSE(kLittlefs.matches({}));
  EXPECT_FALSE(kLittlefs.matches(Bytes(4096, 0)));
  EXPECT_FALSE(kLittlefs.matches(Bytes(4096, 0xff)));
  const Bytes image = Image("v21");
  const Bytes name = CopyOf(ByteView(image).first(16));
  EXPECT_FALSE(kLittlefs.matches(name));
  EXPECT_FALSE(kLittlefs.matches(Concat(name, Bytes(4096, 0))));
  EXPECT_FALSE(kLittlefs.matches(Concat(name, Bytes(4096, 0xff))));
  for (std::size_t at = 0; at < 44; ++at) {
    Bytes damaged = CopyOf(ByteView(image).first(512));
    damaged[at] ^= 0x04U;
    EXPECT_FALSE(kLittlefs.matches(damaged)) << at;
  }
  for (const auto& [at, value] :
       {std::pair(24U, 0U), std::pair(24U, 64U), std::pair(24U, 0xffffffffU),
        std::pair(28U, 0U), std::pair(28U, 1U)}) {
    Bytes odd = CopyOf(ByteView(image).first(512));
    Put32(odd, at, value);
    Reseal(odd, 0);
    EXPECT_FALSE(kLittlefs.matches(odd)) << at << " " << value;
  }
}

TEST(LittlefsTest, PrefixesAndFlipsAreKept) {
  for (const char* name : {"log", "v20", "small", "grown", "second"}) {
    SCOPED_TRACE(name);
    SweepImage(kLittlefs, Image(name), 3);
  }
}

// With every checksum right again, nothing but sense is left to check.
TEST(LittlefsTest, EveryFlipUnderItsChecksumIsKept) {
  const Bytes image = Image("v21");
  for (const std::string_view inside : {"littlefs", "numbers", "deeper"}) {
    const std::size_t block = Find(image, inside) / 512 * 512;
    for (std::size_t at = block; at < block + 200; ++at) {
      for (const unsigned mask : {0x01U, 0x20U, 0x80U, 0xffU}) {
        Bytes damaged = image;
        damaged[at] = static_cast<std::uint8_t>(damaged[at] ^ mask);
        Bytes sealed = damaged;
        std::uint32_t previous = 0xffffffff;
        bool ends = false;
        for (std::size_t tag_at = block + 4; tag_at + 8 < block + 512;) {
          const std::uint32_t tag = *ReadAt<Be32>(sealed, tag_at) ^ previous;
          if ((tag >> 27U & 0xfU) == 0xaU) {
            ends = true;
            break;
          }
          previous = tag;
          tag_at += 4 + ((tag & 0x3ffU) == 0x3ffU ? 0 : tag & 0x3ffU);
        }
        if (ends) {
          Reseal(sealed, block);
        }
        ExpectKept(kLittlefs, sealed, fmt::format("byte {}", at));
      }
    }
  }
}

}  // namespace
}  // namespace assay::formats
