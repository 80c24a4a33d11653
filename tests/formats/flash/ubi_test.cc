#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/hex.h"
#include "tests/support/image_checks.h"
#include "tests/support/recording_sink.h"
#include "verifier/base/crc32.h"
#include "verifier/formats/format.h"

namespace assay::formats {

extern const Format kUbi;
namespace {

using testing::Concat;
using testing::ExpectGood;
using testing::ExpectKept;
using testing::Hex;
using testing::Names;
using testing::RecordingSink;
using testing::Sample;
using testing::SweepImage;

// make.sh: PEBs 0 and 1 hold the volume table, 2 to 4 volume 0 ("rootfs"),
// 5 the static volume 3.
constexpr std::size_t kPeb = 2048;
constexpr std::size_t kVolumeHeader = 512;
constexpr std::size_t kData = 1024;
const Bytes kNand = Sample("formats/ubi/nand.hex");
const Bytes kNor = Sample("formats/ubi/nor.hex");

std::string Numbers() {
  std::string text;
  for (int i = 1; i <= 650; ++i) {
    text += fmt::format("{}\n", i);
  }
  return text;
}

void Put32(Bytes& image, std::size_t at, std::uint32_t value) {
  for (std::size_t i = 0; i < 4; ++i) {
    image[at + 3 - i] = static_cast<std::uint8_t>(value >> (8 * i));
  }
}

void Reseal(Bytes& image, std::size_t at, std::size_t size = 64) {
  Put32(image, at + size - 4, Crc32Raw(~0U, *Slice(image, at, size - 4)));
}

// Sets a field of the volume header of a PEB.
void SetField(Bytes& image, std::size_t peb, std::size_t field,
              std::uint32_t value) {
  const std::size_t at = peb * kPeb + kVolumeHeader;
  Put32(image, at + field, value);
  Reseal(image, at);
}

Bytes PebOf(std::size_t number) {
  return CopyOf(*Slice(kNand, number * kPeb, kPeb));
}

bool Accounted(const RecordingSink& sink, std::size_t size) {
  std::string why;
  const bool accounts = sink.Accounts(size, &why);
  EXPECT_TRUE(accounts) << why;
  return accounts;
}

TEST(UbiTest, ReadsWhatUbinizeWrote) {
  for (const Bytes& image : {kNand, kNor}) {
    ExpectGood(kUbi, image);
    RecordingSink sink;
    ASSERT_TRUE(Unpack(kUbi, image, sink));
    EXPECT_EQ(Names(sink), "rootfs wifi-fw rootfs_data ");
    const std::string rootfs(AsText(sink.Find("rootfs")->content));
    EXPECT_EQ(rootfs.substr(0, Numbers().size()), Numbers());
    EXPECT_EQ(rootfs.find_first_not_of('\xff', Numbers().size()),
              std::string::npos);
    EXPECT_EQ(AsText(sink.Find("wifi-fw")->content), "inert static content\n");
    EXPECT_TRUE(sink.Find("wifi-fw")->member.stored);
    EXPECT_TRUE(sink.Find("rootfs_data")->content.empty());
  }
}

TEST(UbiTest, TheOrderOfBlocksDoesNotMatter) {
  Bytes image;
  for (const std::size_t peb : {5U, 3U, 1U, 4U, 0U, 2U}) {
    image = Concat(image, PebOf(peb));
  }
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kUbi, image, sink));
  EXPECT_TRUE(sink.anomalies.empty());
  EXPECT_EQ(AsText(sink.Find("rootfs")->content).substr(0, Numbers().size()),
            Numbers());
  Accounted(sink, image.size());
}

