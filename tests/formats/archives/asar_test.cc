#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/support/codec_checks.h"
#include "tests/support/hex.h"
#include "tests/support/recording_sink.h"
#include "tests/support/sweep.h"
#include "verifier/formats/format.h"

namespace assay::formats {

extern const Format kAsar;
namespace {

using testing::Attempt;
using testing::Concat;
using testing::Hex;
using testing::RecordingSink;
using testing::Sample;

const Bytes kSample = Sample("formats/asar/sample.hex");

// An archive with this header and content.
Bytes ArchiveOf(const std::string& json, std::string_view content) {
  const std::size_t padded = (json.size() + 3) / 4 * 4;
  Bytes image;
  const auto put = [&](std::size_t value) {
    for (unsigned i = 0; i < 4; ++i) {
      image.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
    }
  };
  put(4);
  put(padded + 8);
  put(padded + 4);
  put(json.size());
  image = Concat(image, AsBytes(json));
  image.resize(16 + padded);
  return Concat(image, AsBytes(content));
}

std::string FileAt(const std::string& offset, const std::string& size) {
  return fmt::format(R"({{"files":{{"a":{{"size":{},"offset":"{}"}}}}}})", size,
                     offset);
}

TEST(AsarTest, FilesFoldersLinksAndWhatLiesBeside) {
  RecordingSink sink;
  std::uint64_t consumed = 0;
  const Bytes longer = Concat(kSample, Hex("0400"));
  const auto result = Unpack(kAsar, longer, sink, &consumed);
  ASSERT_TRUE(result) << result.error().what;
  EXPECT_EQ(consumed, kSample.size());
  EXPECT_EQ(kAsar.measure(longer).value_or(0), kSample.size());
  std::string why;
  EXPECT_TRUE(sink.Accounts(kSample.size(), &why)) << why;
  EXPECT_TRUE(sink.anomalies.empty());
  ASSERT_EQ(sink.members.size(), 6U);
  EXPECT_EQ(AsText(sink.Find("main.js")->content), "console.log('inert')\n");
  EXPECT_EQ(AsText(sink.Find("lib/numbers")->content), testing::Seq());
  EXPECT_TRUE(sink.Find("lib/numbers")->member.stored);
  EXPECT_TRUE(sink.Find("lib/empty")->has_content);
  EXPECT_EQ(sink.Find("lib")->member.meta.type, FileType::kDirectory);
  EXPECT_EQ(sink.Find("link")->member.meta.link_target, "lib/numbers");
  EXPECT_NE(sink.Find("native.node")->problem, "");
}

TEST(AsarTest, EveryProperPrefixIsAnError) {
  testing::ForEachPrefix(kAsar, kSample, [](const Attempt& attempt) {
    EXPECT_FALSE(attempt.ok) << attempt.at;
    EXPECT_FALSE(kAsar.measure(ByteView(kSample).first(attempt.at)));
  });
}

TEST(AsarTest, EveryFlippedByteOfContentIsNoticed) {
  const std::size_t base = 8 + *ReadAt<Le32>(kSample, 4);
  testing::ForEachFlip(kAsar, kSample, [&](const Attempt& attempt) {
    EXPECT_TRUE(attempt.at < base || !attempt.ok ||
                attempt.sink->Saw("asar.checksum-mismatch"))
        << attempt.at;
  });
}

TEST(AsarTest, FilesThatShareBytesAreReported) {
  const Bytes image = ArchiveOf(
      R"({"files":{"a":{"size":3,"offset":"0"},"b":{"size":2,"offset":"1"}}})",
      "abc");
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kAsar, image, sink));
  EXPECT_TRUE(sink.Saw("asar.overlapping-files"));
  EXPECT_EQ(AsText(sink.Find("b")->content), "bc");
  std::string why;
  EXPECT_TRUE(sink.Accounts(image.size(), &why)) << why;
}

TEST(AsarTest, BytesInNoFileAreSlack) {
  const Bytes image = ArchiveOf(FileAt("4", "2"), "HIDEab");
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kAsar, image, sink));
  EXPECT_EQ(sink.regions.back().use, RegionUse::kSlack);
  EXPECT_EQ(sink.regions.back().range.length, 4U);
}

TEST(AsarTest, LyingPlacesAreErrors) {
  for (const auto& [offset, size] : {std::pair("0", "4"),
                                     {"3", "1"},
                                     {"9007199254740992", "1"},
                                     {"0", "18446744073709551615"},
                                     {"1", "18446744073709551615"}}) {
    const Bytes image = ArchiveOf(FileAt(offset, size), "abc");
    RecordingSink sink;
    EXPECT_FALSE(Unpack(kAsar, image, sink)) << offset << " " << size;
    EXPECT_FALSE(kAsar.measure(image)) << offset << " " << size;
  }
}

TEST(AsarTest, EntriesThatAreNoFilesAreReported) {
  for (const auto& [offset, size] : {std::pair("x", "1"),
                                     {"-1", "1"},
                                     {"0", "-1"},
                                     {"0", "1.5"},
                                     {"0", "\"1\""},
                                     {"18446744073709551615", "1"}}) {
    RecordingSink sink;
    ASSERT_TRUE(Unpack(kAsar, ArchiveOf(FileAt(offset, size), ""), sink));
    EXPECT_TRUE(sink.Saw("asar.damaged-entry")) << offset << " " << size;
  }
}

TEST(AsarTest, RefusesOtherHeaders) {
  EXPECT_TRUE(kAsar.matches(kSample));
  for (const std::size_t at : {0U, 4U, 8U, 12U, 16U, 20U}) {
    Bytes changed = kSample;
    changed[at] ^= 0x10U;
    EXPECT_FALSE(kAsar.matches(changed)) << at;
  }
  // JSON that is none, that nests too deeply, that says a thing twice.
  std::string deep;
  for (int i = 0; i < 200; ++i) {
    deep += R"({"files":{"a":)";
  }
  for (const std::string& json :
       {std::string(R"({"files":{})"), deep,
        std::string(R"({"files":{"a":{},"a":{}}})")}) {
    RecordingSink sink;
    EXPECT_FALSE(Unpack(kAsar, ArchiveOf(json, ""), sink)) << json;
  }
}

}  // namespace
}  // namespace assay::formats
