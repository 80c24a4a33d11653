#include <fmt/format.h>
#include <gtest/gtest.h>
#include <libdeflate.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/archive_writer.h"
#include "tests/support/hex.h"
#include "tests/support/sweep.h"
#include "verifier/base/crc32.h"
#include "verifier/formats/format.h"

namespace assay::formats {

extern const Format kZip;
namespace {

using testing::Attempt;
using testing::ForEachFlip;
using testing::ForEachPrefix;
using testing::RecordingSink;
using testing::Sample;

const Bytes kSample = Sample("formats/zip/info-zip.hex");

std::string Le(std::uint64_t value, int width) {
  std::string bytes;
  for (int i = 0; i < width; ++i) {
    bytes.push_back(static_cast<char>(value >> (8 * i) & 0xFFU));
  }
  return bytes;
}

// What one header, local or central, says.
struct Header {
  std::string name = "a";
  unsigned flags = 0;
  unsigned method = 0;
  std::uint32_t crc = 0;
  std::uint64_t packed = 0;
  std::uint64_t size = 0;
  std::string extra = {};
  std::uint32_t external = 0;
  std::uint64_t local_at = 0;
};

Header Describing(const std::string& name, const std::string& content) {
  return {.name = name,
          .crc = Crc32(AsBytes(content)),
          .packed = content.size(),
          .size = content.size()};
}

std::string Local(const Header& h, const std::string& data = {}) {
  return std::string("PK\x03\x04") + Le(20, 2) + Le(h.flags, 2) +
         Le(h.method, 2) + Le(0, 2) + Le(0x21, 2) + Le(h.crc, 4) +
         Le(h.packed, 4) + Le(h.size, 4) + Le(h.name.size(), 2) +
         Le(h.extra.size(), 2) + h.name + h.extra + data;
}

std::string Central(const Header& h) {
  return std::string("PK\x01\x02") + Le(0x314, 2) + Le(20, 2) + Le(h.flags, 2) +
         Le(h.method, 2) + Le(0, 2) + Le(0x21, 2) + Le(h.crc, 4) +
         Le(h.packed, 4) + Le(h.size, 4) + Le(h.name.size(), 2) +
         Le(h.extra.size(), 2) + Le(0, 6) + Le(h.external, 4) +
         Le(h.local_at, 4) + h.name + h.extra;
}

std::string End(std::uint64_t count, std::uint64_t size, std::uint64_t at,
                const std::string& comment = {}) {
  return std::string("PK\x05\x06") + Le(0, 4) + Le(count, 2) + Le(count, 2) +
         Le(size, 4) + Le(at, 4) + Le(comment.size(), 2) + comment;
}

// One archive: what stands before the directory, the directory, the end.
Bytes Zip(const std::string& body, const std::vector<Header>& directory,
          const std::string& comment = {}) {
  std::string central;
  for (const Header& header : directory) {
    central += Central(header);
  }
  return CopyOf(
      AsBytes(body + central +
              End(directory.size(), central.size(), body.size(), comment)));
}

std::string Deflated(const std::string& content) {
  const std::unique_ptr<libdeflate_compressor,
                        decltype(&libdeflate_free_compressor)>
      compressor(libdeflate_alloc_compressor(6), libdeflate_free_compressor);
  std::string packed(
      libdeflate_deflate_compress_bound(compressor.get(), content.size()),
      '\0');
  packed.resize(libdeflate_deflate_compress(compressor.get(), content.data(),
                                            content.size(), packed.data(),
                                            packed.size()));
  return packed;
}

void ExpectAccounted(const RecordingSink& sink, std::size_t size) {
  std::string why;
  EXPECT_TRUE(sink.Accounts(size, &why)) << why;
}

bool HasSlack(const RecordingSink& sink) {
  return std::any_of(
      sink.regions.begin(), sink.regions.end(),
      [](const Region& r) { return r.use == RegionUse::kSlack; });
}

TEST(ZipTest, ReadsWhatInfoZipWroteAndAccountsForEveryByte) {
  RecordingSink sink;
  std::uint64_t consumed = 0;
  const auto result = Unpack(kZip, kSample, sink, &consumed);
  ASSERT_TRUE(result) << result.error().what;
  EXPECT_EQ(consumed, kSample.size());
  ASSERT_EQ(sink.members.size(), 3U);
  const auto* text = sink.Find("d.txt");
  ASSERT_NE(text, nullptr);
  EXPECT_EQ(AsText(text->content), "seq seq seq seq seq seq seq\n");
  EXPECT_EQ(text->member.meta.mode, 04755U);
  EXPECT_EQ(text->member.meta.uid, 0U);
  EXPECT_EQ(text->member.meta.gid, 0U);
  EXPECT_EQ(text->member.meta.mtime, 1'700'000'000);
  EXPECT_FALSE(text->member.stored);
  EXPECT_EQ(AsText(sink.Find("f")->content), "abc");
  EXPECT_TRUE(sink.Find("f")->member.stored);
  EXPECT_EQ(sink.Find("l")->member.meta.type, FileType::kSymlink);
  EXPECT_EQ(sink.Find("l")->member.meta.link_target, "f");
  EXPECT_TRUE(sink.anomalies.empty()) << sink.anomalies[0].detail;
  ExpectAccounted(sink, kSample.size());
}

TEST(ZipTest, OtherMethodsAreReadByTheFormatOfThatName) {
  std::string expected;
  for (int i = 0; i < 200; ++i) {
    expected += "seq ";
  }
  expected += '\n';
  const Bytes image = Sample("formats/zip/bzip2.hex");
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kZip, image, sink));
  ASSERT_EQ(sink.members.size(), 1U);
  EXPECT_EQ(sink.members[0].member.name, "r.txt");
  EXPECT_EQ(AsText(sink.members[0].content), expected);
  EXPECT_TRUE(sink.anomalies.empty());
  ExpectAccounted(sink, image.size());
}

TEST(ZipTest, ReadsWhatLibarchiveWrites) {
  for (const std::string options :
       {"compression=deflate", "compression=store"}) {
    const auto files = testing::SomeFiles(false);
    const Bytes image = testing::WriteArchive("zip", files, options);
    ASSERT_TRUE(kZip.matches(image));
    EXPECT_EQ(kZip.measure(image).value_or(0), image.size()) << options;
    RecordingSink sink;
    ASSERT_TRUE(Unpack(kZip, image, sink));
    ASSERT_EQ(sink.members.size(), files.size());
    for (const auto& file : files) {
      const auto* found = sink.Find(file.name);
      ASSERT_NE(found, nullptr) << file.name;
      EXPECT_EQ(AsText(found->content), file.content) << file.name;
      EXPECT_EQ(found->member.meta.type, file.meta.type) << file.name;
      EXPECT_EQ(found->member.meta.mode, file.meta.mode) << file.name;
      EXPECT_EQ(found->member.meta.uid, file.meta.uid) << file.name;
      EXPECT_EQ(found->member.meta.mtime, file.meta.mtime) << file.name;
    }
    EXPECT_TRUE(sink.anomalies.empty()) << sink.anomalies[0].detail;
    ExpectAccounted(sink, image.size());
  }
}

TEST(ZipTest, MeasuresExactlyWhateverFollows) {
  const Bytes longer = testing::Concat(kSample, testing::Hex("504b0304 00"));
  EXPECT_EQ(kZip.measure(longer).value_or(0), kSample.size());
  const Bytes commented = Zip(Local(Describing("a", "x"), "x"),
                              {Describing("a", "x")}, "a comment");
  EXPECT_EQ(kZip.measure(testing::Concat(commented, commented)).value_or(0),
            commented.size());
}

// It is read where it stands alone, but found nowhere: its 22 bytes occur in
// files that only speak of zip archives.
TEST(ZipTest, AnEmptyArchiveIsNoFind) {
  const Bytes empty = Zip("", {});
  EXPECT_TRUE(kZip.matches(empty));
  RecordingSink sink;
  EXPECT_TRUE(Unpack(kZip, empty, sink));
  EXPECT_FALSE(kZip.measure(testing::Concat(empty, empty)));
}

TEST(ZipTest, ADescriptorTellsTheSizesOfAStream) {
  const std::string content(300, 'x');
  const std::string packed = Deflated(content);
  const Header known{.flags = 8,
                     .method = 8,
                     .crc = Crc32(AsBytes(content)),
                     .packed = packed.size(),
                     .size = content.size()};
  const std::string head = Local({.flags = 8, .method = 8}, packed);
  const std::string crc = Le(known.crc, 4);
  const std::string sig = "PK\x07\x08";
  const auto sizes = [&](int width) {
    return Le(known.packed, width) + Le(known.size, width);
  };
  for (const std::string& descriptor :
       {sig + crc + sizes(4), sig + crc + sizes(8), crc + sizes(4)}) {
    const Bytes image = Zip(head + descriptor, {known});
    RecordingSink sink;
    ASSERT_TRUE(Unpack(kZip, image, sink));
    EXPECT_EQ(AsText(sink.members[0].content), content);
    EXPECT_TRUE(sink.anomalies.empty()) << sink.anomalies[0].detail;
    ExpectAccounted(sink, image.size());
    // A descriptor without a signature cannot be found from the front.
    EXPECT_EQ(kZip.measure(image).value_or(0),
              descriptor.substr(0, 2) == "PK" ? image.size() : 0U);
  }
}

TEST(ZipTest, ReadsZip64) {
  const std::string max = Le(0xFFFFFFFF, 4);
  Header local = Describing("a", "abc");
  local.packed = local.size = 0xFFFFFFFF;
  local.extra = Le(1, 2) + Le(16, 2) + Le(3, 8) + Le(3, 8);
  Header central = local;
  central.local_at = 0xFFFFFFFF;
  central.extra = Le(1, 2) + Le(24, 2) + Le(3, 8) + Le(3, 8) + Le(0, 8);
  const std::string body = Local(local, "abc");
  const std::string directory = Central(central);
  const std::uint64_t end_at = body.size() + directory.size();
  const std::string end64 = std::string("PK\x06\x06") + Le(44, 8) + Le(45, 4) +
                            Le(0, 8) + Le(1, 8) + Le(1, 8) +
                            Le(directory.size(), 8) + Le(body.size(), 8);
  const std::string locator =
      std::string("PK\x06\x07") + Le(0, 4) + Le(end_at, 8) + Le(1, 4);
  const std::string end = std::string("PK\x05\x06") + Le(0, 4) + Le(0xFFFF, 2) +
                          Le(0xFFFF, 2) + max + max + Le(0, 2);
  const Bytes image = CopyOf(AsBytes(body + directory + end64 + locator + end));
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kZip, image, sink));
  ASSERT_EQ(sink.members.size(), 1U);
  EXPECT_EQ(AsText(sink.members[0].content), "abc");
  EXPECT_TRUE(sink.anomalies.empty()) << sink.anomalies[0].detail;
  ExpectAccounted(sink, image.size());
  EXPECT_EQ(kZip.measure(image).value_or(0), image.size());
}

