#include <gtest/gtest.h>

#include <set>

#include "sbom/banners/scanner.h"
#include "sbom/banners/table.h"

namespace assay::sbom {
namespace {

TEST(BannerVersionTest, ReadsWhatProgramsPrint) {
  struct Case {
    std::string_view text;
    std::size_t length;
  };
  for (const auto& [text, length] : {Case{"1.2", 3},
                                     Case{"1.36.1 (x)", 6},
                                     Case{"3.0.2a", 6},
                                     Case{"9.3p2 Debian", 5},
                                     Case{"2.10-rc1,", 8},
                                     Case{"2.10rc1", 7},
                                     Case{"1.2.", 3},
                                     Case{"1.0.2k-fips", 6},
                                     Case{"2023.01+dfsg", 7},
                                     Case{"7.0.0-beta.3", 12},
                                     Case{"", 0},
                                     Case{"12", 0},
                                     Case{"v1.2", 0},
                                     Case{"1.", 0},
                                     Case{"1.x", 0},
                                     Case{"1.2.x", 0},
                                     Case{"1.2.%d", 0},
                                     Case{"1.2_3", 0},
                                     Case{"1.2ab", 0},
                                     Case{"1.0x", 0},
                                     Case{"1.2.3.4.5.6.7", 0},
                                     Case{"1234567890.1", 0}}) {
    EXPECT_EQ(VersionLength(text, VersionShape::kDotted), length) << text;
  }
  EXPECT_EQ(VersionLength("590 (GNU", VersionShape::kNumber), 3U);
  EXPECT_EQ(VersionLength("1.2", VersionShape::kNumber), 3U);
}

TEST(BannerVersionTest, EveryLongTextIsRefusedInBoundedTime) {
  for (const std::string_view part : {"1", "1.", "1.1", "9.9-"}) {
    std::string text;
    while (text.size() < 1'000'000) {
      text += part;
    }
    EXPECT_LE(VersionLength(text, VersionShape::kNumber), kLongestVersion);
  }
}

TEST(BannerTableTest, TheBuiltInTableHolds) {
  const auto patterns = ParseBannerTable(BannerTableText());
  ASSERT_TRUE(patterns) << patterns.error().what;
  std::set<std::string> products;
  for (const BannerPattern& pattern : *patterns) {
    products.insert(pattern.product);
  }
  EXPECT_GE(products.size(), 500U);
  EXPECT_TRUE(BannerScanner::Compile(*patterns));
}

// As Debian 12's perl, mksh, x264 and iproute2 of Debian 9 have it: what the
// last three print is not what their versions are.
TEST(BannerTableTest, TheBuiltInTableDoesNotTakePartsForVersions) {
  const auto found = [](std::string_view bytes) {
    std::vector<std::string> versions;
    for (const Banner& one : BannerScanner::BuiltIn().Find(AsBytes(bytes))) {
      versions.push_back(one.product + " " + one.version);
    }
    return versions;
  };
  EXPECT_EQ(found("This is perl 5, version 36, subversion 0 (%-p) built for x"),
            std::vector<std::string>{"perl 5.36.0"});
  for (const std::string_view text :
       {"/usr/lib/x86_64-linux-gnu/perl5/5.36", "@(#)MIRBSD KSH R59 2020/10/31",
        "x264 - core 164 r3095 baee400 - H.264/MPEG-4 AVC codec",
        "ip utility, iproute2-ss161212"}) {
    EXPECT_TRUE(found(text).empty()) << text;
  }
}

TEST(BannerTableTest, LinesThatCannotWorkAreRefusedByNumber) {
  for (const std::string_view line :
       {"a", "a\tb", "\t-\tabcd%V", "a\t\tabcd%V", "a\t-\tabcd",
        "a\t-\tabcd%V%V", "a\t-\tabcd%D", "a\t-\tabcd%V %D", "a\t-\t%V",
        "a\t-\t^%V$", "a\t-\t^%V$ & abc", "a\t-\tabc%V", "a\t-\tabcd%Q%V",
        "a\t-\tabcd\\q%V", "a\t-\tabcd\\xz0%V", "a\t-\t%*abcd%V",
        "a\t-\tabcd%V%*", "a\t-\tabcd%V & a%V"}) {
    const auto patterns =
        ParseBannerTable("# head\n" + std::string(line) + "\n");
    ASSERT_FALSE(patterns) << line;
    EXPECT_EQ(patterns.error().code, ErrorCode::kConfig);
    EXPECT_EQ(patterns.error().what.substr(0, 8), "line 2: ") << line;
  }
}

std::vector<std::string> FindWith(std::string_view table,
                                  std::string_view bytes) {
  auto patterns = ParseBannerTable(table);
  EXPECT_TRUE(patterns);
  const auto scanner = BannerScanner::Compile(std::move(*patterns));
  EXPECT_TRUE(scanner);
  std::vector<std::string> found;
  for (const Banner& one : scanner->Find(AsBytes(bytes))) {
    found.push_back(one.product + " " + one.version);
  }
  return found;
}

TEST(BannerTableTest, EachSignOfThePatternCounts) {
  struct Case {
    std::string_view table, bytes;
    bool found;
  };
  using namespace std::string_view_literals;
  for (const auto& [table, bytes, found] :
       {Case{"p\t-\tFrob %V", "xx Frob 1.2 yy", true},
        Case{"p\t-\tFrob %V", "Frob one", false},
        Case{"p\t-\t^Frob %V", "\0Frob 1.2 y"sv, true},
        Case{"p\t-\t^Frob %V", "xFrob 1.2 y", false},
        Case{"p\t-\tFrob %V$", "Frob 1.2\0"sv, true},
        Case{"p\t-\tFrob %V$", "Frob 1.2 y", false},
        Case{"p\t-\tFrob %V (", "Frob 1.2 (", true},
        Case{"p\t-\tFrob %V (", "Frob 1.2 [", false},
        Case{"p\t-\t%V of Frob", "1.2 of Frob", true},
        Case{"p\t-\t%V of Frob", "v1.2 of Frob", true},
        Case{"p\t-\t%V of Frob", "a1.2 of Frob", false},
        Case{"p\t-\tFrob%* %V", "Frob the great 1.2", true},
        Case{"p\t-\tFrob%* %V", "Frob\0 1.2"sv, false},
        Case{"p\t-\tFrob%* %V",
             "Frob and forty bytes of quite other things in between 1.2",
             false},
        Case{"p\t-\tFrob %D, level %D", "Frob 1, level 2 of 3", true},
        Case{"p\t-\t%D times Frob %D", "1 times Frob 2", true},
        Case{"p\t-\tFrob %D, level %D", "Frob 1.0, level 2", false},
        Case{"p\t-\tFrob %D, level %D", "Frob 1, level %d", false},
        Case{"p\t-\tFrob %V & Knob", "Frob 1.2 Knob", true},
        Case{"p\t-\tFrob %V & Knob", "Frob 1.2", false},
        Case{"p\t-\t^%V$ & Knob",
             "\0Knob\0"
             "1.2\0"sv,
             true},
        Case{"p\t-\t^%V$ & Knob",
             "\0Knob\0"
             "1.2\0"
             "1.3\0"sv,
             false},
        Case{"p\t-\t^%V$ & Knob", "\0Knob\0x1.2\0"sv, false}}) {
    EXPECT_EQ(FindWith(table, bytes), found ? std::vector<std::string>{"p 1.2"}
                                            : std::vector<std::string>{})
        << table << " on " << bytes;
  }
}

TEST(BannerTableTest, PatternsAtTheEdgesOfTheBytesStayInside) {
  const std::string whole = "x\n1.2 of Frob (3.4) Frob 5.6";
  for (std::size_t from = 0; from < whole.size(); ++from) {
    for (std::size_t size = 0; size <= whole.size() - from; ++size) {
      for (const std::string_view table :
           {"p\t-\t%V of Frob %*%N", "p\t-\tFrob %V$", "p\t-\t%V of Frob",
            "p\t-\t^%V of Frob (%*)%*"}) {
        if (const auto patterns = ParseBannerTable(table)) {
          const auto scanner = BannerScanner::Compile(*patterns);
          ASSERT_TRUE(scanner);
          (void)scanner->Find(AsBytes(whole).subspan(from, size));
        }
      }
    }
  }
}

}  // namespace
}  // namespace assay::sbom
