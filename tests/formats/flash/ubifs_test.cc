#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/hex.h"
#include "tests/support/image_checks.h"
#include "tests/support/recording_sink.h"
#include "verifier/base/crc32.h"
#include "verifier/formats/codecs/block_codec.h"
#include "verifier/formats/format.h"

namespace assay::formats {

extern const Format kUbifs;
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

// journal.py
constexpr std::size_t kLeb = 4096;
const Bytes kJournal = Sample("formats/ubifs/journal.hex");

Bytes MkfsImage() {
  Bytes image(13 * 15360);
  const auto size = codecs::BlockCodec(codecs::Compression::kZlib)
                        .Decode(Sample("formats/ubifs/mkfs.zlib.hex"), image);
  EXPECT_EQ(size, image.size());
  return image;
}

std::uint32_t Get32(const Bytes& image, std::size_t at) {
  return ReadAt<Le32>(image, at).value_or(Le32{});
}

void Put32(Bytes& image, std::size_t at, std::uint32_t value) {
  for (std::size_t i = 0; i < 4; ++i) {
    image[at + i] = static_cast<std::uint8_t>(value >> (8 * i));
  }
}

void Reseal(Bytes& image, std::size_t node) {
  const std::uint32_t length = Get32(image, node + 16);
  Put32(image, node + 4, Crc32Raw(~0U, *Slice(image, node + 8, length - 8)));
}

// The `nth` node of a type from the block `leb` on.
std::size_t NodeOf(const Bytes& image, std::uint8_t type, std::size_t leb,
                   int nth = 0) {
  for (std::size_t at = leb * kLeb; at + 24 <= image.size(); at += 8) {
    if (Get32(image, at) == 0x06101831 && image[at + 20] == type &&
        nth-- == 0) {
      return at;
    }
  }
  ADD_FAILURE() << "no node of type " << int{type};
  return 0;
}

TEST(UbifsTest, ReadsWhatMkfsWrote) {
  const Bytes image = MkfsImage();
  ExpectGood(kUbifs, image);
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kUbifs, image, sink));
  EXPECT_EQ(Names(sink),
            ". bin bin/su bin/su2 dev dev/console dev/disk dev/pipe etc "
            "etc/empty etc/holes etc/link etc/numbers ");
  EXPECT_EQ(AsText(sink.Find("bin/su")->content), "inert: not a program\n");
  std::string numbers;
  for (int i = 1; i <= 1100; ++i) {
    numbers += fmt::format("{}\n", i);
  }
  EXPECT_EQ(AsText(sink.Find("etc/numbers")->content), numbers);
  EXPECT_EQ(AsText(sink.Find("etc/holes")->content),
            std::string(20000, '\0') + "end");
}

TEST(UbifsTest, KeepsEveryMetadatum) {
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
      {"dev/disk", FileType::kBlockDevice, 0660, 0, 0, 259, 300, ""},
      {"dev/pipe", FileType::kFifo, 0644, 0, 0, 0, 0, ""},
      {"etc", FileType::kDirectory, 01777, 0, 0, 0, 0, ""},
      {"etc/link", FileType::kSymlink, 0777, 5, 6, 0, 0, "../bin/su"},
      {"etc/numbers", FileType::kRegular, 0644, 1000, 100, 0, 0, ""},
  };
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kUbifs, MkfsImage(), sink));
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

