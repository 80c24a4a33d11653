#include <gtest/gtest.h>

#include "tests/cataloguers/examining.h"
#include "tests/support/hex.h"

namespace assay::sbom {
namespace {

using testing::Sample;

const Bytes kOs = Sample("cataloguers/os_release/os-release");
const Bytes kOpenWrt = Sample("cataloguers/os_release/openwrt_release");
const Bytes kYocto = Sample("cataloguers/os_release/image.manifest");
const Bytes kBuildroot = Sample("cataloguers/os_release/manifest.csv");

TEST(OsReleaseTest, NamesTheSystem) {
  for (const auto& [path, content] :
       {std::pair{"etc/os-release", kOs}, std::pair{"usr/lib/os-release", kOs},
        std::pair{"rootfs/etc/os-release", kOs},
        std::pair{"etc/openwrt_release", kOpenWrt}}) {
    const auto [understood, seen] = ExamineFile(kOsRelease, path, content);
    EXPECT_TRUE(understood) << path;
    ASSERT_EQ(seen.components.size(), 1U) << path;
    EXPECT_EQ(seen.components[0].component.type, "operating-system");
    EXPECT_EQ(seen.components[0].component.purl, "pkg:generic/openwrt@22.03.5");
  }
}

TEST(OsReleaseTest, VersionFilesHaveOneLine) {
  struct Case {
    std::string_view path, text, purl;
  };
  for (const auto& [path, text, purl] :
       {Case{"etc/debian_version", "12.5\n", "pkg:generic/debian@12.5"},
        Case{"etc/alpine-release", "3.19.1\n", "pkg:generic/alpine@3.19.1"},
        Case{"etc/fedora-release", "Fedora release 38 (Thirty Eight)\n",
             "pkg:generic/fedora@38"},
        Case{"etc/br-version", "2023.02.1-g12\n",
             "pkg:generic/buildroot@2023.02.1-g12"}}) {
    const auto seen = ExamineFile(kOsRelease, path, AsBytes(text)).seen;
    ASSERT_EQ(seen.components.size(), 1U) << path;
    EXPECT_EQ(seen.components[0].component.purl, purl);
  }
  EXPECT_FALSE(
      ExamineFile(kOsRelease, "etc/debian_version", AsBytes("bookworm/sid\n"))
          .understood);
}

TEST(OsReleaseTest, ManifestsAreClaims) {
  for (const auto& [path, content, purl] :
       {std::tuple{"images/image.manifest", kYocto,
                   "pkg:generic/busybox@1.35.0-r0"},
        std::tuple{"legal-info/manifest.csv", kBuildroot,
                   "pkg:generic/busybox@1.36.1"}}) {
    const auto [understood, seen] = ExamineFile(kOsRelease, path, content);
    EXPECT_TRUE(understood) << path;
    ASSERT_FALSE(seen.components.empty()) << path;
    EXPECT_EQ(seen.components[0].component.purl, purl);
    EXPECT_EQ(seen.components[0].strength, Strength::kClaim);
  }
  EXPECT_EQ(ExamineFile(kOsRelease, "manifest.csv", kBuildroot)
                .seen.components.size(),
            1U)
      << "a row without version is none";
}

TEST(OsReleaseTest, AnythingElseIsNone) {
  for (const std::string_view path :
       {"os-release", "etc/os-release/x", "etc/issue", "opt/etcetera/x", ""}) {
    EXPECT_FALSE(ExamineFile(kOsRelease, path, kOs).understood) << path;
  }
  for (const std::string_view text :
       {"", "\n", "ID=x\n", "VERSION_ID=1\n", "ID=\nVERSION_ID=1\n"}) {
    EXPECT_FALSE(
        ExamineFile(kOsRelease, "etc/os-release", AsBytes(text)).understood)
        << text;
  }
  EXPECT_FALSE(ExamineFile(kOsRelease, "a.manifest",
                           AsBytes("busybox arm 1.0\nonly two\n"))
                   .understood);
}

TEST(OsReleaseTest, SurvivesDamage) {
  SweepContent(kOsRelease, "etc/os-release", kOs);
  SweepContent(kOsRelease, "a.manifest", kYocto);
  SweepContent(kOsRelease, "manifest.csv", kBuildroot);
}

}  // namespace
}  // namespace assay::sbom
