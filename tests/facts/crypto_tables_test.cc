#include "tests/facts/examine.h"

namespace assay::facts {
namespace {

using testing::Examine;
using testing::ExpectLawful;
using testing::Sample;
using testing::Strings;
using testing::Sweep;

const Bytes kCurve = Sample("facts/crypto_tables/curve.hex");

TEST(CryptoTablesTest, TellsTheStandardFromWhatIsNearlyIt) {
  const auto seen = Examine(kCryptoTables, "x", kCurve);
  EXPECT_FALSE(seen.understood);
  EXPECT_EQ(seen.Lines(), (Strings{"crypto.table p256-b differs=0",
                                   "crypto.table p256-gx differs=1",
                                   "crypto.table p256-gy differs=0"}));
  ASSERT_FALSE(seen.facts.empty());
  EXPECT_EQ(seen.facts[0].place->offset, 16U);
  EXPECT_EQ(seen.facts[0].place->length, 32U);
}

// FIPS 197, figure 7: the first and last rows; what is between is computed.
TEST(CryptoTablesTest, KnowsTheBoxOfAes) {
  Bytes box(256 + 8, std::uint8_t{0});
  // x^254 is the inverse; then the affine transformation bit by bit.
  const auto times = [](unsigned a, unsigned b) {
    unsigned product = 0;
    for (; b != 0; b >>= 1U, a = (a << 1U) ^ ((a & 0x80U) != 0 ? 0x11bU : 0U)) {
      product ^= (b & 1U) != 0 ? a : 0U;
    }
    return product;
  };
  for (unsigned x = 0; x < 256; ++x) {
    unsigned inverse = 1;
    for (int i = 0; i < 254; ++i) {
      inverse = times(inverse, x);
    }
    unsigned value = 0;
    for (unsigned bit = 0; bit < 8; ++bit) {
      const unsigned sum = (inverse >> bit) ^ (inverse >> ((bit + 4) % 8)) ^
                           (inverse >> ((bit + 5) % 8)) ^
                           (inverse >> ((bit + 6) % 8)) ^
                           (inverse >> ((bit + 7) % 8)) ^ (0x63U >> bit);
      value |= (sum & 1U) << bit;
    }
    box[x] = static_cast<std::uint8_t>(value);
  }
  EXPECT_EQ(box[0], 0x63);
  EXPECT_EQ(box[255], 0x16);
  EXPECT_EQ(Examine(kCryptoTables, "x", box).Lines(),
            Strings{"crypto.table aes-sbox differs=0"});
  std::swap(box[40], box[200]);
  EXPECT_EQ(Examine(kCryptoTables, "x", box).Lines(),
            Strings{"crypto.table aes-sbox differs=2"});
}

TEST(CryptoTablesTest, WhatDiffersMuchIsSomethingElse) {
  Bytes other = kCurve;
  for (std::size_t i = 16 + 8; i < 16 + 13; ++i) {
    other[i] = static_cast<std::uint8_t>(other[i] + 1);  // 5 bytes of b
  }
  EXPECT_EQ(Examine(kCryptoTables, "x", other).Values("crypto.table"),
            (Strings{"p256-gx", "p256-gy"}));
  EXPECT_TRUE(Examine(kCryptoTables, "x",
                      "5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f6")
                  .facts.empty());
  EXPECT_TRUE(Examine(kCryptoTables, "x", Bytes(4096)).facts.empty());
}

TEST(CryptoTablesTest, DamageNeverLeadsOutside) {
  Sweep(kCryptoTables, "x", kCurve, {0x80});
}

}  // namespace
}  // namespace assay::facts
