// Attacks on a root file system whose package database is made to cover them.
#include <gtest/gtest.h>

#include <string>

#include "sbom/reconcile.h"
#include "tests/sbom/survey_builder.h"
#include "verifier/base/digest.h"

namespace assay::sbom {
namespace {

constexpr std::string_view kInfo = "var/lib/dpkg/info/";

std::string Md5(std::string_view content) {
  return DigestOf(DigestAlgorithm::kMd5, AsBytes(content)).hex;
}

std::string Row(std::string_view name, std::string_view version,
                std::string_view more = "") {
  return "Package: " + std::string(name) +
         "\nStatus: install ok installed\nArchitecture: amd64\nVersion: " +
         std::string(version) + "\n" + std::string(more) + "\n";
}

// Two packages, as dpkg installs them.
class Root {
 public:
  Root() {
    Add("usr/bin/sudo", "sudo", 0755);
    Add("usr/bin/bash", "bash", 0755);
    Add("etc/bash.bashrc", "settings");
  }

  ArtifactId Add(std::string_view path, std::string_view content,
                 std::uint32_t mode = 0644) {
    return builder.Add(root, path, content, mode);
  }

  // The database comes last: its rows and lists are what a test changes.
  std::string Judge() {
    Add("var/lib/dpkg/status", status);
    for (const auto& [name, list, sums] :
         {std::tuple("sudo", sudo_list, sudo_sums),
          std::tuple("bash", bash_list, bash_sums)}) {
      Add(std::string(kInfo) + name + ".list", list);
      if (!sums.empty()) {
        Add(std::string(kInfo) + name + ".md5sums", sums);
      }
    }
    const auto result = Reconcile(builder.survey(), {});
    std::string text;
    for (const Discrepancy& one : result.discrepancies) {
      text += std::string(one.code) + " " + one.component + "\n";
    }
    return text;
  }

