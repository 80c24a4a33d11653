#include <gtest/gtest.h>

#include "tests/cataloguers/examining.h"
#include "tests/support/hex.h"

namespace assay::sbom {
namespace {

using testing::Sample;

const Bytes kLog = Sample("cataloguers/deb_changelog/changelog.Debian");

TEST(DebChangelogTest, TheFirstEntryNamesTheSource) {
  for (const std::string_view path :
       {"changelog.Debian", "usr/share/doc/dropbear-bin/changelog.Debian.gz",
        "changelog"}) {
    const auto [understood, seen] = ExamineFile(kDebChangelog, path, kLog);
    EXPECT_TRUE(understood) << path;
    ASSERT_EQ(seen.components.size(), 1U) << path;
    EXPECT_EQ(seen.components[0].component.purl,
              "pkg:deb/debian/dropbear@2022.83-1%2Bdeb12u3?arch=source");
    EXPECT_EQ(seen.components[0].strength, Strength::kUnverified);
  }
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
