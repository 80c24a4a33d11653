#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/archive_writer.h"
#include "tests/support/hex.h"
#include "tests/support/sweep.h"
#include "verifier/formats/format.h"

namespace assay::formats {

extern const Format kTar;
namespace {

using testing::Attempt;
using testing::Fingerprint;
using testing::ForEachFlip;
using testing::ForEachPrefix;
using testing::RecordingSink;
using testing::Sample;

const Bytes kGnu = Sample("formats/tar/gnu.hex");

std::string Padded(std::string content) {
  content.resize((content.size() + 511) / 512 * 512);
  return content;
}

void Seal(std::string& header) {
  header.replace(148, 8, "        ");
  unsigned sum = 0;
  for (const char c : header.substr(0, 512)) {
    sum += static_cast<unsigned char>(c);
  }
  header.replace(148, 7, fmt::format("{:06o}", sum) + '\0');
}

// A ustar header and its padded content. `size` is the raw size field.
std::string Entry(const std::string& name, const std::string& content,
                  char type = '0', std::string size = {}) {
  std::string header(512, '\0');
  header.replace(0, name.size(), name);
  header.replace(100, 7, "0000644");
  header.replace(108, 7, "0001750");
  header.replace(116, 7, "0000144");
  size = size.empty() ? fmt::format("{:011o}", content.size()) : size;
  header.replace(124, size.size(), size);
  header.replace(136, 11, "14524770400");
  header[156] = type;
  header.replace(257, 8, std::string("ustar\0", 6) + "00");
  Seal(header);
  return header + Padded(content);
}

std::string Record(const std::string& key, const std::string& value) {
  const std::size_t rest = key.size() + value.size() + 3;
  std::size_t length = rest + 1;
  while (std::to_string(length).size() + rest != length) {
    ++length;
  }
  return fmt::format("{} {}={}\n", length, key, value);
}

std::string Pax(const std::string& records, char type = 'x') {
  return Entry("pax", records, type);
}

const std::string kEnd(1024, '\0');

Bytes Image(const std::string& text) {
  return CopyOf(AsBytes(text));
}

TEST(TarTest, ReadsAGnuArchiveAndAccountsForEveryByte) {
  RecordingSink sink;
  std::uint64_t consumed = 0;
  const auto result = Unpack(kTar, kGnu, sink, &consumed);
  ASSERT_TRUE(result) << result.error().what;
  EXPECT_EQ(consumed, kGnu.size());
  EXPECT_EQ(kTar.measure(kGnu).value_or(0), kGnu.size());
  ASSERT_EQ(sink.members.size(), 2U);
  const auto& file = sink.members[0];
  EXPECT_EQ(file.member.name, "f");
  EXPECT_EQ(AsText(file.content), "abc");
  EXPECT_EQ(file.member.meta.mode, 04644U);
  EXPECT_TRUE(IsSetuid(file.member.meta));
  EXPECT_EQ(file.member.meta.uid, 0U);
  EXPECT_EQ(file.member.meta.owner, "root");
  EXPECT_EQ(file.member.meta.mtime, 1'700'000'000);
  EXPECT_EQ(sink.members[1].member.meta.type, FileType::kSymlink);
  EXPECT_EQ(sink.members[1].member.meta.link_target, "f");
  EXPECT_TRUE(sink.anomalies.empty());
  std::string why;
  EXPECT_TRUE(sink.Accounts(kGnu.size(), &why)) << why;
}

TEST(TarTest, ReadsTheSameFromAStream) {
  RecordingSink at_rest;
  RecordingSink streamed;
  ASSERT_TRUE(Unpack(kTar, kGnu, at_rest));
  ASSERT_TRUE(UnpackStream(kTar, kGnu, streamed, 7));
  EXPECT_EQ(Fingerprint(at_rest), Fingerprint(streamed));
}

TEST(TarTest, ReadsWhatLibarchiveWrites) {
  for (const std::string format : {"ustar", "pax", "gnutar", "v7tar"}) {
    auto files = testing::SomeFiles(format != "v7tar");
    if (format == "v7tar") {
      files.pop_back();  // its name is too long for v7
    }
    const Bytes image = testing::WriteArchive(format, files);
    ASSERT_TRUE(kTar.matches(image)) << format;
    RecordingSink sink;
    const auto result = Unpack(kTar, image, sink);
    ASSERT_TRUE(result) << result.error().what;
    ASSERT_EQ(sink.members.size(), files.size()) << format;
    for (std::size_t i = 0; i < files.size(); ++i) {
      const auto& [member, content, has, problem] = sink.members[i];
      EXPECT_EQ(member.name, files[i].name);
      EXPECT_EQ(AsText(content), files[i].content) << member.name;
      EXPECT_EQ(member.meta.type, files[i].meta.type) << member.name;
      EXPECT_EQ(member.meta.mode, files[i].meta.mode) << member.name;
      EXPECT_EQ(member.meta.uid, files[i].meta.uid) << member.name;
      EXPECT_EQ(member.meta.gid, files[i].meta.gid) << member.name;
      EXPECT_EQ(member.meta.mtime, files[i].meta.mtime) << member.name;
      EXPECT_EQ(member.meta.link_target, files[i].meta.link_target);
      EXPECT_EQ(member.meta.device_major, files[i].meta.device_major);
      EXPECT_EQ(member.meta.device_minor, files[i].meta.device_minor);
    }
    std::string why;
    EXPECT_TRUE(sink.Accounts(image.size(), &why)) << format << ": " << why;
    EXPECT_TRUE(sink.anomalies.empty()) << sink.anomalies[0].id;
  }
}

TEST(TarTest, ReadsExtendedAttributesInBothNotations) {
  const std::string capability("\x01\0\0\x02\0\x20\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
                               20);
  auto files = testing::SomeFiles(false);
  files[3].meta.xattrs = {{"security.capability", capability},
                          {"user.key", "x\ny=z"}};
  for (const std::string options :
       {"xattrheader=ALL", "xattrheader=SCHILY", "xattrheader=LIBARCHIVE"}) {
    const Bytes image = testing::WriteArchive("pax", files, options);
    RecordingSink sink;
    ASSERT_TRUE(Unpack(kTar, image, sink));
    auto found = sink.Find("suid")->member.meta.xattrs;
    std::sort(found.begin(), found.end());
    EXPECT_EQ(found, files[3].meta.xattrs) << options;
    EXPECT_TRUE(sink.anomalies.empty()) << sink.anomalies[0].detail;
  }
}

TEST(TarTest, PaxRecordsOverrideTheHeader) {
  const Bytes image =
      Image(Pax(Record("mtime", "99") + Record("gname", "all"), 'g') +
            Pax(Record("path", "../\xff/evil\n") + Record("uid", "4294967296") +
                Record("gid", "7") + Record("uname", "\xc3\xa4") +
                Record("mtime", "-1.5")) +
            Entry("short", "1") + Entry("plain", "2") + kEnd);
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kTar, image, sink));
  ASSERT_EQ(sink.members.size(), 2U);
  const FileMetadata& meta = sink.members[0].member.meta;
  EXPECT_EQ(sink.members[0].member.name, "../\xff/evil\n");
  EXPECT_EQ(meta.uid, 4294967296U);
  EXPECT_EQ(meta.gid, 7U);
  EXPECT_EQ(meta.owner, "\xc3\xa4");
  EXPECT_EQ(meta.group, "all");
  EXPECT_EQ(meta.mtime, -1);
  EXPECT_EQ(sink.members[1].member.name, "plain");
  EXPECT_EQ(sink.members[1].member.meta.mtime, 99);
  EXPECT_TRUE(sink.anomalies.empty()) << sink.anomalies[0].detail;
}

TEST(TarTest, ReadsNumbersInBase256) {
  std::string large_uid = Entry("a", "x");
  large_uid.replace(108, 8, std::string("\x80\0\0\x01\0\0\0\0", 8));
  Seal(large_uid);
  std::string before_1970 = Entry("b", "x");
  before_1970.replace(136, 12, std::string(11, '\xff') + '\xfe');
  Seal(before_1970);
  const std::string size =
      std::string("\x80", 1) + std::string(10, '\0') + "\3";
  RecordingSink sink;
  ASSERT_TRUE(Unpack(
      kTar,
      Image(large_uid + before_1970 + Entry("c", "abc", '0', size) + kEnd),
      sink));
  EXPECT_EQ(sink.Find("a")->member.meta.uid, 1ULL << 32U);
  EXPECT_EQ(sink.Find("b")->member.meta.mtime, -2);
  EXPECT_EQ(AsText(sink.Find("c")->content), "abc");
}

TEST(TarTest, AcceptsSignedSumsAndOldDirectories) {
  std::string header = Entry("d\xc3\xa4/", "", '\0');
  header.replace(257, 8, std::string(8, '\0'));  // v7
  header.replace(148, 8, "        ");
  int sum = 0;
  for (const char c : header) {
    sum += static_cast<signed char>(c);
  }
  header.replace(148, 7, fmt::format("{:06o}", sum) + '\0');
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kTar, Image(header + kEnd), sink));
  ASSERT_EQ(sink.members.size(), 1U);
  EXPECT_EQ(sink.members[0].member.meta.type, FileType::kDirectory);
}

