#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "tests/support/codec_checks.h"
#include "tests/support/hex.h"
#include "tests/support/sweep.h"
#include "tests/support/wrapper_checks.h"
#include "verifier/base/crc32.h"
#include "verifier/formats/archives/arj_fastest.h"
#include "verifier/formats/format.h"

namespace assay::formats {

extern const Format kArj;
namespace {

using testing::AnomaliesOf;
using testing::RecordingSink;
using testing::Sample;
using testing::Seq;

const Bytes kM1 = Sample("formats/arj/m1.hex");
const Bytes kM4 = Sample("formats/arj/m4.hex");
const Bytes kGarbled = Sample("formats/arj/garbled.hex");

std::string Le(std::uint64_t value, int width) {
  std::string bytes;
  for (int i = 0; i < width; ++i) {
    bytes.push_back(static_cast<char>(value >> (8 * i) & 0xFFU));
  }
  return bytes;
}

struct Entry {
  std::string name = "a";
  unsigned host = 0, flags = 0, method = 0, type = 0;
  std::uint32_t packed = 3, original = 3;
  std::uint32_t crc = Crc32(AsBytes("abc"));
};

std::string HeaderOf(const Entry& entry) {
  const std::string body =
      Le(30, 1) + Le(11, 1) + Le(1, 1) + Le(entry.host, 1) +
      Le(entry.flags, 1) + Le(entry.method, 1) + Le(entry.type, 1) + Le(0, 1) +
      Le(0x58A66144, 4) + Le(entry.packed, 4) + Le(entry.original, 4) +
      Le(entry.crc, 4) + Le(0, 2) + Le(0644, 2) + Le(0, 2) + entry.name +
      std::string(2, '\0');
  return "\x60\xEA" + Le(body.size(), 2) + body + Le(Crc32(AsBytes(body)), 4) +
         Le(0, 2);
}

const std::string kMain = HeaderOf({.type = 2, .packed = 0});
const std::string kEnd = "\x60\xEA" + std::string(2, '\0');

Bytes Archive(const std::string& members) {
  return CopyOf(AsBytes(kMain + members + kEnd));
}

TEST(ArjTest, DecodesEveryMethod) {
  for (const Bytes& image : {kM1, kM4}) {
    testing::CheckParts(kArj, image,
                        {{"d/deep/small", "inert\n"}, {"d/seq", Seq()}});
    RecordingSink sink;
    ASSERT_TRUE(Unpack(kArj, image, sink));
    const auto& meta = sink.Find("d/deep/small")->member.meta;
    EXPECT_EQ(meta.mode, 04755U);
    EXPECT_EQ(meta.mtime, 1714979290);
    EXPECT_EQ(sink.Find("d/seq")->member.meta.mode, 0640U);
  }
}

TEST(ArjTest, EncryptedMembersAreOpaque) {
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kArj, kGarbled, sink));
  EXPECT_EQ(sink.Find("d/seq")->problem, "encrypted");
  std::string why;
  EXPECT_TRUE(sink.Accounts(kGarbled.size(), &why)) << why;
}

TEST(ArjTest, EveryProperPrefixFails) {
  for (const Bytes& image : {kM1, kM4, kGarbled}) {
    testing::ForEachPrefix(kArj, image, [&](const testing::Attempt& attempt) {
      EXPECT_FALSE(attempt.ok) << attempt.at;
      EXPECT_FALSE(kArj.measure(ByteView(image).first(attempt.at)));
    });
  }
}

TEST(ArjTest, EveryFlippedByteIsNoticed) {
  for (const Bytes& image : {kM1, kM4}) {
    testing::ForEachFlip(kArj, image, [&](const testing::Attempt& attempt) {
      const bool said = std::any_of(
          attempt.sink->members.begin(), attempt.sink->members.end(),
          [](const auto& member) { return !member.problem.empty(); });
      const auto* seq = attempt.sink->Find("d/seq");
      const auto* small = attempt.sink->Find("d/deep/small");
      // Bits behind the last code mean nothing.
      const bool same = seq != nullptr && AsText(seq->content) == Seq() &&
                        small != nullptr && AsText(small->content) == "inert\n";
      EXPECT_TRUE(!attempt.ok || said || !attempt.sink->anomalies.empty() ||
                  same)
          << attempt.at;
    });
  }
}

TEST(ArjTest, RefusesNoise) {
  testing::CheckRefusesNoise(kArj, kM1, 20);
}

