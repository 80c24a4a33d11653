#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/hex.h"
#include "tests/support/image_checks.h"
#include "tests/support/recording_sink.h"
#include "verifier/formats/format.h"

namespace assay::formats {

extern const Format kYaffs;
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

constexpr std::array kBuilt = {"yaffs1",       "yaffs1-big", "yaffs1-together",
                               "yaffs2",       "yaffs2-big", "yaffs2-plain",
                               "yaffs2-inband"};

Bytes Image(std::string_view name) {
  return Sample(fmt::format("formats/yaffs/{}.hex", name));
}

std::string Numbers() {
  std::string text;
  for (int i = 1; i <= 300; ++i) {
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

// Where the object header with that name begins.
std::size_t HeaderOf(const Bytes& image, std::string_view name) {
  const std::string field = std::string("\xff\xff") + std::string(name) + '\0';
  const std::size_t at = AsText(image).find(field);
  EXPECT_NE(at, std::string::npos) << name;
  return at - 8;
}

TEST(YaffsTest, ReadsEveryLayout) {
  for (const char* name : kBuilt) {
    RecordingSink sink;
    const auto result = Unpack(kYaffs, Image(name), sink);
    ASSERT_TRUE(result) << name << ": " << result.error().what;
    EXPECT_EQ(Names(sink),
              ". bin bin/su bin/su2 console disk etc etc/empty etc/link "
              "etc/numbers pipe ")
        << name;
    EXPECT_EQ(AsText(sink.Find("bin/su")->content), "inert: not a program\n");
    EXPECT_EQ(AsText(sink.Find("etc/numbers")->content), Numbers()) << name;
    EXPECT_TRUE(sink.Find("etc/empty")->has_content);
    EXPECT_TRUE(sink.Find("etc/empty")->content.empty());
  }
}

TEST(YaffsTest, KeepsEveryMetadatum) {
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
      {"bin/su2", FileType::kHardLink, 04755, 0, 0, 0, 0, "bin/su"},
      {"console", FileType::kCharDevice, 0600, 0, 0, 5, 1, ""},
      {"disk", FileType::kBlockDevice, 0660, 0, 0, 259, 300, ""},
      {"pipe", FileType::kFifo, 0644, 0, 0, 0, 0, ""},
      {"etc", FileType::kDirectory, 01777, 0, 0, 0, 0, ""},
      {"etc/link", FileType::kSymlink, 0777, 5, 6, 0, 0, "../bin/su"},
      {"etc/numbers", FileType::kRegular, 0644, 1000, 100, 0, 0, ""},
  };
  for (const char* image : kBuilt) {
    RecordingSink sink;
    ASSERT_TRUE(Unpack(kYaffs, Image(image), sink));
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

TEST(YaffsTest, KeepsExtendedAttributes) {
  for (const char* image : {"yaffs2", "yaffs2-inband"}) {
    RecordingSink sink;
    ASSERT_TRUE(Unpack(kYaffs, Image(image), sink));
    const auto& xattrs = sink.Find("etc/numbers")->member.meta.xattrs;
    ASSERT_EQ(xattrs.size(), 1U) << image;
    EXPECT_EQ(xattrs[0],
              std::pair(std::string("user.note"), std::string("hello")));
  }
}

TEST(YaffsTest, AccountsForEveryByte) {
  for (const char* name : kBuilt) {
    SCOPED_TRACE(name);
    ExpectGood(kYaffs, Image(name));
  }
}

TEST(YaffsTest, AFileOfOnePageIsStored) {
  const Bytes image = Image("yaffs2");
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kYaffs, image, sink));
  const RecordedMember* su = sink.Find("bin/su");
  ASSERT_TRUE(su->member.stored && su->member.origin);
  EXPECT_EQ(AsText(*Slice(image, su->member.origin->offset,
                          su->member.origin->length)),
            "inert: not a program\n");
}

// log2 of make.py: blocks count by their sequence numbers, not their places.
TEST(YaffsTest, TheNewestChunksCount) {
  const Bytes image = Image("log2");
  RecordingSink sink;
  const auto result = Unpack(kYaffs, image, sink);
  ASSERT_TRUE(result) << result.error().what;
  EXPECT_EQ(Names(sink), ". ahead config cut new ");
  EXPECT_EQ(AsText(sink.Find("config")->content), "password=2");
  EXPECT_EQ(sink.Find("config")->member.meta.mode, 0644U);
  EXPECT_EQ(AsText(sink.Find("new")->content), "keep");
  EXPECT_EQ(sink.Find("new")->member.meta.mode, 04755U);
  EXPECT_EQ(AsText(sink.Find("ahead")->content), "after");
  const std::string_view cut = AsText(sink.Find("cut")->content);
  ASSERT_EQ(cut.size(), 3 * 512U + 8);
  EXPECT_EQ(cut.substr(0, 4), "AAAA");
  EXPECT_EQ(cut.substr(512, 1024), std::string(1024, '\0'));
  EXPECT_EQ(cut.substr(1536), "CCCCCCCC");
  std::string why;
  EXPECT_TRUE(sink.Accounts(image.size(), &why)) << why;
}

// The old password, the deleted file, the one whose place another took, and
// what was cut off.
TEST(YaffsTest, ThePastIsSaid) {
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kYaffs, Image("log2"), sink));
  EXPECT_EQ(Anomalies(sink),
            "yaffs.short-chunk yaffs.hidden-version yaffs.hidden-object "
            "yaffs.hidden-object yaffs.hidden-version ");
  RecordingSink old;
  ASSERT_TRUE(Unpack(kYaffs, Image("log1"), old));
  EXPECT_EQ(Anomalies(old), "yaffs.hidden-version yaffs.hidden-object ");
}

