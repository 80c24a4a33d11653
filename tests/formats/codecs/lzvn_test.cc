// Whole streams are in the samples of HFS Plus.
#include <gtest/gtest.h>

#include "tests/support/hex.h"
#include "verifier/formats/codecs/lzvn_decoder.h"

namespace assay::formats::codecs {
namespace {

TEST(LzvnTest, StaysInItsBuffers) {
  Bytes out(8);
  const auto decode = [&](std::string_view hex) {
    return DecodeLzvn(testing::Hex(hex), out);
  };
  EXPECT_EQ(decode("E2 6162 00 02 06"), 5U);  // two, then three from 2 back
  EXPECT_EQ(AsText(ByteView(out).first(5)), "ababa");
  EXPECT_EQ(decode("0E 16 06"), 0U);
  EXPECT_EQ(decode("E8 6162636465666768"), 8U);  // full without an end
  for (const char* damaged : {"",
                              "E2 61",
                              "E1 61",
                              "E0",
                              "F1",
                              "E1 61 F1",
                              "E1 61 00 02",
                              "E1 61 00",
                              "E1 61 00 00",
                              "E1 61 07 02",
                              "E1 61 07 0200",
                              "E1 61 A0 08",
                              "E1 61 A0 0800",
                              "E1 61 38 01",
                              "E9 616263646566676869",
                              "E0 00",
                              "E1 61 FF",
                              "1E",
                              "26",
                              "3E",
                              "70",
                              "7F",
                              "D0",
                              "DF"}) {
    EXPECT_FALSE(decode(damaged)) << damaged;
  }
}

}  // namespace
}  // namespace assay::formats::codecs