// One file of 10,000 bytes: "AB" at 4096 and "CD" at the end.
void ExpectSparse(const std::string& archive) {
  RecordingSink sink;
  const auto result = Unpack(kTar, Image(archive + kEnd), sink);
  ASSERT_TRUE(result) << result.error().what;
  ASSERT_EQ(sink.members.size(), 1U);
  EXPECT_EQ(sink.members[0].member.name, "sparse");
  std::string expected(10'000, '\0');
  expected.replace(4096, 2, "AB");
  expected.replace(9998, 2, "CD");
  EXPECT_EQ(AsText(sink.members[0].content), expected);
  EXPECT_FALSE(sink.members[0].member.stored);
  std::string why;
  EXPECT_TRUE(sink.Accounts(archive.size() + kEnd.size(), &why)) << why;
}

TEST(TarTest, ExpandsSparseFilesOfEveryKind) {
  const std::string pairs[] = {"4096", "2", "9998", "2"};
  std::string zero =
      Record("GNU.sparse.size", "10000") + Record("GNU.sparse.numblocks", "2");
  for (std::size_t i = 0; i < 4; i += 2) {
    zero += Record("GNU.sparse.offset", pairs[i]) +
            Record("GNU.sparse.numbytes", pairs[i + 1]);
  }
  ExpectSparse(Pax(zero) + Entry("sparse", "ABCD"));
  ExpectSparse(Pax(Record("GNU.sparse.size", "10000") +
                   Record("GNU.sparse.name", "sparse") +
                   Record("GNU.sparse.map", "4096,2,9998,2")) +
               Entry("GNUSparseFile.1/sparse", "ABCD"));
  ExpectSparse(Pax(Record("GNU.sparse.major", "1") +
                   Record("GNU.sparse.minor", "0") +
                   Record("GNU.sparse.name", "sparse") +
                   Record("GNU.sparse.realsize", "10000")) +
               Entry("GNUSparseFile.1/sparse",
                     Padded("2\n4096\n2\n9998\n2\n") + "ABCD"));
  std::string old = Entry("sparse", "ABCD", 'S');
  old.replace(257, 8, std::string("ustar  \0", 8));
  old.replace(386, 11, "00000010000");
  old.replace(398, 11, "00000000002");
  old[482] = 1;  // one more block of map
  old.replace(483, 11, "00000023420");
  Seal(old);
  std::string more(512, '\0');
  more.replace(0, 11, "00000023416");
  more.replace(12, 11, "00000000002");
  ExpectSparse(old.substr(0, 512) + more + old.substr(512));
}

TEST(TarTest, ASparseFileOverTheLimitIsReadUpToIt) {
  const std::string archive =
      Pax(Record("GNU.sparse.major", "1") + Record("GNU.sparse.minor", "0") +
          Record("GNU.sparse.name", "huge") +
          Record("GNU.sparse.realsize", "8796093022208")) +
      Entry("x", Padded("1\n8796093022207\n1\n") + "A") + Entry("next", "1") +
      kEnd;
  RecordingSink sink;
  sink.set_limits({.member = 1U << 20U});
  ASSERT_TRUE(Unpack(kTar, Image(archive), sink));
  ASSERT_EQ(sink.members.size(), 2U);
  EXPECT_EQ(sink.members[0].problem, "limit");
  EXPECT_LE(sink.members[0].content.size(), (1U << 20U) + 4096U);
  EXPECT_EQ(sink.members[1].member.name, "next");
  std::string why;
  EXPECT_TRUE(sink.Accounts(archive.size(), &why)) << why;
}

TEST(TarTest, RefusesSparseMapsThatContradictThemselves) {
  const auto map = [](const std::string& numbers) {
    return Pax(Record("GNU.sparse.size", "100") +
               Record("GNU.sparse.map", numbers));
  };
  const std::string refused[] = {
      map("0,2,1,2"),
      map("50,2,0,2"),
      map("99,4"),
      map("0,3"),
      map("0,5"),
      map("0"),
      map("18446744073709551615,4"),
      map("4,9223372036854775807"),
      Pax(Record("GNU.sparse.major", "1") + Record("GNU.sparse.minor", "0") +
          Record("GNU.sparse.realsize", "100")),
  };
  for (const std::string& bad : refused) {
    RecordingSink sink;
    EXPECT_FALSE(Unpack(kTar, Image(bad + Entry("x", "ABCD") + kEnd), sink))
        << bad;
  }
}

TEST(TarTest, ZerosAreNoArchive) {
  EXPECT_FALSE(kTar.matches(Bytes(512)));
  EXPECT_FALSE(kTar.matches(Bytes(65536)));
  RecordingSink sink;
  EXPECT_FALSE(Unpack(kTar, Bytes(10240), sink));
  EXPECT_TRUE(kTar.matches(kGnu));
  EXPECT_FALSE(kTar.matches(ByteView(kGnu).first(511)));
}

struct EndCase {
  std::string after;         // the member
  std::uint64_t left = 0;    // bytes that stay with the caller
  std::string anomaly = {};  // empty: none
};

TEST(TarTest, EndsWithTheRecord) {
  const std::string zero(512, '\0');
  const EndCase cases[] = {
      {"", 0, "tar.no-end-marker"},
      {zero, 0, "tar.lone-zero-block"},
      {zero + "evil", 4, "tar.lone-zero-block"},
      {kEnd, 0, ""},
      {kEnd + "evil", 4, ""},
      {std::string(20 * 512 - 1024, '\0'), 0, ""},
      {std::string(20 * 512 - 1024, '\0') + "evil", 4, ""},
      {std::string(40 * 512, '\0'), 20 * 512 + 1024, ""},
  };
  for (const EndCase& c : cases) {
    const Bytes image = Image(Entry("a", "x") + c.after);
    RecordingSink sink;
    std::uint64_t consumed = 0;
    ASSERT_TRUE(Unpack(kTar, image, sink, &consumed));
    EXPECT_EQ(image.size() - consumed, c.left);
    EXPECT_EQ(sink.anomalies.empty(), c.anomaly.empty());
    EXPECT_TRUE(c.anomaly.empty() || sink.Saw(c.anomaly)) << c.anomaly;
    std::string why;
    EXPECT_TRUE(sink.Accounts(consumed, &why)) << why;
  }
}

TEST(TarTest, RefusesHostileSizes) {
  const std::string sizes[] = {
      "777777777777",                                  // 8 GiB, not there
      "18446744073",                                   // 8 is not octal
      std::string(12, '\xff'),                         // -1
      std::string("\xc0", 1) + std::string(11, '\0'),  // -2^94
      std::string("\x80\0\0\0\x80", 5) + std::string(7, '\0'),  // 2^63
      std::string("\x80", 1) + std::string(11, '\xff'),         // 2^88 - 1
  };
  for (const std::string& size : sizes) {
    RecordingSink sink;
    EXPECT_FALSE(Unpack(
        kTar, Image(Entry("good", "1") + Entry("a", "x", '0', size) + kEnd),
        sink));
    EXPECT_EQ(sink.members.size(), 1U) << "what came before stands";
  }
}

TEST(TarTest, RefusesExtendedHeadersOfAnySize) {
  const std::string large = std::string("\x80", 1) + std::string(7, '\0') +
                            std::string("\x7f\0\0\0", 4);
  for (const char type : {'x', 'g', 'L', 'K'}) {
    RecordingSink sink;
    const auto result =
        Unpack(kTar, Image(Entry("a", "", type, large) + kEnd), sink);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::kLimit);
  }
}

