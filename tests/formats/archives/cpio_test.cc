#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "tests/support/archive_writer.h"
#include "tests/support/hex.h"
#include "tests/support/sweep.h"
#include "verifier/formats/format.h"

namespace assay::formats {

extern const Format kCpio;
namespace {

using testing::Attempt;
using testing::ForEachFlip;
using testing::ForEachPrefix;
using testing::RecordingSink;
using testing::Sample;

const Bytes kHardLinks = Sample("formats/cpio/hard-links.hex");

// One newc member; `size` is what the header claims.
std::string Newc(const std::string& name, const std::string& content,
                 unsigned mode = 0100644, std::uint64_t size = UINT64_MAX,
                 unsigned check = 0, const char* magic = "070701") {
  size = size == UINT64_MAX ? content.size() : size;
  std::string entry = fmt::format(
      "{}{:08X}{:08X}{:08X}{:08X}{:08X}{:08X}{:08X}{:08X}{:08X}{:08X}{:08X}"
      "{:08X}{:08X}",
      magic, 7, mode, 0, 0, 1, 0, size, 0, 0, 0, 0, name.size() + 1, check);
  entry += name + '\0';
  entry.resize((entry.size() + 3) / 4 * 4);
  entry += content;
  entry.resize((entry.size() + 3) / 4 * 4);
  return entry;
}

const std::string kEnd = Newc("TRAILER!!!", "", 0);

Bytes Image(const std::string& text) {
  return CopyOf(AsBytes(text));
}

TEST(CpioTest, HardLinksShareTheContentThatComesLast) {
  RecordingSink sink;
  std::uint64_t consumed = 0;
  const auto result = Unpack(kCpio, kHardLinks, sink, &consumed);
  ASSERT_TRUE(result) << result.error().what;
  EXPECT_EQ(consumed, kHardLinks.size());
  EXPECT_EQ(kCpio.measure(kHardLinks).value_or(0), kHardLinks.size());
  ASSERT_EQ(sink.members.size(), 3U);
  EXPECT_EQ(AsText(sink.Find("g")->content), "abc");
  EXPECT_EQ(sink.Find("f")->member.meta.type, FileType::kHardLink);
  EXPECT_EQ(sink.Find("f")->member.meta.link_target, "g");
  EXPECT_EQ(sink.Find("l")->member.meta.type, FileType::kSymlink);
  EXPECT_EQ(sink.Find("l")->member.meta.link_target, "f");
  EXPECT_EQ(sink.Find("g")->member.meta.mode, 0644U);
  EXPECT_EQ(sink.Find("g")->member.meta.mtime, 1'700'000'000);
  EXPECT_TRUE(sink.anomalies.empty());
  std::string why;
  EXPECT_TRUE(sink.Accounts(kHardLinks.size(), &why)) << why;
}

TEST(CpioTest, ReadsTheSameFromAStream) {
  RecordingSink sink;
  ASSERT_TRUE(UnpackStream(kCpio, kHardLinks, sink, 7));
  ASSERT_EQ(sink.members.size(), 3U);
  EXPECT_EQ(AsText(sink.Find("g")->content), "abc");
}

TEST(CpioTest, ReadsOdc) {
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kCpio, Sample("formats/cpio/odc.hex"), sink));
  ASSERT_EQ(sink.members.size(), 2U);
  EXPECT_EQ(AsText(sink.Find("f")->content), "abc");
  EXPECT_EQ(sink.Find("l")->member.meta.link_target, "f");
}

TEST(CpioTest, ReadsWhatLibarchiveWrites) {
  for (const std::string format : {"newc", "odc"}) {
    const auto files = testing::SomeFiles(true);
    const Bytes image = testing::WriteArchive(format, files);
    RecordingSink sink;
    ASSERT_TRUE(Unpack(kCpio, image, sink));
    for (const auto& file : files) {
      if (file.meta.type == FileType::kHardLink) {
        continue;  // cpio knows inodes, not names of links
      }
      const std::string& name = file.name;
      const auto* found = sink.Find(name);
      ASSERT_NE(found, nullptr) << format << " " << name;
      EXPECT_EQ(AsText(found->content), file.content) << name;
      EXPECT_EQ(found->member.meta.type, file.meta.type) << name;
      EXPECT_EQ(found->member.meta.mode, file.meta.mode) << name;
      EXPECT_EQ(found->member.meta.uid, file.meta.uid) << name;
      EXPECT_EQ(found->member.meta.mtime, file.meta.mtime) << name;
      EXPECT_EQ(found->member.meta.link_target, file.meta.link_target);
    }
    std::string why;
    EXPECT_TRUE(sink.Accounts(image.size(), &why)) << why;
  }
}

TEST(CpioTest, DeviceNumbersOfNewc) {
  RecordingSink sink;
  ASSERT_TRUE(Unpack(
      kCpio, testing::WriteArchive("newc", testing::SomeFiles(true)), sink));
  EXPECT_EQ(sink.Find("null")->member.meta.device_major, 1U);
  EXPECT_EQ(sink.Find("null")->member.meta.device_minor, 3U);
}

TEST(CpioTest, TheSumOfAFileIsChecked) {
  Bytes image = Sample("formats/cpio/crc.hex");
  RecordingSink good;
  ASSERT_TRUE(Unpack(kCpio, image, good));
  EXPECT_TRUE(good.anomalies.empty());
  image[112] ^= 0x01;  // the content begins behind "f\0"
  RecordingSink bad;
  ASSERT_TRUE(Unpack(kCpio, image, bad));
  EXPECT_TRUE(bad.Saw("cpio.checksum-mismatch"));
}

TEST(CpioTest, GoesOnWithTheNextArchiveBehindZeros) {
  const std::string one = Newc("one", "1") + kEnd;
  const std::string two = Newc("two", "2") + kEnd;
  for (const std::size_t zeros : {0U, 4U, 512U, 4096U}) {
    const Bytes image = Image(one + std::string(zeros, '\0') + two);
    RecordingSink sink;
    std::uint64_t consumed = 0;
    ASSERT_TRUE(Unpack(kCpio, image, sink, &consumed));
    EXPECT_EQ(sink.members.size(), 2U) << zeros;
    EXPECT_EQ(consumed, image.size());
    std::string why;
    EXPECT_TRUE(sink.Accounts(image.size(), &why)) << why;
  }
}

TEST(CpioTest, LeavesWhatIsNoCpioToTheCaller) {
  std::string archive = Newc("one", "1") + kEnd;
  archive.resize(512);
  const std::string followers[] = {
      "\x1f\x8b compressed", "07070 is no magic", std::string(100, '\0') + "x",
      std::string(" ").append(Newc("unaligned", ""))};
  for (const std::string& follower : followers) {
    RecordingSink sink;
    std::uint64_t consumed = 0;
    ASSERT_TRUE(Unpack(kCpio, Image(archive + follower), sink, &consumed));
    EXPECT_EQ(consumed, archive.size()) << follower;
    EXPECT_EQ(kCpio.measure(Image(archive + follower)).value_or(0), 512U);
  }
}

TEST(CpioTest, AMissingTrailerIsNoticedAndNoMeasure) {
  const Bytes image = Image(Newc("one", "1"));
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kCpio, image, sink));
  EXPECT_TRUE(sink.Saw("cpio.no-trailer"));
  EXPECT_FALSE(kCpio.measure(image));
}

