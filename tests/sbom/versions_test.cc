#include "sbom/versions.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace assay::sbom {
namespace {

// Each list is ascending; the texts are from the specifications named in
// sbom/versions.h.
void ExpectAscending(VersionOrder order,
                     const std::vector<std::string>& versions) {
  for (std::size_t i = 0; i < versions.size(); ++i) {
    for (std::size_t k = 0; k < versions.size(); ++k) {
      const int result = CompareVersions(order, versions[i], versions[k]);
      EXPECT_EQ(result < 0, i < k) << versions[i] << " " << versions[k];
      EXPECT_EQ(result > 0, i > k) << versions[i] << " " << versions[k];
    }
  }
}

void ExpectEqual(VersionOrder order, std::string_view a, std::string_view b) {
  EXPECT_EQ(CompareVersions(order, a, b), 0) << a << " " << b;
  EXPECT_EQ(CompareVersions(order, b, a), 0) << a << " " << b;
}

TEST(VersionsTest, DebianSortsTildesEpochsAndRevisions) {
  ExpectAscending(VersionOrder::kDeb,
                  {"~~", "~~a", "~", "1.0~rc1-1", "1.0", "1.0-1", "1.0-1+b1",
                   "1.0-1.1", "1.0a", "1.0+dfsg", "1.9", "1.10",
                   "99999999999999999999999", "1:0.1", "10:0"});
  ExpectEqual(VersionOrder::kDeb, "0:1.0", "1.0");
  ExpectEqual(VersionOrder::kDeb, "1.0-0", "1.0");
  ExpectEqual(VersionOrder::kDeb, "1.00", "1.0");
}

TEST(VersionsTest, SemverSortsPrereleasesAndIgnoresBuilds) {
  ExpectAscending(VersionOrder::kSemver,
                  {"1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta",
                   "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1",
                   "1.0.0", "1.0.1", "2.0.0", "2.10.0"});
  ExpectEqual(VersionOrder::kSemver, "1.0.0+a", "1.0.0+b");
  ExpectEqual(VersionOrder::kSemver, "v1.2", "1.2.0");
}

TEST(VersionsTest, PythonSortsAsPep440Says) {
  ExpectAscending(
      VersionOrder::kPep440,
      {"1.dev0", "1.0.dev456", "1.0a1", "1.0a2.dev456", "1.0a12",
       "1.0b1.dev456", "1.0b2", "1.0rc1", "1.0", "1.0+abc.5", "1.0+abc.7",
       "1.0+5", "1.0.post456.dev34", "1.0.post456", "1.1.dev1", "1!0.1"});
  ExpectEqual(VersionOrder::kPep440, "1.0", "1.0.0");
  ExpectEqual(VersionOrder::kPep440, "1.0-RC_1", "1.0rc1");
  ExpectEqual(VersionOrder::kPep440, "v1.0-1", "1.0.post1");
  ExpectAscending(VersionOrder::kPep440, {"trunk", "0.0.1"});
}

TEST(VersionsTest, AnyTextComparesWithItselfAsEqual) {
  for (const VersionOrder order :
       {VersionOrder::kGeneric, VersionOrder::kDeb, VersionOrder::kSemver,
        VersionOrder::kPep440}) {
    for (const std::string_view text :
         {"", "-", ":", "~", "+", "!", "1!", "v", "1.", ".1", "1..2", "1-",
          "a:b:c", "1.0+", "\xff\xfe", "1.0.post", "1.0-alpha."}) {
      ExpectEqual(order, text, text);
    }
  }
}

TEST(VersionsTest, SameUpstreamDiffersInPackagingOnly) {
  EXPECT_TRUE(
      SameUpstream(VersionOrder::kDeb, "3.0.22-1~deb12u1", "3.0.22-1~deb12u2"));
  EXPECT_FALSE(
      SameUpstream(VersionOrder::kDeb, "3.0.99-1~deb12u1", "3.0.22-1~deb12u1"));
  EXPECT_TRUE(SameUpstream(VersionOrder::kPep440, "1.0", "1.0+local"));
  EXPECT_FALSE(SameUpstream(VersionOrder::kSemver, "1.0.0", "1.0.1"));
}

TEST(VersionsTest, EachEcosystemHasItsOrder) {
  EXPECT_EQ(VersionOrderOf("deb"), VersionOrder::kDeb);
  EXPECT_EQ(VersionOrderOf("opkg"), VersionOrder::kDeb);
  EXPECT_EQ(VersionOrderOf("npm"), VersionOrder::kSemver);
  EXPECT_EQ(VersionOrderOf("pypi"), VersionOrder::kPep440);
  EXPECT_EQ(VersionOrderOf("swid"), VersionOrder::kGeneric);
}

}  // namespace
}  // namespace assay::sbom