struct OddCase {
  std::string what;
  Bytes image;
  std::string anomaly;
};

// Each archive is read to its end, but something in it is worth a word.
std::vector<OddCase> OddCases() {
  const Header good = Describing("good.txt", "abc");
  Header evil = good;
  evil.name = "evil.txt";
  Header deflated = good;
  deflated.method = 8;
  Header longer = good;
  longer.size = 4;
  Header other_crc = good;
  other_crc.crc ^= 1;
  Header second = Describing("second", "x");
  const std::string body = Local(good, "abc");
  second.local_at = body.size() + 4;
  Header after_prefix = good;
  const std::string end_in_comment = End(0, 0, 0);
  std::string inner =
      Local(Describing("inner", "i"), "i") + Central(Describing("inner", "i"));
  inner += End(1, inner.size() - 36, 36);
  Header outside = good;
  outside.local_at = 0xFFFFFFF0;
  return {
      {"name", Zip(body, {evil}), "zip.local-central-mismatch"},
      {"method", Zip(body, {deflated}), "zip.local-central-mismatch"},
      {"size", Zip(body, {longer}), "zip.local-central-mismatch"},
      {"size of content", Zip(Local(longer, "abc"), {longer}),
       "zip.size-mismatch"},
      {"CRC", Zip(Local(other_crc, "abc"), {other_crc}), "zip.crc-mismatch"},
      {"not in directory", Zip(body + Local(evil, "abc"), {good}),
       "zip.hidden-entry"},
      {"first, not in directory", Zip(Local(second, "x") + body, {[&] {
                                        Header moved = good;
                                        moved.local_at =
                                            Local(second, "x").size();
                                        return moved;
                                      }()}),
       "zip.hidden-entry"},
      {"between members",
       Zip(body + "evil" + Local(second, "x"), {good, second}),
       "zip.unclaimed-bytes"},
      {"before directory", Zip(body + "evil", {good}), "zip.unclaimed-bytes"},
      {"prefix", testing::Concat(AsBytes("#!/bin/sh\n"), Zip(body, {good})),
       "zip.prefix"},
      {"overlap", Zip(body, {good, good}), "zip.overlap"},
      {"outside", Zip(body, {good, outside}), "zip.no-local-data"},
      {"empty directory", CopyOf(AsBytes(body + End(0, 0, body.size()))),
       "zip.hidden-entry"},
      {"count",
       CopyOf(AsBytes(body + Central(good) +
                      End(2, Central(good).size(), body.size()))),
       "zip.directory-mismatch"},
      {"behind deflate data",
       [&] {
         const std::string packed = Deflated("abc");
         Header h = deflated;
         h.packed = packed.size() + 4;
         return Zip(Local(h, packed + "evil"), {h});
       }(),
       "zip.trailing-data"},
  };
}

