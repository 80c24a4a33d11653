// Nothing can hide: whatever trick a payload is put behind, its content is
// found, or the bytes it lies in are named as not examined.

#include "tests/support/evasion.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/product.h"
#include "verifier/unpack/walk.h"

namespace assay::unpack {
namespace {

using testing::HiddenPayload;
using testing::Trick;

bool Holds(const Survey& survey, const std::string& sha256) {
  return std::any_of(
      survey.nodes.begin(), survey.nodes.end(),
      [&](const Node& node) { return node.artifact.sha256() == sha256; });
}

std::string Listing(const Survey& survey) {
  std::string text;
  for (const Node& node : survey.nodes) {
    text += node.artifact.path + " " + node.artifact.format + "\n";
  }
  return text;
}

void ExpectFound(const std::string& name, Bytes product,
                 const std::string& sha256) {
  const Survey survey = Walk(testing::FileProduct("p.bin", std::move(product)),
                             testing::Onlooker(), {});
  EXPECT_TRUE(Holds(survey, sha256)) << name << "\n" << Listing(survey);
  std::string why;
  EXPECT_TRUE(testing::IsPartitioned(survey, &why)) << name << ": " << why;
}

void ExpectAllFound(const std::vector<Trick>& tricks) {
  for (const Trick& trick : tricks) {
    for (const HiddenPayload& payload : testing::HiddenPayloads()) {
      ExpectFound(payload.name + " by " + trick.name, trick.hide(payload.bytes),
                  payload.sha256);
    }
  }
}

TEST(EvasionTest, BehindWhatLooksLikeSomethingElse) {
  ExpectAllFound(testing::PrefixTricks());
}

TEST(EvasionTest, BehindTheEndOfAContainer) {
  ExpectAllFound(testing::TrailingTricks());
}

TEST(EvasionTest, InBytesThatAFormatDoesNotRead) {
  ExpectAllFound(testing::InnerTricks());
}

TEST(EvasionTest, TricksInsideOfTricks) {
  for (const Trick& outer : testing::InnerTricks()) {
    for (const Trick& inner : testing::PrefixTricks()) {
      const HiddenPayload payload = testing::HiddenPayloads().front();
      const Bytes hidden = inner.hide(payload.bytes);
      if (hidden.size() <= testing::kFitsEverywhere) {
        ExpectFound(payload.name + " by " + inner.name + " in " + outer.name,
                    outer.hide(hidden), payload.sha256);
      }
    }
  }
}

// Deeper than any limit: the place where reading stopped is named.
TEST(EvasionTest, ATowerOfLayersEndsWithANameForWhatIsLeft) {
  const HiddenPayload payload = testing::HiddenPayloads().front();
  const Survey survey =
      Walk(testing::FileProduct("p", testing::GzipTimes(payload.bytes, 1000)),
           testing::Onlooker(), {});
  EXPECT_TRUE(std::any_of(
      survey.nodes.begin(), survey.nodes.end(), [](const Node& node) {
        return testing::HasAnomaly(node.artifact, "unpack.limit");
      }));
}

}  // namespace
}  // namespace assay::unpack
