#include "verifier/engine/freshness.h"

#include <gtest/gtest.h>

namespace assay::engine {
namespace {

constexpr UnixTime kAt = 1'700'000'000;
constexpr UnixTime kDay = 86400;

Policy With(FreshnessRule rule) {
  Policy policy;
  policy.freshness = {std::move(rule)};
  return policy;
}

SignatureCheck Checked(StatedAge age, std::string scheme = "avb") {
  SignatureCheck check{.scheme = std::move(scheme), .target = "top!/boot.img"};
  check.age = std::move(age);
  return check;
}

TEST(FreshnessTest, WhatIsNewEnoughIsNotStale) {
  const std::pair<FreshnessRule, StatedAge> cases[] = {
      {{.scheme = "avb", .rollback_index = 7}, {.rollback_index = 7}},
      {{.match = "**/boot.img", .rollback_index = 0}, {}},
      {{.scheme = "avb", .version = "1.9.3"}, {.version = "1.10.2"}},
      {{.scheme = "avb", .version = "1.2.3"}, {.version = "1.2.3+4"}},
      {{.scheme = "avb", .date = kAt}, {.date = kAt}},
      {{.scheme = "avb", .max_age = 3}, {.date = kAt - 3 * kDay}},
      {{.scheme = "avb", .valid_until_required = true}, {.valid_until = kAt}},
      // About others.
      {{.scheme = "mcuboot", .rollback_index = 7}, {}},
      {{.scheme = "avb", .match = "*.bin", .rollback_index = 7}, {}},
  };
  for (const auto& [rule, age] : cases) {
    EXPECT_EQ(WhyStale(With(rule), Checked(age), kAt), "");
  }
}

TEST(FreshnessTest, SaysWhatIsTooOld) {  // N64, N9
  const struct {
    FreshnessRule rule;
    StatedAge age;
    std::string why;
  } kCases[] = {
      {{.scheme = "avb", .rollback_index = 7},
       {.rollback_index = 6},
       "rollback index: at least 7, found 6"},
      {{.scheme = "avb", .rollback_index = 1},
       {},
       "rollback index: at least 1, found none"},
      {{.scheme = "avb", .version = "1.10.2"},
       {.version = "1.9.3"},
       "version: at least 1.10.2, found 1.9.3"},
      {{.match = "**/boot.img", .version = "1"},
       {},
       "version: at least 1, found none"},
      {{.scheme = "avb", .date = kAt},
       {.date = kAt - 1},
       "date: 2023-11-14T22:13:20Z at the earliest, found "
       "2023-11-14T22:13:19Z"},
      {{.scheme = "avb", .date = kAt},
       {},
       "date: 2023-11-14T22:13:20Z at the earliest, found no date"},
      {{.scheme = "avb", .max_age = 3},
       {.date = kAt - 3 * kDay - 1},
       "age: 3 days at most, found 2023-11-11T22:13:19Z"},
      {{.scheme = "avb", .max_age = 3},
       {},
       "age: 3 days at most, found no date"},
      {{.scheme = "avb", .valid_until_required = true},
       {.date = kAt},
       "the policy demands an end of its validity, and it states none"},
  };
  for (const auto& one : kCases) {
    EXPECT_EQ(WhyStale(With(one.rule), Checked(one.age), kAt), one.why);
  }
}

TEST(FreshnessTest, EveryRuleHolds) {
  Policy policy = With({.scheme = "avb", .rollback_index = 7});
  policy.freshness.push_back({.match = "**", .version = "2"});
  EXPECT_NE(WhyStale(policy, Checked({.rollback_index = 7}), kAt), "");
  EXPECT_EQ(
      WhyStale(policy, Checked({.rollback_index = 7, .version = "2"}), kAt),
      "");
}

TEST(FreshnessTest, ConcernsTheListThatAnotherSchemeSigns) {
  const FreshnessRule rule{.scheme = "swupdate", .version = "2"};
  const SignatureCheck by_other = Checked({.version = "1"}, "openpgp_detached");
  EXPECT_FALSE(Concerns(rule, by_other));
  const SignatureCheck over_list =
      Checked({.scheme = "swupdate", .version = "1"}, "openpgp_detached");
  EXPECT_TRUE(Concerns(rule, over_list));
  EXPECT_EQ(WhyStale(With(rule), over_list, kAt),
            "version: at least 2, found 1");
}

TEST(FreshnessTest, AListAddsToTheAgeThatItsSignatureStates) {
  StatedAge age{.rollback_index = 7, .version = "9"};
  TakeAge({.scheme = "swupdate", .version = "1"}, age);
  EXPECT_EQ(age.scheme, "swupdate");
  EXPECT_EQ(age.rollback_index, 7U);
  EXPECT_EQ(age.version, "1");
  TakeAge({}, age);
  EXPECT_EQ(age.scheme, "swupdate");
  EXPECT_EQ(age.version, "1");
}

TEST(FreshnessTest, TheFirstRuleThatStatesATimeDecides) {
  Policy policy;
  policy.signatures = {{.match = "*.bin"},
                       {.match = "a.*", .time = TimeModel::kNow},
                       {.match = "*.bin", .time = TimeModel::kIgnore}};
  EXPECT_EQ(TimeFor(policy, "a.bin"), TimeModel::kNow);
  EXPECT_EQ(TimeFor(policy, "b.bin"), TimeModel::kIgnore);
  EXPECT_EQ(TimeFor(policy, "b.img"), TimeModel::kByScheme);
}

TEST(FreshnessTest, AKeyRestsOnATimeThatTheRuleAllows) {
  const GoodKey stamped{.proven_at = kAt, .time = TimeModel::kTrustedTimestamp};
  const GoodKey now{.time = TimeModel::kNow};
  const GoodKey ignored{.time = TimeModel::kIgnore};
  const GoodKey none;  // a key without certificates
  const struct {
    TimeModel model;
    bool stamped, now, ignored, none;
  } kCases[] = {
      {TimeModel::kByScheme, true, true, true, true},
      {TimeModel::kNow, false, true, false, true},
      {TimeModel::kTrustedTimestamp, true, false, false, false},
      {TimeModel::kIgnore, true, true, true, true},
  };
  for (const auto& one : kCases) {
    const SignatureRule rule{.match = "*", .time = one.model};
    EXPECT_EQ(IsTimely(rule, stamped), one.stamped) << NameOf(one.model);
    EXPECT_EQ(IsTimely(rule, now), one.now) << NameOf(one.model);
    EXPECT_EQ(IsTimely(rule, ignored), one.ignored) << NameOf(one.model);
    EXPECT_EQ(IsTimely(rule, none), one.none) << NameOf(one.model);
  }
}

}  // namespace
}  // namespace assay::engine