TEST(ArjTest, OtherHeadersAreNoArchive) {
  EXPECT_TRUE(kArj.matches(Archive("")));
  EXPECT_FALSE(kArj.matches(AsBytes(kEnd)));
  EXPECT_FALSE(kArj.matches(AsBytes(HeaderOf({}) + "abc" + kEnd)));
  EXPECT_FALSE(kArj.matches(AsBytes("\x60\xEA\xFF\xFF" + kMain)));
  Bytes image = Archive("");
  image[10] ^= 1U;  // under the header's CRC
  EXPECT_FALSE(kArj.matches(image));
  RecordingSink sink;
  EXPECT_FALSE(Unpack(kArj, image, sink));
}

TEST(ArjTest, StoredMembersAreWindows) {
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kArj, Archive(HeaderOf({.name = "d\\a"}) + "abc"), sink));
  ASSERT_NE(sink.Find("d/a"), nullptr);
  EXPECT_TRUE(sink.Find("d/a")->member.stored);
  EXPECT_EQ(AsText(sink.Find("d/a")->content), "abc");
  EXPECT_FALSE(sink.Find("d/a")->member.meta.mode);
  EXPECT_EQ(sink.Find("d/a")->member.meta.mtime,
            1714997408);  // 2024-05-06 12:10:08
}

TEST(ArjTest, AWrongChecksumIsSaid) {
  EXPECT_EQ(AnomaliesOf(kArj, Archive(HeaderOf({.crc = 1}) + "abc")),
            "arj.checksum-mismatch");
  EXPECT_EQ(AnomaliesOf(kArj, Archive(HeaderOf({.original = 4}) + "abc")),
            "arj.checksum-mismatch");
  for (const unsigned method : {1U, 2U, 3U, 4U}) {
    RecordingSink sink;
    ASSERT_TRUE(
        Unpack(kArj, Archive(HeaderOf({.method = method}) + "abc"), sink));
    EXPECT_NE(sink.Find("a")->problem, "") << method;
  }
}

TEST(ArjTest, WhatCannotBeDecodedIsNamed) {
  for (const auto& [entry, why] :
       {std::pair(Entry{.method = 9}, "method 9 unsupported"),
        {Entry{.type = 6}, "a file of type 6"},
        {Entry{.flags = 1}, "encrypted"},
        {Entry{.flags = 4}, "in parts in several volumes"},
        {Entry{.flags = 8}, "in parts in several volumes"}}) {
    RecordingSink sink;
    const Bytes image = Archive(HeaderOf(entry) + "abc");
    ASSERT_TRUE(Unpack(kArj, image, sink));
    EXPECT_EQ(sink.Find("a")->problem, why);
    std::string reason;
    EXPECT_TRUE(sink.Accounts(image.size(), &reason)) << reason;
  }
}

TEST(ArjTest, SizesThatLieEnd) {
  RecordingSink sink;
  EXPECT_EQ(
      Unpack(kArj, Archive(HeaderOf({.packed = 0xFFFFFFFF}) + "abc"), sink)
          .error()
          .code,
      ErrorCode::kTruncated);
  RecordingSink bomb;
  ASSERT_TRUE(Unpack(
      kArj, Archive(HeaderOf({.method = 1, .original = 0xFFFFFFFF}) + "abc"),
      bomb));
  EXPECT_NE(bomb.Find("a")->problem, "");
}

TEST(ArjTest, TheFastestMethodStaysInItsBuffers) {
  const auto decode = [](const Bytes& data, std::uint64_t size) {
    ArjFastestStream stream(data, size);
    Bytes out(64);
    const auto count = stream.Read(out);
    return count ? std::string(AsText(ByteView(out).first(*count))) : "damaged";
  };
  // 0 and eight bits: a literal; 1 0 0, then 0 and nine bits: three from there.
  EXPECT_EQ(decode({0x30, 0xC0, 0x00, 0x00}, 4), "aaaa");
  EXPECT_EQ(decode({0x30, 0xC0, 0x04, 0x00}, 4), "a");  // from too far
  EXPECT_EQ(decode({0x80, 0x00, 0x00}, 3), "damaged");  // from in front
  EXPECT_EQ(decode({0x30}, 1), "damaged");              // cut short
  EXPECT_EQ(decode({}, 1), "damaged");
  EXPECT_EQ(decode({}, 0), "");
}

}  // namespace
}  // namespace assay::formats
