#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/hex.h"
#include "tests/support/image_checks.h"
#include "tests/support/recording_sink.h"
#include "verifier/base/crc32.h"
#include "verifier/formats/format.h"

namespace assay::formats {

extern const Format kJffs2;
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

constexpr std::array kFresh = {"zlib", "rtime", "lzo", "summary"};

Bytes Image(std::string_view name) {
  return Sample(fmt::format("formats/jffs2/{}.hex", name));
}

// Where the `nth` node of a type begins in a little-endian image.
std::size_t NodeAt(const Bytes& image, std::string_view type, int nth = 0) {
  const std::string magic = "\x85\x19" + std::string(type);
  std::size_t at = AsText(image).find(magic);
  for (; nth > 0; --nth) {
    at = AsText(image).find(magic, at + 4);
  }
  return at;
}

void Put32(Bytes& image, std::size_t at, std::uint32_t value) {
  for (std::size_t i = 0; i < 4; ++i) {
    image[at + i] = static_cast<std::uint8_t>(value >> (8 * i));
  }
}

// Makes all CRCs of the little-endian node at `at` right again.
void Reseal(Bytes& image, std::size_t at, std::size_t fields) {
  const auto crc = [&](std::size_t from, std::size_t size) {
    return Crc32Raw(0, *Slice(image, from, size));
  };
  Put32(image, at + 8, crc(at, 8));
  Put32(image, at + fields - 4 - (fields == 40 ? 4 : 0), crc(at, fields - 8));
}

std::string Numbers() {
  std::string text;
  for (int i = 1; i <= 1100; ++i) {
    text += fmt::format("{}\n", i);
  }
  return text;
}

TEST(Jffs2Test, ReadsWhatMkfsWrote) {
  for (const char* name : kFresh) {
    RecordingSink sink;
    const Bytes image = Image(name);
    ASSERT_TRUE(Unpack(kJffs2, image, sink)) << name;
    EXPECT_EQ(Names(sink),
              ". bin bin/su bin/su2 dev dev/console dev/disk dev/pipe etc "
              "etc/empty etc/link etc/numbers ")
        << name;
    EXPECT_EQ(AsText(sink.Find("bin/su")->content), "inert: not a program\n");
    EXPECT_EQ(AsText(sink.Find("etc/numbers")->content), Numbers()) << name;
    EXPECT_TRUE(sink.Find("etc/empty")->has_content);
    EXPECT_TRUE(sink.Find("etc/empty")->content.empty());
  }
}

TEST(Jffs2Test, KeepsEveryMetadatum) {
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
      {"dev/console", FileType::kCharDevice, 0600, 0, 0, 5, 1, ""},
      {"dev/disk", FileType::kBlockDevice, 0660, 0, 0, 8, 17, ""},
      {"dev/pipe", FileType::kFifo, 0644, 0, 0, 0, 0, ""},
      {"etc", FileType::kDirectory, 01777, 0, 0, 0, 0, ""},
      {"etc/link", FileType::kSymlink, 0777, 5, 6, 0, 0, "../bin/su"},
      {"etc/numbers", FileType::kRegular, 0644, 1000, 100, 0, 0, ""},
  };
  for (const char* image : kFresh) {
    RecordingSink sink;
    ASSERT_TRUE(Unpack(kJffs2, Image(image), sink));
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

TEST(Jffs2Test, KeepsExtendedAttributes) {
  for (const char* image : {"zlib", "rtime", "lzo"}) {
    RecordingSink sink;
    ASSERT_TRUE(Unpack(kJffs2, Image(image), sink));
    const auto& su = sink.Find("bin/su")->member.meta.xattrs;
    ASSERT_EQ(su.size(), 1U);
    EXPECT_EQ(su[0].first, "security.capability");
    EXPECT_EQ(CopyOf(AsBytes(su[0].second)),
              Hex("0100000200200000000000000000000000000000"));
    const auto& numbers = sink.Find("etc/numbers")->member.meta.xattrs;
    ASSERT_EQ(numbers.size(), 1U);
    EXPECT_EQ(numbers[0],
              std::pair(std::string("user.note"), std::string("hello")));
  }
}

TEST(Jffs2Test, AccountsForEveryByte) {
  for (const char* name : kFresh) {
    SCOPED_TRACE(name);
    ExpectGood(kJffs2, Image(name));
  }
}

// log.py: the newest versions count, and the past is said.
TEST(Jffs2Test, TheNewestVersionCounts) {
  const Bytes image = Image("log");
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kJffs2, image, sink));
  EXPECT_EQ(Names(sink), ". config cut disk lzma ");
  EXPECT_EQ(AsText(sink.Find("config")->content), "password=2");
  EXPECT_EQ(sink.Find("config")->member.meta.mode, 0644U);
  EXPECT_EQ(AsText(sink.Find("cut")->content), "keep");
  EXPECT_EQ(sink.Find("cut")->member.meta.mode, 04755U);
  EXPECT_EQ(sink.Find("disk")->member.meta.device_major, 259U);
  EXPECT_EQ(sink.Find("disk")->member.meta.device_minor, 300U);
  const std::string_view lzma = AsText(sink.Find("lzma")->content);
  EXPECT_EQ(lzma.substr(0, 14), "line 0\nline 1\n");
  ASSERT_EQ(lzma.size(), 10000U);
  EXPECT_EQ(lzma.substr(4096), std::string(5904, '\0'));
  EXPECT_TRUE(sink.Saw("jffs2.hidden-inode"));
  EXPECT_TRUE(sink.Saw("jffs2.hidden-version"));
  EXPECT_EQ(sink.anomalies.size(), 2U);
  std::string why;
  EXPECT_TRUE(sink.Accounts(image.size(), &why)) << why;
}

