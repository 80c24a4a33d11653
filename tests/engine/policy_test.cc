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

TEST(PolicyTest, TheTemplateIsAPolicy) {
  const auto policy = Load(PolicyTemplate());
  EXPECT_TRUE(policy) << policy.error().what;
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

TEST(PolicyTest, SaysWhenTheFileIsMissing) {
  const auto policy = LoadPolicy("/no/such/policy.yaml");
  ASSERT_FALSE(policy);
  EXPECT_EQ(policy.error().code, ErrorCode::kUnreadable);
}

}  // namespace
}  // namespace assay::engine