TEST(ZipTest, NoticesWhatReadersDisagreeAboutAndWhatIsHidden) {
  for (const OddCase& c : OddCases()) {
    RecordingSink sink;
    std::uint64_t consumed = 0;
    const auto result = Unpack(kZip, c.image, sink, &consumed);
    ASSERT_TRUE(result) << c.what << ": " << result.error().what;
    EXPECT_TRUE(sink.Saw(c.anomaly)) << c.what;
    EXPECT_EQ(consumed, c.image.size()) << c.what;
    std::string why;
    EXPECT_TRUE(sink.Accounts(c.image.size(), &why)) << c.what << ": " << why;
  }
}

TEST(ZipTest, AMismatchNamesBothValues) {
  Header local = Describing("good.txt", "abc");
  Header central = local;
  central.name = "evil.txt";
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kZip, Zip(Local(local, "abc"), {central}), sink));
  ASSERT_EQ(sink.anomalies.size(), 1U);
  EXPECT_EQ(sink.anomalies[0].detail,
            "name: central \"evil.txt\", local \"good.txt\"");
  EXPECT_NE(sink.Find("evil.txt"), nullptr);
}

TEST(ZipTest, AHiddenEntryIsExtracted) {
  const Header good = Describing("good", "abc");
  RecordingSink sink;
  ASSERT_TRUE(Unpack(
      kZip,
      Zip(Local(good, "abc") + "junk" + Local(Describing("h", "hid"), "hid"),
          {good}),
      sink));
  ASSERT_NE(sink.Find("h"), nullptr);
  EXPECT_EQ(AsText(sink.Find("h")->content), "hid");
  EXPECT_TRUE(HasSlack(sink));
}