TEST(UbifsTest, TheJournalIsReplayed) {
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kUbifs, kJournal, sink));
  EXPECT_EQ(Names(sink), ". cut disk kept link ");
  EXPECT_EQ(AsText(sink.Find("kept")->content), "new, longer");
  EXPECT_EQ(sink.Find("kept")->member.meta.mode, 04755U);
  // Debian's mkfs.ubifs writes no extended attributes; journal.py does.
  const auto& xattrs = sink.Find("kept")->member.meta.xattrs;
  ASSERT_EQ(xattrs.size(), 1U);
  EXPECT_EQ(xattrs[0],
            std::pair(std::string("user.note"), std::string("value")));
  EXPECT_EQ(AsText(sink.Find("cut")->content), "cc");
  EXPECT_EQ(sink.Find("link")->member.meta.link_target, "kept");
  EXPECT_EQ(sink.Find("disk")->member.meta.device_major, 259U);
  EXPECT_EQ(sink.Find("disk")->member.meta.device_minor, 300U);
  // What the commit still has is said.
  EXPECT_TRUE(sink.Saw("ubifs.hidden-version"));
  EXPECT_TRUE(sink.Saw("ubifs.hidden-inode"));
  EXPECT_EQ(sink.anomalies.size(), 3U);
  std::string why;
  EXPECT_TRUE(sink.Accounts(kJournal.size(), &why)) << why;
}

TEST(UbifsTest, WithoutTheJournalTheCommitCounts) {
  Bytes image = kJournal;
  image[NodeOf(image, 8, 3) + 30] ^= 1U;  // the log's reference
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kUbifs, image, sink));
  EXPECT_EQ(Names(sink), ". cut gone kept ");
  EXPECT_EQ(AsText(sink.Find("gone")->content), "secret");
  EXPECT_TRUE(sink.Find("gone")->member.stored);
  EXPECT_EQ(sink.Find("cut")->content.size(), 4100U);
}

TEST(UbifsTest, MasterNodesAreCompared) {
  Bytes image = kJournal;
  image[2 * kLeb + 24] ^= 1U;
  RecordingSink damaged;
  ASSERT_TRUE(Unpack(kUbifs, image, damaged));
  EXPECT_TRUE(damaged.Saw("ubifs.missing-master"));
  Reseal(image, 2 * kLeb);
  RecordingSink other;
  ASSERT_TRUE(Unpack(kUbifs, image, other));
  EXPECT_TRUE(other.Saw("ubifs.ambiguous-master"));
  image[kLeb + 50] ^= 1U;
  image[2 * kLeb + 50] ^= 1U;
  RecordingSink none;
  EXPECT_FALSE(Unpack(kUbifs, image, none));
}

TEST(UbifsTest, DamagedNodesAreSaid) {
  Bytes image = kJournal;
  image[NodeOf(image, 2, 4) + 30] ^= 1U;  // the entry of "kept"
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kUbifs, image, sink));
  EXPECT_TRUE(sink.Saw("ubifs.crc-mismatch"));
  EXPECT_EQ(sink.Find("kept"), nullptr);
  std::string why;
  EXPECT_TRUE(sink.Accounts(image.size(), &why)) << why;
}

TEST(UbifsTest, AnIndexThatLoopsOrLeavesIsSaid) {
  Bytes image = kJournal;
  const std::size_t top = NodeOf(image, 9, 4, 2);
  Put32(image, top + 32, static_cast<std::uint32_t>(top - 4 * kLeb));
  Reseal(image, top);
  RecordingSink loop;
  (void)Unpack(kUbifs, image, loop);
  EXPECT_TRUE(loop.Saw("ubifs.index-loop"));
  Put32(image, top + 28, 77);
  Reseal(image, top);
  RecordingSink outside;
  (void)Unpack(kUbifs, image, outside);
  EXPECT_TRUE(outside.Saw("ubifs.bad-index"));
  Put32(image, top + 24, 3);  // children
  Reseal(image, top);
  RecordingSink count;
  (void)Unpack(kUbifs, image, count);
  EXPECT_TRUE(count.Saw("ubifs.bad-index"));
}

TEST(UbifsTest, TypesAreCompared) {
  Bytes image = kJournal;
  const std::size_t entry = NodeOf(image, 2, 4);
  image[entry + 49] = 1;
  Reseal(image, entry);
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kUbifs, image, sink));
  EXPECT_TRUE(sink.Saw("ubifs.type-mismatch"));
}

