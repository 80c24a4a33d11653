#include <gtest/gtest.h>

#include "tests/support/hex.h"
#include "tests/support/volume_checks.h"
#include "tests/support/wrapper_checks.h"
#include "verifier/formats/format.h"

namespace assay::formats {

extern const Format kMinix;
namespace {

using testing::ExpectedFile;
using testing::Problems;
using testing::PutLe;
using testing::RecordingSink;
using testing::Sample;

constexpr std::size_t kSuper = 1024;

const Bytes kV1 = Sample("formats/minix/v1.hex");
const Bytes kV2 = Sample("formats/minix/v2.hex");
const Bytes kV3 = Sample("formats/minix/v3.hex");

std::vector<Bytes> Everything() {
  return {kV1,
          kV2,
          kV3,
          Sample("formats/minix/v1-14-big.hex"),
          Sample("formats/minix/v2-30-big.hex"),
          Sample("formats/minix/v3-big.hex")};
}

const ExpectedFile kFiles[] = {
    {".", FileType::kDirectory, 0755},
    {"bin/su", FileType::kRegular, 04755},
    {"bin/su2", FileType::kHardLink, 04755, 0, 0, 0, 0, "bin/su"},
    {"dev/console", FileType::kCharDevice, 0644, 0, 0, 5, 1},
    {"dev/disk", FileType::kBlockDevice, 0644, 0, 0, 8, 17},
    {"dev/pipe", FileType::kFifo, 0644},
    {"etc", FileType::kDirectory, 01777},
    {"etc/deep/fourteen-chars", FileType::kRegular, 0644},
    {"etc/empty", FileType::kRegular, 0644},
    {"etc/link", FileType::kSymlink, 0777, 0, 0, 0, 0, "../bin/su"},
    {"etc/blocks", FileType::kRegular, 0644, 100, 101},
};

std::string Blocks() {
  std::string text;
  for (std::size_t i = 1; i <= 9; ++i) {
    text += "block " + std::to_string(i) + "\n";
    text.resize(i * 1024);
  }
  return text;
}

// Where the entry of that name begins; `number` bytes stand before the name.
std::size_t EntryAt(const Bytes& image, std::string_view name,
                    std::size_t number) {
  const std::size_t at = AsText(image).find(std::string(name) + '\0');
  EXPECT_NE(at, std::string_view::npos) << name;
  return at - number;
}

// The samples have 32 inodes behind the two bitmaps.
std::size_t InodeAt(std::size_t number, std::size_t size) {
  return std::size_t{4} * 1024 + (number - 1) * size;
}

TEST(MinixTest, ReadsEveryVersionInBothOrders) {
  for (const Bytes& image : Everything()) {
    RecordingSink sink;
    CheckVolume(kMinix, image, kFiles, sink);
    EXPECT_EQ(sink.members.size(), 15U);
    EXPECT_EQ(sink.Find("etc/blocks")->member.meta.mtime, 1'000'000'000);
    EXPECT_EQ(AsText(sink.Find("bin/su")->content), "inert: not a program\n");
    EXPECT_EQ(AsText(sink.Find("etc/blocks")->content), Blocks());
    EXPECT_EQ(AsText(sink.Find("etc/holes")->content),
              std::string(599997, '\0') + "end");
    EXPECT_EQ(AsText(sink.Find("etc/deep/fourteen-chars")->content), "x");
  }
}

TEST(MinixTest, EveryProperPrefixFails) {
  for (const Bytes& image : Everything()) {
    testing::CheckVolumePrefixes(kMinix, image, 97);
  }
}

TEST(MinixTest, AnyFlipIsReadWithinTheBytes) {
  for (const Bytes& image : Everything()) {
    testing::CheckVolumeFlips(kMinix, image, 1);
  }
}

TEST(MinixTest, RefusesNoise) {
  for (const Bytes& image : Everything()) {
    testing::CheckRefusesNoise(kMinix, image, kSuper + 4);
  }
}

TEST(MinixTest, SuperBlocksThatContradictThemselvesAreNotMinix) {
  struct Case {
    std::size_t at;
    std::uint64_t value;
  };
  for (const Case& wrong : std::initializer_list<Case>{
           {0, 0},       // inodes
           {0, 9000},    // more than the table has
           {2, 5},       // zones
           {2, 20000},   // more than the bitmap has
           {4, 2},       // blocks of bitmaps
           {6, 0},       //
           {6, 2},       //
           {8, 4},       // first zone
           {8, 48},      //
           {10, 1},      // zones of two blocks: no kernel reads them
           {16, 0x1371}  // magic
       }) {
    Bytes image = kV1;
    PutLe(image, kSuper + wrong.at, wrong.value, 2);
    EXPECT_FALSE(kMinix.matches(image)) << wrong.at;
    EXPECT_FALSE(kMinix.measure(image)) << wrong.at;
    RecordingSink sink;
    EXPECT_FALSE(Unpack(kMinix, image, sink)) << wrong.at;
  }
  for (const unsigned block : {0U, 512U, 1025U, 2048U, 65535U}) {
    Bytes image = kV3;
    PutLe(image, kSuper + 28, block, 2);
    EXPECT_FALSE(kMinix.matches(image)) << block;
  }
}

TEST(MinixTest, ARootThatIsNoDirectoryIsNotMeasured) {
  Bytes image = kV1;
  PutLe(image, InodeAt(1, 32), 0100755, 2);
  EXPECT_FALSE(kMinix.measure(image));
}

TEST(MinixTest, AFileSystemThatGoesOnBehindTheInputIsTruncated) {
  Bytes image = kV2;
  PutLe(image, kSuper + 20, 8000, 4);
  EXPECT_EQ(kMinix.measure(image).error().code, ErrorCode::kTruncated);
  RecordingSink sink;
  EXPECT_EQ(Unpack(kMinix, image, sink).error().code, ErrorCode::kTruncated);
  EXPECT_NE(sink.Find("bin/su"), nullptr);  // what is there is given
}

TEST(MinixTest, DirectoriesInACircleEnd) {
  for (const std::uint64_t target : {std::uint64_t{1}, std::uint64_t{0xFFFF}}) {
    Bytes image = kV1;
    PutLe(image, EntryAt(image, "deep", 2), target, 2);
    RecordingSink sink;
    const auto result = Unpack(kMinix, image, sink);
    EXPECT_TRUE(!result || !sink.anomalies.empty());
    EXPECT_TRUE(sink.Saw("minix.unlisted-inode"));
  }
}

TEST(MinixTest, BlocksOfTwoFilesAreSaid) {
  Bytes image = kV1;
  const std::size_t su = *ReadAt<Le16>(image, EntryAt(image, "su", 2));
  const std::size_t blocks = *ReadAt<Le16>(image, EntryAt(image, "blocks", 2));
  PutLe(image, InodeAt(blocks, 32) + 14,
        *ReadAt<Le16>(image, InodeAt(su, 32) + 14), 2);
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kMinix, image, sink));
  EXPECT_FALSE(sink.anomalies.empty());
  std::string why;
  EXPECT_TRUE(sink.Accounts(image.size(), &why)) << why;
}

TEST(MinixTest, TheBlockOfNumbersThatPointsToItselfEnds) {
  Bytes image = kV1;
  const std::size_t holes = *ReadAt<Le16>(image, EntryAt(image, "holes", 2));
  const std::size_t top = *ReadAt<Le16>(image, InodeAt(holes, 32) + 14 + 16);
  PutLe(image, top * 1024, top, 2);
  RecordingSink sink;
  (void)Unpack(kMinix, image, sink);
  EXPECT_TRUE(sink.Saw("minix.bad-map"));
  EXPECT_EQ(Problems(sink), 1U);
}

TEST(MinixTest, BlocksBehindTheEndAreSaid) {
  Bytes image = kV3;
  const std::size_t blocks = *ReadAt<Le32>(image, EntryAt(image, "blocks", 4));
  PutLe(image, InodeAt(blocks, 64) + 24, 48, 4);
  RecordingSink sink;
  (void)Unpack(kMinix, image, sink);
  EXPECT_TRUE(sink.Saw("minix.bad-map"));
}

TEST(MinixTest, AnotherNumberOfNamesIsSaid) {
  Bytes image = kV2;
  const std::size_t su = *ReadAt<Le16>(image, EntryAt(image, "su", 2));
  PutLe(image, InodeAt(su, 64) + 2, 3, 2);
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kMinix, image, sink));
  EXPECT_FALSE(sink.anomalies.empty());
}

