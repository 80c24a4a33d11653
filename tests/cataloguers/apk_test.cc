#include <gtest/gtest.h>

#include "tests/cataloguers/examining.h"
#include "tests/support/hex.h"

namespace assay::sbom {
namespace {

using testing::Sample;

const Bytes kInstalled = Sample("cataloguers/apk/installed");
// SHA-1 and SHA-256 of "abc", FIPS 180-2 appendices A.1 and B.1.
constexpr std::string_view kSha1 = "a9993e364706816aba3e25717850c26c9cd0d89d";
constexpr std::string_view kSha256 =
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

TEST(ApkTest, FindsPackagesInEachPlace) {
  for (const std::string_view path :
       {"lib/apk/db/installed", "usr/lib/apk/db/installed",
        "rootfs/lib/apk/db/installed"}) {
    const auto [understood, seen] = ExamineFile(kApk, path, kInstalled);
    EXPECT_TRUE(understood) << path;
    ASSERT_EQ(seen.components.size(), 4U) << path;
    const ComponentEvidence& dropbear = seen.components[0];
    EXPECT_EQ(dropbear.component.purl,
              "pkg:apk/alpine/dropbear@2022.83-r1?arch=x86_64");
    EXPECT_EQ(dropbear.component.supplier, "Jane Example <jane@example.org>");
    EXPECT_EQ(dropbear.component.licences, std::vector<std::string>{"MIT"});
    EXPECT_EQ(dropbear.component.source_name, "");
    EXPECT_EQ(dropbear.place.offset, 0U);
    EXPECT_EQ(seen.components[2].component.name, "libcrypto3");
    EXPECT_EQ(seen.components[2].component.source_name, "openssl");
  }
}

TEST(ApkTest, GivesTheFilesAndTheirDigests) {
  const auto seen =
      ExamineFile(kApk, "a/usr/lib/apk/db/installed", kInstalled).seen;
  ASSERT_EQ(seen.components.size(), 4U);
  const ComponentEvidence& list = seen.components[1];
  EXPECT_EQ(list.component.type, kFileListType);
  EXPECT_EQ(list.component.name, "dropbear");
  EXPECT_TRUE(list.files_from_root);
  EXPECT_EQ(list.component.files,
            (std::vector<std::string>{
                "a/etc/conf.d/dropbear", "a/usr/sbin/dropbear",
                "a/usr/sbin/linked", "a/usr/sbin/new", "a/usr/sbin/broken"}))
      << "a path that leaves the file system is dropped";
  ASSERT_EQ(list.file_digests.size(), 5U);
  EXPECT_EQ(list.file_digests[0].hex, "") << "etc/ is the administrator's";
  EXPECT_EQ(list.file_digests[1],
            (Digest{DigestAlgorithm::kSha1, std::string(kSha1)}));
  EXPECT_EQ(list.file_digests[2].hex, "");
  EXPECT_EQ(list.file_digests[3],
            (Digest{DigestAlgorithm::kSha256, std::string(kSha256)}));
  EXPECT_EQ(list.file_digests[4].hex, "") << "a digest of wrong length";
}

TEST(ApkTest, AFolderDoesNotMultiplyItsName) {
  const std::string text =
      "P:a\nV:1\nF:" + std::string(5000, 'd') + "\nR:b\nR:c\nF:etc\nR:d\n\n";
  const auto seen =
      ExamineFile(kApk, "lib/apk/db/installed", AsBytes(text)).seen;
  ASSERT_EQ(seen.components.size(), 2U);
  EXPECT_EQ(seen.components[1].component.files,
            std::vector<std::string>{"etc/d"});
}

TEST(ApkTest, OtherFilesAreNotItsConcern) {
  for (const std::string_view path :
       {"installed", "lib/apk/db/triggers", "lib/apk/db/installed/x",
        "lib/apk/dbx/installed", "xlib/apk/db/installed", ""}) {
    const auto [understood, seen] = ExamineFile(kApk, path, kInstalled);
    EXPECT_FALSE(understood) << path;
    EXPECT_TRUE(seen.components.empty()) << path;
  }
}

TEST(ApkTest, WithoutNameAndVersionThereIsNoRecord) {
  for (const std::string_view text :
       {"", "\n\n\n", "P:x\n", "V:1\n", "P:x\n\nV:1\n", "P\nV:1\n",
        "R:f\nZ:Q1\n", "Z:Q1AAAA\nF:a\n"}) {
    EXPECT_FALSE(
        ExamineFile(kApk, "lib/apk/db/installed", AsBytes(text)).understood)
        << text;
  }
}

TEST(ApkTest, SurvivesDamage) {
  SweepContent(kApk, "lib/apk/db/installed", kInstalled);
}

}  // namespace
}  // namespace assay::sbom