struct OddCase {
  std::string archive;
  std::string anomaly;
};

TEST(TarTest, NoticesWhatReadersDisagreeAbout) {
  const std::string file = Entry("a", "x");
  const OddCase cases[] = {
      {Pax(Record("size", "2")) + file, "tar.size-mismatch"},
      {Pax(Record("path", "b"), 'g') + file, "tar.global-override"},
      {Pax(Record("size", "9"), 'g') + file, "tar.global-override"},
      {Pax(Record("path", "b") + Record("path", "c")) + file,
       "tar.pax-malformed"},
      {Pax("12 path=b") + file, "tar.pax-malformed"},
      {Pax("99 path=b\n") + file, "tar.pax-malformed"},
      {Pax("0 path=b\n") + file, "tar.pax-malformed"},
      {Pax(Record("uid", "-1")) + file, "tar.pax-malformed"},
      {Pax(Record("LIBARCHIVE.xattr.user.a", "?!")) + file,
       "tar.pax-malformed"},
      {Pax(Record("SCHILY.xattr.k", "1") + Record("SCHILY.xattr.k", "2")) +
           file,
       "tar.pax-malformed"},
      {Entry("L", "b", 'L') + Pax(Record("path", "c")) + file,
       "tar.name-mismatch"},
      {Pax(Record("path", std::string(5000, 'n'))) + file, "tar.name-too-long"},
      {Entry("a", "x", 'Q'), "tar.unknown-type"},
      {Entry("l", "x", '2'), "tar.size-without-content"},
      {file + Pax(Record("path", "b")), "tar.extension-without-member"},
  };
  for (const OddCase& c : cases) {
    RecordingSink sink;
    const Bytes image = Image(c.archive + kEnd);
    const auto result = Unpack(kTar, image, sink);
    EXPECT_TRUE(result) << c.anomaly << ": " << result.error().what;
    EXPECT_TRUE(sink.Saw(c.anomaly)) << c.anomaly;
    std::string why;
    EXPECT_TRUE(sink.Accounts(image.size(), &why)) << why;
  }
}

