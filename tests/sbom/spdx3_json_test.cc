#include <gtest/gtest.h>

#include <string>

#include "sbom/read.h"
#include "sbom/registry.h"
#include "tests/sbom/sbom_checks.h"
#include "tests/support/hex.h"

namespace assay::sbom {
namespace {

using testing::Sample;

const Bytes kSample = Sample("sbom/spdx3_json/router.spdx3.json");

TEST(Spdx3JsonTest, ReadsWhatTheDocumentClaims) {
  const auto document = ReadSbom(kSample);
  ASSERT_TRUE(document) << document.error().what;
  EXPECT_EQ(document->format, "SPDX 3 JSON-LD");
  EXPECT_EQ(document->spec_version, "3.0.1");
  EXPECT_EQ(document->timestamp, "2026-03-16T00:00:00Z");
  EXPECT_EQ(document->authors, std::vector<std::string>{"Example Networks"});
  EXPECT_EQ(document->tools, std::vector<std::string>{"router-build 1.0"});
  EXPECT_EQ(document->lifecycle_phases, std::vector<std::string>{"analyzed"});
  ASSERT_TRUE(document->subject);
  EXPECT_EQ(document->subject->name, "router");
  EXPECT_EQ(document->subject->type, "firmware");
  EXPECT_EQ(document->subject->supplier, "Example Networks");
  ASSERT_EQ(document->components.size(), 2U);
  const Component& dropbear = document->components[0];
  EXPECT_EQ(dropbear.parent, "https://example.org/router#router");
  EXPECT_EQ(dropbear.licences_declared, std::vector<std::string>{"MIT"});
  EXPECT_EQ(dropbear.cpe.substr(0, 18), "cpe:2.3:a:dropbear");
  const Component& file = document->components[1];
  EXPECT_EQ(file.files, std::vector<std::string>{"usr/sbin/dropbear"});
  EXPECT_EQ(file.digests.size(), 1U);
  EXPECT_EQ(file.claimed_digests.size(), 2U);
  ASSERT_EQ(document->dependencies.size(), 1U);
  EXPECT_EQ(document->dependencies[0].completeness, "incomplete");
  EXPECT_EQ(Problems(*document), "");
}

TEST(Spdx3JsonTest, NamesEveryFlaw) {
  const auto document = ReadSbom(AsBytes(
      R"({"@context":"https://spdx.org/rdf/3.0.1/spdx-context.jsonld",)"
      R"("@graph":[7,{"spdxId":"a"},)"
      R"({"type":"Relationship","spdxId":"r","creationInfo":"_:c",)"
      R"("relationshipType":"likes","from":"a"},)"
      R"({"type":"software_File","spdxId":"a","name":"f","creationInfo":"_:c",)"
      R"("verifiedUsing":[{"type":"Hash","algorithm":"rot13"}]},)"
      R"({"type":"Bom","creationInfo":"_:c","rootElement":["none"]}]})"));
  ASSERT_TRUE(document);
  EXPECT_EQ(Problems(*document),
            "/@graph/0 sbom.type-wrong\n"
            "/@graph/3 sbom.reference-duplicate\n"
            "/@graph/4/spdxId sbom.reference-empty\n"
            "/@graph/1/type sbom.required-missing\n"
            "/@graph/2/to sbom.required-missing\n"
            "/@graph/2/relationshipType sbom.value-unknown\n"
            "/@graph/3/verifiedUsing/0/hashValue sbom.required-missing\n"
            "/@graph/3/verifiedUsing/0/algorithm sbom.value-unknown\n"
            "/@graph/4/rootElement/0 sbom.reference-unresolved\n"
            "/@graph/3/verifiedUsing/0 sbom.digest-algorithm-unknown\n"
            " sbom.subject-missing\n");
}

TEST(Spdx3JsonTest, SurvivesEveryWrongType) {
  SweepTypes(kSample);
}

TEST(Spdx3JsonTest, SurvivesEveryPrefixAndEveryFlippedByte) {
  SweepAnyBytes(kSample);
}

}  // namespace
}  // namespace assay::sbom
