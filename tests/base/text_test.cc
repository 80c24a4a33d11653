#include "verifier/base/text.h"

#include <gtest/gtest.h>

#include "verifier/base/time.h"

namespace assay {
namespace {

TEST(TextTest, EscapesWhatATerminalWouldObey) {
  EXPECT_EQ(Escaped("etc/passwd"), "etc/passwd");
  EXPECT_EQ(Escaped("a\x1b[31m\n"), "a\\x1b[31m\\x0a");
  EXPECT_EQ(Escaped("na\xc3\xafve"), "na\xc3\xafve");
  EXPECT_EQ(Escaped("\xff"), "\\xff");
  EXPECT_EQ(Escaped("\xe2\x80\xae"), "\\xe2\\x80\\xae");  // right-to-left
  EXPECT_EQ(Escaped("\\xff"), "\\x5cxff");  // stays distinct from byte ff
}

TEST(TextTest, GlobsStayInsideAStepUnlessDoubled) {
  EXPECT_TRUE(GlobMatches("etc/*.conf", "etc/a.conf"));
  EXPECT_FALSE(GlobMatches("etc/*.conf", "etc/x/a.conf"));
  EXPECT_TRUE(GlobMatches("**/*.conf", "etc/x/a.conf"));
  EXPECT_TRUE(GlobMatches("**/*.conf", "a.conf"));
  EXPECT_TRUE(GlobMatches("**/passwd", "passwd"));
  EXPECT_TRUE(GlobMatches("etc/**/passwd", "etc/passwd"));
  EXPECT_TRUE(GlobMatches("**/cron.d/*", "cron.d/x"));
  EXPECT_TRUE(GlobMatches("a?a/**/{b,c}", "aaa/b"));
  EXPECT_FALSE(GlobMatches("ab*ba", "aba"));
  EXPECT_TRUE(GlobMatches("{bin,sbin}/s?", "sbin/sh"));
  EXPECT_FALSE(GlobMatches("{bin,sbin}/s?", "usr/sh"));
  EXPECT_FALSE(GlobMatches(std::string(60, '*') + "x", std::string(4000, 'a')));
}

TEST(TextTest, GlobsAlternate) {
  for (const char* path : {"a.bin", "a.img", "b.tar.gz", "b.tar.xz"}) {
    EXPECT_TRUE(GlobMatches("{a.{bin,img},b.tar.{g,x}z}", path)) << path;
  }
  EXPECT_FALSE(GlobMatches("{a.{bin,img},b.tar.{g,x}z}", "a.tar.gz"));
  EXPECT_FALSE(GlobMatches("{a.{bin,img},b.tar.{g,x}z}", "b.tar.z"));
  EXPECT_TRUE(GlobMatches("a{,.old}", "a"));
  EXPECT_TRUE(GlobMatches("{**,opt}/x", "x"));  // as "**/x"
  EXPECT_TRUE(GlobMatches("{**,opt}/x", "usr/lib/x"));
  // Without its other half a brace is a letter.
  EXPECT_TRUE(GlobMatches("{a,b", "{a,b"));
  EXPECT_TRUE(GlobMatches("a,b}", "a,b}"));
  EXPECT_TRUE(GlobMatches("{a,{b,c}", "{a,c"));
  EXPECT_FALSE(GlobMatches("{a,b", "a"));
  EXPECT_TRUE(GlobMatches("", ""));
  EXPECT_FALSE(GlobMatches("", "a"));
}

// A rule must not stop to match because somebody chose a long path.
TEST(TextTest, GlobsOfManyStarsMatchLongPaths) {
  std::string glob;
  std::string braces;
  std::string path;
  for (int i = 0; i < 40; ++i) {
    glob += "*a";
    braces += "{a,aa}";
    path += std::string(100, 'a') + "b";
  }
  EXPECT_TRUE(GlobMatches("**/" + glob + "*", "x/" + path));
  EXPECT_FALSE(GlobMatches(glob, path));  // it ends in another letter
  EXPECT_TRUE(GlobMatches(braces, std::string(60, 'a')));
  EXPECT_FALSE(GlobMatches(braces, std::string(81, 'a')));
}

TEST(TextTest, KnowsNamesThatLeaveTheirFolder) {
  EXPECT_TRUE(IsHostileName("/etc/passwd"));
  EXPECT_TRUE(IsHostileName("a/../../b"));
  EXPECT_TRUE(IsHostileName(std::string_view("a\0b", 3)));
  EXPECT_FALSE(IsHostileName("a/..b/c"));
  EXPECT_EQ(NormalPath("./a//b/./c/"), "a/b/c");
}

TEST(TextTest, ReadsAndWritesBase64) {
  for (const std::string text : {"", "f", "fo", "foo", "foob"}) {
    EXPECT_EQ(FromBase64(Base64(text)), text);
  }
  EXPECT_EQ(Base64("fo"), "Zm8=");  // RFC 4648 section 10
  EXPECT_FALSE(FromBase64("Zm8"));
  EXPECT_FALSE(FromBase64("Zm8=Zm8="));
  EXPECT_FALSE(FromBase64("Z-8="));
}

TEST(TimeTest, ReadsRfc3339AndRefusesTheRest) {
  EXPECT_EQ(ParseTime("1970-01-01T00:00:00Z"), 0);
  EXPECT_EQ(ParseTime("2026-11-22"), 1795305600);
  EXPECT_EQ(ParseTime("1990-12-31T15:59:60-08:00"), 662688000);  // RFC 3339
  EXPECT_EQ(FormatTime(1795305600), "2026-11-22T00:00:00Z");
  for (const char* bad : {"", "2026-13-01", "2026-02-30", "2026-11-22T10:00:00",
                          "2026-11-22T25:00:00Z", "yesterday"}) {
    EXPECT_FALSE(ParseTime(bad)) << bad;
  }
  EXPECT_EQ(ParseMailTime("Sat, 10 Jun 2023 08:54:40 UTC"), 1686387280);
  EXPECT_FALSE(ParseMailTime("Sat, 10 Jun 2023"));
}

}  // namespace
}  // namespace assay
