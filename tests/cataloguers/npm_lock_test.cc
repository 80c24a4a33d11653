#include <gtest/gtest.h>

#include "tests/cataloguers/examining.h"
#include "tests/support/hex.h"

namespace assay::sbom {
namespace {

using testing::Sample;

const Bytes kLock = Sample("cataloguers/npm_lock/package-lock.json");
const Bytes kYarn = Sample("cataloguers/npm_lock/yarn.lock");
// SHA-512 of "abc", FIPS 180-2 appendix C.1.
constexpr std::string_view kAbc =
    "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
    "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f";

void ExpectBoth(const Observations& seen) {
  ASSERT_EQ(seen.components.size(), 2U);
  const Component& pad = seen.components[0].component;
  EXPECT_EQ(pad.purl, "pkg:npm/%40example/left-pad@1.3.0");
  ASSERT_EQ(pad.digests.size(), 1U);
  EXPECT_EQ(pad.digests[0].hex, kAbc);
  EXPECT_EQ(seen.components[1].component.purl, "pkg:npm/b@0.0.2");
  EXPECT_TRUE(seen.components[1].component.digests.empty());
  for (const ComponentEvidence& one : seen.components) {
    EXPECT_EQ(one.strength, Strength::kClaim);
  }
}

TEST(NpmLockTest, ReadsPackageLocks) {
  for (const std::string_view path :
       {"package-lock.json", "a/npm-shrinkwrap.json",
        "node_modules/.package-lock.json"}) {
    const auto [understood, seen] = ExamineFile(kNpmLock, path, kLock);
    EXPECT_TRUE(understood) << path;
    ExpectBoth(seen);
  }
}

TEST(NpmLockTest, ReadsYarnLocks) {
  const auto [understood, seen] = ExamineFile(kNpmLock, "yarn.lock", kYarn);
  EXPECT_TRUE(understood);
  ExpectBoth(seen);
}

TEST(NpmLockTest, VersionOneNests) {
  const auto seen = ExamineFile(kNpmLock, "package-lock.json",
                                AsBytes(R"({"lockfileVersion":1,"dependencies":{
                    "a":{"version":"1.0.0","dependencies":{
                      "b":{"version":"2.0.0"}}}}})"))
                        .seen;
  ASSERT_EQ(seen.components.size(), 2U);
  EXPECT_EQ(seen.components[0].component.purl, "pkg:npm/a@1.0.0");
  EXPECT_EQ(seen.components[1].component.purl, "pkg:npm/b@2.0.0");
}

TEST(NpmLockTest, AnythingElseIsNone) {
  for (const std::string_view text :
       {"", "{", "[]", "{}", R"({"lockfileVersion":"3"})",
        R"({"packages":{"node_modules/a":{"version":"1"}}})"}) {
    EXPECT_FALSE(
        ExamineFile(kNpmLock, "package-lock.json", AsBytes(text)).understood)
        << text;
  }
  EXPECT_FALSE(ExamineFile(kNpmLock, "yarn.lock", kLock).understood);
  EXPECT_FALSE(ExamineFile(kNpmLock, "package.json", kLock).understood);
}

TEST(NpmLockTest, DeepNestingEnds) {
  std::string text = R"({"lockfileVersion":1)";
  for (int i = 0; i < 100'000; ++i) {
    text += R"(,"dependencies":{"a":{"version":"1")";
  }
  EXPECT_FALSE(
      ExamineFile(kNpmLock, "package-lock.json", AsBytes(text)).understood);
}

TEST(NpmLockTest, SurvivesDamage) {
  SweepContent(kNpmLock, "package-lock.json", kLock);
  SweepContent(kNpmLock, "yarn.lock", kYarn);
}

}  // namespace
}  // namespace assay::sbom
