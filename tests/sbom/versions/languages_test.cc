// Orders of language ecosystems. The lists are from the documents that the
// files of sbom/versions name, or made by their rules.

#include <gtest/gtest.h>

#include "tests/sbom/versions/order_checks.h"

namespace assay::sbom {
namespace {

// semver.org, section 11
TEST(LanguageVersionsTest, SemverSortsPrereleasesAndIgnoresBuilds) {
  ExpectAscending(VersionOrder::kSemver,
                  {"1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta",
                   "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1",
                   "1.0.0", "1.0.1", "2.0.0", "2.10.0"});
  ExpectEqual(VersionOrder::kSemver,
              {"1.2.0", "v1.2", "1.2", "1.2.0+a", "1.2.0+b.1"});
  // Go's pseudo-versions
  ExpectAscending(VersionOrder::kSemver,
                  {"v0.0.0-20191109021931-daa7c04131f5", "v0.0.1-0.2019",
                   "v0.0.1", "v2.0.0+incompatible"});
}

TEST(LanguageVersionsTest, PythonSortsAsPep440Says) {
  ExpectAscending(
      VersionOrder::kPep440,
      {"1.dev0", "1.0.dev456", "1.0a1", "1.0a2.dev456", "1.0a12",
       "1.0b1.dev456", "1.0b2", "1.0rc1", "1.0", "1.0+abc.5", "1.0+abc.7",
       "1.0+5", "1.0.post456.dev34", "1.0.post456", "1.1.dev1", "1!0.1"});
  ExpectEqual(VersionOrder::kPep440, {"1.0", "1.0.0", "v1", " 1.00 "});
  ExpectEqual(VersionOrder::kPep440, {"1.0-RC_1", "1.0rc1", "1.0.c.1"});
  ExpectEqual(VersionOrder::kPep440, {"v1.0-1", "1.0.post1", "1.0-r1"});
  ExpectAscending(VersionOrder::kPep440, {"1.0-frog", "trunk", "0.0.1"});
}

// POM reference, "Version Order Specification", with its examples
TEST(LanguageVersionsTest, MavenSortsQualifiersAndNumbers) {
  ExpectAscending(VersionOrder::kMaven, {"1", "1.1"});
  ExpectAscending(VersionOrder::kMaven, {"1-snapshot", "1", "1-sp"});
  ExpectAscending(VersionOrder::kMaven, {"1-foo2", "1-foo10"});
  ExpectAscending(VersionOrder::kMaven, {"1.foo", "1-foo", "1-1", "1.1"});
  ExpectAscending(VersionOrder::kMaven, {"1-ga.1", "1-sp.1"});
  ExpectAscending(VersionOrder::kMaven, {"1-sp-1", "1-ga-1"});
  ExpectAscending(VersionOrder::kMaven, {"1-a", "1-b", "1-m", "1-x"});
  ExpectAscending(VersionOrder::kMaven,
                  {"1-alpha-1", "1-beta", "1-milestone", "1-rc", "1-SNAPSHOT",
                   "1", "1-sp", "1-other", "1-1", "1.0.1"});
  ExpectEqual(VersionOrder::kMaven, {"1.ga", "1-ga", "1-0", "1.0", "1", "1."});
  ExpectEqual(VersionOrder::kMaven, {"1-a1", "1-alpha-1", "1A1"});
  ExpectEqual(VersionOrder::kMaven, {"1-cr2", "1rc2"});
}

// The class documentation of Gem::Version
TEST(LanguageVersionsTest, GemsSortWordsBeforeNumbers) {
  ExpectAscending(VersionOrder::kGem,
                  {"0.9", "1.0.a.2", "1.0.b1", "1.0", "1.0.1", "1.9", "1.10"});
  ExpectAscending(VersionOrder::kGem,
                  {"1.8.2.a", "1.8.2.a9", "1.8.2.a10", "1.8.2.b", "1.8.2"});
  ExpectEqual(VersionOrder::kGem, {"1", "1.0", "1.0.0"});
  ExpectEqual(VersionOrder::kGem, {"1.0.a2", "1.0.a.2", "1.a.2", "1.a.2.0"});
  ExpectEqual(VersionOrder::kGem, {"1.0-1", "1.0.pre.1"});
}

// learn.microsoft.com, "Package versioning": its list, which descends there
TEST(LanguageVersionsTest, NugetSortsWithoutCaseAndWithFourNumbers) {
  ExpectAscending(
      VersionOrder::kNuget,
      {"1.0.1-aaa", "1.0.1-alpha10", "1.0.1-alpha2", "1.0.1-beta", "1.0.1-open",
       "1.0.1-rc.2", "1.0.1-rc.10", "1.0.1-zzz", "1.0.1", "1.0.1.1"});
  ExpectEqual(VersionOrder::kNuget,
              {"1.0", "1.0.0.0", "1.00.0", "1.0.0+build"});
  ExpectEqual(VersionOrder::kNuget, {"1.0.0-RC", "1.0.0-rc"});
}

// The PHP manual, version_compare()
TEST(LanguageVersionsTest, PhpSortsItsWords) {
  ExpectAscending(VersionOrder::kComposer,
                  {"1.0.other", "1.0dev", "1.0alpha", "1.0beta", "1.0RC1",
                   "1.0", "1.0.1", "1.0pl1", "5.2", "5.10"});
  ExpectEqual(VersionOrder::kComposer, {"1.0a1", "1.0-alpha.1", "v1.0_a+1"});
  ExpectEqual(VersionOrder::kComposer, {"1.0rc", "1.0RC"});
}

TEST(LanguageVersionsTest, DartComparesBuildsToo) {
  ExpectAscending(VersionOrder::kPub,
                  {"1.0.0-alpha", "1.0.0-alpha+1", "1.0.0", "1.0.0+1",
                   "1.0.0+2", "1.0.0+10", "1.0.0+a", "1.0.1"});
}

TEST(LanguageVersionsTest, ListsOfNumbersGrowWithEachField) {
  ExpectAscending(VersionOrder::kHackage,
                  {"0.9", "1", "1.0", "1.0.0", "1.0.1", "1.10"});
  ExpectAscending(VersionOrder::kCran,
                  {"0.9", "0.75", "1.0", "1.0-0", "1.0-1", "1.1-0"});
  ExpectEqual(VersionOrder::kCran, {"1.0-3", "1.0.3", "1-0-3", "1.00.3"});
}

// docs.conan.io, "Version ranges"
TEST(LanguageVersionsTest, ConanSortsPrereleasesAndBuilds) {
  ExpectAscending(VersionOrder::kConan,
                  {"1.0-alpha", "1.0-alpha.1", "1.0-beta", "1.0", "1.0+build",
                   "1.0.1", "1.2", "1.10", "1.a"});
  ExpectEqual(VersionOrder::kConan, {"1", "1.0", "1.0.0"});
  // Number and text compare as text: a circle, which must only not crash.
  EXPECT_LT(CompareVersions(VersionOrder::kConan, "9", "10"), 0);
  EXPECT_LT(CompareVersions(VersionOrder::kConan, "10", "10a"), 0);
  EXPECT_LT(CompareVersions(VersionOrder::kConan, "10a", "9"), 0);
}

}  // namespace
}  // namespace assay::sbom
