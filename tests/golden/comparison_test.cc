// The two sample releases side by side: everything that was planted is told,
// and nothing else weighs as much.

#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <string>

#include "tests/golden/verified.h"
#include "tests/support/hex.h"
#include "verifier/base/text.h"
#include "verifier/engine/compare.h"

namespace assay {
namespace {

using testing::SamplePath;

Report VerifyRouter(const std::string& version) {
  return testing::Verified({.product = SamplePath("products/router-" + version),
                            .policy = SamplePath("policies/vendor-router.yaml"),
                            .jobs = 2});
}

// There, or a container on the way there.
bool IsAt(const ChangedPlace& place, const YAML::Node& where) {
  return std::any_of(where.begin(), where.end(), [&](const YAML::Node& glob) {
    const auto text = glob.as<std::string>();
    const std::string delivered = text.substr(0, text.find("!/"));
    return GlobMatches(text, place.path) ||
           GlobMatches(text + "!/**", place.path) ||
           (place.changes.size() == 1 && !place.file &&
            place.path.rfind(delivered, 0) == 0);
  });
}

TEST(ComparisonTest, EveryPlantedChangeIsToldAndNothingElseWeighsAsMuch) {
  const Comparison comparison =
      engine::CompareReports(VerifyRouter("1.0"), VerifyRouter("1.1"));
  const YAML::Node planted =
      YAML::LoadFile(SamplePath("products/expected-1.1.yaml"))["planted"];
  for (const YAML::Node& one : planted) {
    EXPECT_TRUE(std::any_of(
        comparison.places.begin(), comparison.places.end(),
        [&](const ChangedPlace& place) { return IsAt(place, one["where"]); }))
        << one["id"].as<std::string>();
  }
  for (const ChangedPlace& place : comparison.places) {
    EXPECT_TRUE(place.weight < 7 || std::any_of(planted.begin(), planted.end(),
                                                [&](const YAML::Node& one) {
                                                  return IsAt(place,
                                                              one["where"]);
                                                }))
        << place.weight << " " << place.path << ": "
        << (place.changes.empty() ? "" : place.changes[0].value);
  }
  EXPECT_TRUE(comparison.incomplete.empty());
}

TEST(ComparisonTest, AReleaseBesideItselfHasNoChange) {
  const Report report = VerifyRouter("1.0");
  const Comparison comparison = engine::CompareReports(report, report);
  EXPECT_TRUE(comparison.places.empty());
  EXPECT_TRUE(comparison.product.empty());
  EXPECT_GT(comparison.same, 100U);
}

}  // namespace
}  // namespace assay
