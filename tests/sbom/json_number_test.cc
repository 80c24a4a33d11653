#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <string_view>

#include "sbom/read.h"
#include "sbom/schema/number.h"
#include "verifier/base/bytes.h"

namespace assay::sbom {
namespace {

TEST(DecimalTest, EqualNumbersAreEqualHoweverTheyAreWritten) {
  for (const std::string_view one :
       {"100", "1e2", "1E+2", "100.0", "1000e-1", "0.01e4", "10.00e1"}) {
    EXPECT_EQ(DecimalOf(one), DecimalOf("100")) << one;
  }
  for (const std::string_view zero : {"0", "-0", "0.000", "0e99", "-0.0e-9"}) {
    EXPECT_EQ(DecimalOf(zero), Decimal{}) << zero;
  }
}

TEST(DecimalTest, OtherNumbersAreNot) {
  for (const auto& [a, b] : {std::pair{"1", "-1"},
                             {"9007199254740993", "9007199254740992"},
                             {"1e400", "0"},
                             {"1e400", "1e401"},
                             {"1e-400", "0"},
                             {"0.1", "0.10000000000000001"}}) {
    EXPECT_NE(DecimalOf(a), DecimalOf(b)) << a << " " << b;
  }
}

TEST(DecimalTest, FractionsAreNoIntegers) {
  for (const std::string_view text :
       {"0.5", "1e-1", "1e-400", "12345678901234567890.5"}) {
    EXPECT_FALSE(DecimalOf(text).IsInteger()) << text;
  }
  for (const std::string_view text :
       {"0.0", "-7", "1e400", "1.50e1", "20e-1"}) {
    EXPECT_TRUE(DecimalOf(text).IsInteger()) << text;
  }
}

TEST(DecimalTest, OutOfRangeIsInfiniteOrZero) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(DecimalOf("1e400").Nearest(), kInfinity);
  EXPECT_EQ(DecimalOf("-1e400").Nearest(), -kInfinity);
  EXPECT_EQ(DecimalOf("1e99999999999999999999").Nearest(), kInfinity);
  EXPECT_EQ(DecimalOf("1e-99999999999999999999").Nearest(), 0.0);
  EXPECT_EQ(DecimalOf("1e-400").Nearest(), 0.0);
  EXPECT_EQ(DecimalOf("-2.50").Nearest(), -2.5);
  EXPECT_EQ(DecimalOf("0").Nearest(), 0.0);
  EXPECT_EQ(DecimalOf(std::string(500, '9')).Nearest(), kInfinity);
}

// CycloneDX 1.6: version is an integer from 1, confidence at most 1.
TEST(DecimalTest, BoundsHoldForNumbersOutOfRange) {
  const auto conforms = [](const std::string& members) {
    const auto validation = ValidateSbom(AsBytes(
        R"({"bomFormat":"CycloneDX","specVersion":"1.6",)" + members + "}"));
    return validation && validation->Conforms();
  };
  const auto confidence = [&](const std::string& number) {
    return conforms(
        R"("components":[{"type":"library","name":"a","evidence":{"identity":)"
        R"([{"field":"name","confidence":)" +
        number + "}]}}]");
  };
  EXPECT_TRUE(conforms(R"("version":1)"));
  EXPECT_FALSE(conforms(R"("version":-1e400)"));
  EXPECT_FALSE(conforms(R"("version":1e-400)"));
  EXPECT_TRUE(confidence("0.5"));
  EXPECT_FALSE(confidence("1e400"));
  EXPECT_FALSE(confidence("-1e400"));
}

}  // namespace
}  // namespace assay::sbom
