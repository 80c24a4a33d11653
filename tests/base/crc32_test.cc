#include "verifier/base/crc32.h"

#include <gtest/gtest.h>

namespace assay {
namespace {

// The check values of "123456789" in the catalogue of parametrised CRC
// algorithms (CRC RevEng).
const ByteView kCheck = AsBytes("123456789");

TEST(Crc32Test, GivesTheCatalogueCheckValues) {
  EXPECT_EQ(Crc32(kCheck), 0xCBF43926U);
  EXPECT_EQ(Crc32Raw(~0U, kCheck), ~0xCBF43926U);
  EXPECT_EQ(Crc32c(kCheck), 0xE3069283U);
  EXPECT_EQ(Crc16Arc(0, kCheck), 0xBB3DU);
  EXPECT_EQ(Crc16Ccitt(0, kCheck), 0x31C3U);
  EXPECT_EQ(Crc16Ccitt(0xFFFF, kCheck), 0x29B1U);
}

TEST(Crc32Test, ContinuesWhereItStopped) {
  const std::uint32_t first = Crc32cRaw(~0U, kCheck.first(4));
  EXPECT_EQ(~Crc32cRaw(first, kCheck.subspan(4)), 0xE3069283U);
}

}  // namespace
}  // namespace assay