TEST(MinixTest, AFileThatNoDirectoryNamesIsGiven) {
  Bytes image = kV2;
  PutLe(image, EntryAt(image, "blocks", 2), 0, 2);
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kMinix, image, sink));
  EXPECT_TRUE(sink.Saw("minix.unlisted-inode"));
  ASSERT_EQ(sink.members.size(), 15U);
  EXPECT_EQ(AsText(sink.members.back().content), Blocks());
}

TEST(MinixTest, TextInFreeBlocksIsSlack) {
  Bytes image = kV1;
  image[image.size() - 100] = 'h';
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kMinix, image, sink));
  bool slack = false;
  for (const Region& region : sink.regions) {
    slack = slack || (region.use == RegionUse::kSlack &&
                      region.range.end() == image.size());
  }
  EXPECT_TRUE(slack);
}

TEST(MinixTest, SizesThatLieAreBounded) {
  Bytes image = kV1;
  const std::size_t blocks = *ReadAt<Le16>(image, EntryAt(image, "blocks", 2));
  PutLe(image, InodeAt(blocks, 32) + 4, 0xFFFFFFFF, 4);
  const std::size_t deep = *ReadAt<Le16>(image, EntryAt(image, "deep", 2));
  PutLe(image, InodeAt(deep, 32) + 4, 0xFFFFFFE0, 4);
  RecordingSink sink;
  const auto result = Unpack(kMinix, image, sink);
  EXPECT_TRUE(!result || !sink.anomalies.empty());
}

}  // namespace
}  // namespace assay::formats
