#include <gtest/gtest.h>

#include "tests/cataloguers/examining.h"
#include "tests/support/hex.h"

namespace assay::sbom {
namespace {

using testing::Sample;

// Made by rpmbuild 4.18.
const Bytes kPackage = Sample("cataloguers/rpm_package/sample-tool.rpm");

TEST(RpmPackageTest, NamesThePackageWhateverTheFileIsCalled) {
  for (const std::string_view path : {"a.rpm", "x/y", ""}) {
    const auto [understood, seen] = ExamineFile(kRpmPackage, path, kPackage);
    EXPECT_TRUE(understood);
    ASSERT_EQ(seen.components.size(), 2U);
    EXPECT_EQ(seen.components[0].component.purl,
              "pkg:rpm/sample-tool@2.4.1-3.el9?arch=noarch&epoch=1");
    EXPECT_EQ(seen.components[0].component.source_name, "sample-tool");
    EXPECT_EQ(seen.components[1].component.type, kFileListType);
    EXPECT_EQ(seen.components[1].component.files.size(), 4U);
    EXPECT_FALSE(seen.components[1].files_from_root);
  }
}

TEST(RpmPackageTest, AnythingElseIsNone) {
  for (const std::string_view text : {"", "\xed\xab\xee\xdb", "drpm"}) {
    EXPECT_FALSE(ExamineFile(kRpmPackage, "a.rpm", AsBytes(text)).understood);
  }
}

TEST(RpmPackageTest, SurvivesDamage) {
  SweepContent(kRpmPackage, "a.rpm", kPackage);
}

}  // namespace
}  // namespace assay::sbom
