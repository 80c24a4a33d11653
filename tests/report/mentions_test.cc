#include "verifier/report/mentions.h"

#include <gtest/gtest.h>

namespace assay::report {
namespace {

TEST(MentionsTest, WholeWordsAreFoundWhateverTheirCase) {
  Mentions mentions;
  mentions.Add("S99debug", "[1]");
  EXPECT_EQ(mentions.Replaced("/etc/init.d/S99debug starts"),
            "/etc/init.d/[1] starts");
  EXPECT_EQ(mentions.Replaced("s99DEBUG. \"S99debug\""), "[1]. \"[1]\"");
  EXPECT_EQ(mentions.Replaced("XS99debug S99debugger S99debug_x"),
            "XS99debug S99debugger S99debug_x");
  EXPECT_EQ(mentions.Replaced(""), "");
}

TEST(MentionsTest, TheLongestNameIsTaken) {
  Mentions mentions;
  mentions.Add("etc/init.d/S99debug", "[1]");
  mentions.Add("init.d", "[2]");
  mentions.Add("etc", "[3]");
  EXPECT_EQ(mentions.Replaced("etc/init.d/S99debug etc/init.d/rcS etc/passwd"),
            "[1] [3]/[2]/rcS [3]/passwd");
}

TEST(MentionsTest, WhatStandsAroundItsWordsDoesNotCount) {
  Mentions mentions;
  mentions.Add(".hidden/", "[1]");
  mentions.Add("...", "[2]");
  mentions.Add("", "[3]");
  EXPECT_EQ(mentions.Replaced("/opt/.hidden ..."), "/opt/.[1] ...");
}

TEST(MentionsTest, RawTextIsFoundInsideOfWords) {
  Mentions mentions;
  mentions.AddRaw("hunter2", "[1]");
  mentions.AddRaw("", "[2]");
  EXPECT_EQ(mentions.Replaced("pw=xHunter2y, hunter2hunter2"),
            "pw=x[1]y, [1][1]");
}

TEST(MentionsTest, NamesOfWhatStaysAreSpared) {
  Mentions mentions;
  mentions.Add("a!/opt/x/config", "[1]");
  mentions.AddUnlessSpared("config", "[1]");
  mentions.AddUnlessSpared("opt/x/config", "[1]");
  mentions.SparePath("a!/etc/config");
  EXPECT_EQ(mentions.Replaced("config opt/x/config a!/opt/x/config"),
            "config [1] [1]");
}

// A step of another path that only begins like the name is another name.
TEST(MentionsTest, LongerStepsSpareNothing) {
  Mentions mentions;
  mentions.AddUnlessSpared("foo", "[1]");
  mentions.SparePath("a!/etc/foo.bak");
  mentions.SparePath("a!/foo-2/x");
  EXPECT_EQ(mentions.Replaced("foo"), "[1]");
  mentions.Keep("foo.bak");
  EXPECT_EQ(mentions.Replaced("foo foo.bak foo.bak2"), "[1] foo.bak [1].bak2");
}

TEST(MentionsTest, TextThatStaysSparesEveryWordOfIt) {
  Mentions mentions;
  mentions.AddUnlessSpared("root", "[1]");
  mentions.Add("toor", "[2]");
  mentions.SpareText("root:x:0:0 toor");
  EXPECT_EQ(mentions.Replaced("root toor"), "root [2]");
}

}  // namespace
}  // namespace assay::report