TEST(ZipTest, AnEndRecordInTheCommentOfAnotherIsNoticed) {
  const Header a = Describing("a", "abc");
  const Header b = Describing("b", "xyz");
  const std::string inner = Local(b, "xyz") + Central(b);
  std::string comment = inner;
  comment += End(1, Central(b).size(), Local(b, "xyz").size());
  const Bytes image = Zip(Local(a, "abc"), {a}, comment);
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kZip, image, sink));
  EXPECT_TRUE(sink.Saw("zip.ambiguous-end-record"));
  EXPECT_NE(sink.Find("a"), nullptr);
  EXPECT_NE(sink.Find("b"), nullptr);
  ExpectAccounted(sink, image.size());
}

TEST(ZipTest, TheApkSigningBlockIsMetadata) {
  const Header a = Describing("a", "abc");
  const std::string payload(40, 's');
  const std::uint64_t size = payload.size() + 24;
  const std::string block =
      Le(size, 8) + payload + Le(size, 8) + "APK Sig Block 42";
  const Bytes image = Zip(Local(a, "abc") + block, {a});
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kZip, image, sink));
  EXPECT_TRUE(sink.anomalies.empty());
  EXPECT_FALSE(HasSlack(sink));
  ExpectAccounted(sink, image.size());
  EXPECT_EQ(kZip.measure(image).value_or(0), image.size());
  RecordingSink damaged;
  const std::string wrong =
      Le(size, 8) + payload + Le(size + 1, 8) + "APK Sig Block 42";
  ASSERT_TRUE(Unpack(kZip, Zip(Local(a, "abc") + wrong, {a}), damaged));
  EXPECT_TRUE(damaged.Saw("zip.unclaimed-bytes"));
}

