#include <gtest/gtest.h>

#include <string>

#include "tests/support/codec_checks.h"
#include "tests/support/hex.h"
#include "tests/support/recording_sink.h"
#include "tests/support/sweep.h"
#include "verifier/formats/format.h"

namespace assay::formats {

extern const Format kApkAdb;
namespace {

using testing::Attempt;
using testing::Concat;
using testing::Hex;
using testing::RecordingSink;
using testing::Sample;

const Bytes kPlain = Sample("formats/apk_adb/plain.hex");
const Bytes kDeflate = Sample("formats/apk_adb/deflate.hex");
const Bytes kZstd = Sample("formats/apk_adb/zstd.hex");

constexpr std::size_t kAdbAt = 12;  // behind the header and the block's word

Bytes With(Bytes image, std::size_t at, std::string_view hex) {
  const Bytes bytes = Hex(hex);
  std::copy(bytes.begin(), bytes.end(),
            image.begin() + static_cast<std::ptrdiff_t>(at));
  return image;
}

std::size_t BlocksAt() {
  const std::size_t end = 8 + (*ReadAt<Le32>(kPlain, 8) & 0x3fffffffU);
  return (end + 7) / 8 * 8;
}

// What make.py put into it.
TEST(ApkAdbTest, FilesWithTypesModesOwnersAndContent) {
  for (const std::size_t step : {0UL, 5UL}) {
    RecordingSink sink;
    std::uint64_t consumed = 0;
    const auto result =
        step == 0 ? Unpack(kApkAdb, kPlain, sink, &consumed)
                  : UnpackStream(kApkAdb, kPlain, sink, step, &consumed);
    ASSERT_TRUE(result) << result.error().what;
    EXPECT_EQ(consumed, kPlain.size());
    EXPECT_TRUE(sink.anomalies.empty());
    std::string why;
    EXPECT_TRUE(sink.Accounts(kPlain.size(), &why)) << why;
    const auto* tool = sink.Find("usr/bin/tool");
    ASSERT_NE(tool, nullptr);
    EXPECT_EQ(AsText(tool->content), "inert: not a program\n");
    EXPECT_EQ(tool->member.meta.mode, 04755U);
    EXPECT_EQ(tool->member.meta.owner, "root");
    EXPECT_EQ(tool->member.meta.mtime, 1'000'000'000);
    ASSERT_EQ(tool->member.meta.xattrs.size(), 1U);
    EXPECT_EQ(tool->member.meta.xattrs[0].first, "security.capability");
    EXPECT_EQ(tool->member.meta.xattrs[0].second, std::string("\1\0\0\2", 4));
    const auto* numbers = sink.Find("etc/numbers");
    ASSERT_NE(numbers, nullptr);
    EXPECT_EQ(AsText(numbers->content), testing::Seq());
    EXPECT_EQ(numbers->member.meta.group, "adm");
    EXPECT_TRUE(sink.Find("etc/empty")->has_content);
    EXPECT_EQ(sink.Find("etc")->member.meta.type, FileType::kDirectory);
    EXPECT_EQ(sink.Find("etc")->member.meta.mode, 01777U);
    EXPECT_EQ(sink.Find(".")->member.meta.mode, 0755U);
    EXPECT_EQ(sink.Find("usr/bin/link")->member.meta.type, FileType::kSymlink);
    EXPECT_EQ(sink.Find("usr/bin/link")->member.meta.link_target, "tool");
    EXPECT_EQ(sink.Find("etc/null")->member.meta.type, FileType::kCharDevice);
    EXPECT_EQ(sink.Find("etc/null")->member.meta.device_major, 1U);
    EXPECT_EQ(sink.Find("etc/null")->member.meta.device_minor, 3U);
    EXPECT_EQ(AsText(sink.Find("scripts/post-install")->content),
              "#!/bin/sh\necho installed\n");
    EXPECT_EQ(sink.Find("signature1")->content.size(), 27U);
  }
}

TEST(ApkAdbTest, PackedOnesHoldThePlainOne) {
  RecordingSink deflate;
  ASSERT_TRUE(Unpack(kApkAdb, kDeflate, deflate));
  ASSERT_EQ(deflate.members.size(), 1U);
  EXPECT_EQ(deflate.members[0].member.name, "package.adb");
  EXPECT_EQ(deflate.members[0].content, kPlain);
  RecordingSink zstd;
  ASSERT_TRUE(Unpack(kApkAdb, kZstd, zstd));
  ASSERT_NE(zstd.Find("package.adb.zst"), nullptr);
  std::string why;
  EXPECT_TRUE(zstd.Accounts(kZstd.size(), &why)) << why;
  RecordingSink none;
  const Bytes unpacked = Concat(Hex("41444263 00 00"), kPlain);
  ASSERT_TRUE(Unpack(kApkAdb, unpacked, none));
  EXPECT_EQ(none.Find("package.adb")->content, kPlain);
}

// Without its last blocks a package says what is missing.
TEST(ApkAdbTest, EveryProperPrefixIsAnErrorOrSaysWhatIsMissing) {
  testing::ForEachPrefix(kApkAdb, kPlain, [](const Attempt& attempt) {
    EXPECT_TRUE(!attempt.ok || attempt.sink->Saw("apk_adb.missing-data") ||
                kPlain.size() - attempt.at < 8)
        << attempt.at;
  });
  for (std::size_t size = 0; size < kDeflate.size(); ++size) {
    RecordingSink sink;
    const auto result = Unpack(kApkAdb, ByteView(kDeflate).first(size), sink);
    EXPECT_TRUE(!result || sink.members[0].problem != "") << size;
  }
}

TEST(ApkAdbTest, EveryFlippedByteOfContentIsNoticed) {
  testing::ForEachFlip(kApkAdb, kPlain, [](const Attempt& attempt) {
    const auto* tool = attempt.sink->Find("usr/bin/tool");
    const auto* numbers = attempt.sink->Find("etc/numbers");
    const bool same = tool != nullptr && numbers != nullptr &&
                      AsText(tool->content) == "inert: not a program\n" &&
                      AsText(numbers->content) == testing::Seq();
    EXPECT_TRUE(!attempt.ok || same || !attempt.sink->anomalies.empty() ||
                attempt.at < BlocksAt())
        << attempt.at;
  });
}

TEST(ApkAdbTest, DataThatNoFileHasIsReportedAndKept) {
  // The index of the last data block's path: 3 becomes 9.
  const std::size_t last = kPlain.size() - 40;
  Bytes changed = kPlain;
  std::size_t at = last;
  while (*ReadAt<Le32>(changed, at) != 3 ||
         *ReadAt<Le32>(changed, at + 4) != 2) {
    ++at;
  }
  changed[at] = 9;
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kApkAdb, changed, sink));
  EXPECT_TRUE(sink.Saw("apk_adb.unlisted-data"));
  EXPECT_TRUE(sink.Saw("apk_adb.missing-data"));
  EXPECT_NE(sink.Find("data/9/2"), nullptr);
  EXPECT_EQ(sink.Find("usr/bin/tool")->problem, "its data are missing");
  std::string why;
  EXPECT_TRUE(sink.Accounts(changed.size(), &why)) << why;
}

TEST(ApkAdbTest, ASecondBlockForAFileIsReported) {
  const Bytes twice = Concat(
      kPlain, Hex("0e000080 03000000 02000000 4142 0000"));  // 2 bytes, "AB"
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kApkAdb, twice, sink));
  EXPECT_TRUE(sink.Saw("apk_adb.unlisted-data"));
}

