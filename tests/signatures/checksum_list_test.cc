#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/signatures/scheme_run.h"
#include "tests/support/hex.h"

namespace assay::signatures {
namespace {

using assay::testing::Sample;
using testing::FindAll;
using testing::Verdict;

// SHA-256 of "hello", from sha256sum.
constexpr std::string_view kHello =
    "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

std::vector<ListedFile> ListOf(std::string name, std::string_view text) {
  const auto found = FindAll(kChecksumList, std::move(name), AsBytes(text));
  return found.empty() ? std::vector<ListedFile>{} : found[0].listed;
}

TEST(ChecksumListTest, ReadsWhatTheToolsWrite) {
  const Bytes file = Sample("signatures/checksum_list/SHA256SUMS");
  const auto found = FindAll(kChecksumList, "SHA256SUMS", file);
  ASSERT_EQ(found.size(), 1U);
  const auto& listed = found[0].listed;
  ASSERT_EQ(listed.size(), 5U);
  for (const std::size_t i : {0U, 1U, 3U}) {
    EXPECT_EQ(listed[i].name, "hello.txt");
    EXPECT_EQ(listed[i].digests[0].hex, kHello);
  }
  EXPECT_EQ(listed[2].name, "new\nline");
  EXPECT_EQ(listed[4].digests[0].algorithm, DigestAlgorithm::kBlake2b512);
}

TEST(ChecksumListTest, ProvesNoOrigin) {
  const Bytes file = Sample("signatures/checksum_list/SHA256SUMS");
  EXPECT_EQ(Verdict(testing::Check(kChecksumList, "SHA256SUMS", file, {}, {})),
            "DIGEST-ONLY");
}

TEST(ChecksumListTest, ALoneDigestIsAboutTheFileItIsNamedAfter) {
  const auto listed = ListOf("fw.bin.sha256", kHello);
  ASSERT_EQ(listed.size(), 1U);
  EXPECT_EQ(listed[0].name, "fw.bin");
  EXPECT_TRUE(ListOf("SHA256SUMS", kHello).empty());  // about nothing
}

TEST(ChecksumListTest, FoldersAreNoPartOfItsName) {
  const auto lone = ListOf("sub/fw.bin.sha256", kHello);
  ASSERT_EQ(lone.size(), 1U);
  EXPECT_EQ(lone[0].name, "fw.bin");
  const std::string line = fmt::format("{}  usr/bin/hello\n", kHello);
  EXPECT_EQ(ListOf("sub/SHA256SUMS", line).size(), 1U);
  EXPECT_TRUE(ListOf("SHA256SUMS/other", line).empty());
  // A package's control archive speaks of another archive's files.
  EXPECT_TRUE(ListOf("./md5sums", line).empty());
}

TEST(ChecksumListTest, NamesKeepTheirBlanks) {
  const auto listed =
      ListOf("sha256sums.txt", std::string(kHello) + "   two  words \n");
  ASSERT_EQ(listed.size(), 1U);
  EXPECT_EQ(listed[0].name, " two  words ");
}

TEST(ChecksumListTest, WhatIsNoListIsPassedOver) {
  const std::string hello(kHello);
  for (const std::string& text :
       {std::string(), std::string("hello world\n"),
        fmt::format("{}  a\n", hello.substr(1)),   // no digest is that long
        fmt::format("g{}  a\n", hello.substr(1)),  // no hexadecimal digit
        fmt::format("MD5 (a) = {}\n", hello),      // the wrong length
        fmt::format("SHA256 () = {}\n", hello),
        fmt::format("SHA256 (a) {}\n", hello)}) {
    EXPECT_TRUE(ListOf("SHA256SUMS", text).empty()) << text;
  }
  EXPECT_TRUE(ListOf("notes.txt", hello + "  a\n").empty());
}

TEST(ChecksumListTest, AnyPrefixIsSafe) {
  const Bytes file = Sample("signatures/checksum_list/SHA256SUMS");
  for (std::size_t size = 0; size <= file.size(); ++size) {
    for (const ListedFile& one :
         ListOf("SHA256SUMS", AsText(ByteView(file).first(size)))) {
      EXPECT_FALSE(one.name.empty());
      EXPECT_EQ(one.digests[0].hex.size(),
                2 * SizeOf(one.digests[0].algorithm));
    }
  }
}

}  // namespace
}  // namespace assay::signatures