TEST(UbiTest, TheNewerCopyOfABlockCounts) {
  Bytes image = Concat(kNand, PebOf(3));
  image[6 * kPeb + kData] = '!';
  SetField(image, 6, 44, 9);  // the sequence number
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kUbi, image, sink));
  EXPECT_TRUE(sink.Saw("ubi.hidden-leb"));
  EXPECT_EQ(sink.Find("rootfs")->content[kPeb - kData], '!');
  Accounted(sink, image.size());
  // A copy that broke off does not count, however new it is.
  image[6 * kPeb + kVolumeHeader + 6] = 1;
  SetField(image, 6, 20, 1024);
  RecordingSink broken;
  ASSERT_TRUE(Unpack(kUbi, image, broken));
  EXPECT_NE(broken.Find("rootfs")->content[kPeb - kData], '!');
  // An equal one without a difference is no news.
  RecordingSink twice;
  ASSERT_TRUE(Unpack(kUbi, Concat(kNand, PebOf(3)), twice));
  EXPECT_TRUE(twice.anomalies.empty());
}

TEST(UbiTest, TwoBlocksOfOneAgeAreAmbiguous) {
  Bytes image = Concat(kNand, PebOf(3));
  image[6 * kPeb + kData] = '!';
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kUbi, image, sink));
  EXPECT_TRUE(sink.Saw("ubi.ambiguous-leb"));
}

TEST(UbiTest, UnmappedBlocksAreHoles) {
  Bytes image = kNand;
  std::fill_n(image.begin() + 3 * kPeb + 64, kPeb - 64, std::uint8_t{0xff});
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kUbi, image, sink));
  EXPECT_TRUE(sink.anomalies.empty());
  const auto& content = sink.Find("rootfs")->content;
  EXPECT_EQ(content.size(), 3 * 1024U);
  EXPECT_TRUE(std::all_of(content.begin() + 1024, content.begin() + 2048,
                          [](auto byte) { return byte == 0; }));
  Accounted(sink, image.size());
}

TEST(UbiTest, ErasedAndBadBlocksDoNotEndIt) {
  const Bytes erased(3 * kPeb, 0xff);
  Bytes image = Concat(Concat(kNand, erased), PebOf(3));
  EXPECT_EQ(kUbi.measure(image).value_or(0), image.size());
  EXPECT_EQ(kUbi.measure(Concat(image, erased)).value_or(0), image.size());
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kUbi, image, sink));
  Accounted(sink, image.size());
  image[2 * kPeb + 20] ^= 1U;
  RecordingSink bad;
  ASSERT_TRUE(Unpack(kUbi, image, bad));
  EXPECT_TRUE(bad.Saw("ubi.bad-peb"));
  Accounted(bad, image.size());
}

TEST(UbiTest, AnotherImageSequenceIsAnotherImage) {
  Bytes other = kNand;
  for (std::size_t peb = 0; peb < 6; ++peb) {
    Put32(other, peb * kPeb + 24, 999);
    Reseal(other, peb * kPeb);
  }
  EXPECT_EQ(kUbi.measure(Concat(kNand, other)).value_or(0), kNand.size());
}

// A header inside a block does not make blocks smaller.
TEST(UbiTest, ADecoyDoesNotChangeTheGeometry) {
  Bytes image = kNand;
  std::copy_n(kNand.begin(), 64, image.begin() + kData);
  RecordingSink sink;
  (void)Unpack(kUbi, image, sink);
  EXPECT_EQ(kUbi.measure(image).value_or(0), image.size());
  EXPECT_NE(sink.Find("rootfs"), nullptr);
}

TEST(UbiTest, TheVolumeTablesAreCompared) {
  Bytes image = kNand;
  image[kPeb + kData + 16] ^= 1U;  // the name in the second table
  Reseal(image, kPeb + kData, 172);
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kUbi, image, sink));
  EXPECT_TRUE(sink.Saw("ubi.ambiguous-volume-table"));
  EXPECT_NE(sink.Find("rootfs"), nullptr);
  image[kData + 16] ^= 2U;  // damaged: the second one counts
  RecordingSink second;
  ASSERT_TRUE(Unpack(kUbi, image, second));
  EXPECT_NE(second.Find("sootfs"), nullptr);
}

