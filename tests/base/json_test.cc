#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "verifier/base/json_lists.h"

namespace assay {
namespace {

TEST(JsonTest, KeepsOrderAndValues) {
  const auto json = ParseJson(R"({"b":[1,{"c":null}],"a":"x"})");
  ASSERT_TRUE(json) << json.error().what;
  EXPECT_EQ(json->dump(), R"({"b":[1,{"c":null}],"a":"x"})");
  EXPECT_EQ(TextAt(*json, "a"), "x");
  EXPECT_EQ(TextAt(*json, "b"), "");
  EXPECT_TRUE(At(*json, "nope").is_null());
}

TEST(JsonTest, RefusesWhatTwoReadersWouldReadDifferently) {
  const auto json = ParseJson(R"({"a":1,"a":2})");
  ASSERT_FALSE(json);
  EXPECT_NE(json.error().what.find("\"a\""), std::string::npos);
}

// Errors go to terminals.
TEST(JsonTest, WhatIsWrongIsToldInPrintableWords) {
  for (const std::string_view text :
       {R"({"\u001b[2J\u202e":1,"\u001b[2J\u202e":2})",
        "{\"a\": \xc2\x9b"
        "2J}",
        "[\"\xe2\x80\xae\" x", "\x1b[2J"}) {
    const auto json = ParseJson(text);
    ASSERT_FALSE(json);
    for (const std::string_view hidden : {"\x1b", "\xc2\x9b", "\xe2\x80\xae"}) {
      EXPECT_EQ(json.error().what.find(hidden), std::string::npos) << text;
    }
  }
}

TEST(JsonTest, WhatIsWrongIsToldInFewWords) {
  const auto json = ParseJson("[\"" + std::string(1'000'000, 'a') + "\n\"]");
  ASSERT_FALSE(json);
  EXPECT_LT(json.error().what.size(), 1000U);
}

TEST(JsonTest, RefusesAMillionNestedArrays) {
  EXPECT_FALSE(ParseJson(std::string(1'000'000, '[')));
  EXPECT_TRUE(ParseJson("[[[]]]", 3));
  EXPECT_FALSE(ParseJson("[[[]]]", 2));
}

// What `take` was given of the list "long", and what was left of the document.
std::pair<std::string, std::string> Listed(std::string_view text) {
  std::string taken;
  const auto json =
      ParseJson(text, {{"long", [&](const Json& element, std::size_t index) {
                          taken += std::to_string(index) + element.dump();
                        }}});
  return {taken, json ? json->dump() : json.error().what};
}

TEST(JsonTest, LongListsAreGivenElementByElement) {
  using Pair = std::pair<std::string, std::string>;
  EXPECT_EQ(
      Listed(R"({"a":[{}],"long":[{"x":[{}]},{"y":{"long":[{}]}}],"b":1})"),
      Pair(R"(0{"x":[{}]}1{"y":{"long":[{}]}})",
           R"({"a":[{}],"long":[],"b":1})"));
  EXPECT_EQ(Listed(R"({"long":[1,{},[{}],"s"]})"),
            Pair(R"(011{}2[{}]3"s")", R"({"long":[]})"));
}

TEST(JsonTest, NoOtherListIsTaken) {
  for (const std::string_view text :
       {R"([{"long":[{}]}])", R"({"a":{"long":[{}]}})",
        R"({"long":{"x":[{}]}})", R"([[{}]])", R"({"a":[[{}]]})",
        R"({"long":[]})", R"("long")"}) {
    EXPECT_EQ(Listed(text), (std::pair<std::string, std::string>("", text)));
  }
}

TEST(JsonTest, ListsThatStandTwiceOrBreakOffAreNoJson) {
  for (const std::string_view text :
       {R"({"long":[{}],"long":[{}]})", R"({"long":[{},)", R"({"long":[{}]}})",
        R"({"long":[{"a":1,"a":2}]})"}) {
    EXPECT_TRUE(Listed(text).second.starts_with("not JSON: ")) << text;
  }
}

TEST(JsonTest, RefusesEveryPrefix) {
  const std::string text = R"({"a":[true,{"b":"c"}]})";
  for (std::size_t size = 0; size < text.size(); ++size) {
    EXPECT_FALSE(ParseJson(text.substr(0, size))) << size;
  }
}

}  // namespace
}  // namespace assay
