#include <gtest/gtest.h>

#include <string>

#include "sbom/read.h"
#include "sbom/registry.h"
#include "tests/sbom/sbom_checks.h"
#include "tests/support/hex.h"

namespace assay::sbom {
namespace {

using testing::Sample;

const Bytes kSample = Sample("sbom/spdx_tag_value/router.spdx");

TEST(SpdxTagValueTest, ReadsWhatTheDocumentClaims) {
  const auto document = ReadSbom(kSample);
  ASSERT_TRUE(document) << document.error().what;
  EXPECT_EQ(document->format, "SPDX tag-value");
  EXPECT_EQ(document->spec_version, "2.3");
  EXPECT_EQ(document->data_licence, "CC0-1.0");
  EXPECT_EQ(document->tools, std::vector<std::string>{"router-build-1.0"});
  ASSERT_TRUE(document->subject);
  EXPECT_EQ(document->subject->name, "router");
  EXPECT_EQ(document->subject->version, "1.1");
  ASSERT_EQ(document->components.size(), 2U);
  EXPECT_EQ(document->components[0].version, "2022.83-1+deb12u3");
  EXPECT_EQ(document->components[0].parent, "SPDXRef-router");
  const Component& dropbear = document->components[0];
  EXPECT_EQ(dropbear.copyright, "Copyright Matt Johnston\nand others");
  EXPECT_EQ(dropbear.description, "lightweight\nSSH2 server");
  EXPECT_EQ(dropbear.cpe.substr(0, 18), "cpe:2.3:a:dropbear");
  EXPECT_EQ(dropbear.licences_declared, std::vector<std::string>{"MIT"});
  const Component& file = document->components[1];
  EXPECT_EQ(file.parent, "SPDXRef-dropbear");
  EXPECT_EQ(file.files, std::vector<std::string>{"usr/sbin/dropbear"});
  EXPECT_EQ(file.digests.size(), 1U);
  EXPECT_EQ(Problems(*document), "");
}

TEST(SpdxTagValueTest, ProblemsNameTheirLine) {
  const auto document = ReadSbom(
      AsBytes("SPDXVersion: SPDX-2.3\nDocumentNamespace: https://e.org/x\n"
              "Created: never\nPackageName: a\nSPDXID: SPDXRef-a\n"
              "PackageChecksum: SHA1: 00\n"
              "Relationship: SPDXRef-a CONTAINS SPDXRef-none\n"));
  ASSERT_TRUE(document);
  EXPECT_EQ(Problems(*document),
            "/creationInfo/created sbom.timestamp-malformed\n"
            "/packages/0/checksums/0 sbom.digest-malformed\n"
            "/relationships/0/relatedSpdxElement sbom.reference-unresolved\n"
            " sbom.subject-missing\n");
  EXPECT_EQ(document->problems[0].line, 3U);
  EXPECT_EQ(document->problems[1].line, 6U);
  EXPECT_EQ(document->problems[2].line, 7U);
}

TEST(SpdxTagValueTest, DamageIsNamedWithItsLine) {
  const std::string head = "SPDXVersion: SPDX-2.3\n";
  for (const std::string rest :
       {"no colon\n", "PackageComment: <text>open\n"}) {
    const auto document = ReadSbom(AsBytes(head + rest));
    ASSERT_FALSE(document) << rest;
    EXPECT_NE(document.error().what.find("line 2"), std::string::npos)
        << document.error().what;
  }
  EXPECT_FALSE(ReadSbom(AsBytes(head + "PackageName: \xFF\n")));
}

TEST(SpdxTagValueTest, TheSampleConforms) {
  const auto validation = ValidateSbom(kSample);
  ASSERT_TRUE(validation);
  EXPECT_TRUE(validation->Conforms());
}

TEST(SpdxTagValueTest, WhatIsUnknownOrStandsTwiceIsNamed) {
  const struct {
    std::string entries;
    std::string pointer;
    std::string rule;
  } kCases[] = {
      {"PackageVersion: 2\nPackageVersion: 3\n", "/versionInfo",
       "sbom.type-wrong"},
      {"FilesAnalyzed: false\nFilesAnalyzed: true\n", "/filesAnalyzed",
       "sbom.type-wrong"},
      {"PackageNonsense: 2\n", "/PackageNonsense:", "sbom.field-unknown"},
      {"FileType: TEXT\n", "/FileType:", "sbom.field-unknown"},
      {"versionInfo: 2\n", "/versionInfo:", "sbom.field-unknown"},
      {"Annotator: Person: a\nPackageNonsense: 2\n",
       "/PackageNonsense:", "sbom.field-unknown"},
  };
  for (const auto& each : kCases) {
    const std::string head =
        "SPDXVersion: SPDX-2.3\nDataLicense: CC0-1.0\n"
        "SPDXID: SPDXRef-DOCUMENT\nDocumentName: d\n"
        "DocumentNamespace: https://e.org/x\nCreator: Tool: t\n"
        "Created: 2026-03-16T00:00:00Z\nPackageName: a\n"
        "SPDXID: SPDXRef-a\nPackageDownloadLocation: NONE\n"
        "Relationship: SPDXRef-DOCUMENT DESCRIBES SPDXRef-a\n";
    const auto validation = ValidateSbom(AsBytes(head + each.entries));
    ASSERT_TRUE(validation) << validation.error().what;
    ASSERT_FALSE(validation->schema.problems.empty()) << each.entries;
    EXPECT_EQ(validation->schema.problems[0].pointer,
              "/packages/0" + each.pointer);
    EXPECT_EQ(validation->schema.problems[0].rule, each.rule);
    EXPECT_FALSE(validation->Conforms());
  }
}

// SPDX 2.3, clauses 8.17, 9.3, 11.2 and 12: known, and of no part.
TEST(SpdxTagValueTest, RemarksAreNoProblem) {
  const auto validation = ValidateSbom(
      AsBytes(std::string(AsText(kSample)) +
              "RelationshipComment: <text>why\nnot</text>\n"
              "Annotator: Person: Jane\nAnnotationDate: 2026-03-16T00:00:00Z\n"
              "AnnotationType: REVIEW\nSPDXREF: SPDXRef-router\n"
              "AnnotationComment: good\nFileComment: still of the file\n"));
  ASSERT_TRUE(validation);
  EXPECT_TRUE(validation->Conforms());
}

TEST(SpdxTagValueTest, SurvivesEveryPrefixAndEveryFlippedByte) {
  SweepAnyBytes(kSample);
}

// Shorter than what every version begins with.
TEST(SpdxTagValueTest, AVersionThatIsNoneIsAProblem) {
  const auto document = ReadSbom(
      AsBytes("SPDXVersion: SPDX-2.3\nSPDXVersion: 2\nDocumentName: a\n"));
  ASSERT_TRUE(document);
  EXPECT_FALSE(document->problems.empty());
}

}  // namespace
}  // namespace assay::sbom
