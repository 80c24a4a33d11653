#include "verifier/report/bundle/archive.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/report/bundle/spelled_zip.h"

namespace assay::report {
namespace {

using testing::SpelledEntry;
using testing::SpelledZip;

// Nothing when it cannot be opened, or an entry not be read.
std::optional<std::vector<std::string>> Contents(const std::string& zip) {
  const auto archive = Archive::Open(AsBytes(zip));
  if (!archive) {
    return std::nullopt;
  }
  std::vector<std::string> contents;
  for (const ArchiveEntry& entry : archive->entries()) {
    auto content = archive->Read(entry);
    if (!content) {
      return std::nullopt;
    }
    contents.push_back(entry.name + "=" + *content);
  }
  return contents;
}

std::string WhyRefused(const std::string& zip) {
  const auto archive = Archive::Open(AsBytes(zip));
  return archive ? "" : archive.error().what;
}

std::string Written(
    const std::vector<std::pair<std::string, std::string>>& all) {
  ArchiveWriter writer;
  for (const auto& [name, content] : all) {
    const auto added = writer.Add(name, content);
    EXPECT_TRUE(added) << added.error().what;
  }
  return writer.Finish().value_or("");
}

TEST(BundleArchiveTest, WhatIsWrittenIsRead) {
  const std::string large(3'000'000, 'x');
  const auto contents =
      Contents(Written({{"b", large}, {"a.json", "{}"}, {"empty", ""}}));
  ASSERT_TRUE(contents);
  EXPECT_EQ(*contents,
            (std::vector<std::string>{"a.json={}", "b=" + large, "empty="}));
}

TEST(BundleArchiveTest, TheOrderOfAddingDoesNotMatter) {
  EXPECT_EQ(Written({{"a", "1"}, {"b", "2"}}),
            Written({{"b", "2"}, {"a", "1"}}));
}

TEST(BundleArchiveTest, TheFormIsThatOfTheSpecification) {
  EXPECT_EQ(Contents(SpelledZip({{.name = "a", .content = "1"},
                                 {.name = "b", .content = "22"}})),
            (std::vector<std::string>{"a=1", "b=22"}));
}

TEST(BundleArchiveTest, NamesThatASystemReadsOtherwiseAreNone) {
  for (const char* const name :
       {"report.json", "a", "0", "a-b_c.d", "assay-bundle.dsse.json"}) {
    EXPECT_TRUE(IsBundleName(name)) << name;
  }
  const std::string long_name(65, 'a');
  for (const std::string& name :
       {std::string(), std::string("."), std::string(".."), std::string("../a"),
        std::string("/a"), std::string("a/b"), std::string("a\\b"),
        std::string("c:a"), std::string(".a"), std::string("a."),
        std::string("Report.json"), std::string("a b"), std::string("a\n"),
        std::string("\xc3\xa4"), std::string("a\0b", 3), std::string("\x1b[m"),
        long_name}) {
    EXPECT_FALSE(IsBundleName(name)) << name;
    EXPECT_FALSE(ArchiveWriter().Add(name, "")) << name;
    EXPECT_NE(WhyRefused(SpelledZip({{.name = name, .content = "1"}})), "")
        << name;
  }
}

TEST(BundleArchiveTest, EveryOtherSpellingIsRefused) {
  const auto with = [](auto change) {
    std::vector<SpelledEntry> entries = {{.name = "a", .content = "1"},
                                         {.name = "b", .content = "2"}};
    change(entries);
    return SpelledZip(entries);
  };
  EXPECT_EQ(WhyRefused(with([](auto& /*all*/) {})), "");
  const std::vector<std::string> zips = {
      with([](auto& all) { all[0].flags = 1; }),         // encrypted
      with([](auto& all) { all[1].flags = 1U << 3U; }),  // sizes behind
      with([](auto& all) { all[1].flags = 1U << 11U; }),
      with([](auto& all) { all[0].method = 0; }),
      with([](auto& all) { all[0].method = 12; }),
      with([](auto& all) { all[0].time = 1; }),
      with([](auto& all) { all[0].date = 0x22; }),
      with([](auto& all) { all[0].version = 45; }),
      with([](auto& all) { all[0].extra = std::string("\1\0\0\0", 4); }),
      with([](auto& all) { all[0].comment = "hello"; }),
      with([](auto& all) { all[0].directory_name = "c"; }),
      with([](auto& all) { all[0].external = 0xA1FF0000; }),  // a link
      with([](auto& all) { all[0].behind = "hidden"; }),
      with([](auto& all) { all[1].behind = "hidden"; }),
      with([](auto& all) { all[1].packed_off_by = 1; }),
      with([](auto& all) { all[0].packed_off_by = -1; }),
      with([](auto& all) { std::swap(all[0], all[1]); }),
      with([](auto& all) { all.clear(); }),
      SpelledZip({{.name = "a", .content = "1"}}, "a comment of the zip"),
      "prefix" + with([](auto& /*all*/) {}),
      with([](auto& /*all*/) {}) + "suffix",
      with([](auto& /*all*/) {}) + with([](auto& /*all*/) {}),
  };
  for (std::size_t i = 0; i < zips.size(); ++i) {
    EXPECT_NE(WhyRefused(zips[i]), "") << i;
  }
}

TEST(BundleArchiveTest, ANameIsThereOnce) {
  const std::string why = WhyRefused(SpelledZip(
      {{.name = "a", .content = "1"}, {.name = "a", .content = "2"}}));
  EXPECT_NE(why.find("(a) is there twice"), std::string::npos) << why;
  ArchiveWriter writer;
  EXPECT_TRUE(writer.Add("a", "1"));
  EXPECT_FALSE(writer.Add("a", "1"));
}

// Opening looks at the headers; reading at what they say of the content.
TEST(BundleArchiveTest, ContentThatIsNotWhatItsHeaderSaysIsDamaged) {
  const std::vector<SpelledEntry> wrong = {
      {.name = "a", .content = "abc", .size_off_by = 1},
      {.name = "a", .content = "abc", .size_off_by = -1},
      {.name = "a", .content = "abc", .crc_xor = 1}};
  for (const SpelledEntry& entry : wrong) {
    const std::string zip = SpelledZip({entry});
    const auto archive = Archive::Open(AsBytes(zip));
    ASSERT_TRUE(archive) << archive.error().what;
    const auto content = archive->Read(archive->entries().front());
    ASSERT_FALSE(content);
    EXPECT_EQ(content.error().code, ErrorCode::kMalformed);
    EXPECT_EQ(content.error().what, "a: its bytes are damaged");
  }
}

// Refused by what it says, before a byte of it is unpacked.
TEST(BundleArchiveTest, BombsAreRefused) {
  for (const std::int64_t size : {std::int64_t{17} << 20, std::int64_t{1} << 30,
                                  std::int64_t{0xFFFF0000}}) {
    const std::string zip =
        SpelledZip({{.name = "a", .content = "abc", .size_off_by = size}});
    const auto archive = Archive::Open(AsBytes(zip));
    ASSERT_FALSE(archive) << size;
    EXPECT_EQ(archive.error().code, ErrorCode::kLimit);
  }
  // What would not be read is not written either.
  const auto added =
      ArchiveWriter().Add("a", std::string(std::size_t{20} << 20U, '\0'));
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().code, ErrorCode::kLimit);
}

TEST(BundleArchiveTest, EntriesAreCounted) {
  ArchiveWriter writer;
  std::vector<SpelledEntry> entries;
  for (std::size_t i = 0; i < kMostBundleEntries; ++i) {
    entries.push_back({.name = "e" + std::to_string(100 + i)});
    EXPECT_TRUE(writer.Add(entries.back().name, ""));
  }
  EXPECT_FALSE(writer.Add("more", ""));
  EXPECT_EQ(WhyRefused(SpelledZip(entries)), "");
  entries.push_back({.name = "more"});
  EXPECT_EQ(WhyRefused(SpelledZip(entries)), "more than 64 entries");
}

TEST(BundleArchiveTest, TruncatedAnywhereItIsRefused) {
  const std::string zip = Written({{"a", "one"}, {"b", "two two two two"}});
  for (std::size_t length = 0; length < zip.size(); ++length) {
    EXPECT_NE(WhyRefused(zip.substr(0, length)), "") << length;
  }
}

// A flipped bit is noticed, or it is one of those after the end of a deflate
// stream, which no reader looks at (RFC 1951 section 3.2.3).
TEST(BundleArchiveTest, NoFlippedBitChangesWhatIsRead) {
  const std::string zip =
      Written({{"a", "one"}, {"b", "two two two two two"}, {"c", ""}});
  const auto contents = Contents(zip);
  ASSERT_TRUE(contents);
  std::size_t unnoticed = 0;
  for (std::size_t at = 0; at < zip.size() * 8; ++at) {
    std::string flipped = zip;
    flipped[at / 8] = static_cast<char>(
        static_cast<unsigned char>(flipped[at / 8]) ^ (1U << (at % 8)));
    const auto read = Contents(flipped);
    if (read) {
      EXPECT_EQ(*read, *contents) << at;
      ++unnoticed;
    }
  }
  EXPECT_LE(unnoticed, 3 * 7U);
}

}  // namespace
}  // namespace assay::report
