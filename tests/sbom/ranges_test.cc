#include "sbom/ranges.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace assay::sbom {
namespace {

struct Case {
  std::string_view scheme;
  std::string_view text;
  std::string_view vers;
};

// The notations' own documents; the VERS form follows from what they say.
TEST(RangesTest, GivesTheConstraintsOfEachNotation) {
  constexpr Case kCases[] = {
      {"npm", ">=1.2.7 <1.3.0", "vers:npm/>=1.2.7|<1.3.0"},
      {"npm", "1.2.7 || >=1.2.9 <2.0.0", "vers:npm/1.2.7|>=1.2.9|<2.0.0"},
      {"npm", "1.2 - 2.3.4", "vers:npm/>=1.2.0|<=2.3.4"},
      {"npm", "1.2.3 - 2.3", "vers:npm/>=1.2.3|<2.4.0"},
      {"npm", "1.2.3 - 2", "vers:npm/>=1.2.3|<3.0.0"},
      {"npm", "1.x", "vers:npm/>=1.0.0|<2.0.0"},
      {"npm", "", "vers:npm/*"},
      {"npm", "~1.2", "vers:npm/>=1.2.0|<1.3.0"},
      {"npm", "~1", "vers:npm/>=1.0.0|<2.0.0"},
      {"npm", "~> 1.2.3", "vers:npm/>=1.2.3|<1.3.0"},
      {"npm", "^0.2.3", "vers:npm/>=0.2.3|<0.3.0"},
      {"npm", "^0.0.3", "vers:npm/>=0.0.3|<0.0.4"},
      {"npm", "^0.0", "vers:npm/>=0.0.0|<0.1.0"},
      {"npm", "^0.x", "vers:npm/>=0.0.0|<1.0.0"},
      {"npm", "<=2.x", "vers:npm/<3.0.0"},
      {"npm", ">2.x", "vers:npm/>=3.0.0"},
      {"npm", "^9.9.9 ^9.99999999999999999999.0",
       "vers:npm/>=9.9.9|>=9.99999999999999999999.0|<10.0.0|<10.0.0"},
      {"conan", "~2.9", "vers:conan/>=2.9|<2.10-"},
      {"conan", "^0.0.3", "vers:conan/>=0.0.3|<0.0.4-"},
      {"gem", "~> 2.2", "vers:gem/>=2.2|<3"},
      {"gem", "~> 3", "vers:gem/>=3|<4"},
      {"gem", "~> 1.9.0", "vers:gem/>=1.9.0|<1.10"},
      {"gem", ">= 2.2.0, < 3.0, != 2.5", "vers:gem/>=2.2.0|!=2.5|<3.0"},
      {"pypi", "~=2.2.post3", "vers:pypi/>=2.2.post3|<3.dev0"},
      {"pypi", "~=1.4.5a4", "vers:pypi/>=1.4.5a4|<1.5.dev0"},
      {"pypi", "==1.1.*", "vers:pypi/>=1.1.dev0|<1.2.dev0"},
      {"pypi", "!=1.1.*,>=1", "vers:pypi/>=1|>=1|<1.1.dev0|>=1.2.dev0"},
      {"pypi", "", "vers:pypi/*"},
      {"maven", "[1.2,1.3]", "vers:maven/>=1.2|<=1.3"},
      {"maven", "(,1.0],[1.2,)", "vers:maven/<=1.0|>=1.2"},
      {"maven", "(,1.1),(1.1,)", "vers:maven/<1.1|>1.1"},
      {"maven", "[1.0]", "vers:maven/1.0"},
      {"maven", "(,)", "vers:maven/*"},
      {"nuget", "1.0", "vers:nuget/>=1.0"},
      {"nuget", "(1.0,)", "vers:nuget/>1.0"},
      {"nuget", "(1.0,2.0)", "vers:nuget/>1.0|<2.0"},
      {"nginx", "1.3.9-1.4.0", "vers:nginx/>=1.3.9|<=1.4.0"},
      {"nginx", "1.5.13+, 1.4.7+", "vers:nginx/>=1.4.7|<1.5.0|>=1.5.13"},
      {"nginx", "all", "vers:nginx/*"},
      {"nginx", "none", "vers:nginx/"},
      {"openssl", "1.0.1g,1.0.1", "vers:openssl/1.0.1|1.0.1g"},
  };
  for (const Case& each : kCases) {
    const auto range = ReadNativeRange(each.scheme, each.text);
    ASSERT_TRUE(range) << each.text << ": " << range.error().what;
    EXPECT_EQ(ToString(ToVers(*range)), each.vers) << each.text;
  }
}

TEST(RangesTest, OverlappingAlternativesStayExact) {
  const auto range = ReadNativeRange("npm", "^2.0.18 || >=3.0.16 || ^3.1.6");
  ASSERT_TRUE(range);
  const struct {
    std::string_view version;
    bool in;
  } kCases[] = {{"2.0.17", false}, {"2.0.18", true}, {"2.9.9", true},
                {"3.0.0", false},  {"3.0.16", true}, {"3.1.0", true},
                {"4.0.0", true}};
  for (const auto& each : kCases) {
    EXPECT_EQ(Contains(*range, each.version), each.in) << each.version;
  }
}

TEST(RangesTest, ExclusionsHoldInEveryAlternative) {
  const auto range = ReadNativeRange("pypi", ">=1,<2,!=1.4.*,!=1.6");
  ASSERT_TRUE(range);
  for (const std::string_view in : {"1", "1.3.9", "1.5.dev0", "1.5", "1.6.1"}) {
    EXPECT_TRUE(Contains(*range, in)) << in;
  }
  for (const std::string_view out : {"0.9", "1.4.dev1", "1.4.7", "1.6", "2"}) {
    EXPECT_FALSE(Contains(*range, out)) << out;
  }
}

TEST(RangesTest, RefusesWhatIsNoRange) {
  constexpr struct {
    std::string_view scheme;
    std::string_view text;
  } kCases[] = {
      {"npm", ">="},         {"npm", ">=1 <"},      {"npm", "latest"},
      {"npm", "!=1.0.0"},    {"npm", "=>1"},        {"npm", "1.2.3.4"},
      {"npm", "1..2"},       {"npm", "1.2.3 -"},    {"npm", "a - b"},
      {"npm", "|| x.y.z.w"}, {"npm", "^"},          {"npm", "~^1"},
      {"conan", "^"},        {"conan", "~cci"},     {"conan", "1 ||"},
      {"conan", "!=1"},      {"conan", ">-"},       {"gem", ""},
      {"gem", "~> a"},       {"gem", "== 1"},       {"gem", "1 2"},
      {"gem", ">= 1,"},      {"gem", "^1"},         {"pypi", "1.0"},
      {"pypi", "=1.0"},      {"pypi", "~=1"},       {"pypi", ">=1.*"},
      {"pypi", "==1.a.*"},   {"pypi", ">=1,"},      {"pypi", "==*"},
      {"maven", ""},         {"maven", "[1.0"},     {"maven", "(1.0)"},
      {"maven", "[1,2,3]"},  {"maven", "[1,2]x"},   {"maven", "[1,2],"},
      {"maven", "[[1,2]]"},  {"maven", "[]"},       {"nuget", "1.*"},
      {"nuget", "[1.0)"},    {"nginx", ""},         {"nginx", "1.5"},
      {"nginx", "1.5.0++"},  {"nginx", "1.5.0-"},   {"nginx", "1.5.a"},
      {"openssl", ""},       {"openssl", "1.0.1,"}, {"openssl", "<1.0.1"},
      {"openssl", "all"},
  };
  for (const auto& each : kCases) {
    const auto range = ReadNativeRange(each.scheme, each.text);
    ASSERT_FALSE(range) << each.scheme << " " << each.text;
    EXPECT_EQ(range.error().code, ErrorCode::kMalformed) << each.text;
  }
  EXPECT_EQ(ReadNativeRange("cobol", "1").error().code,
            ErrorCode::kUnsupported);
}

TEST(RangesTest, MuchTextIsALimitAndNotALoad) {
  std::string exclusions = "!=1.*";
  std::string tildes;
  std::string bounds;
  for (int i = 0; i < 100'000; ++i) {
    exclusions += ",!=1.*";
    bounds += ">1 ";
    tildes += i < 14 ? "~1.0.0-a " : ">1 ";
  }
  const std::pair<std::string_view, std::string_view> kCases[] = {
      {"pypi", exclusions}, {"npm", tildes}, {"npm", bounds}};
  for (const auto& [scheme, text] : kCases) {
    const auto range = ReadNativeRange(scheme, text);
    ASSERT_FALSE(range) << scheme;
    EXPECT_EQ(range.error().code, ErrorCode::kLimit);
  }
}

TEST(RangesTest, EveryPrefixAndFlippedByteIsReadOrRefused) {
  constexpr struct {
    std::string_view scheme;
    std::string_view text;
  } kCases[] = {
      {"npm", ">=1.2.x <2 || ~3.4-a || ^0.0.1 || 1 - 2"},
      {"conan", "~1.2 <3- || ^0.1, include_prerelease"},
      {"gem", "~> 1.2.3, != 2"},
      {"pypi", "~=1.2.3,!=1.*,==2!3.*"},
      {"maven", "[1,2),(3,],[4]"},
      {"nginx", "1.2.3+, 1.0.0-1.1.0"},
      {"openssl", "1.0.2a, 3.0.0"},
  };
  for (const auto& each : kCases) {
    for (std::size_t at = 0; at < each.text.size(); ++at) {
      std::string flipped(each.text);
      flipped[at] = static_cast<char>(flipped[at] ^ 0x01);
      for (const std::string& text :
           {std::string(each.text.substr(0, at)), flipped}) {
        if (const auto range = ReadNativeRange(each.scheme, text)) {
          const Vers vers = ToVers(*range);
          EXPECT_EQ(vers.any, ToString(vers).back() == '*') << text;
        }
      }
    }
  }
}

}  // namespace
}  // namespace assay::sbom