TEST(Jffs2Test, APlainFileIsItsNodesData) {
  const Bytes image = Image("summary");
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kJffs2, image, sink));
  const RecordedMember* su = sink.Find("bin/su");
  ASSERT_TRUE(su->member.stored && su->member.origin);
  EXPECT_EQ(AsText(*Slice(image, su->member.origin->offset,
                          su->member.origin->length)),
            "inert: not a program\n");
}

// Padding of erase blocks may lie between nodes; what is too far is another.
TEST(Jffs2Test, EndsWhereNoNodeFollows) {
  const Bytes image = Image("zlib");
  const Bytes padded = Concat(image, Bytes(60'000, 0xff));
  EXPECT_EQ(kJffs2.measure(padded).value_or(0), image.size());
  const Bytes log = Image("log");
  const Bytes far = Concat(Concat(image, Bytes(5U << 20U, 0xff)), log);
  EXPECT_EQ(kJffs2.measure(far).value_or(0), image.size());
  const Bytes text = Concat(image, Bytes(40'000, 'x'));
  EXPECT_EQ(kJffs2.measure(Concat(text, log)).value_or(0), image.size());
}

// A second file system begins at an erase block with versions used before.
TEST(Jffs2Test, ASecondFileSystemIsNotTheFirst) {
  const Bytes image = Image("zlib");
  Bytes both = image;
  both.resize(8192, 0xff);
  both = Concat(both, Image("log"));
  EXPECT_EQ(kJffs2.measure(both).value_or(0), image.size());
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kJffs2, both, sink));
  std::string why;
  EXPECT_TRUE(sink.Accounts(image.size(), &why)) << why;
}

TEST(Jffs2Test, DamagedNodesAreSaid) {
  Bytes image = Image("log");
  image[NodeAt(image, "\x02\xe0", 2) + 68] ^= 1U;  // data of config, version 2
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kJffs2, image, sink));
  EXPECT_TRUE(sink.Saw("jffs2.crc-mismatch"));
  EXPECT_EQ(AsText(sink.Find("config")->content), "password=1");
  Bytes header = Image("log");
  header[NodeAt(header, "\x02\xe0", 2) + 5] ^= 1U;
  RecordingSink other;
  ASSERT_TRUE(Unpack(kJffs2, header, other));
  EXPECT_TRUE(other.Saw("jffs2.bad-node"));
}

TEST(Jffs2Test, TwoNodesOfOneVersionAreAmbiguous) {
  Bytes image = Image("log");
  const std::size_t at = NodeAt(image, "\x02\xe0", 2);  // config, version 2
  Put32(image, at + 16, 1);
  Reseal(image, at, 68);
  RecordingSink sink;
  (void)Unpack(kJffs2, image, sink);
  EXPECT_TRUE(sink.Saw("jffs2.ambiguous-version") ||
              sink.Saw("jffs2.crc-mismatch"));
}