TEST(ApkAdbTest, LeavesWhatFollowsToTheCaller) {
  RecordingSink sink;
  std::uint64_t consumed = 0;
  ASSERT_TRUE(
      Unpack(kApkAdb, Concat(kPlain, Hex("02000000 ffff")), sink, &consumed));
  EXPECT_EQ(consumed, kPlain.size());
}

TEST(ApkAdbTest, LyingSizesAndValuesDoNoHarm) {
  for (const char* size : {"ffffff3f", "040000c0", "00000000", "03000000"}) {
    RecordingSink sink;
    EXPECT_FALSE(Unpack(kApkAdb, With(kPlain, 8, size), sink)) << size;
  }
  // The root and every value of the tree, replaced by hostile ones.
  for (std::size_t at = kAdbAt + 4; at + 4 < BlocksAt(); at += 4) {
    for (const char* value : {"ffffffff", "ffffff0f", "000000d0", "080000e0",
                              "ffffff8f", "ffffffaf", "ffffff1f"}) {
      RecordingSink sink;
      const Bytes changed = With(kPlain, at, value);
      std::uint64_t consumed = 0;
      if (Unpack(kApkAdb, changed, sink, &consumed)) {
        std::string why;
        EXPECT_TRUE(sink.Accounts(consumed, &why)) << at << value << why;
      }
    }
  }
}

TEST(ApkAdbTest, RefusesOtherBytes) {
  EXPECT_TRUE(kApkAdb.matches(kPlain));
  EXPECT_TRUE(kApkAdb.matches(kDeflate));
  EXPECT_TRUE(kApkAdb.matches(kZstd));
  for (const auto& [image, at, hex] :
       std::initializer_list<std::tuple<Bytes, std::size_t, std::string_view>>{
           {kPlain, 0, "41444265"},  // "ADBe"
           {kPlain, 4, "7878"},      // a schema
           {kPlain, 11, "80"},       // data first
           {kPlain, 12, "01"},       // incompatible
           {kDeflate, 4, "ffff"},    // no deflate data
           {kZstd, 4, "03"},         // an algorithm
           {kZstd, 5, "17"},         // a level
           {kZstd, 6, "00"},         // no zstd frame
       }) {
    EXPECT_FALSE(kApkAdb.matches(With(image, at, hex))) << at << hex;
  }
}

}  // namespace
}  // namespace assay::formats
