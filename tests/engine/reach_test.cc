#include "verifier/engine/reach.h"

#include <gtest/gtest.h>

namespace assay::engine {
namespace {

const Digest kGood{DigestAlgorithm::kSha256, std::string(64, 'a')};
const Digest kOther{DigestAlgorithm::kSha256, std::string(64, 'b')};

struct Reached {
  Survey survey;
  SignatureCandidate candidate;
  SignatureCheck check;

  explicit Reached(std::vector<ClaimedRange> ranges) {
    survey.nodes.resize(1);
    survey.nodes[0].artifact.size = 100;
    candidate.ranges = std::move(ranges);
    candidate.place = {90, 10};
    check.indication = Indication::kTotalPassed;
    check.good_keys = {{.key = "KEY"}};
    check.artifact = 0;
    Reach(survey, {.candidate = &candidate, .artifact = 0, .holder = "x"},
          false, check);
  }
};

TEST(ReachTest, RangesBecomeWhatTheSignatureCovers) {
  const Reached reached({{.range = {0, 50}, .what = "header"},
                         {.range = {50, 40},
                          .coverage = Coverage::kByDigest,
                          .what = "payload",
                          .expected = kGood,
                          .found = kGood},
                         {.range = {90, 10},
                          .coverage = Coverage::kUncoveredInert,
                          .what = "signature"}});
  ASSERT_EQ(reached.check.covers.size(), 3U);
  EXPECT_EQ(reached.check.covers[1].coverage, Coverage::kByDigest);
  EXPECT_EQ(reached.check.indication, Indication::kTotalPassed);
}

TEST(ReachTest, ADigestThatDiffersMakesTheSignatureFail) {
  const Reached reached({{.range = {0, 50}, .what = "header"},
                         {.range = {50, 40},
                          .coverage = Coverage::kByDigest,
                          .what = "payload",
                          .expected = kGood,
                          .found = kOther}});
  EXPECT_EQ(reached.check.indication, Indication::kTotalFailed);
  EXPECT_EQ(reached.check.sub_indication, "HASH_FAILURE");
  EXPECT_EQ(reached.check.detail, "payload: the signed text says sha256 " +
                                      kGood.hex + ", found " + kOther.hex);
  EXPECT_TRUE(reached.check.covers.empty());
  EXPECT_TRUE(reached.check.good_keys.empty());
}

TEST(ReachTest, ADigestThatWasNotComputedCoversNothingAndSaysSo) {
  const Reached reached({{.range = {50, 40},
                          .coverage = Coverage::kByDigest,
                          .what = "payload",
                          .expected = kGood}});
  EXPECT_EQ(reached.check.indication, Indication::kTotalPassed);
  EXPECT_TRUE(reached.check.covers.empty());
  ASSERT_EQ(reached.check.skipped.size(), 1U);
}

TEST(ReachTest, WithoutRangesAnEnclosedMessageIsCoveredAtItsPlace) {
  const Reached reached({});
  ASSERT_EQ(reached.check.covers.size(), 1U);
  EXPECT_EQ(reached.check.covers[0].range, (Range{90, 10}));
}

}  // namespace
}  // namespace assay::engine
