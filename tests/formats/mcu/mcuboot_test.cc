#include <gtest/gtest.h>

#include "tests/support/hex.h"
#include "tests/support/wrapper_checks.h"

namespace assay::formats {

extern const Format kMcuboot;
namespace {

using testing::AnomaliesOf;
using testing::Concat;
using testing::Hex;
using testing::Lines;
using testing::RecordingSink;
using testing::Sample;
using testing::With;

const Bytes kProtected = Sample("formats/mcuboot/protected.hex");
const Bytes kSha384 = Sample("formats/mcuboot/sha384.hex");
const Bytes kSlot = Sample("formats/mcuboot/slot.hex");

std::string_view Part(ByteView image, std::size_t at, std::size_t size) {
  return AsText(image.subspan(at, size));
}

TEST(McubootTest, PayloadAndTlvsAreMembers) {
  // Header 64, payload 150, protected area 4 + 8, area 4.
  const std::string payload = Lines("inert application\n", 150);
  const std::string_view counter("\x07\0\0\0", 4);
  testing::CheckParts(
      kMcuboot, kProtected,
      {{"payload", payload},
       {"protected/security-counter", counter},
       {"tlv/sha256", Part(kProtected, 64 + 150 + 12 + 8, 32)},
       {"tlv/key-hash", Part(kProtected, 64 + 150 + 12 + 44, 32)},
       {"tlv/ecdsa-signature", Lines("inert signature\n", 71)}});
  testing::CheckParts(
      kMcuboot, kSha384,
      {{"payload", payload.substr(0, 90)},
       {"tlv/sha384", Part(kSha384, 64 + 90 + 8, 48)},
       {"tlv/key-hash", Part(kSha384, 64 + 90 + 60, 32)},
       {"tlv/ecdsa-signature", Lines("inert signature\n", 71)}});
}

TEST(McubootTest, ASlotEndsWithItsTrailer) {
  EXPECT_EQ(kMcuboot.measure(kSlot).value_or(0), kSlot.size());
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kMcuboot, kSlot, sink));
  EXPECT_TRUE(sink.anomalies.empty());
  std::string why;
  EXPECT_TRUE(sink.Accounts(kSlot.size(), &why)) << why;
  EXPECT_EQ(sink.regions.back().use, RegionUse::kPadding);
  // Not when something else lies in between.
  EXPECT_EQ(
      kMcuboot.measure(With(Concat(kSlot, Bytes(8192, 0xFF)), 900, Hex("00")))
          .value_or(0),
      kProtected.size());
}

TEST(McubootTest, DamageShows) {
  testing::CheckDamageShows(kMcuboot, kProtected);
  testing::CheckDamageShows(kMcuboot, kSha384);
}

TEST(McubootTest, OtherBytesAreNotMcuboot) {
  testing::CheckRefusesNoise(kMcuboot, kProtected, 32);
  EXPECT_FALSE(kMcuboot.matches(With(kProtected, 8, Hex("1F00"))));
  EXPECT_FALSE(kMcuboot.matches(With(kProtected, 12, Hex("00000000"))));
  EXPECT_FALSE(kMcuboot.matches(With(kProtected, 18, Hex("01"))));
  EXPECT_FALSE(kMcuboot.matches(With(kProtected, 28, Hex("01"))));
}

TEST(McubootTest, AChangedImageContradictsTheHash) {
  for (const std::size_t at : {20U, 50U, 100U, 64U + 150U + 10U}) {
    EXPECT_EQ(AnomaliesOf(kMcuboot, With(kProtected, at, Hex("EE"))),
              "mcuboot.image-checksum-mismatch")
        << at;
  }
}

TEST(McubootTest, AnImageWithoutHashIsSaid) {
  EXPECT_EQ(AnomaliesOf(kMcuboot, With(kSha384, 64 + 90 + 4, Hex("A0"))),
            "mcuboot.no-digest");
}

TEST(McubootTest, EncryptedPayloadsAreOpaque) {
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kMcuboot, With(kProtected, 16, Hex("04")), sink));
  EXPECT_EQ(sink.Find("payload")->problem, "encrypted");
  EXPECT_TRUE(sink.anomalies.empty());  // the hash covers the plain text
}

TEST(McubootTest, TlvsThatLieAreSaid) {
  const std::size_t area = 64 + 90;
  EXPECT_EQ(AnomaliesOf(kMcuboot, With(kSha384, area + 6, Hex("FFFF"))),
            "mcuboot.size-mismatch mcuboot.no-digest");
  for (const auto& [at, bytes] :
       {std::pair<std::size_t, const char*>{area, "00"},
        {area + 2, "FFFF"},
        {area + 2, "0300"},
        {12, "FFFFFFFF"},
        {10, "FFFF"}}) {
    EXPECT_FALSE(kMcuboot.measure(With(kSha384, at, Hex(bytes)))) << at;
    RecordingSink sink;
    EXPECT_FALSE(Unpack(kMcuboot, With(kSha384, at, Hex(bytes)), sink)) << at;
  }
}

}  // namespace
}  // namespace assay::formats
