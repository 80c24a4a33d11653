#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/support/hex.h"
#include "tests/support/image_sweep.h"
#include "tests/support/recording_sink.h"
#include "verifier/formats/format.h"

namespace assay::formats {

extern const Format kVhd;
namespace {

using testing::RecordingSink;

const Bytes kImage = testing::Sample("formats/vhd/dynamic.hex");
constexpr std::size_t kTable = 1536;
constexpr std::size_t kBitmap = 2048;

// What samples/formats/vhd/make.pl puts in.
std::string Guest() {
  std::string text;
  for (int i = 1; i <= 1000; ++i) {
    text += fmt::format("{}\n", i);
  }
  text.resize(3500);
  text.resize(8192);
  return text + std::string(4096, 'Z');
}

// Makes the checksum of the `size` bytes at `start` right again.
void Mend(Bytes& image, std::size_t start, std::size_t size, std::size_t at) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < size; ++i) {
    sum += i >= at && i < at + 4 ? 0U : image[start + i];
  }
  for (std::size_t i = 0; i < 4; ++i) {
    image[start + at + i] = static_cast<std::uint8_t>(~sum >> (24 - 8 * i));
  }
}

Bytes Changed(std::size_t at, std::uint8_t value) {
  Bytes image = kImage;
  image[at] = value;
  Mend(image, 0, 512, 64);
  Mend(image, 512, 1024, 36);
  return image;
}

void Read(ByteView image, RecordingSink& sink) {
  const auto result = Unpack(kVhd, image, sink);
  ASSERT_TRUE(result) << result.error().what;
  std::string why;
  EXPECT_TRUE(sink.Accounts(kVhd.measure(image).value_or(0), &why)) << why;
}

TEST(VhdTest, ReadsBlocksAndHoles) {
  EXPECT_TRUE(kVhd.matches(kImage));
  EXPECT_EQ(kVhd.measure(testing::Concat(kImage, Bytes(2000, 7))).value_or(0),
            kImage.size());
  RecordingSink sink;
  Read(kImage, sink);
  EXPECT_TRUE(sink.anomalies.empty());
  ASSERT_EQ(sink.members.size(), 1U);
  EXPECT_EQ(AsText(sink.members[0].content), Guest());
}

TEST(VhdTest, SectorsThatABitmapHidesAreSaid) {
  RecordingSink sink;
  Read(Changed(kBitmap, 0x7F), sink);
  EXPECT_TRUE(sink.Saw("vhd.ambiguous-bitmap"));
  EXPECT_EQ(AsText(sink.members[0].content), Guest());
}

TEST(VhdTest, AParentIsNamed) {
  Bytes image = Changed(63, 4);
  image[512 + 64 + 1] = 'p';  // big-endian UTF-16
  image[kBitmap] = 0x7F;
  Mend(image, 512, 1024, 36);
  RecordingSink sink;
  Read(image, sink);
  ASSERT_EQ(sink.members.size(), 2U);
  EXPECT_NE(sink.members[0].problem.find("\"p\""), std::string::npos);
  std::string expected = Guest();
  expected.replace(0, 512, 512, '\0');  // the sector is the parent's
  EXPECT_EQ(AsText(sink.members[1].content), expected);
}

TEST(VhdTest, FootersThatDifferOrLackAreSaid) {
  Bytes differs = kImage;
  differs[differs.size() - 1] = 1;
  Mend(differs, differs.size() - 512, 512, 64);
  RecordingSink sink;
  Read(differs, sink);
  EXPECT_TRUE(sink.Saw("vhd.ambiguous-footer"));
  RecordingSink none;
  Read(ByteView(kImage).first(kImage.size() - 512), none);
  EXPECT_TRUE(none.Saw("vhd.missing-footer"));
  EXPECT_EQ(AsText(none.members[0].content), Guest());
}

TEST(VhdTest, ABlockNamedTwiceIsDamage) {
  RecordingSink sink;
  EXPECT_FALSE(Unpack(kVhd, Changed(kTable + 11, 4), sink));
  EXPECT_TRUE(sink.Saw("vhd.overlapping-blocks"));
}

TEST(VhdTest, BlocksPastTheEndAreDamage) {
  RecordingSink sink;
  EXPECT_FALSE(Unpack(kVhd, Changed(kTable + 9, 1), sink));
  EXPECT_TRUE(sink.Saw("vhd.unknown-blocks"));
}

TEST(VhdTest, LyingHeadersAreRefused) {
  Bytes sum = kImage;
  sum[64] ^= 1U;
  EXPECT_FALSE(kVhd.matches(sum));
  Bytes header = kImage;
  header[512 + 36] ^= 1U;
  EXPECT_FALSE(kVhd.measure(header));
  EXPECT_FALSE(kVhd.matches(Changed(63, 2)));           // fixed
  EXPECT_FALSE(kVhd.matches(Changed(63, 5)));           // no type
  EXPECT_FALSE(kVhd.matches(Changed(48, 0x7F)));        // size
  EXPECT_FALSE(kVhd.measure(Changed(16, 1)));           // place of the header
  EXPECT_FALSE(kVhd.measure(Changed(512 + 16, 1)));     // of the table
  EXPECT_FALSE(kVhd.measure(Changed(512 + 28, 0xFF)));  // entries
  EXPECT_FALSE(kVhd.measure(Changed(512 + 35, 1)));     // block size
}

TEST(VhdTest, SurvivesEveryPrefixAndFlip) {
  testing::SweepPrefixes(kVhd, kImage);
  testing::SweepFlips(kVhd, kImage, 1, 0, 2600);
  testing::SweepFlips(kVhd, kImage, 97, 2600);
}

}  // namespace
}  // namespace assay::formats