TEST(UbifsTest, DirectoryLoopsAreSaid) {
  Bytes image = kJournal;
  const std::size_t entry = NodeOf(image, 2, 4);
  Put32(image, entry + 40, 1);
  Reseal(image, entry);
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kUbifs, image, sink));
  EXPECT_TRUE(sink.Saw("ubifs.directory-again"));
}

TEST(UbifsTest, EncryptedFilesStayClosed) {
  Bytes image = kJournal;
  const std::size_t inode = NodeOf(image, 0, 5);
  Put32(image, inode + 108, 0x40);
  Reseal(image, inode);
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kUbifs, image, sink));
  EXPECT_EQ(sink.Find("kept")->problem, "encrypted");
}

TEST(UbifsTest, UnknownCompressionsAreSaid) {
  Bytes image = kJournal;
  const std::size_t data = NodeOf(image, 1, 5);
  image[data + 44] = 9;
  Reseal(image, data);
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kUbifs, image, sink));
  EXPECT_NE(sink.Find("kept")->problem.find("compression 9"),
            std::string::npos);
}

// A hole of the UBI volume is zeros instead of erased flash.
TEST(UbifsTest, ZerosAreErasedFlash) {
  Bytes image = MkfsImage();
  for (std::size_t leb = 0; leb + 15360 <= image.size(); leb += 15360) {
    const auto block = Slice(image, leb, 15360);
    if (std::all_of(block->begin(), block->end(),
                    [](auto byte) { return byte == 0xff; })) {
      std::fill_n(image.begin() + static_cast<std::ptrdiff_t>(leb), 15360,
                  std::uint8_t{0});
    }
  }
  ExpectGood(kUbifs, image);
}

TEST(UbifsTest, LyingFieldsAreBounded) {
  const std::size_t nodes[] = {NodeOf(kJournal, 0, 5), NodeOf(kJournal, 1, 5),
                               NodeOf(kJournal, 2, 5), NodeOf(kJournal, 4, 5),
                               NodeOf(kJournal, 9, 4), NodeOf(kJournal, 8, 3),
                               NodeOf(kJournal, 7, 1), std::size_t{0}};
  for (const std::size_t node : nodes) {
    for (std::size_t field = 24; field < 164; field += 2) {
      for (const std::uint32_t value : {0U, 1U, 0xffffU, 0xffffffffU}) {
        Bytes image = kJournal;
        if (field + 4 > Get32(image, node + 16)) {
          continue;
        }
        Put32(image, node + field, value);
        Reseal(image, node);
        ExpectKept(kUbifs, image,
                   fmt::format("{} at {}+{}", value, node, field));
      }
    }
  }
}

TEST(UbifsTest, LimitsHold) {
  RecordingSink few;
  few.set_limits({.entries = 3});
  EXPECT_EQ(Unpack(kUbifs, kJournal, few).error().code, ErrorCode::kLimit);
  RecordingSink brief;
  brief.set_limits({.name = 3});
  EXPECT_EQ(Unpack(kUbifs, kJournal, brief).error().code, ErrorCode::kLimit);
}

TEST(UbifsTest, RefusesWhatIsNone) {
  EXPECT_FALSE(kUbifs.matches({}));
  EXPECT_FALSE(kUbifs.matches(Hex("31181006")));
  EXPECT_FALSE(kUbifs.measure(Bytes(9000, 0)));
  for (const std::size_t at : {5U, 16U, 20U, 40U, 44U, 4000U}) {
    Bytes image = kJournal;
    image[at] ^= 1U;
    EXPECT_FALSE(kUbifs.matches(image)) << at;
  }
}

TEST(UbifsTest, PrefixesAndFlipsAreKept) {
  SweepImage(kUbifs, kJournal, 19);
}

TEST(UbifsTest, APrefixWithoutItsMasterFails) {
  for (std::size_t size = 4096; size < kLeb + 512; size += 64) {
    RecordingSink sink;
    EXPECT_FALSE(Unpack(kUbifs, ByteView(kJournal).first(size), sink));
  }
}

}  // namespace
}  // namespace assay::formats