TEST(UbiTest, AVolumeThatIsNotInTheTableIsSaid) {
  Bytes image = kNand;
  SetField(image, 5, 8, 2);
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kUbi, image, sink));
  EXPECT_TRUE(sink.Saw("ubi.unlisted-volume"));
  EXPECT_EQ(AsText(sink.Find("volume2")->content), "inert static content\n");
  Accounted(sink, image.size());
}

TEST(UbiTest, StaticVolumesAreChecked) {
  Bytes image = kNand;
  image[5 * kPeb + kData] ^= 1U;
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kUbi, image, sink));
  EXPECT_TRUE(sink.Saw("ubi.data-crc-mismatch"));
  Bytes missing = kNand;
  SetField(missing, 5, 24, 2);  // of two blocks
  RecordingSink one;
  ASSERT_TRUE(Unpack(kUbi, missing, one));
  EXPECT_TRUE(one.Saw("ubi.size-mismatch"));
}

TEST(UbiTest, TheTailOfAStaticBlockIsSlackWhenUsed) {
  Bytes image = kNand;
  image[6 * kPeb - 1] = 'x';
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kUbi, image, sink));
  EXPECT_TRUE(std::any_of(sink.regions.begin(), sink.regions.end(),
                          [](const Region& region) {
                            return region.use == RegionUse::kSlack &&
                                   region.range.end() == 6 * kPeb;
                          }));
  Accounted(sink, image.size());
}

TEST(UbiTest, LyingNumbersAreBounded) {
  Bytes image = kNand;
  SetField(image, 4, 12, 0x7fffffff);  // a block that the volume cannot have
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kUbi, image, sink));
  EXPECT_TRUE(sink.Saw("ubi.bad-leb"));
  for (const std::size_t table : {0U, 1U}) {
    Put32(image, table * kPeb + kData, 0xffffffff);
    Reseal(image, table * kPeb + kData, 172);
  }
  RecordingSink huge;
  ASSERT_TRUE(Unpack(kUbi, image, huge));
  EXPECT_FALSE(huge.Find("rootfs")->has_content);
  for (const std::size_t field : {20U, 24U, 28U}) {
    for (const std::uint32_t value : {0xffffffffU, 1024U, 1025U, 0U}) {
      Bytes lying = kNand;
      SetField(lying, 5, field, value);
      SetField(lying, 3, field, value);
      ExpectKept(kUbi, lying, fmt::format("{} at {}", value, field));
    }
  }
}

TEST(UbiTest, DamagedVolumeHeadersAreSaid) {
  Bytes image = kNand;
  image[3 * kPeb + kVolumeHeader + 12] ^= 1U;
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kUbi, image, sink));
  EXPECT_TRUE(sink.Saw("ubi.crc-mismatch"));
  Accounted(sink, image.size());
}

TEST(UbiTest, NoVolumeTableIsSaid) {
  RecordingSink sink;
  const Bytes image = CopyOf(ByteView(kNand).subspan(2 * kPeb));
  ASSERT_TRUE(Unpack(kUbi, image, sink));
  EXPECT_TRUE(sink.Saw("ubi.no-volume-table"));
  EXPECT_NE(sink.Find("volume0"), nullptr);
}

TEST(UbiTest, RefusesWhatIsNone) {
  EXPECT_FALSE(kUbi.matches({}));
  EXPECT_FALSE(kUbi.matches(Hex("55424923")));
  EXPECT_FALSE(kUbi.measure(Bytes(9000, 0)));
  EXPECT_FALSE(kUbi.measure(ByteView(kNand).first(kPeb)));
  Bytes image = kNand;
  image[8] ^= 1U;
  EXPECT_FALSE(kUbi.matches(image));
}

TEST(UbiTest, PrefixesAndFlipsAreKept) {
  SweepImage(kUbi, kNor, 3);
  SweepImage(kUbi, kNand, 17);
}

TEST(UbiTest, ACutBlockFails) {
  for (std::size_t cut = 1; cut < kPeb - 64; cut += 50) {
    RecordingSink sink;
    EXPECT_FALSE(Unpack(kUbi, ByteView(kNand).first(kNand.size() - cut), sink));
  }
}

}  // namespace
}  // namespace assay::formats
