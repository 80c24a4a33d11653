#include <gtest/gtest.h>

#include "tests/support/hex.h"
#include "tests/support/wrapper_checks.h"

namespace assay::formats {

extern const Format kEspImage;
namespace {

using testing::AnomaliesOf;
using testing::Concat;
using testing::Hex;
using testing::Lines;
using testing::RecordingSink;
using testing::Sample;
using testing::With;

const Bytes kEsp32 = Sample("formats/esp_image/esp32.hex");
const Bytes kEsp8266 = Sample("formats/esp_image/esp8266.hex");
const Bytes kSigned = Sample("formats/esp_image/signed.hex");

TEST(EspImageTest, EverySegmentIsAMember) {
  const std::string rodata = Lines("inert rodata\n", 90) + std::string(2, '\0');
  const std::string code = Lines("inert code\n", 61) + std::string(3, '\0');
  testing::CheckParts(
      kEspImage, kEsp32,
      {{"segment0-0x3f400020", rodata}, {"segment1-0x40080000", code}});
  testing::CheckParts(kEspImage, kEsp8266,
                      {{"segment0-0x40100000", Lines("inert iram\n", 44)},
                       {"segment1-0x3ffe8000", Lines("inert data\n", 20)}});
  testing::CheckParts(kEspImage, kSigned,
                      {{"segment0-0x3f400020", rodata},
                       {"segment1-0x40080000", code},
                       {"signature0", AsText(ByteView(kSigned).last(1216))}});
}

TEST(EspImageTest, DamageShows) {
  testing::CheckDamageShows(kEspImage, kEsp32);
  testing::CheckDamageShows(kEspImage, kEsp8266, {{2, 6}});  // the entry
}

TEST(EspImageTest, OtherBytesAreNotEspImages) {
  testing::CheckRefusesNoise(kEspImage, kEsp32, 1);
  EXPECT_FALSE(kEspImage.matches(With(kEsp32, 1, Hex("00"))));
  EXPECT_FALSE(kEspImage.matches(With(kEsp32, 1, Hex("11"))));
  EXPECT_FALSE(kEspImage.matches(With(kEsp32, 2, Hex("06"))));
  EXPECT_FALSE(kEspImage.matches(With(kEsp32, 12, Hex("0300"))));  // chip
  EXPECT_FALSE(kEspImage.matches(With(kEsp32, 19, Hex("01"))));
  EXPECT_FALSE(kEspImage.matches(With(kEsp32, 23, Hex("02"))));
  EXPECT_FALSE(kEspImage.matches(With(kEsp32, 28, Hex("5D"))));
  EXPECT_FALSE(kEspImage.matches(With(kEsp32, 31, Hex("7F"))));
  EXPECT_FALSE(kEspImage.matches(With(kEsp8266, 7, Hex("20"))));
  EXPECT_FALSE(kEspImage.matches(With(kEsp8266, 11, Hex("20"))));
}

TEST(EspImageTest, ChangedSegmentsContradictChecksumAndDigest) {
  EXPECT_EQ(AnomaliesOf(kEspImage, With(kEsp32, 40, Hex("00"))),
            "esp_image.checksum-mismatch esp_image.digest-checksum-mismatch");
  EXPECT_EQ(AnomaliesOf(kEspImage, With(kEsp8266, 20, Hex("00"))),
            "esp_image.checksum-mismatch");
}

TEST(EspImageTest, ChangedImagesContradictTheSignedDigest) {
  EXPECT_EQ(AnomaliesOf(kEspImage, With(kSigned, 300, Hex("00"))),
            "esp_image.signed-checksum-mismatch");
  EXPECT_EQ(AnomaliesOf(kEspImage, With(kSigned, 4096 + 100, Hex("00"))),
            "esp_image.signature-crc-mismatch");
  // Without its magic there is no signature block, and the image ends before.
  EXPECT_EQ(kEspImage.measure(With(kSigned, 4096, Hex("00"))).value_or(0),
            kEsp32.size());
}

TEST(EspImageTest, SegmentsThatLieAreSaid) {
  RecordingSink sink;
  const auto result =
      Unpack(kEspImage, With(kEsp32, 28, Hex("FCFF0F00")), sink);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kTruncated);
}

}  // namespace
}  // namespace assay::formats
