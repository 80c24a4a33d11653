#include <gtest/gtest.h>
#include <libdeflate.h>
#include <lzo/lzo1x.h>
#include <zstd.h>

#include <algorithm>
#include <array>

#include "tests/support/hex.h"
#include "tests/support/volume_checks.h"
#include "verifier/formats/filesystems/btrfs_checksum.h"
#include "verifier/formats/format.h"

namespace assay::formats {

extern const Format kBtrfs;
namespace {

using testing::ExpectedFile;
using testing::Hex;
using testing::Problems;
using testing::PutLe;
using testing::RecordedMember;
using testing::RecordingSink;
using testing::Sample;

const Bytes kImage = Sample("formats/btrfs/mixed.hex");

constexpr std::size_t kSuper = 65536;
constexpr std::size_t kNode = 4096;
constexpr std::size_t kChecksum = 32;

const ExpectedFile kFiles[] = {
    {".", FileType::kDirectory, 0755},
    {"bin/su", FileType::kRegular, 04755},
    {"dev/console", FileType::kCharDevice, 0644},
    {"dev/pipe", FileType::kFifo, 0644},
    {"etc", FileType::kDirectory, 01777},
    {"etc/empty", FileType::kRegular, 0644},
    {"etc/link", FileType::kSymlink, 0777, 70000, 80000, 0, 0, "../bin/su"},
    {"etc/numbers", FileType::kRegular, 0644, 1000, 100},
};

std::string Numbers() {
  std::string text;
  for (int i = 1; i <= 1100; ++i) {
    text += std::to_string(i) + "\n";
  }
  return text;
}

// As long, but better to compress.
std::string Again() {
  std::string text;
  while (text.size() < Numbers().size()) {
    text += Numbers().substr(0, 400);
  }
  return text.substr(0, Numbers().size());
}

// Gives the node or super block around `at` a checksum that holds.
void Seal(Bytes& image, std::size_t at) {
  const std::size_t base = at / kNode * kNode;
  PutLe(image, base,
        btrfs::XxHash64(*Slice(image, base + kChecksum, kNode - kChecksum)), 8);
}

// All places where `found` says yes.
template <typename Found>
std::vector<std::size_t> Search(const Bytes& image, const Found& found) {
  std::vector<std::size_t> places;
  for (std::size_t at = 0x100000; at + 64 < image.size(); ++at) {
    if ((image[at] != 0 || image[at + 1] != 0) && found(at)) {
      places.push_back(at);
    }
  }
  EXPECT_FALSE(places.empty());
  return places;
}

std::uint64_t At(const Bytes& image, std::size_t at) {
  return *ReadAt<Le64>(image, at);
}

// The extent item of etc/numbers, which takes up two sectors.
std::vector<std::size_t> NumbersItems(const Bytes& image) {
  return Search(image, [&](std::size_t at) {
    return image[at + 20] == 1 && At(image, at + 8) == 8192 &&
           At(image, at + 29) == 8192 && At(image, at + 45) == 8192;
  });
}

std::size_t NumbersPlace() {
  RecordingSink sink;
  EXPECT_TRUE(Unpack(kBtrfs, kImage, sink));
  return static_cast<std::size_t>(
      sink.Find("etc/numbers")->member.origin->offset);
}

// etc/numbers as one compressed extent of a sector, with its checksum.
Bytes WithCompressed(unsigned packing, const Bytes& packed) {
  Bytes image = kImage;
  const std::size_t place = NumbersPlace();
  const auto sector = *Slice(kImage, place, kNode);
  const std::uint64_t old = btrfs::XxHash64(sector);
  EXPECT_LE(packed.size(), kNode);
  std::fill_n(image.begin() + static_cast<std::ptrdiff_t>(place), kNode,
              std::uint8_t{0});
  std::copy(packed.begin(), packed.end(),
            image.begin() + static_cast<std::ptrdiff_t>(place));
  for (const std::size_t at : NumbersItems(kImage)) {
    image[at + 16] = static_cast<std::uint8_t>(packing);
    PutLe(image, at + 29, kNode, 8);
    Seal(image, at);
  }
  for (const std::size_t at :
       Search(kImage, [&](std::size_t i) { return At(kImage, i) == old; })) {
    PutLe(image, at, btrfs::XxHash64(*Slice(image, place, kNode)), 8);
    Seal(image, at);
  }
  return image;
}

Bytes Zlib(const std::string& text) {
  Bytes out(kNode);
  libdeflate_compressor* state = libdeflate_alloc_compressor(9);
  out.resize(libdeflate_zlib_compress(state, text.data(), text.size(),
                                      out.data(), out.size()));
  libdeflate_free_compressor(state);
  return out;
}

Bytes Zstd(const std::string& text) {
  Bytes out(kNode);
  out.resize(
      ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 9));
  return out;
}

// Segments of a sector each, with their lengths.
Bytes Lzo(const std::string& text) {
  Bytes out(4);
  std::array<std::uint8_t, LZO1X_1_MEM_COMPRESS> work = {};
  const ByteView bytes = AsBytes(text);
  for (std::size_t at = 0; at < text.size(); at += kNode) {
    const ByteView piece =
        bytes.subspan(at).first(std::min<std::size_t>(kNode, text.size() - at));
    Bytes segment(2 * kNode);
    lzo_uint size = segment.size();
    EXPECT_EQ(lzo1x_1_compress(piece.data(), piece.size(), segment.data(),
                               &size, work.data()),
              LZO_E_OK);
    segment.resize(size);
    Bytes length(4);
    PutLe(length, 0, size, 4);
    out.insert(out.end(), length.begin(), length.end());
    out.insert(out.end(), segment.begin(), segment.end());
  }
  PutLe(out, 0, out.size(), 4);
  return out;
}

TEST(BtrfsTest, ReadsWhatMkfsMade) {
  RecordingSink sink;
  CheckVolume(kBtrfs, kImage, kFiles, sink);
  EXPECT_EQ(sink.members.size(), 11U);
  EXPECT_EQ(sink.Find("etc/numbers")->member.meta.mtime, 1'000'000'000);
  EXPECT_EQ(AsText(sink.Find("bin/su")->content), "inert: not a program\n");
  EXPECT_EQ(AsText(sink.Find("etc/numbers")->content), Numbers());
  EXPECT_EQ(AsText(sink.Find("etc/holes")->content),
            std::string(19997, '\0') + "end");
  EXPECT_TRUE(sink.Find("etc/numbers")->member.stored);
}

TEST(BtrfsTest, KeepsExtendedAttributes) {
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kBtrfs, kImage, sink));
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

// Vectors: the reference implementation, xxhsum -H1.
TEST(BtrfsTest, ComputesXxHash64) {
  EXPECT_EQ(btrfs::XxHash64({}), 0xef46db3751d8e999U);
  EXPECT_EQ(btrfs::XxHash64(AsBytes("a")), 0xd24ec4f1a98c6e5bU);
  EXPECT_EQ(btrfs::XxHash64(AsBytes("abc")), 0x44bc2cf5ad770999U);
}

TEST(BtrfsTest, ReadsEveryCompression) {
  const Bytes packed[] = {Zlib(Again()), Lzo(Again()), Zstd(Again())};
  for (unsigned i = 0; i < 3; ++i) {
    const Bytes image = WithCompressed(i + 1, packed[i]);
    RecordingSink sink;
    const auto result = Unpack(kBtrfs, image, sink);
    ASSERT_TRUE(result) << result.error().what;
    const RecordedMember* numbers = sink.Find("etc/numbers");
    EXPECT_EQ(numbers->problem, "") << i;
    EXPECT_EQ(AsText(numbers->content), Again()) << i;
    EXPECT_FALSE(numbers->member.stored);
    EXPECT_TRUE(sink.anomalies.empty()) << i;
    std::string why;
    EXPECT_TRUE(sink.Accounts(image.size(), &why)) << why;
  }
}

TEST(BtrfsTest, DamagedCompressedDataStayWithTheirFile) {
  const Bytes packed[] = {Zlib(Again()), Lzo(Again()), Zstd(Again())};
  for (unsigned i = 0; i < 3; ++i) {
    Bytes broken = packed[i];
    std::fill_n(broken.begin() + 8, 64, std::uint8_t{0xff});
    RecordingSink sink;
    ASSERT_TRUE(Unpack(kBtrfs, WithCompressed(i + 1, broken), sink));
    EXPECT_EQ(sink.members.size(), 11U);
    EXPECT_NE(AsText(sink.Find("etc/numbers")->content), Again());
  }
  RecordingSink sink;  // of no known compression
  (void)Unpack(kBtrfs, WithCompressed(4, packed[0]), sink);
  EXPECT_EQ(Problems(sink), 1U);
  EXPECT_TRUE(sink.Saw("btrfs.bad-map"));
}

TEST(BtrfsTest, EveryProperPrefixFails) {
  testing::CheckVolumePrefixes(kBtrfs, ByteView(kImage).first(70'000), 997);
  testing::CheckVolumePrefixes(kBtrfs, kImage, 100'003);
}

TEST(BtrfsTest, AnyFlipIsReadWithinTheBytes) {
  testing::CheckVolumeFlips(kBtrfs, kImage, 23);
}

// No flip in a node, a super block or content goes unseen.
TEST(BtrfsTest, DamageIsSaid) {
  RecordingSink whole;
  ASSERT_TRUE(Unpack(kBtrfs, kImage, whole));
  std::vector<Range> ranges;
  for (const Region& region : whole.regions) {
    if (region.use != RegionUse::kSlack && region.use != RegionUse::kPadding) {
      ranges.push_back(region.range);
    }
  }
  ranges.push_back(*whole.Find("etc/numbers")->member.origin);
  Bytes damaged = kImage;
  std::size_t met = 0;
  for (const Range& range : ranges) {
    for (std::uint64_t at = range.offset; at < range.end(); ++at) {
      // Of a checksum's field only the first bytes count.
      const bool unused = at % kNode >= 8 && at % kNode < kChecksum;
      if (kImage[at] == 0 || unused || ++met % 17 != 0) {
        continue;
      }
      damaged[at] ^= 0x04U;
      RecordingSink sink;
      const auto result = Unpack(kBtrfs, damaged, sink);
      EXPECT_TRUE(!result || sink.Saw("btrfs.checksum-mismatch")) << at;
      damaged[at] = kImage[at];
    }
  }
  EXPECT_GT(met, 3000U);
}

TEST(BtrfsTest, SuperBlocksThatContradictThemselvesAreNotBtrfs) {
  struct Case {
    std::size_t at;
    std::uint64_t value;
    std::size_t size;
  };
  for (const Case& wrong : std::initializer_list<Case>{
           {64, 0, 8},             // magic
           {48, 0, 8},             // its own address
           {136, 0, 8},            // devices
           {144, 512, 4},          // sector size
           {144, 5000, 4},         //
           {148, 2048, 4},         // node size
           {148, 131072, 4},       //
           {160, 4000, 4},         // chunks
           {196, 4, 2},            // checksum type
           {198, 8, 1},            // level
           {199, 9, 1},            //
           {209, 1000, 8},         // size of the device
           {209, 1ULL << 62U, 8},  //
           {80, 12345, 8},         // tree of roots
       }) {
    Bytes image = CopyOf(ByteView(kImage).first(100'000));
    PutLe(image, kSuper + wrong.at, wrong.value, wrong.size);
    EXPECT_FALSE(kBtrfs.matches(image)) << wrong.at;
    EXPECT_FALSE(kBtrfs.measure(image)) << wrong.at;
    RecordingSink sink;
    EXPECT_FALSE(Unpack(kBtrfs, image, sink)) << wrong.at;
  }
}

TEST(BtrfsTest, ChunksThatContradictThemselvesAreRefused) {
  constexpr std::size_t kArray = kSuper + 811;
  for (const auto& [at, value] : {std::pair<std::size_t, std::uint64_t>{
                                      kArray + 17 + 44, 0},  // no stripes
                                  {kArray + 17 + 44, 999},
                                  {kSuper + 160, 20}}) {
    Bytes image = kImage;
    PutLe(image, at, value, 2);
    Seal(image, kSuper);
    EXPECT_FALSE(kBtrfs.measure(image)) << at;
    RecordingSink sink;
    EXPECT_FALSE(Unpack(kBtrfs, image, sink)) << at;
  }
}

TEST(BtrfsTest, AnUnreplayedLogIsSaid) {
  Bytes image = kImage;
  PutLe(image, kSuper + 96, At(kImage, kSuper + 80), 8);
  Seal(image, kSuper);
  RecordingSink sink;
  (void)Unpack(kBtrfs, image, sink);
  EXPECT_TRUE(sink.Saw("btrfs.ambiguous-journal"));
}

// A name that a listing does not show, but that can be opened.
TEST(BtrfsTest, NamesThatAreNotListedAreHidden) {
  Bytes image = kImage;
  // A directory index entry has the name behind 30 bytes; the item of the
  // other kind comes first in a leaf's keys, so its data lie behind.
  const auto places = Search(image, [&](std::size_t at) {
    return AsText(*Slice(image, at, 7)) == "numbers" && image[at - 1] == 1 &&
           *ReadAt<Le16>(image, at - 3) == 7;
  });
  ASSERT_GE(places.size(), 2U);
  for (const std::size_t at : places) {
    // Both stand in one leaf: change the one with the smaller offset.
    const bool second =
        std::any_of(places.begin(), places.end(), [at](std::size_t other) {
          return other > at && other / kNode == at / kNode;
        });
    if (second) {
      image[at] = 'N';
      Seal(image, at);
    }
  }
  RecordingSink sink;
  (void)Unpack(kBtrfs, image, sink);
  EXPECT_TRUE(sink.Saw("btrfs.hidden-entry"));
  EXPECT_TRUE(sink.Saw("btrfs.ambiguous-entry"));
}

TEST(BtrfsTest, ExtentsThatLieStayWithTheirFile) {
  struct Case {
    std::size_t at;
    std::uint64_t value;
    std::size_t size;
  };
  for (const Case& wrong : std::initializer_list<Case>{
           {17, 1, 1},            // encrypted
           {18, 1, 2},            // encoded
           {20, 3, 1},            // type
           {21, 1ULL << 50U, 8},  // address
           {37, 1ULL << 40U, 8},  // what to skip
           {45, 1ULL << 63U, 8},  // length
       }) {
    Bytes image = kImage;
    for (const std::size_t at : NumbersItems(kImage)) {
      PutLe(image, at + wrong.at, wrong.value, wrong.size);
      Seal(image, at);
    }
    RecordingSink sink;
    ASSERT_TRUE(Unpack(kBtrfs, image, sink));
    EXPECT_EQ(sink.members.size(), 11U) << wrong.at;
    EXPECT_EQ(Problems(sink), 1U) << wrong.at;
  }
}

TEST(BtrfsTest, EntriesAndNamesAreBounded) {
  RecordingSink few;
  few.set_limits({.entries = 5});
  EXPECT_EQ(Unpack(kBtrfs, kImage, few).error().code, ErrorCode::kLimit);
  EXPECT_LE(few.members.size(), 5U);
  RecordingSink brief;
  brief.set_limits({.name = 4});
  EXPECT_EQ(Unpack(kBtrfs, kImage, brief).error().code, ErrorCode::kLimit);
}

}  // namespace
}  // namespace assay::formats
