#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/support/hex.h"
#include "tests/support/image_sweep.h"
#include "tests/support/recording_sink.h"
#include "verifier/formats/format.h"

namespace assay::formats {

extern const Format kVdi;
namespace {

using testing::RecordingSink;

const Bytes kImage = testing::Sample("formats/vdi/dynamic.hex");
constexpr std::size_t kMap = 512;

// What samples/formats/vdi/make.pl puts in.
std::string Guest() {
  std::string text;
  for (int i = 1; i <= 400; ++i) {
    text += fmt::format("{}\n", i);
  }
  text.resize(1024);
  return text + std::string(1024, '\0') + std::string(1024, 'Z') +
         std::string(1536, '\0');
}

Bytes Changed(std::size_t at, std::uint64_t value, std::size_t width) {
  Bytes changed = kImage;
  for (std::size_t i = 0; i < width; ++i) {
    changed.at(at + i) = static_cast<std::uint8_t>(value >> (8 * i));
  }
  return changed;
}

void Read(ByteView image, RecordingSink& sink) {
  const auto result = Unpack(kVdi, image, sink);
  ASSERT_TRUE(result) << result.error().what;
  std::string why;
  EXPECT_TRUE(sink.Accounts(kVdi.measure(image).value_or(0), &why)) << why;
}

TEST(VdiTest, ReadsBlocksInAnyOrder) {
  EXPECT_TRUE(kVdi.matches(kImage));
  EXPECT_EQ(kVdi.measure(testing::Concat(kImage, Bytes(2000, 7))).value_or(0),
            kImage.size());
  RecordingSink sink;
  Read(kImage, sink);
  EXPECT_TRUE(sink.anomalies.empty());
  ASSERT_EQ(sink.members.size(), 1U);
  EXPECT_EQ(AsText(sink.members[0].content), Guest());
  EXPECT_EQ(sink.members[0].member.meta.xattrs.at(0).second, "dynamic");
}

TEST(VdiTest, AParentIsSaid) {
  RecordingSink sink;
  Read(Changed(76, 4, 4), sink);
  EXPECT_NE(sink.Find("parent"), nullptr);
}

TEST(VdiTest, BlocksNamedTwiceOrPastTheEndAreDamage) {
  for (const std::uint32_t index : {1U, 2U, 0xFFFFFFFDU}) {
    RecordingSink sink;
    EXPECT_FALSE(Unpack(kVdi, Changed(kMap + 8, index, 4), sink)) << index;
    EXPECT_TRUE(sink.Saw("vdi.unknown-blocks"));
  }
}

TEST(VdiTest, UnreferencedBlocksAreSlack) {
  RecordingSink sink;
  Read(Changed(kMap + 8, 0xFFFFFFFF, 4), sink);
  bool found = false;
  for (const Region& region : sink.regions) {
    found = found ||
            (region.use == RegionUse::kSlack && region.range.offset <= 1024 &&
             region.range.end() >= 1024 + 1024);
  }
  EXPECT_TRUE(found);
}

TEST(VdiTest, LyingHeadersAreRefused) {
  const struct {
    std::size_t at;
    std::uint64_t value;
    std::size_t width;
  } lies[] = {{64, 0, 4},     {68, 2, 4},    {72, 100, 4},  {76, 0, 4},
              {76, 9, 4},     {340, 100, 4}, {344, 100, 4}, {368, ~0ULL, 8},
              {376, 1000, 4}, {376, 256, 4}, {384, 4, 4},   {384, ~0U, 4}};
  for (const auto& lie : lies) {
    const Bytes image = Changed(lie.at, lie.value, lie.width);
    EXPECT_FALSE(HasMagic(kVdi, image) && kVdi.measure(image)) << lie.at;
    RecordingSink sink;
    EXPECT_FALSE(Unpack(kVdi, image, sink)) << lie.at;
  }
}

TEST(VdiTest, SurvivesEveryPrefixAndFlip) {
  testing::SweepPrefixes(kVdi, kImage);
  testing::SweepFlips(kVdi, kImage);
}

}  // namespace
}  // namespace assay::formats
