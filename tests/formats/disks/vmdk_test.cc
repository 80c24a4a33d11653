#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/support/hex.h"
#include "tests/support/image_sweep.h"
#include "tests/support/recording_sink.h"
#include "verifier/formats/format.h"

namespace assay::formats {

extern const Format kVmdk;
namespace {

using testing::RecordingSink;

const Bytes kSparse = testing::Sample("formats/vmdk/sparse.hex");
const Bytes kStream = testing::Sample("formats/vmdk/stream.hex");
constexpr std::size_t kTable = 5 * 512;  // of the sparse sample

// What samples/formats/vmdk/make.pl puts in.
std::string Guest() {
  std::string text;
  for (int i = 1; i <= 400; ++i) {
    text += fmt::format("{}\n", i);
  }
  text.resize(1024);
  return text + std::string(1024, '\0') + std::string(1024, 'Z') +
         std::string(3072, '\0');
}

Bytes Changed(const Bytes& image, std::size_t at, std::uint64_t value,
              std::size_t width) {
  Bytes changed = image;
  for (std::size_t i = 0; i < width; ++i) {
    changed.at(at + i) = static_cast<std::uint8_t>(value >> (8 * i));
  }
  return changed;
}

void Read(ByteView image, RecordingSink& sink) {
  const auto result = Unpack(kVmdk, image, sink);
  ASSERT_TRUE(result) << result.error().what;
  std::string why;
  EXPECT_TRUE(sink.Accounts(kVmdk.measure(image).value_or(0), &why)) << why;
}

TEST(VmdkTest, BothKindsGiveTheSameDisk) {
  for (const Bytes& image : {kSparse, kStream}) {
    EXPECT_TRUE(kVmdk.matches(image));
    EXPECT_EQ(kVmdk.measure(testing::Concat(image, Bytes(2000, 7))).value_or(0),
              image.size());
    RecordingSink sink;
    Read(image, sink);
    EXPECT_TRUE(sink.anomalies.empty());
    ASSERT_EQ(sink.members.size(), 1U);
    EXPECT_EQ(sink.members[0].problem, "");
    EXPECT_EQ(AsText(sink.members[0].content), Guest());
  }
}

TEST(VmdkTest, ADescriptorAloneIsMetadata) {
  const Bytes text = CopyOf(AsBytes(
      "# Disk DescriptorFile\nversion=1\ncreateType=\"monolithicFlat\"\n"
      "RW 80 FLAT \"disk-flat.vmdk\" 0\n"));
  EXPECT_TRUE(kVmdk.matches(text));
  RecordingSink sink;
  Read(text, sink);
  EXPECT_TRUE(sink.members.empty());
  EXPECT_EQ(kVmdk.measure(testing::Concat(text, Bytes(9))).value_or(0),
            text.size());
  EXPECT_FALSE(kVmdk.matches(AsBytes("# Disk DescriptorFile\nnothing\n")));
}

TEST(VmdkTest, AParentIsNamed) {
  const Bytes text =
      CopyOf(AsBytes("# Disk DescriptorFile\ncreateType=\"monolithicSparse\"\n"
                     "parentFileNameHint=\"base.vmdk\"\n"));
  RecordingSink sink;
  Read(text, sink);
  ASSERT_EQ(sink.members.size(), 1U);
  EXPECT_NE(sink.members[0].problem.find("\"base.vmdk\""), std::string::npos);
}

TEST(VmdkTest, RedundantTablesThatDifferAreSaid) {
  for (const std::size_t at : {2 * 512U, 3 * 512U, 3 * 512U + 12}) {
    RecordingSink sink;
    Read(Changed(kSparse, at, 0, 1), sink);
    EXPECT_EQ(sink.Saw("vmdk.ambiguous-tables"), kSparse[at] != 0) << at;
  }
  RecordingSink outside;
  Read(Changed(kSparse, 48, 1U << 20U, 8), outside);
  EXPECT_TRUE(outside.Saw("vmdk.ambiguous-tables"));
}

TEST(VmdkTest, GrainsPastTheEndAreDamage) {
  RecordingSink sink;
  EXPECT_FALSE(Unpack(kVmdk, Changed(kSparse, kTable, 0x10000, 4), sink));
  EXPECT_TRUE(sink.Saw("vmdk.unknown-blocks"));
  EXPECT_EQ(sink.members[0].content.size(), Guest().size());
}

TEST(VmdkTest, AGrainOfAnotherPlaceIsDamage) {
  // The marker of the first grain says that it belongs elsewhere.
  RecordingSink sink;
  EXPECT_FALSE(Unpack(kVmdk, Changed(kStream, 2 * 512, 4, 1), sink));
  EXPECT_TRUE(sink.Saw("vmdk.unknown-blocks"));
}

TEST(VmdkTest, DamagedCompressionIsSaid) {
  RecordingSink sink;
  Read(Changed(kStream, 2 * 512 + 40, 0xFFFFFF, 3), sink);
  EXPECT_NE(sink.members[0].problem, "");
}

TEST(VmdkTest, AnUncleanDiskIsSaid) {
  RecordingSink sink;
  Read(Changed(kSparse, 72, 1, 1), sink);
  EXPECT_TRUE(sink.Saw("vmdk.marked-dirty"));
}

TEST(VmdkTest, UnreferencedGrainsAreSlack) {
  Bytes image = Changed(kSparse, kTable, 0, 4);
  RecordingSink sink;
  Read(image, sink);
  bool found = false;
  for (const Region& region : sink.regions) {
    found = found || (region.use == RegionUse::kSlack &&
                      region.range.offset <= 6 * 512 &&
                      region.range.end() >= 6 * 512 + 1024);
  }
  EXPECT_TRUE(found);
}

TEST(VmdkTest, LyingHeadersAreRefused) {
  const struct {
    std::size_t at;
    std::uint64_t value;
    std::size_t width;
  } lies[] = {{0, 0, 4},
              {4, 0, 4},
              {4, 4, 4},
              {8, 6, 4},
              {12, 1ULL << 60U, 8},
              {20, 0, 8},
              {20, 3, 8},
              {20, 1ULL << 32U, 8},
              {44, 0, 4},
              {44, ~0U, 4},
              {56, 1ULL << 40U, 8},
              {73, 'x', 1},
              {77, 2, 2}};
  for (const auto& lie : lies) {
    const Bytes image = Changed(kSparse, lie.at, lie.value, lie.width);
    EXPECT_FALSE(HasMagic(kVmdk, image) && kVmdk.measure(image)) << lie.at;
    RecordingSink sink;
    EXPECT_FALSE(Unpack(kVmdk, image, sink)) << lie.at;
  }
  // A directory that is said to be in a footer, and no footer.
  EXPECT_FALSE(kVmdk.measure(Changed(kSparse, 56, ~0ULL, 8)));
}

TEST(VmdkTest, SurvivesEveryPrefixAndFlip) {
  for (const Bytes& image : {kSparse, kStream}) {
    testing::SweepPrefixes(kVmdk, image);
    testing::SweepFlips(kVmdk, image);
  }
}

}  // namespace
}  // namespace assay::formats