  SurveyBuilder builder =
      SurveyBuilder({DigestAlgorithm::kSha256, DigestAlgorithm::kMd5});
  ArtifactId image = builder.AddPart(0, "router.bin", "image");
  ArtifactId root = builder.AddPart(image, "rootfs", "squashfs");
  std::string status =
      Row("sudo", "1.9") +
      Row("bash", "5.2", "Conffiles:\n /etc/bash.bashrc 0123\n");
  std::string sudo_list = "/.\n/usr\n/usr/bin\n/usr/bin/sudo\n";
  std::string bash_list = "/.\n/usr/bin/bash\n/etc/bash.bashrc\n";
  std::string sudo_sums = Md5("sudo") + "  usr/bin/sudo\n";
  std::string bash_sums = Md5("bash") + "  usr/bin/bash\n";
};

TEST(DatabaseAttacksTest, AnUntouchedSystemGivesNothing) {
  EXPECT_EQ(Root().Judge(), "");
}

// dpkg digests every file that it unpacks, but for settings.
TEST(DatabaseAttacksTest, ALineInAListExplainsNoProgram) {
  Root root;
  root.Add("usr/sbin/telemetryd", "evil", 0755);
  root.bash_list += "/usr/sbin/telemetryd\n";
  EXPECT_EQ(root.Judge(), "D07 usr/sbin/telemetryd\n");
}

// Debian Policy 10.7.2: settings are in /etc.
TEST(DatabaseAttacksTest, AProgramElsewhereIsNoConffile) {
  for (const auto& [path, expected] :
       {std::pair("usr/sbin/telemetryd", "D07 usr/sbin/telemetryd\n"),
        std::pair("etc/cron.daily/bash", "")}) {
    Root root;
    root.Add(path, "evil", 0755);
    root.bash_list += "/" + std::string(path) + "\n";
    root.status +=
        Row("bash", "5.2", "Conffiles:\n /" + std::string(path) + " 0123\n");
    EXPECT_EQ(root.Judge(), expected);
  }
}

TEST(DatabaseAttacksTest, ARecordWithoutDigestsBesideOthers) {
  Root root;
  root.bash_sums.clear();
  EXPECT_EQ(root.Judge(), "D10 bash\n");
  Root none;  // as other tools than dpkg leave them
  none.bash_sums.clear();
  none.sudo_sums.clear();
  EXPECT_EQ(none.Judge(), "");
}

TEST(DatabaseAttacksTest, AListedFileThatBecameALink) {
  for (const auto& [target, content, expected] :
       {std::tuple("bash", "x", "D10 usr/bin/less\n"),
        std::tuple("/nowhere", "x", "D10 usr/bin/less\n"),
        std::tuple("less", "x", "D10 usr/bin/less\n"),
        std::tuple("../../usr/bin/bash", "bash", "")}) {
    Root root;
    root.builder.AddLink(root.root, "usr/bin/less", target);
    root.sudo_list += "/usr/bin/less\n";
    root.sudo_sums += Md5(content) + "  usr/bin/less\n";
    EXPECT_EQ(root.Judge(), expected) << target;
  }
}

TEST(DatabaseAttacksTest, TwoRowsForOnePackage) {
  Root root;
  root.status += Row("bash", "9.9") + Row("bash", "9.9") + Row("bash", "8");
  EXPECT_EQ(root.Judge(), "D13 bash\n");
  Root other;  // two architectures side by side
  other.status +=
      "Package: bash\nStatus: install ok installed\n"
      "Architecture: i386\nVersion: 5.2\n\n";
  EXPECT_EQ(other.Judge(), "");
}

TEST(DatabaseAttacksTest, APhantomThatListsTheFilesOfOthers) {
  Root root;
  root.status += Row("phantom", "1");
  root.Add(std::string(kInfo) + "phantom.list", "/usr/bin/sudo\n");
  EXPECT_EQ(root.Judge(), "D02 phantom\n");
}

TEST(DatabaseAttacksTest, WhatHidesAmongTheDatabasesFiles) {
  Root root;
  root.Add(std::string(kInfo) + "bash.postinst", "#!/bin/sh\n", 0755);
  root.Add(std::string(kInfo) + "bash.triggers", "interest x\n");
  EXPECT_EQ(root.Judge(), "");
  Root hiding;
  hiding.Add(std::string(kInfo) + "bash.backdoor", "x", 0755);
  hiding.Add(std::string(kInfo) + "bash.shlibs", "x", 0755);
  hiding.Add("var/lib/dpkg/alternatives/editor", "auto\n");
  const ArtifactId blob = hiding.Add("var/lib/dpkg/triggers/blob", "x");
  hiding.builder.SetOpaque(blob, "encrypted");
  const ArtifactId script = hiding.Add("var/lib/dpkg/alternatives/x", "x");
  hiding.builder.AddFact(script, {.kind = "script", .value = "shell"});
  EXPECT_EQ(hiding.Judge(),
            "D07 var/lib/dpkg/info/bash.backdoor\n"
            "D07 var/lib/dpkg/info/bash.shlibs\n"
            "D08 var/lib/dpkg/triggers/blob\n"
            "D07 var/lib/dpkg/alternatives/x\n");
}

// A second root in a folder speaks of what lies below it, by its own rows.
TEST(DatabaseAttacksTest, AListInAnotherRootIsNoListOfThePackage) {
  Root root;
  root.Add("opt/x/sbin/telemetryd", "evil", 0755);
  root.Add("opt/x/var/lib/dpkg/info/bash.list", "/sbin/telemetryd\n");
  root.Add("opt/x/var/lib/dpkg/info/bash.md5sums",
           Md5("evil") + "  sbin/telemetryd\n");
  const std::string told = root.Judge();
  EXPECT_NE(told.find("D07 opt/x/sbin/telemetryd\n"), std::string::npos);
}

// Debian Policy 12.7: the newest entry of a package's log is its version.
TEST(DatabaseAttacksTest, ARecordAgainstThePackagesOwnChangeLog) {
  for (const auto& [version, more, expected] :
       {std::tuple("1:5.2-3", "", ""), std::tuple("1:5.2-3+b1", "", ""),
        std::tuple("9", "Source: sh (1:5.2-3)\n", ""),
        std::tuple("1:5.9-3", "Source: sh\n", "D03-8 bash\n"),
        std::tuple("2:5.2-3", "Source: sh\n", "D03-8 bash\n"),
        std::tuple("1:5.2-9", "Source: sh\n", "D03-0 bash\n")}) {
    SurveyBuilder builder;
    const ArtifactId root = builder.AddPart(0, "image", "fs");
    const ArtifactId log =
        builder.Add(root, "usr/share/doc/bash/changelog.Debian.gz", "gzip");
    builder.AddPart(log, "changelog.Debian",
                    "sh (1:5.2-3) unstable; urgency=low\n");
    builder.Add(root, "var/lib/dpkg/status", Row("bash", version, more));
    builder.Add(root, "var/lib/dpkg/info/bash.list",
                "/usr/share/doc/bash/changelog.Debian.gz\n");
    std::string told;
    for (const Discrepancy& one :
         Reconcile(builder.survey(), {}).discrepancies) {
      told += std::string(one.code) + "-" + std::to_string(one.weight) + " " +
              one.component + "\n";
    }
    EXPECT_EQ(told, expected) << version;
  }
}

// RECORD names a script outside of its folder, but no digest of it.
TEST(DatabaseAttacksTest, APythonRecordWithoutDigests) {
  for (const auto& [digest, expected] :
       {std::pair("", "D07 usr/sbin/telemetryd\n"),
        std::pair("sha256=tcH7Lvxta0Z0wv3MSM4BtDo7fAN2PAwzVd4Ame4PjHM", "")}) {
    Root root;
    root.Add("usr/sbin/telemetryd", "evil", 0755);
    const std::string folder = "usr/lib/python3/dist-packages/";
    root.Add(folder + "evil-1.0.dist-info/METADATA",
             "Metadata-Version: 2.1\nName: evil\nVersion: 1.0\n");
    root.Add(folder + "evil-1.0.dist-info/RECORD",
             "../../../sbin/telemetryd," + std::string(digest) +
                 ",\nevil-1.0.dist-info/METADATA,,\n"
                 "evil-1.0.dist-info/RECORD,,\n");
    EXPECT_EQ(root.Judge(), expected);
  }
}

// What is compressed, or has bytes behind it, runs all the same.
TEST(DatabaseAttacksTest, AProgramInsideOfWhatNobodyOwns) {
  Root root;
  const ArtifactId module = root.Add("lib/modules/evil.ko.xz", "xz");
  const ArtifactId inside = root.builder.AddPart(module, "data", "elf");
  root.builder.SetFormat(inside, "elf");
  const ArtifactId unit = root.Add("etc/systemd/system/e.service", "[Unit]");
  root.builder.AddFact(unit, {.kind = "startup", .value = "e.service"});
  root.Add("usr/share/data.xz", "data");
  EXPECT_EQ(root.Judge(),
            "D07 lib/modules/evil.ko.xz\n"
            "D07 etc/systemd/system/e.service\n"
            "D08 usr/share/data.xz\n");
}

}  // namespace
}  // namespace assay::sbom