// Linux would not see a node that the summary keeps from it.
TEST(Jffs2Test, SummariesAreCompared) {
  const Bytes image = Image("summary");
  const std::size_t summary = NodeAt(image, "\x06\x20");
  ASSERT_NE(summary, std::string::npos);
  for (const std::size_t field : {0U, 2U, 6U, 10U, 14U}) {
    Bytes changed = image;
    changed[summary + 32 + field] ^= 1U;
    const auto length = *ReadAt<Le32>(changed, summary + 4);
    Put32(changed, summary + 24,
          Crc32Raw(0, *Slice(changed, summary + 32, length - 32)));
    RecordingSink sink;
    (void)Unpack(kJffs2, changed, sink);
    EXPECT_TRUE(sink.Saw("jffs2.summary-mismatch")) << field;
  }
}

TEST(Jffs2Test, DirectoryLoopsAndOddNamesAreSaid) {
  Bytes image = Image("zlib");
  const std::size_t name = AsText(image).find("numbers");
  ASSERT_NE(name, std::string::npos);
  const std::size_t at = name - 40;
  image[name] = '/';
  Put32(image, at + 20, 1);  // now the root is in etc
  Put32(image, at + 36, Crc32Raw(0, *Slice(image, name, 7)));
  Put32(image, at + 32, Crc32Raw(0, *Slice(image, at, 32)));
  RecordingSink sink;
  (void)Unpack(kJffs2, image, sink);
  EXPECT_TRUE(sink.Saw("jffs2.odd-name"));
  EXPECT_TRUE(sink.Saw("jffs2.directory-again"));
}

TEST(Jffs2Test, LyingLengthsAreBounded) {
  for (const std::size_t field : {28U, 44U, 48U, 52U}) {
    for (const std::uint32_t value : {0x7fffffffU, 0xffffffffU, 0x100000U}) {
      Bytes image = Image("log");
      const std::size_t at = NodeAt(image, "\x02\xe0", 6);  // of lzma
      Put32(image, at + field, value);
      Put32(image, at + 64, Crc32Raw(0, *Slice(image, at, 60)));
      ExpectKept(kJffs2, image, fmt::format("{} at {}", value, field));
    }
  }
}

TEST(Jffs2Test, UnknownCompressionsAreSaid) {
  Bytes image = Image("zlib");
  std::size_t changed = 0;
  for (int nth = 0; changed == 0 && nth < 40; ++nth) {
    const std::size_t at = NodeAt(image, "\x02\xe0", nth);
    if (image[at + 56] == 6) {
      image[at + 56] = 3;
      Put32(image, at + 64, Crc32Raw(0, *Slice(image, at, 60)));
      changed = at;
    }
  }
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kJffs2, image, sink));
  EXPECT_NE(sink.Find("etc/numbers")->problem.find("rubinmips"),
            std::string::npos);
}

TEST(Jffs2Test, LimitsHold) {
  RecordingSink few;
  few.set_limits({.entries = 5});
  EXPECT_EQ(Unpack(kJffs2, Image("zlib"), few).error().code, ErrorCode::kLimit);
  RecordingSink brief;
  brief.set_limits({.name = 4});
  EXPECT_EQ(Unpack(kJffs2, Image("zlib"), brief).error().code,
            ErrorCode::kLimit);
}

TEST(Jffs2Test, RefusesWhatIsNone) {
  EXPECT_FALSE(kJffs2.matches({}));
  EXPECT_FALSE(kJffs2.matches(Hex("85190320")));
  EXPECT_FALSE(kJffs2.matches(Hex("851903200c00000000000000")));
  EXPECT_FALSE(kJffs2.matches(Bytes(100, 0xff)));
  EXPECT_FALSE(kJffs2.measure(Bytes(100, 0)));
  Bytes image = Image("log");
  image[8] ^= 1U;
  EXPECT_FALSE(kJffs2.matches(image));
}

TEST(Jffs2Test, PrefixesAndFlipsAreKept) {
  SweepImage(kJffs2, Image("log"));
  for (const char* name : kFresh) {
    SCOPED_TRACE(name);
    SweepImage(kJffs2, Image(name), 13);
  }
}

TEST(Jffs2Test, APrefixThatCutsANodeFails) {
  const Bytes image = Image("log");
  for (std::size_t size = 13; size < 40; ++size) {
    RecordingSink sink;
    EXPECT_FALSE(Unpack(kJffs2, ByteView(image).first(size), sink)) << size;
  }
}

}  // namespace
}  // namespace assay::formats
