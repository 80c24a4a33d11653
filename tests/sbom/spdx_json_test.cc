#include <gtest/gtest.h>

#include <string>

#include "sbom/read.h"
#include "sbom/registry.h"
#include "tests/sbom/sbom_checks.h"
#include "tests/support/hex.h"

namespace assay::sbom {
namespace {

using testing::Sample;

const Bytes kSample = Sample("sbom/spdx_json/router.spdx.json");

TEST(SpdxJsonTest, ReadsWhatTheDocumentClaims) {
  const auto document = ReadSbom(kSample);
  ASSERT_TRUE(document) << document.error().what;
  EXPECT_EQ(document->format, "SPDX JSON");
  EXPECT_EQ(document->spec_version, "2.3");
  EXPECT_EQ(document->serial, "https://example.org/spdx/router-1.1");
  EXPECT_EQ(document->authors,
            std::vector<std::string>{"Example Networks (support@example.org)"});
  EXPECT_EQ(document->tools, std::vector<std::string>{"router-build-1.0"});
  ASSERT_TRUE(document->subject);
  EXPECT_EQ(document->subject->name, "router");
  EXPECT_EQ(document->subject->type, "firmware");
  ASSERT_EQ(document->components.size(), 3U);
  const Component& dropbear = document->components[0];
  EXPECT_EQ(dropbear.supplier, "Debian");
  EXPECT_EQ(dropbear.parent, "SPDXRef-router");
  EXPECT_EQ(dropbear.licences, std::vector<std::string>{"MIT"});
  EXPECT_EQ(dropbear.purl,
            "pkg:deb/debian/dropbear-bin@2022.83-1%2Bdeb12u3?arch=amd64");
  EXPECT_EQ(document->components[1].scope, "excluded");
  const Component& file = document->components[2];
  EXPECT_EQ(file.type, "file");
  EXPECT_EQ(file.parent, "SPDXRef-dropbear");
  EXPECT_EQ(file.files, std::vector<std::string>{"usr/sbin/dropbear"});
  ASSERT_EQ(file.digests.size(), 1U);
  EXPECT_EQ(file.digests[0].algorithm, DigestAlgorithm::kSha1);
  EXPECT_EQ(Problems(*document), "");
}

TEST(SpdxJsonTest, NamesEveryFlaw) {
  const auto document = ReadSbom(Sample("sbom/spdx_json/damaged.spdx.json"));
  ASSERT_TRUE(document) << document.error().what;
  EXPECT_EQ(Problems(*document),
            "/documentNamespace sbom.serial-malformed\n"
            "/creationInfo/created sbom.timestamp-malformed\n"
            "/creationInfo/creators sbom.type-wrong\n"
            "/packages/0/packageVerificationCode "
            "sbom.verification-code-missing\n"
            "/packages/1/checksums/0 sbom.digest-malformed\n"
            "/packages/1/SPDXID sbom.reference-duplicate\n"
            "/packages/2/SPDXID sbom.reference-empty\n"
            "/packages/0/hasFiles/0 sbom.reference-unresolved\n"
            "/relationships/0/relatedSpdxElement sbom.reference-unresolved\n"
            " sbom.subject-missing\n");
}

TEST(SpdxJsonTest, DocumentDescribesNamesTheSubjectToo) {
  const auto document = ReadSbom(AsBytes(
      R"({"spdxVersion":"SPDX-2.2","documentNamespace":"https://e.org/x",)"
      R"("creationInfo":{"created":"2026-01-01T00:00:00Z"},)"
      R"("documentDescribes":["SPDXRef-a"],)"
      R"("packages":[{"SPDXID":"SPDXRef-a","name":"a"}]})"));
  ASSERT_TRUE(document);
  ASSERT_TRUE(document->subject);
  EXPECT_EQ(document->subject->name, "a");
  EXPECT_TRUE(document->components.empty());
  EXPECT_EQ(Problems(*document), "");
}

TEST(SpdxJsonTest, ComponentsThatContainEachOtherAreNamed) {
  const auto document = ReadSbom(AsBytes(
      R"({"spdxVersion":"SPDX-2.3","documentNamespace":"https://e.org/x",)"
      R"("packages":[{"SPDXID":"SPDXRef-a","name":"a"},)"
      R"({"SPDXID":"SPDXRef-b","name":"b"}],"relationships":[)"
      R"({"spdxElementId":"SPDXRef-a","relationshipType":"CONTAINS",)"
      R"("relatedSpdxElement":"SPDXRef-b"},)"
      R"({"spdxElementId":"SPDXRef-b","relationshipType":"CONTAINS",)"
      R"("relatedSpdxElement":"SPDXRef-a"}]})"));
  ASSERT_TRUE(document);
  EXPECT_EQ(Problems(*document),
            "/relationships sbom.dependency-cycle\n sbom.subject-missing\n");
}

TEST(SpdxJsonTest, TheStructureIsChecked) {
  const auto validation = ValidateSbom(AsBytes(
      R"({"spdxVersion":"SPDX-2.3","documentNamespace":"https://e.org/x",)"
      R"("SPDXID":"SPDXRef-DOCUMENT","name":"x","dataLicense":"CC0-1.0",)"
      R"("creationInfo":{"created":"2026-01-01T00:00:00Z"},)"
      R"("packages":[{"SPDXID":"SPDXRef-a","name":7,"nonsense":1,)"
      R"("downloadLocation":"NONE","filesAnalyzed":"no"}],"relationships":[)"
      R"({"spdxElementId":"SPDXRef-DOCUMENT","relationshipType":"LIKES",)"
      R"("relatedSpdxElement":"SPDXRef-a"}]})"));
  ASSERT_TRUE(validation);
  SbomDocument found;
  found.problems = validation->schema.problems;
  EXPECT_EQ(Problems(found),
            "/creationInfo/creators sbom.required-missing\n"
            "/packages/0/name sbom.type-wrong\n"
            "/packages/0/nonsense sbom.field-unknown\n"
            "/packages/0/filesAnalyzed sbom.type-wrong\n"
            "/relationships/0/relationshipType sbom.value-unknown\n");
  EXPECT_FALSE(validation->Conforms());
}

TEST(SpdxJsonTest, TheSampleConforms) {
  const auto validation = ValidateSbom(kSample);
  ASSERT_TRUE(validation);
  EXPECT_TRUE(validation->Conforms());
}

TEST(SpdxJsonTest, VerificationCodesAreDigests) {
  const auto document = ReadSbom(AsBytes(
      R"({"spdxVersion":"SPDX-2.3","documentNamespace":"https://e.org/x",)"
      R"("documentDescribes":["SPDXRef-a"],)"
      R"("packages":[{"SPDXID":"SPDXRef-a","name":"a",)"
      R"("packageVerificationCode":{"packageVerificationCodeValue":"00"}}]})"));
  ASSERT_TRUE(document);
  EXPECT_EQ(Problems(*document),
            "/packages/0/packageVerificationCode/packageVerificationCodeValue "
            "sbom.verification-code-malformed\n");
}

TEST(SpdxJsonTest, SurvivesEveryWrongType) {
  SweepTypes(kSample);
}

TEST(SpdxJsonTest, SurvivesEveryPrefixAndEveryFlippedByte) {
  SweepBytes(kSample);
}

}  // namespace
}  // namespace assay::sbom
