#include <gtest/gtest.h>

#include "tests/cataloguers/examining.h"
#include "tests/support/hex.h"

namespace assay::sbom {
namespace {

using testing::Sample;

const Bytes kMetadata = Sample("cataloguers/python/METADATA");
const Bytes kRecord = Sample("cataloguers/python/RECORD");

TEST(PythonTest, NamesTheDistribution) {
  for (const std::string_view path :
       {"lib/sample_package-1.0.post1.dist-info/METADATA",
        "sample_package-1.0.post1.dist-info/METADATA",
        "lib/sample_package.egg-info/PKG-INFO", "x.egg/EGG-INFO/PKG-INFO"}) {
    const auto [understood, seen] = ExamineFile(kPython, path, kMetadata);
    EXPECT_TRUE(understood) << path;
    ASSERT_EQ(seen.components.size(), 1U) << path;
    EXPECT_EQ(seen.components[0].component.name, "Sample_Package");
    EXPECT_EQ(seen.components[0].component.purl,
              "pkg:pypi/sample-package@1.0.post1");
  }
}

TEST(PythonTest, RecordGivesFilesAndDigests) {
  const auto seen =
      ExamineFile(kPython,
                  "usr/lib/python3/site/sample_package-1.0.post1.dist-info/"
                  "RECORD",
                  kRecord)
          .seen;
  ASSERT_EQ(seen.components.size(), 1U);
  const ComponentEvidence& list = seen.components[0];
  EXPECT_EQ(list.component.name, "sample_package");
  EXPECT_EQ(list.component.version, "1.0.post1");
  EXPECT_EQ(
      list.component.files,
      (std::vector<std::string>{
          "usr/lib/python3/site/sample_package/__init__.py",
          "usr/lib/python3/site/sample_package/with, comma \"and\" quotes.txt",
          "usr/bin/sample",
          "usr/lib/python3/site/sample_package-1.0.post1.dist-info/RECORD"}))
      << "a path that leaves the file system is dropped";
  ASSERT_EQ(list.file_digests.size(), 4U);
  // SHA-256 of "abc", FIPS 180-2 appendix B.1.
  for (const std::size_t i : {0U, 1U}) {
    EXPECT_EQ(
        list.file_digests[i].hex,
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  }
  EXPECT_EQ(list.file_digests[2].hex, "") << "a digest of wrong length";
  EXPECT_EQ(list.file_digests[3].hex, "");
}

TEST(PythonTest, OtherFilesAreNotItsConcern) {
  for (const std::string_view path :
       {"METADATA", "x/METADATA", "x.dist-info/sub/METADATA",
        ".dist-info/METADATA", "x.dist-info/PKG-INFO", "RECORD",
        "x.egg-info/RECORD"}) {
    EXPECT_FALSE(ExamineFile(kPython, path, kMetadata).understood) << path;
  }
  for (const std::string_view text :
       {"", "\n", "Name: x\nVersion: 1\n", "Metadata-Version: 2.1\nName: x\n",
        "Metadata-Version: 2.1\n\nName: x\nVersion: 1\n"}) {
    EXPECT_FALSE(
        ExamineFile(kPython, "x.dist-info/METADATA", AsBytes(text)).understood)
        << text;
  }
}

TEST(PythonTest, SurvivesDamage) {
  SweepContent(kPython, "x-1.dist-info/METADATA", kMetadata);
  SweepContent(kPython, "x-1.dist-info/RECORD", kRecord);
}

}  // namespace
}  // namespace assay::sbom