TEST(ZipTest, WhatCannotBeDecodedIsOpaqueWithAReason) {
  Header encrypted = Describing("a", "abc");
  encrypted.flags = 1;
  Header aes = Describing("a", "abc");
  aes.method = 99;
  Header strange = Describing("a", "abc");
  strange.method = 97;
  const std::pair<Header, std::string> cases[] = {
      {encrypted, "encrypted"}, {aes, "encrypted"}, {strange, "method 97"}};
  for (const auto& [header, why] : cases) {
    const Bytes image = Zip(Local(header, "abc"), {header});
    RecordingSink sink;
    ASSERT_TRUE(Unpack(kZip, image, sink));
    ASSERT_EQ(sink.members.size(), 1U);
    EXPECT_FALSE(sink.members[0].has_content);
    EXPECT_NE(sink.members[0].problem.find(why), std::string::npos);
    ExpectAccounted(sink, image.size());
  }
}

TEST(ZipTest, AHundredThousandOverlapsAreDecodedOnce) {
  const std::string content(4096, 'b');
  const std::string packed = Deflated(content);
  Header bomb{.method = 8,
              .crc = Crc32(AsBytes(content)),
              .packed = packed.size(),
              .size = content.size()};
  std::vector<Header> directory(100'000, bomb);
  const Bytes image = Zip(Local(bomb, packed), directory);
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kZip, image, sink));
  ASSERT_EQ(sink.members.size(), 100'000U);
  EXPECT_EQ(std::count_if(sink.members.begin(), sink.members.end(),
                          [](const auto& m) { return m.has_content; }),
            1);
  EXPECT_EQ(sink.anomalies.size(), 1U);
  EXPECT_TRUE(sink.Saw("zip.overlap"));
  ExpectAccounted(sink, image.size());
}

TEST(ZipTest, AQuotedLocalHeaderIsAnOverlapToo) {
  // The data of the first member hold the header of the second.
  const Header inner = Describing("inner", "abc");
  const std::string quoted = Local(inner, "abc");
  const Header outer = Describing("outer", quoted);
  Header second = inner;
  second.local_at = Local(outer).size();
  const Bytes image = Zip(Local(outer, quoted), {outer, second});
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kZip, image, sink));
  EXPECT_TRUE(sink.Saw("zip.overlap"));
  EXPECT_TRUE(sink.Find("outer")->has_content);
  EXPECT_FALSE(sink.Find("inner")->has_content);
  ExpectAccounted(sink, image.size());
}

TEST(ZipTest, ABombStopsAtTheSinksLimitWhateverItDeclares) {
  const std::string packed = Deflated(std::string(80UL << 20U, '\0'));
  for (const std::uint64_t declared : {0UL, 10UL, 0xFFFFFFF0UL}) {
    const Header bomb{.method = 8, .packed = packed.size(), .size = declared};
    RecordingSink sink;
    ASSERT_TRUE(Unpack(kZip, Zip(Local(bomb, packed), {bomb}), sink));
    ASSERT_EQ(sink.members.size(), 1U);
    EXPECT_EQ(sink.members[0].problem, "limit");
    EXPECT_LT(sink.members[0].content.size(), 65UL << 20U);
  }
}

