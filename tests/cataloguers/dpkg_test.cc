#include <gtest/gtest.h>

#include "sbom/conffiles.h"
#include "tests/cataloguers/examining.h"
#include "tests/support/hex.h"

namespace assay::sbom {
namespace {

using testing::Sample;

const Bytes kStatus = Sample("cataloguers/dpkg/status");
const Bytes kList = Sample("cataloguers/dpkg/busybox-static.list");
const Bytes kSums = Sample("cataloguers/dpkg/busybox-static.md5sums");

TEST(DpkgTest, ListsInstalledPackagesOnly) {
  const auto [understood, seen] =
      ExamineFile(kDpkg, "var/lib/dpkg/status", kStatus);
  EXPECT_TRUE(understood);
  ASSERT_EQ(seen.components.size(), 2U);
  const ComponentEvidence& busybox = seen.components[0];
  EXPECT_EQ(busybox.component.name, "busybox-static");
  EXPECT_EQ(busybox.component.version, "1:1.35.0-4+deb12u1+b1");
  EXPECT_EQ(busybox.component.purl,
            "pkg:deb/debian/busybox-static@1:1.35.0-4%2Bdeb12u1%2Bb1"
            "?arch=amd64");
  EXPECT_EQ(busybox.component.source_name, "busybox");
  EXPECT_EQ(busybox.component.source_version, "1:1.35.0-4+deb12u1");
  EXPECT_EQ(busybox.strength, Strength::kUnverified);
  EXPECT_EQ(busybox.cataloguer, "dpkg");
  const std::string_view text = AsText(kStatus);
  const ComponentEvidence& libc = seen.components[1];
  EXPECT_EQ(libc.component.name, "libc6");
  EXPECT_EQ(libc.component.source_version, "");
  EXPECT_EQ(text.substr(libc.place.offset, 14), "Package: libc6");
  EXPECT_EQ(libc.place.end(), text.size() - 1);
}

TEST(DpkgTest, ReadsFileLists) {
  const auto seen =
      ExamineFile(kDpkg, "rootfs/var/lib/dpkg/info/busybox-static:amd64.list",
                  kList)
          .seen;
  ASSERT_EQ(seen.components.size(), 1U);
  const ComponentEvidence& list = seen.components[0];
  EXPECT_EQ(list.component.type, kFileListType);
  EXPECT_EQ(list.component.name, "busybox-static");
  EXPECT_TRUE(list.files_from_root);
  EXPECT_EQ(list.component.files,
            (std::vector<std::string>{
                "rootfs/bin", "rootfs/bin/busybox",
                "rootfs/usr/share/doc/busybox-static/copyright"}));
  EXPECT_TRUE(list.file_digests.empty());
}

TEST(DpkgTest, ReadsDigestsAndSkipsWhatIsNone) {
  const auto seen =
      ExamineFile(kDpkg, "var/lib/dpkg/info/busybox-static.md5sums", kSums)
          .seen;
  ASSERT_EQ(seen.components.size(), 1U);
  const ComponentEvidence& list = seen.components[0];
  EXPECT_EQ(list.component.files,
            (std::vector<std::string>{"bin/busybox",
                                      "usr/share/a name with  blanks"}));
  ASSERT_EQ(list.file_digests.size(), 2U);
  EXPECT_EQ(list.file_digests[0].algorithm, DigestAlgorithm::kMd5);
  EXPECT_EQ(list.file_digests[0].hex, "130b4278605264f91c9d52550bec5a5d");
}

TEST(DpkgTest, DistrolessPackagesNeedNoStatus) {
  const Bytes content =
      CopyOf(AsBytes("Package: base\nVersion: 1\nArchitecture: all\n"));
  EXPECT_EQ(ExamineFile(kDpkg, "var/lib/dpkg/status.d/base", content)
                .seen.components.size(),
            1U);
  EXPECT_TRUE(ExamineFile(kDpkg, "var/lib/dpkg/status", content)
                  .seen.components.empty());
}

// Debian Policy 10.7; the third word as dpkg writes it.
TEST(DpkgTest, ReadsConffiles) {
  const auto seen =
      ExamineFile(kDpkg, "rootfs/var/lib/dpkg/status",
                  AsBytes("Package: a\nStatus: install ok installed\n"
                          "Version: 1\nConffiles:\n /etc/a.conf 0123\n"
                          " /etc/a/old 4567 obsolete\n"))
          .seen;
  ASSERT_EQ(seen.components.size(), 2U);
  EXPECT_EQ(seen.components[1].component.type, kSettingsListType);
  EXPECT_EQ(seen.components[1].component.name, "a");
  EXPECT_EQ(
      seen.components[1].component.files,
      (std::vector<std::string>{"rootfs/etc/a.conf", "rootfs/etc/a/old"}));
}

TEST(DpkgTest, ReadsDiversions) {
  const auto seen =
      ExamineFile(kDpkg, "var/lib/dpkg/diversions",
                  AsBytes("/usr/bin/a\n/usr/bin/a.b\nb\n/x\n/y\n:\n/cut\n"))
          .seen;
  ASSERT_EQ(seen.components.size(), 2U);
  EXPECT_EQ(seen.components[0].component.type, kDiversionType);
  EXPECT_EQ(seen.components[0].component.name, "b");
  EXPECT_EQ(seen.components[0].component.files,
            (std::vector<std::string>{"usr/bin/a", "usr/bin/a.b"}));
  EXPECT_EQ(seen.components[1].component.name, "");
}

TEST(DpkgTest, OtherFilesAreNotItsConcern) {
  for (const std::string_view path :
       {"status", "var/lib/dpkg", "var/lib/dpkg/status-old",
        "var/lib/dpkg/available", "notvar/lib/dpkg/status",
        "var/lib/dpkg/info/x.postinst", "var/lib/dpkgstatus", ""}) {
    const auto [understood, seen] = ExamineFile(kDpkg, path, kStatus);
    EXPECT_FALSE(understood) << path;
    EXPECT_TRUE(seen.components.empty()) << path;
  }
}

TEST(DpkgTest, SurvivesDamage) {
  SweepContent(kDpkg, "var/lib/dpkg/status", kStatus);
  SweepContent(kDpkg, "var/lib/dpkg/info/a.list", kList);
  SweepContent(kDpkg, "var/lib/dpkg/info/a.md5sums", kSums);
}

}  // namespace
}  // namespace assay::sbom
