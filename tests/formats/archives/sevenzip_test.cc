#include <gtest/gtest.h>

#include <string>

#include "tests/support/hex.h"
#include "tests/support/recording_sink.h"
#include "tests/support/sweep.h"
#include "verifier/base/crc32.h"
#include "verifier/base/digest.h"
#include "verifier/base/secrets.h"
#include "verifier/formats/format.h"

namespace assay::formats {

extern const Format kSevenzip;
namespace {

using testing::Attempt;
using testing::Concat;
using testing::Hex;
using testing::RecordingSink;
using testing::Sample;

Bytes SampleOf(const std::string& name) {
  return Sample("formats/sevenzip/" + name + ".hex");
}

// What make.sh puts into each.
constexpr std::string_view kNumbersSha =
    "a387d28c1c1c9e217304455a71b312e78e60c00dd1a2e84d06260c10d1c04e66";
constexpr std::string_view kCodeSha =
    "9af8ab3be36ef27b26f8789bae400b96e25fdebbafdea5be4a77b96cc6acd460";

class SinkWithPassword : public RecordingSink {
 public:
  explicit SinkWithPassword(std::vector<std::string> passwords)
      : secrets_{.passwords = std::move(passwords)} {}
  [[nodiscard]] const Secrets& secrets() const override { return secrets_; }

 private:
  Secrets secrets_;
};

void ExpectTree(const RecordingSink& sink, bool has_content = true) {
  const auto* su = sink.Find("bin/su");
  ASSERT_NE(su, nullptr);
  EXPECT_EQ(su->member.meta.mode, 04755U);
  EXPECT_EQ(su->member.meta.mtime, 1'000'000'000);
  ASSERT_NE(sink.Find("bin/code"), nullptr);
  ASSERT_NE(sink.Find("etc/numbers"), nullptr);
  const auto* zero = sink.Find("etc/zero");
  ASSERT_NE(zero, nullptr);
  EXPECT_TRUE(zero->has_content);
  EXPECT_TRUE(zero->content.empty());
  const auto* empty = sink.Find("etc/empty");
  ASSERT_NE(empty, nullptr);
  EXPECT_EQ(empty->member.meta.type, FileType::kDirectory);
  EXPECT_FALSE(empty->has_content);
  if (has_content) {
    EXPECT_EQ(AsText(su->content), "inert: not a program\n");
    EXPECT_EQ(Sha256Hex(sink.Find("bin/code")->content), kCodeSha);
    EXPECT_EQ(Sha256Hex(sink.Find("etc/numbers")->content), kNumbersSha);
    EXPECT_EQ(sink.Find("etc/link")->member.meta.type, FileType::kSymlink);
    EXPECT_EQ(sink.Find("etc/link")->member.meta.link_target, "../bin/su");
  }
}

TEST(SevenzipTest, ReadsEveryCoder) {
  for (const char* name :
       {"solid", "plain", "deflate", "bzip2", "lzma", "delta", "bcj2"}) {
    SCOPED_TRACE(name);
    const Bytes image = SampleOf(name);
    const Bytes longer = Concat(image, Hex("377A"));
    RecordingSink sink;
    std::uint64_t consumed = 0;
    const auto result = Unpack(kSevenzip, longer, sink, &consumed);
    ASSERT_TRUE(result) << result.error().what;
    EXPECT_EQ(consumed, image.size());
    EXPECT_EQ(kSevenzip.measure(longer).value_or(0), image.size());
    ExpectTree(sink);
    EXPECT_TRUE(sink.anomalies.empty());
    std::string why;
    EXPECT_TRUE(sink.Accounts(image.size(), &why)) << why;
  }
}

TEST(SevenzipTest, StoredFilesAreTheirBytes) {
  RecordingSink sink;
  const Bytes image = SampleOf("plain");
  ASSERT_TRUE(Unpack(kSevenzip, image, sink));
  const auto* numbers = sink.Find("etc/numbers");
  ASSERT_TRUE(numbers != nullptr && numbers->member.stored);
  const Range range = *numbers->member.origin;
  EXPECT_TRUE(
      std::equal(numbers->content.begin(), numbers->content.end(),
                 image.begin() + static_cast<std::ptrdiff_t>(range.offset)));
}

TEST(SevenzipTest, WhatIsNotDecodedIsOpaqueAndNamed) {
  const Bytes image = SampleOf("ppmd");
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kSevenzip, image, sink));
  ExpectTree(sink, false);
  EXPECT_EQ(sink.Find("bin/su")->problem, "7z coder PPMd is not supported");
  std::string why;
  EXPECT_TRUE(sink.Accounts(image.size(), &why)) << why;
}

TEST(SevenzipTest, EncryptedFilesAreOpaqueWithoutThePassword) {
  const Bytes image = SampleOf("secret");
  for (const auto& passwords : {std::vector<std::string>(), {"wrong", ""}}) {
    SinkWithPassword sink(passwords);
    ASSERT_TRUE(Unpack(kSevenzip, image, sink));
    ExpectTree(sink, false);
    EXPECT_EQ(sink.Find("bin/su")->problem, "encrypted");
    std::string why;
    EXPECT_TRUE(sink.Accounts(image.size(), &why)) << why;
  }
}

TEST(SevenzipTest, ThePasswordOpensFilesAndNames) {
  for (const char* name : {"secret", "secret-names"}) {
    SinkWithPassword sink({"wrong", "verysecret"});
    const Bytes image = SampleOf(name);
    const auto result = Unpack(kSevenzip, image, sink);
    ASSERT_TRUE(result) << result.error().what;
    ExpectTree(sink);
    EXPECT_TRUE(sink.anomalies.empty());
    std::string why;
    EXPECT_TRUE(sink.Accounts(image.size(), &why)) << why;
  }
}

TEST(SevenzipTest, EncryptedNamesLeaveOneOpaqueMember) {
  const Bytes image = SampleOf("secret-names");
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kSevenzip, image, sink));
  ASSERT_EQ(sink.members.size(), 1U);
  EXPECT_EQ(sink.members[0].problem, "the 7z header: encrypted");
  std::string why;
  EXPECT_TRUE(sink.Accounts(image.size(), &why)) << why;
}

