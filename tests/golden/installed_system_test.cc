// Root file systems whose package database gives digests of their files: by
// algorithms that nobody asks for before the database was read.

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "tests/golden/verified.h"
#include "tests/support/archive_writer.h"
#include "tests/support/scratch.h"

namespace assay {
namespace {

using testing::ArchivedFile;
using testing::ScratchFolder;

// Of "hello\n", as md5sum and `openssl dgst -sha1 -binary | base64` say.
constexpr std::string_view kMd5 = "b1946ac92492d2347c6235b4d2611184";
constexpr std::string_view kSha1 = "9XLTlvrpIGYocU+yzgD3LpTyJY8=";
static_assert(kSha1.size() == 28);

ArchivedFile File(const std::string& name, std::string content) {
  ArchivedFile file{.name = name, .content = std::move(content)};
  file.meta.mode = 0100644;
  return file;
}

// How many files of the system are not as its package database says.
std::ptrdiff_t MismatchesIn(const std::vector<ArchivedFile>& files) {
  const ScratchFolder folder;
  const std::string product =
      folder.Write("root.tar", AsText(testing::WriteArchive("pax", files)));
  const Report report = testing::Verified({.product = product});
  return std::count_if(
      report.findings.begin(), report.findings.end(),
      [](const Finding& finding) { return finding.rule == "NI3-HF15-009"; });
}

std::ptrdiff_t DpkgMismatches(const std::string& content) {
  return MismatchesIn(
      {File("usr/share/x/greeting", content),
       File("var/lib/dpkg/info/x.list", "/.\n/usr/share/x/greeting\n"),
       File("var/lib/dpkg/info/x.md5sums",
            std::string(kMd5) + "  usr/share/x/greeting\n"),
       File("var/lib/dpkg/status",
            "Package: x\nStatus: install ok installed\nArchitecture: all\n"
            "Version: 1.0\nMaintainer: E <e@example.org>\nDescription: x\n")});
}

std::ptrdiff_t ApkMismatches(const std::string& content) {
  return MismatchesIn(
      {File("lib/apk/db/installed",
            "P:x\nV:1.0-r0\nA:x86_64\nL:MIT\nF:usr/share/x\nR:greeting\n"
            "Z:Q1" +
                std::string(kSha1) + "\n\n"),
       File("usr/share/x/greeting", content)});
}

TEST(InstalledSystemTest, AFileThatDiffersFromItsPackageIsFound) {
  EXPECT_EQ(DpkgMismatches("hello!\n"), 1);
  EXPECT_EQ(ApkMismatches("hello!\n"), 1);
}

TEST(InstalledSystemTest, AFileAsInstalledIsNot) {
  EXPECT_EQ(DpkgMismatches("hello\n"), 0);
  EXPECT_EQ(ApkMismatches("hello\n"), 0);
}

}  // namespace
}  // namespace assay