TEST(ZipTest, LargeMembersComeAsAStreamWithTheSameChecks) {
  std::string content;
  for (int i = 0; content.size() < (2U << 20U); ++i) {
    content += fmt::format("line {}\n", i * 7919);
  }
  const std::string packed = Deflated(content);
  Header large{.method = 8,
               .crc = Crc32(AsBytes(content)),
               .packed = packed.size(),
               .size = content.size()};
  RecordingSink good;
  ASSERT_TRUE(Unpack(kZip, Zip(Local(large, packed), {large}), good));
  EXPECT_TRUE(AsText(good.members[0].content) == content);
  EXPECT_TRUE(good.anomalies.empty());
  std::string damaged = packed;
  damaged[damaged.size() / 2] ^= 0x10;
  RecordingSink bad;
  ASSERT_TRUE(Unpack(kZip, Zip(Local(large, damaged), {large}), bad));
  EXPECT_TRUE(!bad.anomalies.empty() || !bad.members[0].problem.empty());
  large.packed = packed.size() / 2;
  RecordingSink cut;
  ASSERT_TRUE(Unpack(
      kZip, Zip(Local(large, packed.substr(0, packed.size() / 2)), {large}),
      cut));
  EXPECT_FALSE(cut.members[0].problem.empty());
}

TEST(ZipTest, NamesComeVerbatim) {
  const std::string nul("a\0b", 3);
  for (const std::string& name :
       {std::string("../../etc/passwd"), nul, std::string("C:\\x"),
        std::string("\xff\xfe")}) {
    const Header header = Describing(name, "x");
    RecordingSink sink;
    ASSERT_TRUE(Unpack(kZip, Zip(Local(header, "x"), {header}), sink));
    EXPECT_NE(sink.Find(name), nullptr);
  }
}

TEST(ZipTest, WithoutAnEndRecordMembersAreRecovered) {
  RecordingSink sink;
  const std::string body = Local(Describing("a", "abc"), "abc");
  const auto result = Unpack(kZip, AsBytes(body + "tail"), sink);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kTruncated);
  EXPECT_EQ(AsText(sink.Find("a")->content), "abc");
  ExpectAccounted(sink, body.size() + 4);
}

TEST(ZipTest, RefusesAnEndRecordThatLeadsNowhere) {
  const std::string body = Local(Describing("a", "abc"), "abc");
  const std::string ends[] = {End(1, 0xFFFFFFF0, 0), End(1, 46, 0xFFFFFFF0),
                              End(1, 0, 0),
                              End(0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF)};
  for (const std::string& end : ends) {
    RecordingSink sink;
    EXPECT_FALSE(Unpack(kZip, AsBytes(body + end), sink));
    EXPECT_FALSE(kZip.measure(AsBytes(body + end)));
  }
}

TEST(ZipTest, OtherBytesAreNoZip) {
  EXPECT_FALSE(kZip.matches(AsBytes("PK\x03\x04")));
  EXPECT_FALSE(kZip.matches(
      AsBytes(std::string("PK\x03\x04") + std::string(40, '\xff'))));
  EXPECT_FALSE(kZip.matches(AsBytes(End(1, 46, 0))));
  EXPECT_TRUE(kZip.matches(kSample));
}

TEST(ZipTest, EveryProperPrefixFails) {
  ForEachPrefix(kZip, kSample, [](const Attempt& attempt) {
    EXPECT_FALSE(attempt.ok) << attempt.at;
    EXPECT_FALSE(kZip.measure(ByteView(kSample).first(attempt.at)));
  });
}

TEST(ZipTest, EveryFlippedByteOfContentIsNoticed) {
  RecordingSink good;
  ASSERT_TRUE(Unpack(kZip, kSample, good));
  ForEachFlip(kZip, kSample, [&](const Attempt& attempt) {
    for (const auto& recorded : good.members) {
      const Range range = recorded.member.origin.value_or(Range{});
      if (attempt.at >= range.offset && attempt.at < range.end()) {
        // Bits behind the end of the deflate data mean nothing.
        const auto* now = attempt.sink->Find(recorded.member.name);
        EXPECT_TRUE(!attempt.ok || !attempt.sink->anomalies.empty() ||
                    now == nullptr || !now->problem.empty() ||
                    (now->content == recorded.content &&
                     now->member.meta.type == FileType::kRegular))
            << attempt.at;
      }
    }
  });
}

}  // namespace
}  // namespace assay::formats