TEST(SevenzipTest, EveryProperPrefixIsAnError) {
  for (const char* name : {"solid", "lzma"}) {
    const Bytes image = SampleOf(name);
    testing::ForEachPrefix(kSevenzip, image, [&](const Attempt& attempt) {
      EXPECT_FALSE(attempt.ok) << attempt.at;
      EXPECT_FALSE(kSevenzip.measure(ByteView(image).first(attempt.at)));
    });
  }
}

std::string ContentsOf(const RecordingSink& sink) {
  std::string all;
  for (const auto& recorded : sink.members) {
    all += recorded.member.name + "=";
    all += AsText(recorded.content);
    all += recorded.member.meta.link_target + recorded.problem + ";";
  }
  return all;
}

// Nothing checks the version's second byte, and bits that a decoder ignores.
TEST(SevenzipTest, NoFlippedByteChangesTheContentUnnoticed) {
  for (const char* name : {"solid", "plain", "bcj2", "bzip2", "deflate"}) {
    const Bytes image = SampleOf(name);
    RecordingSink whole;
    ASSERT_TRUE(Unpack(kSevenzip, image, whole));
    const std::string expected = ContentsOf(whole);
    testing::ForEachFlip(kSevenzip, image, [&](const Attempt& attempt) {
      EXPECT_TRUE(!attempt.ok || !attempt.sink->anomalies.empty() ||
                  ContentsOf(*attempt.sink) == expected)
          << name << " " << attempt.at;
    });
  }
}

TEST(SevenzipTest, DamageInASolidFolderKeepsWhatCameBefore) {
  Bytes image = SampleOf("delta");
  image[400] ^= 0x10U;
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kSevenzip, image, sink));
  ExpectTree(sink, false);
}

// A start whose CRCs hold for any header.
Bytes ArchiveOf(ByteView packed, ByteView header) {
  const auto le = [](std::uint64_t value, unsigned bytes) {
    Bytes out;
    for (unsigned i = 0; i < bytes; ++i) {
      out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
    }
    return out;
  };
  const Bytes fields = Concat(
      Concat(le(packed.size(), 8), le(header.size(), 8)), le(Crc32(header), 4));
  const Bytes start =
      Concat(Concat(Hex("377abcaf271c0004"), le(Crc32(fields), 4)), fields);
  return Concat(Concat(start, packed), header);
}

Result<void> UnpackHeader(std::string_view hex, RecordingSink& sink,
                          std::string_view packed = "abcdef") {
  return Unpack(kSevenzip, ArchiveOf(AsBytes(packed), Hex(hex)), sink);
}

// One folder, Copy, of 3 bytes; names "a" and so on.
constexpr std::string_view kOneCopied =
    "01 04 06 00 01 09 03 00"           // packed: at 0, one of 3 bytes
    "07 0b 01 00 01 01 00 0c 03 00 00"  // a folder, Copy, 3 bytes; end
    "05 01 11 05 00 6100 0000 00 00";   // a file "a"

