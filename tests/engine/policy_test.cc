#include "verifier/engine/policy.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>

#include "tests/support/hex.h"
#include "tests/support/scratch.h"

namespace assay::engine {
namespace {

using testing::ScratchFolder;

Result<Policy> Load(const std::string& text) {
  const ScratchFolder folder;
  const std::string path = folder.Write("policy.yaml", text);
  auto policy = LoadPolicy(path);
  if (!policy) {  // without the folder, which differs from run to run
    policy.error().what.erase(0, folder.path().size() + 1);
  }
  return policy;
}

constexpr std::string_view kHead = "schema: assay-policy/1\nname: t\n";

TEST(PolicyTest, ReadsTheSamplePolicy) {
  const auto policy =
      LoadPolicy(testing::SamplePath("policies/vendor-router.yaml"));
  ASSERT_TRUE(policy) << policy.error().what;
  EXPECT_EQ(policy->name, "example-networks-router");
  ASSERT_EQ(policy->anchors.size(), 1U);
  EXPECT_EQ(policy->anchors[0].type, TrustAnchor::Type::kMinisignKey);
  EXPECT_TRUE(policy->sbom_required);
  EXPECT_TRUE(policy->manifest_must_be_signed);
  EXPECT_EQ(policy->fail_on, Severity::kMedium);
}

TEST(PolicyTest, PresetsArePolicies) {
  EXPECT_EQ(PresetNames(), (std::vector<std::string>{"pipeline", "procurement",
                                                     "vendor-release"}));
  for (const std::string& name : PresetNames()) {
    const auto policy = Load(PolicyTemplate(name));
    ASSERT_TRUE(policy) << policy.error().what;
    EXPECT_EQ(policy->name, name);
  }
  EXPECT_EQ(PolicyTemplate("nobody"), "");
}

TEST(PolicyTest, ThresholdsMayDifferByFamily) {
  const std::string head(kHead);
  const auto policy =
      Load(head + "fail_on: {default: high, HF-01: low}\nwarn_on: info\n");
  ASSERT_TRUE(policy) << policy.error().what;
  EXPECT_EQ(policy->fail_on, Severity::kHigh);
  EXPECT_EQ(policy->ThresholdOf("HF-01"), Severity::kLow);
  EXPECT_EQ(policy->ThresholdOf("HF-02"), Severity::kHigh);
  EXPECT_EQ(policy->warn_on, Severity::kInfo);
}

TEST(PolicyTest, ShowsWhereEveryValueIsFrom) {
  const ScratchFolder folder;
  const std::string path =
      folder.Write("p.yaml", std::string(kHead) +
                                 "fail_on: high\nledger:\n  min_signed: 90\n"
                                 "rules: {disable: [HF-03]}\n");
  const auto text = ShowPolicy(path);
  ASSERT_TRUE(text) << text.error().what;
  const auto has = [&](std::string_view value, const std::string& origin) {
    const auto at = text->find(value);
    return at != std::string::npos &&
           text->substr(at, text->find('\n', at) - at).find("# " + origin) !=
               std::string::npos;
  };
  EXPECT_TRUE(has("fail_on: high", path + ":3")) << *text;
  EXPECT_TRUE(has("ledger.min_signed: 90", path + ":5")) << *text;
  EXPECT_TRUE(has("rules.disable[0]: HF-03", path + ":6")) << *text;
  EXPECT_TRUE(has("ledger.max_opaque: 100", "default")) << *text;
  EXPECT_EQ(text->find("fail_on: medium"), std::string::npos) << *text;
  EXPECT_EQ(text->find("rules.disable: []"), std::string::npos) << *text;
  EXPECT_FALSE(ShowPolicy(folder.Write("q.yaml", "schema: x\n")));
}

TEST(PolicyTest, NamesFileLineAndColumnOfWhatIsWrong) {
  struct Case {
    std::string text;
    std::string place;
    std::string what;
  };
  const std::string head(kHead);
  const Case cases[] = {
      {head + "fial_on: high\n", "policy.yaml:3:1:", "unknown key \"fial_on\""},
      {head + "fail_on: loud\n", "policy.yaml:3:10:", "unknown severity"},
      {head + "fail_on: {default: loud}\n",
       "policy.yaml:3:20:", "unknown severity"},
      {head + "warn_on: loud\n", "policy.yaml:3:10:", "unknown severity"},
      {head + "sbom: {profiles: [ntia]}\n",
       "policy.yaml:3:18:", "unknown profile \"ntia\""},
      {head + "sbom: {min_index: 101}\n", "policy.yaml:3:", "between 0"},
      {head + "ledger: {max_opaque_bytes: -1}\n", "policy.yaml:3:", "negative"},
      {head + "rules: {enable: [HF-01]}\n",
       "policy.yaml:3:9:", "unknown key \"enable\""},
      {head + "rules: {disable: HF-01}\n",
       "policy.yaml:3:18:", "must be a list"},
      {head + "ledger: {max_unknown: 101}\n", "policy.yaml:3:", "between 0"},
      {head + "signatures:\n  - {match: x, anchors: [ghost]}\n",
       "policy.yaml:4:", "unknown anchor \"ghost\""},
      {head + "anchors:\n  - {name: a, type: magic, key: x}\n",
       "policy.yaml:4:", "unknown anchor type"},
      {head + "anchors:\n  - {name: a, type: minisign-key, key: RWTx}\n",
       "policy.yaml:4:", "a"},
      {head + "anchors:\n  - {name: a, type: minisign-key, file: none.pub}\n",
       "policy.yaml:4:", "none.pub"},
      {head + "waivers:\n  - {id: W, rule: r, subject: s, reason: x,"
              " approver: y}\n",
       "policy.yaml:4:", "\"expires\" is missing"},
      {head + "waivers:\n  - {id: W, rule: r, subject: s, reason: x,"
              " approver: y, expires: soon}\n",
       "policy.yaml:4:", "RFC 3339"},
      {head + "signatures:\n  - {match: x, time: later}\n",
       "policy.yaml:4:", "unknown time \"later\""},
      {head + "freshness:\n  - {rollback_index: 7}\n",
       "policy.yaml:4:", "\"scheme\" or \"match\""},
      {head + "freshness:\n  - {scheme: avp, rollback_index: 7}\n",
       "policy.yaml:4:", "unknown scheme \"avp\""},
      {head + "freshness:\n  - {scheme: avb}\n",
       "policy.yaml:4:", "demands nothing"},
      {head + "freshness:\n  - {scheme: avb, rollback_index: -1}\n",
       "policy.yaml:4:", "must not be negative"},
      {head + "freshness:\n  - {scheme: avb, rollback_index: many}\n",
       "policy.yaml:4:", "wrong type"},
      {head + "freshness:\n  - {scheme: avb, max_age: 5000000000}\n",
       "policy.yaml:4:", "wrong type"},
      {head + "freshness:\n  - {scheme: apt_archive, date: soon}\n",
       "policy.yaml:4:", "RFC 3339"},
      {head + "freshness:\n  - {scheme: apt_archive, valid_until: no}\n",
       "policy.yaml:4:", "only be \"required\""},
      {head + "freshness:\n  - {scheme: swupdate, version: \"\"}\n",
       "policy.yaml:4:24:", "\"version\" is empty"},
      {head +
           "freshness:\n  - {scheme: avb, rollback_index: 1, version: \"\"}\n",
       "policy.yaml:4:", "\"version\" is empty"},
      {head + "freshness:\n  - scheme: avb\n    date:\n    max_age: 3\n",
       "policy.yaml:5:", "\"date\" is empty"},
      {head + "freshness:\n  - {scheme: avb, match: \"\", max_age: 3}\n",
       "policy.yaml:4:", "\"match\" is empty"},
      {head + "freshness:\n  - {scheme: \"\", match: a, max_age: 3}\n",
       "policy.yaml:4:", "\"scheme\" is empty"},
      {head + "freshness:\n  - {match: a, max_age: 3, valid_until: \"\"}\n",
       "policy.yaml:4:", "\"valid_until\" is empty"},
      {head + "freshness:\n  - {match: a, max_age: 3, rollback_index: ~}\n",
       "policy.yaml:4:", "\"rollback_index\" is empty"},
      {"schema: assay-policy/2\nname: t\n", "policy.yaml:1:", "assay-policy/1"},
      {"name: t\n", "policy.yaml:1:1:", "\"schema\" is missing"},
      {"[1, 2]\n", "policy.yaml:1:1:", "map"},
      {"a: [\n", "policy.yaml:", ""},
  };
  for (const Case& wrong : cases) {
    const auto policy = Load(wrong.text);
    ASSERT_FALSE(policy) << wrong.text;
    EXPECT_EQ(policy.error().code, ErrorCode::kConfig) << wrong.text;
    EXPECT_EQ(policy.error().what.rfind(wrong.place, 0), 0U)
        << policy.error().what;
    EXPECT_NE(policy.error().what.find(wrong.what), std::string::npos)
        << policy.error().what;
  }
}

TEST(PolicyTest, ReadsTimeAndFreshness) {
  const auto policy =
      Load(std::string(kHead) +
           "signatures:\n"
           "  - {match: a, time: now}\n"
           "  - {match: b, time: trusted-timestamp}\n"
           "  - {match: c, time: ignore}\n"
           "  - {match: d}\n"
           "freshness:\n"
           "  - {scheme: apt_archive, date: 2026-10-01, max_age: 30,"
           " valid_until: required}\n"
           "  - {match: \"*.img\", rollback_index: 7, version: 1.2.0}\n");
  ASSERT_TRUE(policy) << policy.error().what;
  ASSERT_EQ(policy->signatures.size(), 4U);
  EXPECT_EQ(policy->signatures[0].time, TimeModel::kNow);
  EXPECT_EQ(policy->signatures[1].time, TimeModel::kTrustedTimestamp);
  EXPECT_EQ(policy->signatures[2].time, TimeModel::kIgnore);
  EXPECT_EQ(policy->signatures[3].time, TimeModel::kByScheme);
  ASSERT_EQ(policy->freshness.size(), 2U);
  const FreshnessRule& apt = policy->freshness[0];
  EXPECT_EQ(apt.scheme, "apt_archive");
  EXPECT_EQ(apt.date, ParseTime("2026-10-01"));
  EXPECT_EQ(apt.max_age, 30U);
  EXPECT_TRUE(apt.valid_until_required);
  const FreshnessRule& image = policy->freshness[1];
  EXPECT_EQ(image.match, "*.img");
  EXPECT_EQ(image.rollback_index, 7U);
  EXPECT_EQ(image.version, "1.2.0");
  EXPECT_FALSE(image.max_age);
}

TEST(PolicyTest, SaysWhenTheFileIsMissing) {
  const auto policy = LoadPolicy("/no/such/policy.yaml");
  ASSERT_FALSE(policy);
  EXPECT_EQ(policy.error().code, ErrorCode::kUnreadable);
}

}  // namespace
}  // namespace assay::engine
