#include <gtest/gtest.h>

#include "tests/support/hex.h"
#include "tests/support/wrapper_checks.h"

namespace assay::formats {

extern const Format kFwtool;
namespace {

using testing::AnomaliesOf;
using testing::Concat;
using testing::Hex;
using testing::RecordingSink;
using testing::Sample;
using testing::With;

const Bytes kSigned = Sample("formats/fwtool/signed.hex");
const Bytes kUnsigned = Sample("formats/fwtool/metadata.hex");
constexpr std::string_view kJson =
    "{\"metadata_version\":\"1.1\",\"supported_devices\":[\"inert,one\"]}\n";

std::string Image() {
  return std::string(AsText(ByteView(kSigned).first(333)));
}

TEST(FwtoolTest, GivesImageMetadataAndSignature) {
  testing::CheckParts(kFwtool, kSigned,
                      {{"payload", Image()},
                       {"metadata.json", kJson},
                       {"signature", "untrusted comment: inert\n"}});
  testing::CheckParts(kFwtool, kUnsigned,
                      {{"payload", Image()}, {"metadata.json", kJson}});
}

TEST(FwtoolTest, DamageShows) {
  testing::CheckDamageShows(kFwtool, kUnsigned);
}

TEST(FwtoolTest, OtherEndsAreNotFwtool) {
  testing::CheckRefusesNoise(kFwtool, kSigned, 400);
  EXPECT_FALSE(kFwtool.matches_end(Concat(kSigned, Hex("00"))));
  const std::size_t trailer = kSigned.size() - 16;
  EXPECT_FALSE(kFwtool.matches_end(With(kSigned, trailer + 8, Hex("02"))));
  EXPECT_FALSE(kFwtool.matches_end(With(kSigned, trailer + 9, Hex("01"))));
  // A block larger than the file, and one smaller than its trailer.
  EXPECT_FALSE(
      kFwtool.matches_end(With(kSigned, trailer + 12, Hex("FFFFFFFF"))));
  EXPECT_FALSE(
      kFwtool.matches_end(With(kSigned, trailer + 12, Hex("0000000F"))));
}

TEST(FwtoolTest, AChangedImageContradictsBothTrailers) {
  EXPECT_EQ(AnomaliesOf(kFwtool, With(kSigned, 5, Hex("00"))),
            "fwtool.crc-mismatch fwtool.crc-mismatch");
}

TEST(FwtoolTest, ASecondBlockOfAKindHasANameOfItsOwn) {
  Bytes twice = Concat(kSigned, ByteView(kSigned).last(16 + 25));
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kFwtool, twice, sink));
  EXPECT_NE(sink.Find("signature.2"), nullptr);
  EXPECT_TRUE(sink.Saw("fwtool.crc-mismatch"));  // it covers the first, too
}

TEST(FwtoolTest, BlocksAreBounded) {
  Bytes many = kSigned;
  for (int i = 0; i < 200; ++i) {
    many = Concat(many, Hex("46577830 00000000 00000000 00000010"));
  }
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kFwtool, many, sink));
  EXPECT_EQ(sink.members.size(), 65U);
}

TEST(FwtoolTest, MetadataOfAnotherVersionAreSaid) {
  EXPECT_EQ(AnomaliesOf(kFwtool, With(kUnsigned, 333, Hex("00000001"))),
            "fwtool.crc-mismatch fwtool.unknown-version");
}

}  // namespace
}  // namespace assay::formats