TEST(SevenzipTest, AHandMadeArchive) {
  RecordingSink sink;
  const auto result = UnpackHeader(kOneCopied, sink);
  ASSERT_TRUE(result) << result.error().what;
  ASSERT_EQ(sink.members.size(), 1U);
  EXPECT_EQ(sink.members[0].member.name, "a");
  EXPECT_EQ(AsText(sink.members[0].content), "abc");
  // What no stream has is slack.
  ASSERT_FALSE(sink.regions.empty());
  EXPECT_EQ(sink.regions.back().use, RegionUse::kSlack);
  EXPECT_EQ(sink.regions.back().range.length, 3U);
}

TEST(SevenzipTest, AnEmptyArchiveIsOne) {
  RecordingSink sink;
  ASSERT_TRUE(UnpackHeader("", sink, ""));
  EXPECT_TRUE(sink.members.empty());
}

TEST(SevenzipTest, ContentWithoutAFileIsReported) {
  RecordingSink sink;
  ASSERT_TRUE(
      UnpackHeader("01 04 06 00 01 09 03 00"
                   "07 0b 01 00 01 01 00 0c 03 00 00 00",
                   sink));
  EXPECT_TRUE(sink.Saw("sevenzip.unlisted-stream"));
  ASSERT_EQ(sink.members.size(), 1U);
  EXPECT_EQ(AsText(sink.members[0].content), "abc");
}

TEST(SevenzipTest, AntiItemsAreReported) {
  RecordingSink sink;
  const auto result = UnpackHeader(
      "01 05 01 0e 01 80 0f 01 80 10 01 80 11 05 00 6100 0000 00 00", sink);
  ASSERT_TRUE(result) << result.error().what;
  EXPECT_TRUE(sink.Saw("sevenzip.anti-item"));
  EXPECT_TRUE(sink.members.empty());
}

TEST(SevenzipTest, LyingHeadersAreErrors) {
  for (const char* header : {
           "02",                               // no header
           "01 04 06 00 01 09 07 00 00 00",    // packed past the header
           "01 04 06 07 01 09 00 00 00 00",    // packed streams begin there
           "01 04 06 00 ff ffffffffffffff7f",  // as many as never fit
           "01 04 06 00 01 09 03 00 07 0b 01 00 00",        // no coders
           "01 04 06 00 01 09 03 00 07 0b 01 00 21",        // too many
           "01 04 06 00 01 09 03 00 07 0b 01 01",           // elsewhere
           "01 04 06 00 01 09 03 00 07 0b 01 00 01 c1",     // reserved bits
           "01 04 06 00 01 09 03 00 07 0b 01 00 01 09 00",  // a long id
           // two bound twice
           "01 04 06 00 01 09 03 00 07 0b 01 00 03 01 00 01 00 01 00"
           "00 01 00 01",
           // folders need more packed streams than there are
           "01 04 06 00 00 00 07 0b 01 00 01 01 00 0c 03 00 00 00",
           // streams larger than their folder
           "01 04 06 00 01 09 03 00 07 0b 01 00 01 01 00 0c 03 00"
           "08 0d 02 09 04 00 00 00",
           // more names than bytes
           "01 05 02 11 05 00 6100 0000 00 00",
           "01 05 ff ffffffffffffff7f",  // files
           "01 05 01 0e ff 80 00",       // a property past the end
       }) {
    RecordingSink sink;
    EXPECT_FALSE(UnpackHeader(header, sink)) << header;
  }
}

TEST(SevenzipTest, CodersThatPromiseMoreThanThereIsEndWithAnError) {
  std::string header(kOneCopied);
  header.replace(header.find("0c 03"), 5, "0c 20");
  RecordingSink sink;
  ASSERT_TRUE(UnpackHeader(header, sink));
  ASSERT_EQ(sink.members.size(), 1U);
  EXPECT_NE(sink.members[0].problem, "");
}

TEST(SevenzipTest, AVolumeSaysThatItIsOne) {
  const Bytes image = SampleOf("solid");
  RecordingSink sink;
  const auto result = Unpack(kSevenzip, ByteView(image).first(300), sink);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kTruncated);
  EXPECT_TRUE(kSevenzip.matches(ByteView(image).first(300)));
}

TEST(SevenzipTest, RefusesStartsWithoutTheirCrc) {
  const Bytes image = SampleOf("solid");
  for (std::size_t at = 8; at < 32; ++at) {
    Bytes damaged = image;
    damaged[at] ^= 1U;
    EXPECT_FALSE(kSevenzip.matches(damaged)) << at;
  }
}

}  // namespace
}  // namespace assay::formats
