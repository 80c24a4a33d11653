#include "verifier/engine/sidecars.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/scratch.h"
#include "verifier/engine/product.h"

namespace assay::engine {
namespace {

std::string Sbom(std::string_view name) {
  return R"({"bomFormat":"CycloneDX","specVersion":"1.6","components":[)"
         R"({"type":"library","name":")" +
         std::string(name) + R"("}]})";
}

TEST(SidecarsTest, AnSbomThatLiesInTheDeliveryIsNotGivenTwice) {
  const testing::ScratchFolder delivery;
  (void)delivery.Write("image.bin", "image");
  const std::string inside = delivery.Write("router.cdx.json", Sbom("a"));
  const testing::ScratchFolder elsewhere;
  const std::string copy = elsewhere.Write("copy.json", Sbom("a"));
  const std::string other = elsewhere.Write("other.json", Sbom("b"));
  const auto product = OpenProduct(delivery.path());
  ASSERT_TRUE(product);
  const auto holders = [&](const std::vector<std::string>& given) {
    std::string text;
    const auto sidecars = ReadSidecars(*product, given);
    EXPECT_TRUE(sidecars);
    for (const HeldDocument& held : sidecars->documents) {
      text += held.holder + " ";
    }
    return text;
  };
  EXPECT_EQ(holders({}), "router.cdx.json ");
  EXPECT_EQ(holders({inside}), "router.cdx.json ");
  EXPECT_EQ(holders({copy, copy}), "router.cdx.json ");
  EXPECT_EQ(holders({other, copy, other}), "router.cdx.json other.json ");
}

}  // namespace
}  // namespace assay::engine
