#include <gtest/gtest.h>

#include "tests/cataloguers/examining.h"
#include "tests/support/hex.h"

namespace assay::sbom {
namespace {

using testing::Sample;

const Bytes kLog = Sample("cataloguers/deb_changelog/changelog.Debian");

Component Found(std::string_view path, ByteView content) {
  const auto [understood, seen] = ExamineFile(kDebChangelog, path, content);
  EXPECT_TRUE(understood) << path;
  EXPECT_EQ(seen.components.size(), 1U) << path;
  EXPECT_EQ(seen.components[0].strength, Strength::kUnverified);
  return seen.components[0].component;
}

TEST(DebChangelogTest, TheFirstEntryNamesTheSource) {
  for (const std::string_view path :
       {"changelog.Debian", "changelog", "usr/share/doc/changelog.Debian.gz",
        "usr/share/doc/dropbear-bin/x/changelog.Debian.gz",
        "usr/share/doc/Dropbear/changelog.Debian.gz"}) {
    EXPECT_EQ(Found(path, kLog).purl,
              "pkg:deb/debian/dropbear@2022.83-1%2Bdeb12u3?arch=source");
  }
}

// Debian Policy 12.7: each binary package has it in a folder of its own name.
TEST(DebChangelogTest, TheFolderNamesThePackage) {
  const Component found =
      Found("usr/share/doc/dropbear-bin/changelog.Debian.gz", kLog);
  EXPECT_EQ(found.name, "dropbear-bin");
  EXPECT_EQ(found.purl, "pkg:deb/debian/dropbear-bin@2022.83-1%2Bdeb12u3");
  EXPECT_EQ(found.source_name, "dropbear");
  EXPECT_EQ(found.source_version, "");
}

TEST(DebChangelogTest, ARebuildIsOfASource) {
  const std::string text =
      "age (1.1.1-1+b4) sid; urgency=low, binary-only=yes\n";
  const Component found =
      Found("usr/share/doc/age/changelog.Debian.amd64.gz", AsBytes(text));
  EXPECT_EQ(found.version, "1.1.1-1+b4");
  EXPECT_EQ(found.source_name, "age");
  EXPECT_EQ(found.source_version, "1.1.1-1");
  const std::string native = "age (1.1+beta) sid; urgency=low\n";
  EXPECT_EQ(
      Found("usr/share/doc/age/changelog.gz", AsBytes(native)).source_version,
      "");
}

TEST(DebChangelogTest, AnythingElseIsNone) {
  for (const std::string_view text :
       {"", "\n", "dropbear (1.0) unstable\n", "dropbear 1.0; urgency=low\n",
        "Dropbear (1.0) unstable; urgency=low\n",
        "dropbear () unstable; urgency=low\n",
        "dropbear (1 0) unstable; urgency=low\n",
        "2022-01-01 Jane (fix) things; urgency=low\n",
        "\ndropbear (1.0) unstable; urgency=low\n"}) {
    EXPECT_FALSE(
        ExamineFile(kDebChangelog, "changelog", AsBytes(text)).understood)
        << text;
  }
  EXPECT_FALSE(ExamineFile(kDebChangelog, "doc/NEWS", kLog).understood);
}

TEST(DebChangelogTest, SurvivesDamage) {
  SweepContent(kDebChangelog, "changelog.Debian", kLog);
}

}  // namespace
}  // namespace assay::sbom
