#include <gtest/gtest.h>

#include "tests/cataloguers/examining.h"
#include "tests/support/hex.h"

namespace assay::sbom {
namespace {

constexpr std::string_view kPath = "usr/share/doc/sample-tool/copyright";

std::string Document(std::string_view licence) {
  return "Format: https://www.debian.org/doc/packaging-manuals/"
         "copyright-format/1.0/\n\nFiles: *\nCopyright: 2024 X\nLicense: " +
         std::string(licence) + "\n";
}

TEST(DebCopyrightTest, ReadsEveryStanzaOfFiles) {
  const auto [understood, seen] =
      ExamineFile(kDebCopyright, kPath,
                  testing::Sample("cataloguers/deb_copyright/copyright"));
  EXPECT_TRUE(understood);
  ASSERT_EQ(seen.components.size(), 1U);
  const Component& said = seen.components[0].component;
  EXPECT_EQ(said.type, kLicenceRecordType);
  EXPECT_EQ(said.name, "sample-tool");
  EXPECT_EQ(said.copyright, "2019-2024 Example Works");
  EXPECT_EQ(said.licences,
            (std::vector<std::string>{"GPL-2.0-or-later OR Artistic-1.0-Perl",
                                      "LicenseRef-GPL-3--with-Font-exception",
                                      "MIT"}));
}

TEST(DebCopyrightTest, ShortNamesBecomeThoseOfSpdx) {
  struct Case {
    std::string_view debian, spdx;
  };
  for (const auto& [debian, spdx] :
       {Case{"GPL-2", "GPL-2.0-only"}, Case{"GPL-3+", "GPL-3.0-or-later"},
        Case{"LGPL-2.1+", "LGPL-2.1-or-later"}, Case{"AGPL-3", "AGPL-3.0-only"},
        Case{"Apache-2.0", "Apache-2.0"}, Case{"BSD-3-clause", "BSD-3-Clause"},
        Case{"GFDL-1.3", "GFDL-1.3-only"}, Case{"MPL-1.1", "MPL-1.1"},
        Case{"Expat and ISC", "MIT AND ISC"},
        Case{"public-domain", "LicenseRef-public-domain"},
        Case{"Apache-2.0+", "LicenseRef-Apache-2.0-"}}) {
    const auto text = Document(debian);
    const auto seen = ExamineFile(kDebCopyright, kPath, AsBytes(text)).seen;
    ASSERT_EQ(seen.components.size(), 1U) << debian;
    EXPECT_EQ(seen.components[0].component.licences,
              std::vector<std::string>{std::string(spdx)});
  }
}

TEST(DebCopyrightTest, LeavesProseAndOtherPlacesAlone) {
  const auto text = Document("Expat");
  for (const std::string_view path :
       {"usr/share/doc/copyright", "usr/share/doc/a/b/copyright",
        "opt/usr/share/doc/a/copyright", "usr/share/doc/a/copyright.txt"}) {
    EXPECT_FALSE(ExamineFile(kDebCopyright, path, AsBytes(text)).understood)
        << path;
  }
  for (const std::string_view prose :
       {"", "This is free software.\n", "Format: something else\n\nFiles: *\n",
        "Files: *\nLicense: MIT\n"}) {
    EXPECT_FALSE(ExamineFile(kDebCopyright, kPath, AsBytes(prose)).understood)
        << prose;
  }
}

TEST(DebCopyrightTest, AStanzaWithoutLicenceSaysNothing) {
  const auto text = Document("");
  const auto seen = ExamineFile(kDebCopyright, kPath, AsBytes(text)).seen;
  ASSERT_EQ(seen.components.size(), 1U);
  EXPECT_TRUE(seen.components[0].component.licences.empty());
}

}  // namespace
}  // namespace assay::sbom