TEST(CpioTest, ATrailerWithContentIsAMember) {
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kCpio, Image(Newc("TRAILER!!!", "hidden") + kEnd), sink));
  ASSERT_EQ(sink.members.size(), 1U);
  EXPECT_EQ(AsText(sink.members[0].content), "hidden");
}

TEST(CpioTest, NamesComeVerbatimAndOddOnesAreNoticed) {
  const std::string nul("a\0b", 3);
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kCpio,
                     Image(Newc("../../etc/cron.d/x", "1") + Newc(nul, "2") +
                           Newc(std::string(5000, 'n'), "3") + kEnd),
                     sink));
  EXPECT_NE(sink.Find("../../etc/cron.d/x"), nullptr);
  EXPECT_NE(sink.Find("a"), nullptr);
  EXPECT_TRUE(sink.Saw("cpio.name-length"));
  EXPECT_TRUE(sink.Saw("cpio.name-too-long"));
  EXPECT_EQ(sink.members[2].member.name.size(), sink.limits().name);
}

TEST(CpioTest, HiddenContentAndFillerAreNoticed) {
  std::string image = Newc("dir", "hidden", 0040755) + Newc("a", "x") + kEnd;
  image[image.size() - kEnd.size() - 1] = '!';  // padding of "a"
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kCpio, Image(image), sink));
  EXPECT_TRUE(sink.Saw("cpio.content-of-no-file"));
  EXPECT_TRUE(
      std::any_of(sink.regions.begin(), sink.regions.end(),
                  [](const Region& r) { return r.use == RegionUse::kSlack; }));
}

TEST(CpioTest, RefusesHostileHeaders) {
  std::string bad_number = Newc("a", "x");
  bad_number[20] = 'G';
  std::string huge_name = Newc("a", "x");
  huge_name.replace(6 + 11 * 8, 8, "FFFFFFFF");
  std::string no_name = Newc("a", "x");
  no_name.replace(6 + 11 * 8, 8, "00000000");
  const std::string refused[] = {bad_number, huge_name, no_name,
                                 Newc("a", "x", 0100644, 0xFFFFFFFF),
                                 Newc("a", "x").replace(0, 6, "070703")};
  for (const std::string& bad : refused) {
    RecordingSink sink;
    const auto result = Unpack(kCpio, Image(Newc("good", "1") + bad), sink);
    EXPECT_FALSE(result) << bad;
    EXPECT_EQ(sink.members.size(), 1U) << "what came before stands";
  }
}

TEST(CpioTest, TextThatNamesTheMagicIsNoCpio) {
  EXPECT_FALSE(
      kCpio.matches(AsBytes("070701 is the magic of newc, and what "
                            "follows it here are words and not the "
                            "thirteen numbers of a header ...")));
  EXPECT_TRUE(kCpio.matches(kHardLinks));
}

TEST(CpioTest, EveryProperPrefixFailsOrIsNoticed) {
  const std::size_t trailer_end = Newc("one", "1").size() + kEnd.size();
  std::string archive = Newc("one", "1") + kEnd;
  archive.resize(512);
  ForEachPrefix(kCpio, Image(archive), [&](const Attempt& attempt) {
    EXPECT_TRUE(!attempt.ok || !attempt.sink->anomalies.empty() ||
                attempt.at + 4 > trailer_end)
        << attempt.at;
  });
}

TEST(CpioTest, EveryFlippedByteOfContentAndSumIsNoticed) {
  const Bytes image = Sample("formats/cpio/crc.hex");
  ForEachFlip(kCpio, image, [](const Attempt& attempt) {
    const bool sum = attempt.at >= 102 && attempt.at < 110;
    const bool content = attempt.at >= 112 && attempt.at < 115;
    EXPECT_TRUE(!(sum || content) || !attempt.ok ||
                attempt.sink->Saw("cpio.checksum-mismatch"))
        << attempt.at;
  });
}

}  // namespace
}  // namespace assay::formats
