#include <gtest/gtest.h>

#include "tests/cataloguers/examining.h"
#include "tests/support/hex.h"

namespace assay::sbom {
namespace {

using testing::Sample;

// Paths of sources as OpenWrt, Buildroot, Yocto and Debian leave them, behind
// an ELF header.
const Bytes kProgram = Sample("cataloguers/source_paths/program.elf");

std::vector<std::string> Found(ByteView content) {
  std::vector<std::string> found;
  for (const ComponentEvidence& one :
       ExamineFile(kSourcePaths, "bin/x", content).seen.components) {
    EXPECT_EQ(one.strength, Strength::kWeak);
    found.push_back(one.component.name + " " + one.component.version);
  }
  return found;
}

std::vector<std::string> FoundIn(std::string_view path) {
  Bytes bytes(16, 0);
  bytes.insert(bytes.end(), path.begin(), path.end());
  return Found(bytes);
}

TEST(SourcePathsTest, TheFolderOfARelease) {
  EXPECT_EQ(Found(kProgram),
            (std::vector<std::string>{"libvidstab 1.1.0", "busybox 1.36.1",
                                      "mutt 2.2.12", "mplayer 1.5",
                                      "dnsmasq 2.90", "zlib 1.3.1"}));
}

TEST(SourcePathsTest, EachReleaseOnce) {
  EXPECT_EQ(FoundIn("/build/a/frob-1.2/x.c /build/a/frob-1.2/y.c").size(), 1U);
}

// Versions as CRAN numbers its releases; Yocto's revision is none.
TEST(SourcePathsTest, ANumberBehindADashIsPartOfTheVersion) {
  EXPECT_EQ(FoundIn("/build/r-cran-matching-kDyM/r-cran-matching-4.10-8/x.c"),
            std::vector<std::string>{"r-cran-matching 4.10-8"});
  EXPECT_EQ(FoundIn("/usr/src/debug/frob/1.2-r0/x.c"),
            std::vector<std::string>{"frob 1.2"});
}

TEST(SourcePathsTest, OtherFoldersAreNone) {
  for (const std::string_view path :
       {"/build/", "/build/frob-1.2", "/build/frob/x.c", "/build/frob-1/x.c",
        "/build/frob-1.2.so/x.c", "/build/-1.2/x.c", "/build/f-1.2/x.c",
        "/build/a/b/frob-1.2/x.c", "/build/fr ob-1.2/x.c",
        "/rebuild/frob-1.2/x.c", "/usr/src/debug/frob-1.2/x.c",
        "/usr/src/debug/frob/git-r0/x.c", "/home/u/frob-1.2/x.c"}) {
    EXPECT_TRUE(FoundIn(path).empty()) << path;
  }
}

TEST(SourcePathsTest, TextSpeaksOfWhatIsElsewhere) {
  const std::string text = "see /build/a/frob-1.2/README for this\n";
  EXPECT_TRUE(Found(AsBytes(text)).empty());
}

TEST(SourcePathsTest, ManyFoldersAreBounded) {
  std::string text(16, '\0');
  for (int i = 0; i < 100'000; ++i) {
    text += "/build/frob-1." + std::to_string(i) + "/x.c";
  }
  EXPECT_LE(Found(AsBytes(text)).size(), 64U);
}

TEST(SourcePathsTest, SurvivesDamage) {
  SweepContent(kSourcePaths, "bin/x", kProgram);
}

}  // namespace
}  // namespace assay::sbom
