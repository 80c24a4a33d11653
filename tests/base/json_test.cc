#include "verifier/base/json.h"

#include <gtest/gtest.h>

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

TEST(JsonTest, RefusesAMillionNestedArrays) {
  EXPECT_FALSE(ParseJson(std::string(1'000'000, '[')));
  EXPECT_TRUE(ParseJson("[[[]]]", 3));
  EXPECT_FALSE(ParseJson("[[[]]]", 2));
}

TEST(JsonTest, RefusesEveryPrefix) {
  const std::string text = R"({"a":[true,{"b":"c"}]})";
  for (std::size_t size = 0; size < text.size(); ++size) {
    EXPECT_FALSE(ParseJson(text.substr(0, size))) << size;
  }
}

}  // namespace
}  // namespace assay
