#include "sbom/cpe.h"

#include <gtest/gtest.h>

#include <string>

namespace assay::sbom {
namespace {

Cpe Parsed(std::string_view text) {
  const auto cpe = ParseCpe(text);
  EXPECT_TRUE(cpe) << text << ": " << cpe.error().what;
  return cpe.value_or(Cpe{});
}

// NISTIR 7695, the examples of 6.1.2.4 and 6.2.2.3: one name in both bindings.
TEST(CpeTest, BothBindingsOfTheSpecificationsExamples) {
  constexpr struct {
    std::string_view formatted;
    std::string_view uri;
  } kCases[] = {
      {"cpe:2.3:a:microsoft:internet_explorer:8.0.6001:beta:*:*:*:*:*:*",
       "cpe:/a:microsoft:internet_explorer:8.0.6001:beta"},
      {"cpe:2.3:a:microsoft:internet_explorer:8.*:sp?:*:*:*:*:*:*",
       "cpe:/a:microsoft:internet_explorer:8.%02:sp%01"},
      {"cpe:2.3:a:hp:insight_diagnostics:7.4.0.1570:-:*:*:online:win2003:x64:*",
       "cpe:/a:hp:insight_diagnostics:7.4.0.1570:-:~~online~win2003~x64~"},
      {"cpe:2.3:a:hp:openview_network_manager:7.51:*:*:*:*:linux:*:*",
       "cpe:/a:hp:openview_network_manager:7.51::~~~linux~~"},
      {R"(cpe:2.3:a:foo\\bar:big\$money_2010:*:*:*:*:special:ipod_touch:80gb:*)",
       "cpe:/a:foo%5cbar:big%24money_2010:::~~special~ipod_touch~80gb~"},
  };
  for (const auto& each : kCases) {
    const Cpe formatted = Parsed(each.formatted);
    EXPECT_EQ(ToString(formatted), each.formatted);
    EXPECT_EQ(ToUri(formatted), each.uri);
    EXPECT_TRUE(Parsed(each.uri) == formatted) << each.uri;
  }
}

TEST(CpeTest, ValuesAreUnescapedAndLowered) {
  const Cpe cpe =
      Parsed(R"(CPE:2.3:a:OpenSSL:c\+\+\:x:1.1.1\~rc1:-:*:en-us:*:*:*:\-)");
  EXPECT_EQ(cpe.At(CpeAttribute::kVendor).text, "openssl");
  EXPECT_EQ(cpe.At(CpeAttribute::kProduct).text, "c++:x");
  EXPECT_EQ(cpe.At(CpeAttribute::kVersion).text, "1.1.1~rc1");
  EXPECT_EQ(cpe.At(CpeAttribute::kUpdate).kind, CpeValue::Kind::kNotApplicable);
  EXPECT_EQ(cpe.At(CpeAttribute::kEdition).kind, CpeValue::Kind::kAny);
  EXPECT_EQ(cpe.At(CpeAttribute::kOther).text, "-");
  EXPECT_EQ(ToString(cpe),
            R"(cpe:2.3:a:openssl:c\+\+\:x:1.1.1\~rc1:-:*:en-us:*:*:*:\-)");
}

TEST(CpeTest, RefusesWhatTheBindingsForbid) {
  for (const std::string_view text : {"",
                                      "cpe",
                                      "cpe:",
                                      "cpe:/",
                                      "cpe:/:v",
                                      "cpe:2.3:",
                                      "cpe:2.2:a:b",
                                      "cpe:2.3:a:b:c",
                                      "cpe:2.3:a:b:c:*:*:*:*:*:*:*:*:*",
                                      "cpe:2.3:x:b:c:*:*:*:*:*:*:*:*",
                                      "cpe:2.3:aa:b:c:*:*:*:*:*:*:*:*",
                                      "cpe:2.3:a?:b:c:*:*:*:*:*:*:*:*",
                                      "cpe:2.3:a::c:*:*:*:*:*:*:*:*",
                                      "cpe:2.3:a:b c:c:*:*:*:*:*:*:*:*",
                                      "cpe:2.3:a:b+:c:*:*:*:*:*:*:*:*",
                                      R"(cpe:2.3:a:b\c:c:*:*:*:*:*:*:*:*)",
                                      R"(cpe:2.3:a:b\1:c:*:*:*:*:*:*:*:*)",
                                      R"(cpe:2.3:a:b:c:*:*:*:*:*:*:*:\)",
                                      "cpe:2.3:a:b:**:*:*:*:*:*:*:*:*",
                                      "cpe:2.3:a:b:c*d:*:*:*:*:*:*:*:*",
                                      "cpe:2.3:a:b:c?d:*:*:*:*:*:*:*:*",
                                      "cpe:2.3:a:b:*?c:*:*:*:*:*:*:*:*",
                                      "cpe:2.3:a:b:c?*:*:*:*:*:*:*:*:*",
                                      "cpe:2.3:a:b:\x01:*:*:*:*:*:*:*:*",
                                      "cpe:2.3:a:b:\xc3\xa9:*:*:*:*:*:*:*:*",
                                      "cpe:/x:b",
                                      "cpe:/a:b:c:d:e:f:g:h",
                                      "cpe:/a:b%2",
                                      "cpe:/a:b%zz",
                                      "cpe:/a:b%00",
                                      "cpe:/a:b%20c",
                                      "cpe:/a:%02",
                                      "cpe:/a:b%02c",
                                      "cpe:/a:b:c:1::~x",
                                      "cpe:/a:b:c:1::~1~2~3~4",
                                      "cpe:/a:b:c:1::~1~2~3~4~5~6"}) {
    EXPECT_FALSE(ParseCpe(text)) << text;
  }
}

TEST(CpeTest, ALongNameIsALimit) {
  const auto cpe = ParseCpe("cpe:/a:" + std::string(10'000, 'x'));
  ASSERT_FALSE(cpe);
  EXPECT_EQ(cpe.error().code, ErrorCode::kLimit);
}

// NISTIR 7696, table 6-2: attribute against attribute.
TEST(CpeTest, AttributesCompareAsTheTableSays) {
  using enum CpeRelation;
  constexpr struct {
    std::string_view source;
    std::string_view target;
    CpeRelation relation;
  } kCases[] = {
      {"*", "*", kEqual},         {"*", "-", kSuperset},
      {"*", "i", kSuperset},      {"*", "i*", kUndefined},
      {"-", "*", kSubset},        {"-", "-", kEqual},
      {"-", "i", kDisjoint},      {"-", "i?", kUndefined},
      {"i", "i", kEqual},         {"i", "I", kEqual},
      {"i", "k", kDisjoint},      {"i", "i*", kUndefined},
      {"i", "-", kDisjoint},      {"i", "*", kSubset},
      {"i*", "i", kSuperset},     {"i*", "ijk", kSuperset},
      {"i*", "k", kDisjoint},     {"i*", "ki", kDisjoint},
      {"*i", "ki", kSuperset},    {"*i*", "kik", kSuperset},
      {"i*", "-", kDisjoint},     {"i*", "*", kSubset},
      {"i*", "i*", kUndefined},   {"8.?", "8.1", kSuperset},
      {"8.?", "8.12", kDisjoint}, {"8.??", "8.1", kSuperset},
      {"?8", "8", kSuperset},     {"?8?", "787", kSuperset},
      {"?8", "778", kDisjoint},   {"??", "ab", kSuperset},
      {"??", "abc", kDisjoint},
  };
  for (const auto& each : kCases) {
    const auto value = [](std::string_view text) {
      return Parsed(std::string("cpe:2.3:a:v:p:")
                        .append(text)
                        .append(":*:*:*:*:*:*:*"))
          .At(CpeAttribute::kVersion);
    };
    EXPECT_EQ(Compare(value(each.source), value(each.target)), each.relation)
        << each.source << " " << each.target;
  }
}

// Table 6-4: name against name.
TEST(CpeTest, NamesCompareOverAllAttributes) {
  const auto compare = [](std::string_view source, std::string_view target) {
    return Compare(Parsed(source), Parsed(target));
  };
  EXPECT_EQ(compare("cpe:/a:v:p", "cpe:/a:v:p"), CpeRelation::kEqual);
  EXPECT_EQ(compare("cpe:/a:v:p", "cpe:/a:v:p:1"), CpeRelation::kSuperset);
  EXPECT_EQ(compare("cpe:/a:v:p:1", "cpe:/a:v:p"), CpeRelation::kSubset);
  EXPECT_EQ(compare("cpe:/a:v:p:1", "cpe:/a:v:p:2"), CpeRelation::kDisjoint);
  EXPECT_EQ(compare("cpe:/a:v:p:1", "cpe:/o:v:p"), CpeRelation::kDisjoint);
  EXPECT_EQ(compare("cpe:/a:v:p:1", "cpe:/a:v:p::sp1"),
            CpeRelation::kUndefined);
  EXPECT_EQ(compare("cpe:/a:v:p", "cpe:/a:v:p:1.%02"), CpeRelation::kUndefined);
}

TEST(CpeTest, EveryPrefixAndFlippedByteIsReadOrRefused) {
  for (const std::string_view whole :
       {R"(cpe:2.3:a:v\:w:p:8.*:?sp:-:en:\-:x:y:*)",
        "cpe:/a:v%3aw:p:8.%02:%01sp:~e~s~t~h~o:en"}) {
    for (std::size_t at = 0; at <= whole.size(); ++at) {
      std::string flipped(whole);
      if (at < whole.size()) {
        flipped[at] = static_cast<char>(flipped[at] ^ 0x01);
      }
      for (const std::string& text :
           {std::string(whole.substr(0, at)), flipped}) {
        if (const auto cpe = ParseCpe(text)) {
          EXPECT_TRUE(Parsed(ToString(*cpe)) == *cpe) << text;
        }
      }
    }
  }
}

}  // namespace
}  // namespace assay::sbom
