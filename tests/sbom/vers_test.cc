#include "sbom/vers.h"

#include <gtest/gtest.h>

#include <string>

namespace assay::sbom {
namespace {

Vers Read(std::string_view text) {
  const auto vers = ReadVers(text);
  EXPECT_TRUE(vers) << text << ": " << vers.error().what;
  return vers.value_or(Vers{});
}

TEST(VersTest, TakesTheCanonicalTextApart) {
  const auto vers = ParseVers("vers:gem/>=2.2.0|!=2.2.1|<2.3.0");
  ASSERT_TRUE(vers);
  EXPECT_EQ(vers->scheme, "gem");
  EXPECT_EQ(vers->constraints,
            (std::vector<VersConstraint>{{Comparator::kGreaterOrEqual, "2.2.0"},
                                         {Comparator::kNotEqual, "2.2.1"},
                                         {Comparator::kLess, "2.3.0"}}));
}

TEST(VersTest, CanonicalTextComesBackAsItWas) {
  for (const std::string_view text :
       {"vers:npm/1.2.3|>=2.0.0|<5.0.0", "vers:deb/*", "vers:all/*",
        "vers:none/*", "vers:pypi/!=1|!=2", "vers:deb/1:2.0-1~a%25",
        "vers:generic/%20a%7Cb%3E%3D", "vers:npm/<1.0.0|1.5.0|1.6.0|>2.0.0",
        "vers:datetime/>=2024-01-01T00:00:00Z", "vers:test/>=b|<a"}) {
    const auto vers = ParseVers(text);
    ASSERT_TRUE(vers) << text << ": " << vers.error().what;
    EXPECT_EQ(ToString(*vers), text);
  }
}

// Clause 5 and "How to parse and validate VERS", one sentence each.
TEST(VersTest, RefusesWhatIsNotCanonical) {
  for (const std::string_view text : {"",
                                      "vers",
                                      "vers:",
                                      "vers:npm",
                                      "vers:npm/",
                                      "ver:npm/1",
                                      "VERS:npm/1",
                                      "vers:NPM/1",
                                      "vers:1npm/1",
                                      "vers:n_pm/1",
                                      "vers:/1",
                                      "vers%3Anpm/1",
                                      "vers:npm/ 1",
                                      "vers:npm/1 |2",
                                      "vers:npm/1|\t2",
                                      "vers:npm/|1",
                                      "vers:npm/1|",
                                      "vers:npm/1||2",
                                      "vers:npm/>=",
                                      "vers:npm/=1",
                                      "vers:npm/==1",
                                      "vers:npm/>>1",
                                      "vers:npm/1%2",
                                      "vers:npm/1%zz",
                                      "vers:npm/%31",
                                      "vers:npm/a%3c",
                                      "vers:npm/a<b",
                                      "vers:npm/*|1",
                                      "vers:npm/1|*",
                                      "vers:npm/*1",
                                      "vers:npm/2|1",
                                      "vers:npm/1|1.0.0",
                                      "vers:npm/<1|>1",
                                      "vers:npm/>1|>2",
                                      "vers:npm/<1|<2",
                                      "vers:npm/>1|2",
                                      "vers:npm/1|<2",
                                      "vers:npm/>1|>=2|<3",
                                      "vers:all/1",
                                      "vers:none/>1",
                                      "vers:invalid/*",
                                      "vers:invalid/1",
                                      "vers:datetime/yesterday",
                                      "vers:datetime/2024-01-01",
                                      "vers:datetime/2024-01-01T00:00:00z"}) {
    EXPECT_FALSE(ParseVers(text)) << text;
  }
}

TEST(VersTest, TheTolerantReaderSortsAndSkips) {
  EXPECT_EQ(ToString(Read("VERS:NPM/ <2.0 || >= 1.0 |")),
            "vers:npm/>=1.0|<2.0");
  EXPECT_EQ(ToString(Read("vers:npm/=1|==2")), "vers:npm/1|2");
  EXPECT_FALSE(CheckVers(Read("vers:npm/>1|>2")));
  for (const std::string_view text : {"vers:npm/", "vers:npm/|", "vers:npm/>",
                                      "vers:npm/%", "npm/1", "vers:n m/1"}) {
    EXPECT_EQ(ReadVers(text).has_value(), text == "vers:n m/1") << text;
  }
}

TEST(VersTest, EveryPrefixIsReadOrRefused) {
  const std::string_view text = "vers:npm/>=1.0.0%20a|!=1.5.0|<2.0.0|3.0.0";
  for (std::size_t size = 0; size < text.size(); ++size) {
    if (const auto vers = ParseVers(text.substr(0, size))) {
      EXPECT_EQ(ToString(*vers), text.substr(0, size));
    }
    if (const auto vers = ReadVers(text.substr(0, size))) {
      EXPECT_TRUE(ReadVers(ToString(*vers))) << size;
    }
  }
}

TEST(VersTest, ContainsWhatLiesBetweenItsBounds) {
  const struct {
    std::string_view vers;
    std::string_view version;
    bool in;
  } kCases[] = {
      {"vers:npm/*", "0.0.0-x", true},
      {"vers:none/*", "1", false},
      {"vers:npm/1.0.0", "1.0.0+build", true},
      {"vers:npm/1.0.0", "1.0.1", false},
      {"vers:npm/<1.0.0", "1.0.0", false},
      {"vers:npm/<1.0.0", "1.0.0-rc.1", true},
      {"vers:npm/<=1.0.0", "1.0.0", true},
      {"vers:npm/>1.0.0", "1.0.0", false},
      {"vers:npm/>1.0.0", "9.0.0", true},
      {"vers:npm/>=1.0.0|<2.0.0", "0.9.0", false},
      {"vers:npm/>=1.0.0|<2.0.0", "1.9.9", true},
      {"vers:npm/>=1.0.0|<2.0.0", "2.0.0", false},
      {"vers:npm/>=1.0.0|!=1.5.0|<2.0.0", "1.5.0", false},
      {"vers:npm/>=1.0.0|!=1.5.0|<2.0.0", "1.5.1", true},
      {"vers:npm/<1.0.0|>=2.0.0|<3.0.0", "1.5.0", false},
      {"vers:npm/<1.0.0|>=2.0.0|<3.0.0", "2.5.0", true},
      {"vers:npm/<1.0.0|1.5.0|>2.0.0", "1.5.0", true},
      {"vers:npm/<1.0.0|1.5.0|>2.0.0", "1.6.0", false},
      {"vers:npm/!=1.0.0", "1.0.0", false},
      {"vers:npm/!=1.0.0", "1.0.1", true},
      {"vers:npm/1.0.0|!=1.1.0", "1.2.0", false},
      {"vers:deb/<1:0", "99", true},
      {"vers:deb/>=1.0~rc1|<1.0", "1.0~rc2", true},
      {"vers:openssl/>=1.0.2|<1.0.2zf", "1.0.2z", true},
      {"vers:openssl/>=1.0.2|<1.0.2zf", "1.0.2zg", false},
  };
  for (const auto& each : kCases) {
    EXPECT_EQ(Contains(Read(each.vers), each.version), each.in)
        << each.vers << " " << each.version;
  }
}

// "Simplifying constraints"
TEST(VersTest, SimplifyKeepsTheMeaning) {
  const struct {
    std::string_view vers;
    std::string_view simple;
  } kCases[] = {
      {"vers:npm/>1|>2", "vers:npm/>1"},
      {"vers:npm/>1|2|<3", "vers:npm/>1|<3"},
      {"vers:npm/<1|<=2", "vers:npm/<=2"},
      {"vers:npm/1|<2", "vers:npm/<2"},
      {"vers:npm/1|2|>3", "vers:npm/1|2|>3"},
      {"vers:npm/<1|>2|>3|<4|<5|>6", "vers:npm/<1|>2|<5|>6"},
      {"vers:npm/>1|!=2|>3", "vers:npm/>1|!=2"},
      {"vers:npm/!=1|!=2", "vers:npm/!=1|!=2"},
  };
  for (const auto& each : kCases) {
    Vers vers = Read(each.vers);
    const Vers before = vers;
    Simplify(vers);
    EXPECT_EQ(ToString(vers), each.simple);
    EXPECT_TRUE(CheckVers(vers)) << each.simple;
    for (const std::string_view version :
         {"0.5", "1", "1.5", "2", "2.5", "3", "3.5", "4", "4.5", "5", "5.5",
          "6", "7"}) {
      EXPECT_EQ(Contains(vers, version), Contains(before, version))
          << each.vers << " " << version;
    }
  }
}

}  // namespace
}  // namespace assay::sbom
