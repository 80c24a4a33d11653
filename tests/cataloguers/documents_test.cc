#include <gtest/gtest.h>

#include "tests/cataloguers/examining.h"
#include "tests/support/hex.h"

namespace assay::sbom {
namespace {

using testing::Sample;

const Bytes kDocument = Sample("cataloguers/documents/router.cdx.json");

TEST(DocumentsTest, FindsDocumentsByNameAndContent) {
  for (const std::string_view path :
       {"router.cdx.json", "opt/x.spdx.json", "usr/share/BOM.json",
        "x.bom.json", "sbom.json", "a/sbom-router.json",
        "p-1.dist-info/sboms/vendored.json"}) {
    const auto [understood, seen] = ExamineFile(kDocuments, path, kDocument);
    EXPECT_TRUE(understood) << path;
    ASSERT_EQ(seen.documents.size(), 1U) << path;
    EXPECT_EQ(seen.documents[0].components.size(), 3U);
  }
}

TEST(DocumentsTest, NamesWithoutContentAreNothing) {
  for (const std::string_view path : {"bom.json", "sbom.json"}) {
    for (const std::string_view text : {"", "{}", "[1]", "no JSON"}) {
      const auto [understood, seen] =
          ExamineFile(kDocuments, path, AsBytes(text));
      EXPECT_FALSE(understood);
      EXPECT_TRUE(seen.documents.empty()) << path << " " << text;
    }
  }
}

TEST(DocumentsTest, ACertainNameWithDamagedContentIsSaid) {
  const auto [understood, seen] =
      ExamineFile(kDocuments, "a.cdx.json", AsBytes("{\"bomFormat\":"));
  EXPECT_FALSE(understood);
  ASSERT_EQ(seen.documents.size(), 1U);
  ASSERT_EQ(seen.documents[0].problems.size(), 1U);
  EXPECT_EQ(seen.documents[0].problems[0].rule, "sbom.unreadable");
}

TEST(DocumentsTest, OtherFilesAreNotItsConcern) {
  for (const std::string_view path :
       {"package.json", "bom.jsonx", "xbom.json", "a.cdx.txt", "sboms", ""}) {
    EXPECT_FALSE(ExamineFile(kDocuments, path, kDocument).understood) << path;
  }
}

}  // namespace
}  // namespace assay::sbom
