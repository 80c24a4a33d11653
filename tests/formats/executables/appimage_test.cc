#include <gtest/gtest.h>

#include "tests/support/hex.h"
#include "tests/support/product.h"
#include "tests/support/recording_sink.h"
#include "tests/support/wrapper_checks.h"
#include "verifier/formats/format.h"
#include "verifier/unpack/walk.h"

namespace assay::formats {

extern const Format kAppimage;
namespace {

using testing::Concat;
using testing::Hex;
using testing::RecordingSink;
using testing::Sample;
using testing::With;

const Bytes kType1 = Sample("formats/appimage/type1.hex");
const Bytes kType2 = Sample("formats/appimage/type2.hex");
constexpr std::size_t kRuntime = 304;
constexpr std::size_t kSystemArea = 32768;

TEST(AppimageTest, Type2IsARuntimeAndWhatFollowsIt) {
  testing::CheckParts(
      kAppimage, kType2,
      {{"runtime", AsText(ByteView(kType2).first(kRuntime))},
       {"filesystem", AsText(ByteView(kType2).subspan(kRuntime))}});
}

TEST(AppimageTest, Type1IsAnIsoImageWithARuntimeInItsSystemArea) {
  Bytes iso = kType1;
  std::fill_n(iso.begin(), kSystemArea, std::uint8_t{0});
  testing::CheckParts(kAppimage, kType1,
                      {{"runtime", AsText(ByteView(kType1).first(kRuntime))},
                       {"filesystem", AsText(iso)}});
}

// Nothing is said of a polyglot, of trailing data or of content in slack.
TEST(AppimageTest, TheFileSystemIsFound) {
  for (const Bytes& image : {kType1, kType2}) {
    const Survey survey =
        unpack::Walk(testing::FileProduct("a", image), testing::Onlooker(), {});
    EXPECT_EQ(testing::ArtifactAt(survey, "a!/filesystem!/AppRun").sha256(),
              Sha256Hex(AsBytes("exec inert\n")));
    EXPECT_EQ(testing::ArtifactAt(survey, "a!/runtime").format, "elf");
    for (const Node& node : survey.nodes) {
      EXPECT_TRUE(node.artifact.anomalies.empty()) << node.artifact.path;
    }
    std::string why;
    EXPECT_TRUE(testing::IsPartitioned(survey, &why)) << why;
  }
}

TEST(AppimageTest, FillerMayFollow) {
  EXPECT_TRUE(kAppimage.matches_end(Concat(kType2, Bytes(512))));
  EXPECT_FALSE(kAppimage.matches_end(Concat(kType2, Hex("00 01"))));
  EXPECT_FALSE(kAppimage.matches_end(Concat(kType1, Hex("0100"))));
}

TEST(AppimageTest, TextInTheRestOfTheSystemAreaIsSlack) {
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kAppimage, With(kType1, 1000, Hex("414243")), sink));
  bool slack = false;
  for (const Region& region : sink.regions) {
    slack = slack || region.use == RegionUse::kSlack;
  }
  EXPECT_TRUE(slack);
}

TEST(AppimageTest, OtherProgramsAreNone) {
  const ByteView runtime = ByteView(kType2).first(kRuntime);
  EXPECT_FALSE(kAppimage.matches_end({}));
  EXPECT_FALSE(kAppimage.matches_end(runtime));
  EXPECT_FALSE(kAppimage.matches_end(Concat(runtime, Bytes(4096))));
  EXPECT_FALSE(kAppimage.matches_end(Concat(runtime, Bytes(4096, 0x5A))));
  for (const Bytes& image : {kType1, kType2}) {
    EXPECT_FALSE(kAppimage.matches_end(With(image, 0, Hex("00"))));
    EXPECT_FALSE(kAppimage.matches_end(With(image, 8, Hex("00"))));
    EXPECT_FALSE(kAppimage.matches_end(With(image, 10, Hex("00"))));
    EXPECT_FALSE(kAppimage.matches_end(With(image, 10, Hex("03"))));
    // A section that ends behind the end.
    EXPECT_FALSE(kAppimage.matches_end(With(image, 112 + 64 + 39, Hex("7F"))));
  }
  EXPECT_FALSE(kAppimage.matches_end(With(kType1, 10, Hex("02"))));
  EXPECT_FALSE(kAppimage.matches_end(With(kType2, 10, Hex("01"))));
  testing::CheckRefusesNoise(kAppimage, kType2, kRuntime);
}

TEST(AppimageTest, EveryProperPrefixFails) {
  for (std::size_t size = 0; size < kType2.size(); ++size) {
    EXPECT_FALSE(kAppimage.matches_end(ByteView(kType2).first(size))) << size;
    RecordingSink sink;
    EXPECT_FALSE(Unpack(kAppimage, ByteView(kType2).first(size), sink));
  }
  for (std::size_t size = 0; size < kType1.size(); size += 61) {
    EXPECT_FALSE(kAppimage.matches_end(ByteView(kType1).first(size))) << size;
  }
}

TEST(AppimageTest, FlipsOfTheHeadAreAccountedFor) {
  for (const Bytes& image : {kType1, kType2}) {
    for (std::size_t at = 0; at < kRuntime + 96; ++at) {
      Bytes damaged = image;
      damaged[at] ^= 0xFFU;
      RecordingSink sink;
      std::string why;
      EXPECT_TRUE(!Unpack(kAppimage, damaged, sink) ||
                  sink.Accounts(damaged.size(), &why))
          << at << why;
    }
  }
}

}  // namespace
}  // namespace assay::formats
