#include "sbom/versions.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "tests/sbom/versions/order_checks.h"

namespace assay::sbom {
namespace {

constexpr std::array<VersionOrder, 20> kAll = {
    VersionOrder::kGeneric,  VersionOrder::kAlpm,
    VersionOrder::kApk,      VersionOrder::kComposer,
    VersionOrder::kConan,    VersionOrder::kCran,
    VersionOrder::kDatetime, VersionOrder::kDeb,
    VersionOrder::kGem,      VersionOrder::kGentoo,
    VersionOrder::kHackage,  VersionOrder::kIntdot,
    VersionOrder::kMaven,    VersionOrder::kNuget,
    VersionOrder::kOpenssl,  VersionOrder::kPep440,
    VersionOrder::kPub,      VersionOrder::kRpm,
    VersionOrder::kSemver,   VersionOrder::kLexicographic};

// What no ecosystem calls a version.
constexpr std::array<std::string_view, 40> kStrange = {
    "",         " ",      "-",      "--",       ":",
    "~",        "^",      "+",      "!",        "1!",
    "v",        "V1",     "1.",     ".1",       "1..2",
    "1-",       "-1",     "1-r",    "a:b:c",    "1.0+",
    "\xff\xfe", "_",      "1_",     "1_x",      "1.*",
    "0",        "00",     "0.0",    "a",        "1a",
    "1.a",      "#",      "1.#",    "1.0.post", "1.0-alpha.",
    "1:2:3",    "~1~~2^", "1-2-3-", "\t1 ",     "2024-01-01T00:00:00Z"};

// A sorting program needs that much of any order.
TEST(VersionsTest, AnyTextsCompareTheSameBothWays) {
  for (const VersionOrder order : kAll) {
    for (const std::string_view a : kStrange) {
      EXPECT_EQ(CompareVersions(order, a, a), 0) << a;
      for (const std::string_view b : kStrange) {
        const int there = CompareVersions(order, a, b);
        const int back = CompareVersions(order, b, a);
        EXPECT_EQ(there<0, back> 0)
            << static_cast<int>(order) << " \"" << a << "\" \"" << b << "\"";
        EXPECT_EQ(there == 0, back == 0)
            << static_cast<int>(order) << " \"" << a << "\" \"" << b << "\"";
      }
    }
  }
}

TEST(VersionsTest, EveryPrefixOfAVersionComparesAndNothingOverflows) {
  const std::string whole =
      "1!2:v3.04.99999999999999999999999999-rc.1_alpha2~x^y+z.5-r6#";
  const std::string digits(10'000, '9');
  const std::string dots(10'000, '.');
  const std::string dashes(10'000, '-');
  for (const VersionOrder order : kAll) {
    for (std::size_t size = 0; size <= whole.size(); ++size) {
      const std::string prefix = whole.substr(0, size);
      EXPECT_EQ(CompareVersions(order, prefix, whole) > 0,
                CompareVersions(order, whole, prefix) < 0);
    }
    for (const std::string& text : {digits, dots, dashes}) {
      EXPECT_EQ(CompareVersions(order, text, text), 0);
      EXPECT_EQ(CompareVersions(order, text, "1") > 0,
                CompareVersions(order, "1", text) < 0);
    }
  }
}

TEST(VersionsTest, SameUpstreamDiffersInPackagingOnly) {
  const struct {
    VersionOrder order;
    std::string_view a;
    std::string_view b;
    bool same;
  } kCases[] = {
      {VersionOrder::kDeb, "3.0.22-1~deb12u1", "3.0.22-1~deb12u2", true},
      {VersionOrder::kDeb, "3.0.99-1~deb12u1", "3.0.22-1~deb12u1", false},
      {VersionOrder::kDeb, "1:1.0-2-3", "1.0-2-4", true},
      {VersionOrder::kDeb, "1.0-2-3", "1.0-3-3", false},
      {VersionOrder::kRpm, "1:1.0-2.fc38", "1.0-3.fc39", true},
      {VersionOrder::kRpm, "1.0-1", "1.0.1-1", false},
      {VersionOrder::kAlpm, "1:1.0-2", "1.0-1", true},
      {VersionOrder::kApk, "1.36.1-r2", "1.36.1-r15", true},
      {VersionOrder::kApk, "1.36.1-r2", "1.36.2-r2", false},
      {VersionOrder::kGentoo, "1.0-r1", "1.0", true},
      {VersionOrder::kPep440, "1.0", "1.0+local", true},
      {VersionOrder::kPep440, "1.0", "1.0.post1", false},
      {VersionOrder::kSemver, "1.0.0+a", "1.0.0+b", true},
      {VersionOrder::kSemver, "1.0.0", "1.0.1", false},
      {VersionOrder::kMaven, "1.0-1", "1.0-2", false},
  };
  for (const auto& each : kCases) {
    EXPECT_EQ(SameUpstream(each.order, each.a, each.b), each.same)
        << each.a << " " << each.b;
  }
}

TEST(VersionsTest, EachEcosystemHasItsOrder) {
  EXPECT_EQ(VersionOrderOf("deb"), VersionOrder::kDeb);
  EXPECT_EQ(VersionOrderOf("opkg"), VersionOrder::kDeb);
  EXPECT_EQ(VersionOrderOf("apk"), VersionOrder::kApk);
  EXPECT_EQ(VersionOrderOf("rpm"), VersionOrder::kRpm);
  EXPECT_EQ(VersionOrderOf("npm"), VersionOrder::kSemver);
  EXPECT_EQ(VersionOrderOf("golang"), VersionOrder::kSemver);
  EXPECT_EQ(VersionOrderOf("pypi"), VersionOrder::kPep440);
  EXPECT_EQ(VersionOrderOf("swid"), VersionOrder::kGeneric);
  EXPECT_EQ(VersionOrderOf(""), VersionOrder::kGeneric);
  EXPECT_EQ(VersionOrderOf("NPM"), VersionOrder::kGeneric);
  EXPECT_TRUE(HasVersionOrder("generic"));
  EXPECT_FALSE(HasVersionOrder("swid"));
}

TEST(VersionsTest, NeutralOrders) {
  ExpectAscending(VersionOrder::kLexicographic,
                  {"", "1.10", "1.9", "a", "\xff"});
  ExpectAscending(VersionOrder::kIntdot, {"1.2", "1.10", "10.234.5.12"});
  ExpectEqual(VersionOrder::kIntdot,
              {"1.2", "01.2", "1.2-rc1", "1.2.0", "1.2x3"});
  ExpectAscending(VersionOrder::kGeneric, {"1.0~rc1", "v1.0", "1.0a", "1.10"});
  // RFC 3339, section 5.8: the same instant in two offsets.
  ExpectEqual(VersionOrder::kDatetime,
              {"1996-12-19T16:39:57-08:00", "1996-12-20T00:39:57Z",
               "1996-12-20T00:39:57.000Z"});
  ExpectAscending(VersionOrder::kDatetime,
                  {"1985-04-12T23:20:50Z", "1985-04-12T23:20:50.052Z",
                   "1985-04-12T23:20:50.52Z", "1985-04-12T23:20:51Z"});
}

}  // namespace
}  // namespace assay::sbom
