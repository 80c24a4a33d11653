#include <gtest/gtest.h>

#include "tests/cataloguers/examining.h"
#include "tests/support/hex.h"

namespace assay::sbom {
namespace {

using testing::Sample;

const Bytes kStatus = Sample("cataloguers/opkg/status");
const Bytes kControl = Sample("cataloguers/opkg/dropbear-bin.control");
const Bytes kConffiles = Sample("cataloguers/opkg/dropbear-bin.conffiles");
const Bytes kList = Sample("cataloguers/opkg/dropbear-bin.list");

TEST(OpkgTest, FindsTheDatabaseInEachOfItsPlaces) {
  for (const std::string_view path :
       {"usr/lib/opkg/status", "var/lib/opkg/status", "lib/opkg/status",
        "overlay/upper/usr/lib/opkg/status", "opt/lib/opkg/status",
        "usr/lib/ipkg/status"}) {
    const auto [understood, seen] = ExamineFile(kOpkg, path, kStatus);
    EXPECT_TRUE(understood) << path;
    ASSERT_EQ(seen.components.size(), 2U) << path;
    EXPECT_EQ(seen.components[0].component.purl,
              "pkg:opkg/dropbear-bin@2022.83-1%2Bdeb12u3?arch=amd64");
    EXPECT_EQ(seen.components[0].component.source_name, "dropbear");
  }
}

TEST(OpkgTest, ReadsControlFilesAndLists) {
  const auto control =
      ExamineFile(kOpkg, "usr/lib/opkg/info/dropbear-bin.control", kControl)
          .seen;
  ASSERT_EQ(control.components.size(), 1U);
  EXPECT_EQ(control.components[0].component.licences,
            std::vector<std::string>{"MIT"});
  const auto list =
      ExamineFile(kOpkg, "a/lib/opkg/info/dropbear-bin.list", kList).seen;
  ASSERT_EQ(list.components.size(), 1U);
  EXPECT_EQ(list.components[0].component.name, "dropbear-bin");
  EXPECT_EQ(list.components[0].component.files,
            (std::vector<std::string>{"a/usr/sbin/dropbear",
                                      "a/usr/bin/dropbearkey"}));
}

TEST(OpkgTest, ConffilesAreOwnedAndMayChange) {
  const std::vector<std::string> owned = {"etc/config/dropbear",
                                          "etc/dropbear/keys"};
  for (const auto& [path, content] :
       {std::pair{"usr/lib/opkg/status", kStatus},
        std::pair{"usr/lib/opkg/info/dropbear-bin.conffiles", kConffiles}}) {
    const auto seen = ExamineFile(kOpkg, path, content).seen;
    ASSERT_FALSE(seen.components.empty()) << path;
    const ComponentEvidence& list = seen.components.back();
    EXPECT_EQ(list.component.type, kFileListType) << path;
    EXPECT_EQ(list.component.name, "dropbear-bin") << path;
    EXPECT_EQ(list.component.files, owned) << path;
    EXPECT_TRUE(list.file_digests.empty()) << path;
  }
}

TEST(OpkgTest, EntwareListsItsOwnFolder) {
  const auto seen = ExamineFile(kOpkg, "disk/opt/lib/opkg/info/a.list",
                                AsBytes("/opt/bin/a\n"))
                        .seen;
  ASSERT_EQ(seen.components.size(), 1U);
  EXPECT_EQ(seen.components[0].component.files,
            std::vector<std::string>{"disk/opt/bin/a"});
}

TEST(OpkgTest, OtherFilesAreNotItsConcern) {
  for (const std::string_view path :
       {"status", "usr/lib/opkg", "usr/lib/opkg/status.bak",
        "usr/lib/opkg/info/x.postinst", "usr/lib/opkg/info/a/b.control",
        "usr/lib/opkg2/status", "usr/lib/opkg/info/.control"}) {
    const auto [understood, seen] = ExamineFile(kOpkg, path, kStatus);
    EXPECT_FALSE(understood) << path;
    EXPECT_TRUE(seen.components.empty()) << path;
  }
}

TEST(OpkgTest, SurvivesDamage) {
  SweepContent(kOpkg, "usr/lib/opkg/status", kStatus);
  SweepContent(kOpkg, "usr/lib/opkg/info/d.control", kControl);
  SweepContent(kOpkg, "usr/lib/opkg/info/d.list", kList);
}

}  // namespace
}  // namespace assay::sbom
