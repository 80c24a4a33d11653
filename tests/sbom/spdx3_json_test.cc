#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "sbom/read.h"
#include "sbom/registry.h"
#include "tests/sbom/sbom_checks.h"
#include "tests/support/hex.h"
#include "verifier/base/json.h"

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

std::string Flawed(std::string_view version) {
  return fmt::format(
      R"({{"@context":"https://spdx.org/rdf/{}/spdx-context.jsonld",)"
      R"("@graph":[7,{{"spdxId":"a"}},)"
      R"({{"type":"Relationship","spdxId":"r","creationInfo":"_:c",)"
      R"("relationshipType":"likes","from":"a"}},)"
      R"({{"type":"software_File","spdxId":"a","name":"f","creationInfo":"_:c",)"
      R"("verifiedUsing":[{{"type":"Hash","algorithm":"rot13"}}]}},)"
      R"({{"type":"Bom","creationInfo":"_:c","rootElement":["none"]}}]}})",
      version);
}

TEST(Spdx3JsonTest, NamesEveryFlaw) {
  const std::string text = Flawed("3.0.1");
  const auto document = ReadSbom(AsBytes(text));
  ASSERT_TRUE(document);
  EXPECT_EQ(Problems(*document),
            "/@graph/0 sbom.type-wrong\n"
            "/@graph/3 sbom.reference-duplicate\n"
            "/@graph/4/spdxId sbom.reference-empty\n"
            "/@graph/4/rootElement/0 sbom.reference-unresolved\n"
            "/@graph/3/verifiedUsing/0 sbom.digest-algorithm-unknown\n"
            " sbom.subject-missing\n");
}

// No package carries the schema of this version.
TEST(Spdx3JsonTest, AnOlderVersionIsCheckedByOwnTables) {
  const std::string text = Flawed("3.0.0");
  const auto validation = ValidateSbom(AsBytes(text));
  ASSERT_TRUE(validation);
  SbomDocument found;
  found.problems = validation->schema.problems;
  EXPECT_EQ(Problems(found),
            "/@graph/1/type sbom.required-missing\n"
            "/@graph/2/to sbom.required-missing\n"
            "/@graph/2/relationshipType sbom.value-unknown\n"
            "/@graph/3/verifiedUsing/0/hashValue sbom.required-missing\n"
            "/@graph/3/verifiedUsing/0/algorithm sbom.value-unknown\n");
}

// What the official schema says of the sample with one member changed.
TEST(Spdx3JsonTest, TheOfficialSchemaSeesWhatDoesNotBelong) {
  struct Case {
    const char* at;
    Json value;
    const char* problem;  // "" for none
  };
  for (const Case& one : {
           Case{"/@graph/5/summary", "a router", ""},
           Case{"/@graph/5/colour", "red", "/@graph/5/colour"},
           Case{"/more", 1, "/more"},
           Case{"/@graph/5/type", "software_Parcel", "/@graph/5/type"},
           Case{"/@graph/5/spdxId", "_:blank", "/@graph/5/spdxId"},
           Case{"/@graph/5/name", 7, "/@graph/5/name"},
           Case{"/@graph/0/created", "yesterday", "/@graph/0/created"},
           Case{"/@graph/7/verifiedUsing/0/strength", 3,
                "/@graph/7/verifiedUsing/0/strength"},
           Case{"/@graph/7/verifiedUsing/0/algorithm", "rot13",
                "/@graph/7/verifiedUsing/0/algorithm"},
       }) {
    Json document = Json::parse(AsText(kSample));
    document[Json::json_pointer(one.at)] = one.value;
    const std::string text = document.dump();
    const auto validation = ValidateSbom(AsBytes(text));
    ASSERT_TRUE(validation) << one.at;
    const auto& problems = validation->schema.problems;
    EXPECT_EQ(problems.empty() ? "" : problems.front().pointer, one.problem)
        << one.at;
  }
}

TEST(Spdx3JsonTest, SurvivesEveryWrongType) {
  SweepTypes(kSample);
}

TEST(Spdx3JsonTest, SurvivesEveryPrefixAndEveryFlippedByte) {
  SweepAnyBytes(kSample);
}

}  // namespace
}  // namespace assay::sbom