TEST(TarTest, ALinkWithASizeNeitherHidesNorSwallowsTheNextMember) {
  const std::string size = "00000001000";
  RecordingSink none;
  ASSERT_TRUE(
      Unpack(kTar, Image(Entry("l", "", '1', size) + Entry("next", "1") + kEnd),
             none));
  EXPECT_NE(none.Find("next"), nullptr);
  RecordingSink body;
  ASSERT_TRUE(Unpack(
      kTar,
      Image(Entry("l", std::string(512, 'c'), '1') + Entry("next", "1") + kEnd),
      body));
  EXPECT_EQ(body.Find("l")->content.size(), 512U);
  EXPECT_NE(body.Find("next"), nullptr);
}

TEST(TarTest, NamesComeVerbatim) {
  const std::string nul("a\0b", 3);
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kTar,
                     Image(Entry("/../../etc/passwd", "1") +
                           Pax(Record("path", nul)) + Entry("x", "2") + kEnd),
                     sink));
  EXPECT_NE(sink.Find("/../../etc/passwd"), nullptr);
  EXPECT_NE(sink.Find(nul), nullptr);
}

TEST(TarTest, BytesHiddenBehindAContentAreSlack) {
  std::string archive = Entry("a", "x") + kEnd;
  archive[512 + 511] = '!';
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kTar, Image(archive), sink));
  EXPECT_TRUE(
      std::any_of(sink.regions.begin(), sink.regions.end(),
                  [](const Region& r) { return r.use == RegionUse::kSlack; }));
}

TEST(TarTest, APrefixFailsOrIsNoticed) {
  ForEachPrefix(kTar, ByteView(kGnu).first(1536 + 1024),
                [](const Attempt& attempt) {
                  EXPECT_TRUE(!attempt.ok || !attempt.sink->anomalies.empty())
                      << attempt.at;
                });
}

TEST(TarTest, EveryFlippedByteShows) {
  const Bytes image = CopyOf(ByteView(kGnu).first(1536 + 1024));
  RecordingSink good;
  ASSERT_TRUE(Unpack(kTar, image, good));
  ForEachFlip(kTar, image, [&](const Attempt& attempt) {
    // What follows the digits of a checksum is not part of it.
    const std::size_t in_header =
        attempt.at >= 1024 ? attempt.at - 1024 : attempt.at;
    const bool after_sum = in_header == 154 || in_header == 155;
    EXPECT_TRUE(!attempt.ok || after_sum || attempt.consumed < image.size() ||
                Fingerprint(*attempt.sink) != Fingerprint(good))
        << attempt.at;
  });
}

}  // namespace
}  // namespace assay::formats
