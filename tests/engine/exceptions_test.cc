#include "verifier/engine/exceptions.h"

#include <gtest/gtest.h>

#include <string>

#include "verifier/base/digest.h"

namespace assay::engine {
namespace {

constexpr UnixTime kNow = 1'800'000'000;  // 2027-01-15T08:00:00Z

const std::string kHex = Sha256Hex(AsBytes("content"));

std::string Entry(const std::string& expires) {
  return "schema: assay-exceptions/1\nexceptions:\n"
         "  - rule: NI3-HF04-003\n    sha256: " +
         kHex +
         "\n    reason: agreed\n    reviewer: J. Doe\n    expires: " + expires +
         "\n";
}

Survey OneFile() {
  Survey survey;
  Node node;
  node.artifact.digests = {{DigestAlgorithm::kSha256, kHex}};
  survey.nodes.push_back(node);
  survey.nodes.emplace_back();
  return survey;
}

TEST(Exceptions, AreReadAndCount) {
  auto all = ReadExceptions("x.yml", Entry("2027-06-30T00:00:00Z"));
  ASSERT_TRUE(all.has_value()) << all.error().what;
  Survey survey = OneFile();
  const auto live = LiveExceptions(std::move(*all), kNow, survey);
  ASSERT_EQ(live.size(), 1U);
  EXPECT_EQ(live[0].rule, "NI3-HF04-003");
  EXPECT_TRUE(survey.nodes[0].seen.facts.empty());
}

TEST(Exceptions, ThatExpiredOrRunTooLongAreNoted) {
  for (const auto& [expires, why] :
       {std::pair("2027-01-15T08:00:00Z", "expired"),
        std::pair("2020-01-01T00:00:00Z", "expired"),
        std::pair("2028-01-16T08:00:00Z", "more than 365 days")}) {
    auto all = ReadExceptions("x.yml", Entry(expires));
    ASSERT_TRUE(all.has_value());
    Survey survey = OneFile();
    EXPECT_TRUE(LiveExceptions(std::move(*all), kNow, survey).empty());
    ASSERT_EQ(survey.nodes[0].seen.facts.size(), 1U);
    const Fact& fact = survey.nodes[0].seen.facts[0];
    EXPECT_EQ(fact.kind, "exception.void");
    EXPECT_EQ(fact.value, "NI3-HF04-003");
    EXPECT_EQ(fact.Attribute("why"), why);
    EXPECT_TRUE(survey.nodes[1].seen.facts.empty());
  }
}

TEST(Exceptions, MistakesNameTheirPlace) {
  struct Case {
    std::string text;
    std::string place;
    std::string what;
  };
  std::string short_digest = Entry("2027-06-30T00:00:00Z");
  short_digest.replace(short_digest.find(kHex), kHex.size(), "abcd");
  for (const Case& one : {
           Case{"exceptions: []\n", "x.yml:1:1", "\"schema\" is missing"},
           Case{"schema: assay-policy/1\n", "x.yml:1:9",
                "must be assay-exceptions/1"},
           Case{"schema: assay-exceptions/1\nwaivers: []\n", "x.yml:2:1",
                "unknown key \"waivers\""},
           Case{"schema: assay-exceptions/1\nexceptions: {}\n", "x.yml:2:13",
                "must be a list"},
           Case{short_digest, "x.yml:4:13", "no SHA-256"},
           Case{Entry("tomorrow"), "x.yml:7:14", "no RFC 3339 time"},
           Case{Entry("\"\""), "x.yml:3:5", "must not be empty"},
           Case{"schema: [", "x.yml:", ""},
       }) {
    const auto refused = ReadExceptions("x.yml", one.text);
    ASSERT_FALSE(refused.has_value()) << one.text;
    EXPECT_EQ(refused.error().what.substr(0, one.place.size()), one.place)
        << refused.error().what;
    EXPECT_NE(refused.error().what.find(one.what), std::string::npos)
        << refused.error().what;
  }
}

}  // namespace
}  // namespace assay::engine
