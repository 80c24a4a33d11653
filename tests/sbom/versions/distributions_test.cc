// Orders of distributions. The lists are from the documents that the files of
// sbom/versions name, or made by their rules.

#include <gtest/gtest.h>

#include "tests/sbom/versions/order_checks.h"

namespace assay::sbom {
namespace {

TEST(DistributionVersionsTest, DebianSortsTildesEpochsAndRevisions) {
  ExpectAscending(VersionOrder::kDeb,
                  {"~~", "~~a", "~", "1.0~rc1-1", "1.0", "1.0-1", "1.0-1+b1",
                   "1.0-1.1", "1.0a", "1.0+dfsg", "1.9", "1.10",
                   "99999999999999999999999", "1:0.1", "10:0"});
  ExpectEqual(VersionOrder::kDeb, {"0:1.0", "1.0", "1.0-0", "1.00"});
}

// rpm-version(7)
TEST(DistributionVersionsTest, RpmSortsTildesCaretsAndReleases) {
  ExpectAscending(VersionOrder::kRpm,
                  {"1.0~beta", "1.0~rc1", "1.0", "1.0-1", "1.0^20240501",
                   "1.0^20240501.1", "1.0a", "1.0.1", "1.9", "1.10", "1:0.1"});
  ExpectEqual(VersionOrder::kRpm, {"1.0-1", "0:1.0-1", "1_0-1", "1.00-01"});
  // Letters are older than numbers, and what is no epoch is version.
  ExpectAscending(VersionOrder::kRpm, {"1.a", "1.0"});
  ExpectAscending(VersionOrder::kRpm, {"a:1", "a:2", "1:0"});
}

// vercmp(8), "alphanumeric" and "numeric"
TEST(DistributionVersionsTest, ArchSortsWordsBeforeTheRelease) {
  ExpectAscending(VersionOrder::kAlpm,
                  {"1.0a", "1.0b", "1.0beta", "1.0p", "1.0pre", "1.0rc", "1.0",
                   "1.0.a", "1.0.1"});
  ExpectAscending(VersionOrder::kAlpm,
                  {"1", "1.0", "1.1", "1.1.1", "1.2", "2.0", "3.0.0"});
  ExpectAscending(VersionOrder::kAlpm, {"2.0-1", "2.0-2", "1:1.0-1"});
  ExpectEqual(VersionOrder::kAlpm, {"2.0", "2.0-9", "0:2.0"});
  ExpectAscending(VersionOrder::kAlpm, {"1.1", "1..1"});
}

// apk-package(5): the order of the suffixes; a digit is no letter.
TEST(DistributionVersionsTest, AlpineSortsSuffixesHashesAndRevisions) {
  ExpectAscending(
      VersionOrder::kApk,
      {"1.0_alpha", "1.0_alpha2", "1.0_beta", "1.0_pre", "1.0_rc1", "1.0",
       "1.0-r0", "1.0-r10", "1.0~0a1b", "1.0_cvs", "1.0_svn", "1.0_git20240101",
       "1.0_hg", "1.0_p", "1.0_p1_p1", "1.0a", "1.0b", "1.0.0", "1.1"});
  ExpectAscending(VersionOrder::kApk, {"1.01", "1.1", "1.2", "1.10"});
  ExpectAscending(VersionOrder::kApk, {"1.0_nonsense", "1.0"});
  ExpectEqual(VersionOrder::kApk, {"1.0-r1", "1.0-r01", "01.0-r1"});
}

// Package Manager Specification 8, section 3.3
TEST(DistributionVersionsTest, GentooSortsFractionsLettersAndSuffixes) {
  ExpectAscending(VersionOrder::kGentoo,
                  {"1.0_alpha", "1.0_alpha1", "1.0_beta", "1.0_pre", "1.0_rc",
                   "1.0", "1.0-r1", "1.0_p", "1.0_p1", "1.0a", "1.0.0"});
  ExpectAscending(VersionOrder::kGentoo, {"1.001", "1.01", "1.1", "1.10"});
  ExpectEqual(VersionOrder::kGentoo, {"1.0", "1.0-r0", "01.0", "1.00"});
}

TEST(DistributionVersionsTest, OpensslSortsLettersAfterTheRelease) {
  ExpectAscending(VersionOrder::kOpenssl,
                  {"0.9.8zh", "1.0.2-beta1", "1.0.2-beta10", "1.0.2", "1.0.2a",
                   "1.0.2z", "1.0.2za", "1.0.2zb", "1.1.0-pre6", "1.1.0",
                   "1.1.1w", "3.0.0-alpha1", "3.0.0-beta1", "3.0.0", "3.0.10"});
  ExpectEqual(VersionOrder::kOpenssl, {"1.0.2k", "1.0.2k-fips"});
}

}  // namespace
}  // namespace assay::sbom