TEST(YaffsTest, TheNextSerialNumberWins) {
  const Bytes image = Image("log1");
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kYaffs, image, sink));
  EXPECT_EQ(Names(sink), ". config keep ");
  EXPECT_EQ(AsText(sink.Find("config")->content), "password=2");
  EXPECT_EQ(sink.Find("config")->member.meta.mode, 0644U);
  EXPECT_EQ(AsText(sink.Find("keep")->content), "kept");
  std::string why;
  EXPECT_TRUE(sink.Accounts(image.size(), &why)) << why;
}

TEST(YaffsTest, EndsWithThePagesErasedBehindIt) {
  const Bytes image = Image("yaffs2");
  const std::size_t page = 1024 + 32;
  const Bytes padded = Concat(image, Bytes(10 * page, 0xff));
  EXPECT_EQ(kYaffs.measure(padded).value_or(0), padded.size());
  const Bytes text = Concat(image, Bytes(40'000, 'x'));
  EXPECT_EQ(kYaffs.measure(text).value_or(0), image.size());
  const Bytes zeros = Concat(padded, Bytes(400'000, 0));
  EXPECT_EQ(kYaffs.measure(zeros).value_or(0), padded.size());
}

TEST(YaffsTest, ASecondImageIsNotTheFirst) {
  for (const char* name : {"yaffs1", "yaffs2", "yaffs2-plain"}) {
    const Bytes image = Image(name);
    EXPECT_EQ(kYaffs.measure(Concat(image, image)).value_or(0), image.size())
        << name;
  }
}

// One wrong bit of the tags is mended, as the driver does.
TEST(YaffsTest, TagsAreCorrected) {
  for (const char* name : {"yaffs1", "yaffs1-big"}) {
    Bytes image = Image(name);
    image[6 * 528 + 512 + 1] ^= 0x10U;
    RecordingSink sink;
    ASSERT_TRUE(Unpack(kYaffs, image, sink)) << name;
    EXPECT_EQ(Anomalies(sink), "yaffs.corrected-tags ");
    EXPECT_EQ(sink.members.size(), 11U);
  }
  for (const bool big : {false, true}) {
    const char* name = big ? "yaffs2-big" : "yaffs2";
    const std::size_t page = big ? 512 : 1024;
    for (std::size_t bit = 0; bit < 128; ++bit) {
      Bytes image = Image(name);
      image[8 * (page + 32) + page + bit / 8] ^= 1U << bit % 8;
      RecordingSink sink;
      ASSERT_TRUE(Unpack(kYaffs, image, sink)) << name << bit;
      EXPECT_EQ(Anomalies(sink), "yaffs.corrected-tags ");
      EXPECT_EQ(AsText(sink.Find("etc/numbers")->content), Numbers());
    }
  }
}

TEST(YaffsTest, DamagedTagsAreSaid) {
  Bytes image = Image("yaffs2");
  image[9 * 1056 + 1024 + 4] ^= 0x03U;  // a chunk of etc/numbers
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kYaffs, image, sink));
  EXPECT_TRUE(sink.Saw("yaffs.bad-tags"));
  EXPECT_TRUE(sink.Saw("yaffs.missing-chunks"));
  std::string why;
  EXPECT_TRUE(sink.Accounts(image.size(), &why)) << why;
}

// The driver believes the one or the other, depending on how it was built.
TEST(YaffsTest, TagsThatContradictTheirHeaderAreSaid) {
  Bytes image = Image("log2");
  Put32(image, HeaderOf(image, "config") + 4, 2);
  const ByteView all = image;
  const std::size_t first = 7 * 544;  // the oldest block
  RecordingSink sink;
  (void)Unpack(kYaffs, Concat(all.subspan(first), all.first(first)), sink);
  EXPECT_TRUE(sink.Saw("yaffs.tag-mismatch"));
}

TEST(YaffsTest, OddHeadersAreSaid) {
  struct Case {
    const char* name;
    std::size_t field;
    std::uint32_t value;
    const char* anomaly;
  };
  const Case cases[] = {
      {"su", 268, 0040755, "yaffs.type-mismatch"},
      {"su", 0, 7, "yaffs.bad-header"},
      {"numbers", 292, 5000, "yaffs.missing-chunks"},
      {"etc", 4, 999, "yaffs.unlisted-object"},
      {"etc", 4, 260, "yaffs.unlisted-object"},
      {"bin", 4, 4, "yaffs.hidden-object"},
      {"su2", 10, 0x2f2e2e, "yaffs.odd-name"},
      {"link", 10, 0x706d65, "yaffs.ambiguous-name"},
      {"numbers", 504, 258, "yaffs.hidden-object"},
  };
  for (const Case& odd : cases) {
    Bytes image = Image("yaffs2");
    std::size_t at = HeaderOf(image, odd.name);
    Put32(image, at + odd.field, odd.value);
    if (std::string_view(odd.anomaly) == "yaffs.ambiguous-name") {
      image[at + 14] = 't';
      std::copy_n("empty", 6, image.begin() + static_cast<long>(at) + 10);
    }
    RecordingSink sink;
    (void)Unpack(kYaffs, image, sink);
    EXPECT_TRUE(sink.Saw(odd.anomaly)) << odd.anomaly << Anomalies(sink);
    ExpectKept(kYaffs, image, odd.anomaly);
  }
}

TEST(YaffsTest, LinksThatLeadNowhereAreSaid) {
  for (const std::uint32_t target : {0U, 259U, 9999U, 0xffffffffU}) {
    Bytes image = Image("yaffs2");
    Put32(image, HeaderOf(image, "su2") + 296, target);
    RecordingSink sink;
    EXPECT_FALSE(Unpack(kYaffs, image, sink));
    EXPECT_NE(sink.Find("bin/su2")->problem, "") << target;
    EXPECT_EQ(AsText(sink.Find("etc/numbers")->content), Numbers());
  }
}

// A size of exabytes costs nothing.
TEST(YaffsTest, LyingSizesAreBounded) {
  Bytes image = Image("yaffs2");
  const std::size_t at = HeaderOf(image, "numbers");
  Put32(image, at + 496, 0x7fffffff);
  RecordingSink sink;
  sink.set_limits({.member = 1U << 20U});
  (void)Unpack(kYaffs, image, sink);
  EXPECT_TRUE(sink.Saw("yaffs.missing-chunks"));
  EXPECT_NE(sink.Find("etc/numbers")->problem, "");
}

TEST(YaffsTest, LimitsHold) {
  RecordingSink few;
  few.set_limits({.entries = 5});
  EXPECT_EQ(Unpack(kYaffs, Image("yaffs2"), few).error().code,
            ErrorCode::kLimit);
  RecordingSink brief;
  brief.set_limits({.name = 4});
  EXPECT_EQ(Unpack(kYaffs, Image("yaffs2"), brief).error().code,
            ErrorCode::kLimit);
}

TEST(YaffsTest, RefusesWhatIsNone) {
  EXPECT_FALSE(kYaffs.matches({}));
  EXPECT_FALSE(kYaffs.matches(Bytes(70'000, 0)));
  EXPECT_FALSE(kYaffs.matches(Bytes(70'000, 0xff)));
  EXPECT_FALSE(kYaffs.matches(Hex("0300000001000000ffff")));
  EXPECT_FALSE(kYaffs.measure(Bytes(70'000, 'x')));
  // A header without a spare area, and with one that belongs to nobody.
  const Bytes image = Image("yaffs2");
  const Bytes header = CopyOf(ByteView(image).first(1024));
  EXPECT_FALSE(kYaffs.matches(header));
  EXPECT_FALSE(kYaffs.matches(Concat(header, Bytes(100'000, 0))));
  EXPECT_FALSE(kYaffs.matches(Concat(header, Bytes(100'000, 0xff))));
  EXPECT_FALSE(kYaffs.matches(Concat(header, Bytes(100'000, 'x'))));
  // Nor any header of which the type is that of another mode.
  for (const std::size_t at : {0U, 6U, 269U}) {
    Bytes damaged = Image("yaffs2-plain");
    damaged[at] ^= 0xf0U;
    EXPECT_FALSE(kYaffs.matches(damaged)) << at;
  }
}

// What begins with data is believed when the codes of several tags hold.
TEST(YaffsTest, ADumpMayBeginWithData) {
  const Bytes image = Image("yaffs2");
  const ByteView tail = ByteView(image).subspan(8 * 1056);
  EXPECT_TRUE(kYaffs.matches(tail));
  Bytes damaged = CopyOf(tail);
  damaged[1024] ^= 3U;
  EXPECT_FALSE(kYaffs.matches(damaged));
  const Bytes plain = Image("yaffs2-plain");
  EXPECT_FALSE(kYaffs.matches(ByteView(plain).subspan(8 * 576)));
}

TEST(YaffsTest, PrefixesAndFlipsAreKept) {
  SweepImage(kYaffs, Image("log2"), 41);
  SweepImage(kYaffs, Image("log1"), 41);
  for (const char* name : kBuilt) {
    SCOPED_TRACE(name);
    SweepImage(kYaffs, Image(name), 151);
  }
}

TEST(YaffsTest, EveryFlipInTheTagsIsKept) {
  for (const char* name : {"log2", "yaffs2-plain"}) {
    const Bytes image = Image(name);
    const std::size_t stride = name == std::string_view("log2") ? 544 : 576;
    const std::size_t page = 512;
    for (std::size_t at = page; at + 32 < image.size(); at += stride) {
      for (std::size_t i = 0; i < 30; ++i) {
        Bytes damaged = image;
        damaged[at + i] ^= 0x81U;
        ExpectKept(kYaffs, damaged, fmt::format("{} byte {}", name, at + i));
      }
    }
  }
}

}  // namespace
}  // namespace assay::formats
