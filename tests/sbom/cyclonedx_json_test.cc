#include <gtest/gtest.h>

#include <string>

#include "sbom/read.h"
#include "sbom/registry.h"
#include "tests/sbom/sbom_checks.h"
#include "tests/support/hex.h"

namespace assay::sbom {
namespace {

using testing::Sample;

const Bytes kSample = Sample("sbom/cyclonedx_json/router.cdx.json");

TEST(CyclonedxJsonTest, ReadsWhatTheDocumentClaims) {
  const auto document = ReadSbom(kSample);
  ASSERT_TRUE(document) << document.error().what;
  EXPECT_EQ(document->format, "CycloneDX JSON");
  EXPECT_EQ(document->spec_version, "1.5");
  EXPECT_EQ(document->timestamp, "2026-03-16T00:00:00Z");
  EXPECT_EQ(document->authors,
            std::vector<std::string>{"Example Networks <support@example.org>"});
  EXPECT_EQ(document->tools, std::vector<std::string>{"router-build 1.0"});
  ASSERT_TRUE(document->subject);
  EXPECT_EQ(document->subject->name, "router");
  EXPECT_EQ(document->subject->digests.size(), 1U);
  ASSERT_EQ(document->components.size(), 3U);
  const Component& dropbear = document->components[0];
  EXPECT_EQ(dropbear.supplier, "Debian");
  EXPECT_EQ(dropbear.licences, std::vector<std::string>{"MIT"});
  EXPECT_EQ(dropbear.parent, "");
  const Component& file = document->components[1];
  EXPECT_EQ(file.parent, dropbear.ref);
  EXPECT_EQ(file.files, std::vector<std::string>{"usr/sbin/dropbear"});
  EXPECT_EQ(file.pointer, "/components/0/components/0");
  // Lower case, and the algorithm that nothing computes is left out.
  ASSERT_EQ(file.digests.size(), 1U);
  EXPECT_EQ(file.digests[0].hex.substr(0, 8), "130b4278");
  ASSERT_EQ(file.claimed_digests.size(), 2U);
  EXPECT_EQ(file.claimed_digests[1].algorithm, "SHA3-256");
  const Component& zlib = document->components[2];
  EXPECT_EQ(zlib.scope, "optional");
  EXPECT_EQ(zlib.files, std::vector<std::string>{"usr/lib/libz.so.1"});
  ASSERT_EQ(document->dependencies.size(), 1U);
  EXPECT_EQ(document->dependencies[0].to, dropbear.ref);
  EXPECT_EQ(Problems(*document), "");
}

TEST(CyclonedxJsonTest, NamesEveryFlaw) {
  const auto document =
      ReadSbom(Sample("sbom/cyclonedx_json/damaged.cdx.json"));
  ASSERT_TRUE(document) << document.error().what;
  EXPECT_EQ(Problems(*document),
            "/bomFormat sbom.format-missing\n"
            "/serialNumber sbom.serial-malformed\n"
            "/components/1/bom-ref sbom.reference-duplicate\n"
            "/components/5/bom-ref sbom.reference-empty\n"
            "/metadata/timestamp sbom.timestamp-malformed\n"
            "/metadata/component sbom.subject-missing\n"
            "/components/0 sbom.purl-disagrees\n"
            "/components/1 sbom.purl-disagrees\n"
            "/components/2 sbom.purl-malformed\n"
            "/components/3/type sbom.component-type-unknown\n"
            "/components/3/scope sbom.scope-unknown\n"
            "/components/3/licenses/0 sbom.licence-malformed\n"
            "/components/3/licenses/1 sbom.licence-malformed\n"
            "/components/4 sbom.name-missing\n"
            "/components/5/hashes/0 sbom.digest-malformed\n"
            "/components/5/hashes/1 sbom.digest-malformed\n"
            "/components/5/hashes/2 sbom.digest-algorithm-unknown\n"
            "/components/6 sbom.type-wrong\n"
            "/components/7/name sbom.type-wrong\n"
            "/components/7 sbom.name-missing\n"
            "/dependencies/0/dependsOn/0 sbom.reference-unresolved\n"
            "/dependencies/0/dependsOn/1 sbom.type-wrong\n"
            "/dependencies/1/ref sbom.reference-unresolved\n"
            "/compositions/0/assemblies/0 sbom.reference-unresolved\n");
}

TEST(CyclonedxJsonTest, UnknownVersionsAreReadWithANote) {
  const auto validation = ValidateSbom(
      AsBytes(R"({"bomFormat":"CycloneDX","specVersion":"1.99",)"
              R"("metadata":{"component":{"type":"device","name":"x"}}})"));
  ASSERT_TRUE(validation);
  ASSERT_EQ(validation->document.problems.size(), 1U);
  EXPECT_EQ(validation->document.problems[0].detail,
            "version 1.99 read as 1.7");
  EXPECT_FALSE(validation->Conforms());
  EXPECT_EQ(validation->schema.schema, "");
}

TEST(CyclonedxJsonTest, TheSchemaNamesPlaceKeywordAndPart) {
  const struct {
    std::string members;
    std::string pointer;
    std::string reference;
  } kCases[] = {
      {R"("version":0)", "/version", "#/properties/version/minimum"},
      {R"("version":1.5)", "/version", "#/properties/version/type"},
      {R"("serialNumber":"urn:uuid:1")", "/serialNumber",
       "#/properties/serialNumber/pattern"},
      {R"("nonsense":1)", "/nonsense", "#/additionalProperties"},
      {R"("components":[{"type":"library"}])", "/components/0",
       "#/definitions/component/required"},
      {R"("components":[{"type":"file","name":"a"},{"name":"a","type":"file"}])",
       "/components", "#/properties/components/uniqueItems"},
      {R"("metadata":{"timestamp":"yesterday"})", "/metadata/timestamp",
       "#/definitions/metadata/properties/timestamp/format"},
      {R"("externalReferences":[{"type":"vcs","url":"a b"}])",
       "/externalReferences/0/url", "format"},
      {R"("components":[{"type":"library","name":"a","licenses":[)"
       R"({"license":{"id":"No such"}}]}])",
       "/components/0/licenses/0/license/id",
       "spdx.SNAPSHOT.schema.json#/enum"},
  };
  for (const auto& each : kCases) {
    const auto validation = ValidateSbom(
        AsBytes("{\"bomFormat\":\"CycloneDX\",\n\"specVersion\":\"1.6\",\n" +
                each.members + "}"));
    ASSERT_TRUE(validation) << each.members;
    EXPECT_EQ(validation->schema.schema, "bom-1.6.SNAPSHOT.schema.json");
    ASSERT_FALSE(validation->schema.problems.empty()) << each.members;
    const SbomProblem& problem = validation->schema.problems.front();
    EXPECT_EQ(problem.pointer, each.pointer) << each.members;
    EXPECT_NE(problem.reference.find(each.reference), std::string::npos)
        << problem.reference;
    EXPECT_EQ(problem.line, 3U);
    EXPECT_FALSE(validation->Conforms());
  }
}

TEST(CyclonedxJsonTest, TheSampleConforms) {
  const auto validation = ValidateSbom(kSample);
  ASSERT_TRUE(validation);
  EXPECT_TRUE(validation->Conforms());
}

TEST(CyclonedxJsonTest, TwoHundredNestedComponentsTakeBoundedWork) {
  std::string text = R"({"bomFormat":"CycloneDX","specVersion":"1.6")";
  for (int i = 0; i < 90; ++i) {
    text += R"(,"components":[{"type":"library","name":"x","licenses":[{}])";
  }
  for (int i = 0; i < 90; ++i) {
    text += "}]";
  }
  const auto validation = ValidateSbom(AsBytes(text + "}"));
  ASSERT_TRUE(validation) << validation.error().what;
  EXPECT_EQ(validation->document.components.size(), 90U);
  EXPECT_FALSE(validation->Conforms());
}

TEST(CyclonedxJsonTest, ComponentsThatAreNotDeliveredAreExcluded) {
  const auto document = ReadSbom(
      AsBytes(R"({"bomFormat":"CycloneDX","specVersion":"1.6","components":[)"
              R"({"type":"library","name":"x","isExternal":true}]})"));
  ASSERT_TRUE(document);
  EXPECT_EQ(document->components.at(0).scope, "excluded");
}

TEST(CyclonedxJsonTest, ReferencesToOtherDocumentsNeedNotResolve) {
  const auto document = ReadSbom(AsBytes(
      R"({"bomFormat":"CycloneDX","specVersion":"1.6","dependencies":[)"
      R"({"ref":"urn:cdx:f08a6ccd-4dce-4759-bd84-c626675d60a7/1#x"}]})"));
  ASSERT_TRUE(document);
  EXPECT_EQ(Problems(*document), "/metadata sbom.subject-missing\n");
}

TEST(CyclonedxJsonTest, WithoutRefTheParentIsThePointer) {
  const auto document = ReadSbom(
      AsBytes(R"({"bomFormat":"CycloneDX","specVersion":"1.6","components":[)"
              R"({"type":"library","name":"x","components":[)"
              R"({"type":"file","name":"y"}]}]})"));
  ASSERT_TRUE(document);
  EXPECT_EQ(document->components.at(1).parent, "/components/0");
}

TEST(CyclonedxJsonTest, SurvivesEveryWrongType) {
  SweepTypes(kSample);
}

TEST(CyclonedxJsonTest, SurvivesEveryPrefixAndEveryFlippedByte) {
  SweepBytes(kSample);
}

}  // namespace
}  // namespace assay::sbom
