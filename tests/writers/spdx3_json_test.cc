#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "sbom/read.h"
#include "sbom/writer.h"
#include "tests/writers/documents.h"
#include "verifier/base/json.h"

namespace assay::sbom {
namespace {

Json Graph(const SbomDocument& document) {
  const auto written = WriteSbom(document, "spdx-json@3.0.1");
  EXPECT_TRUE(written);
  return written ? Json::parse(written->text)["@graph"] : Json();
}

const Json& Named(const Json& graph, std::string_view type,
                  std::string_view name) {
  static const Json kNull;
  for (const Json& element : graph) {
    if (element["type"] == type && element.value("name", "") == name) {
      return element;
    }
  }
  return kNull;
}

TEST(Spdx3JsonWrite, Conforms) {
  const auto written = WriteSbom(FullDocument(), "spdx-json@3.0.1");
  ASSERT_TRUE(written);
  const auto validation = ValidateSbom(AsBytes(written->text));
  ASSERT_TRUE(validation) << validation.error().what;
  EXPECT_TRUE(validation->Conforms());
  for (const SbomProblem& problem : validation->schema.problems) {
    ADD_FAILURE() << problem.pointer << ": " << problem.detail;
  }
}

TEST(Spdx3JsonWrite, SaysWhatTheModelWants) {
  const Json graph = Graph(FullDocument());
  EXPECT_EQ(graph[0]["type"], "CreationInfo");
  EXPECT_EQ(graph[0]["specVersion"], "3.0.1");
  const Json& library = Named(graph, "software_Package", "zlib1g");
  EXPECT_EQ(library["software_packageVersion"], "1:1.2.13");
  EXPECT_EQ(library["software_primaryPurpose"], "library");
  EXPECT_EQ(library["verifiedUsing"][0]["algorithm"], "sha256");
  EXPECT_EQ(library["externalIdentifier"][0]["externalIdentifierType"],
            "cpe23");
  const Json& file = Named(graph, "software_File", "lib/libz.so.1");
  EXPECT_EQ(file["software_additionalPurpose"][0], "executable");
  const Json& bom = graph[graph.size() - 2];
  EXPECT_EQ(bom["type"], "software_Sbom");
  EXPECT_EQ(bom["software_sbomType"][0], "analyzed");
}

TEST(Spdx3JsonWrite, IdsAreUniqueAndRelationsResolve) {
  const Json graph = Graph(FullDocument());
  std::set<std::string> ids;
  for (const Json& element : graph) {
    if (element.contains("spdxId")) {
      EXPECT_TRUE(ids.insert(element["spdxId"]).second) << element["spdxId"];
    }
  }
  for (const Json& element : graph) {
    if (element["type"] != "Relationship") {
      continue;
    }
    EXPECT_EQ(ids.count(element["from"]), 1U);
    for (const Json& to : element["to"]) {
      const std::string id = to;
      EXPECT_TRUE(ids.count(id) == 1 || id.find("/terms/") != id.npos) << id;
    }
  }
}

TEST(Spdx3JsonWrite, AReferenceThatTwoComponentsHaveBecomesTwoIds) {
  SbomDocument document = FullDocument();
  document.components.push_back(document.components[0]);
  document.components.back().name = "twin";
  const Json graph = Graph(document);
  const Json& one = Named(graph, "software_Package", "zlib1g");
  const Json& twin = Named(graph, "software_Package", "twin");
  EXPECT_NE(one["spdxId"], twin["spdxId"]);
  std::size_t contained = 0;
  for (const Json& element : graph) {
    if (element.value("relationshipType", "") == "contains") {
      const auto& to = element["to"];
      contained +=
          std::count(to.begin(), to.end(), twin["spdxId"]) > 0 ? 1U : 0U;
    }
  }
  EXPECT_EQ(contained, 1U);
}

TEST(Spdx3JsonWrite, ReadsBackAsItWas) {
  const SbomDocument before = FullDocument();
  const auto written = WriteSbom(before, "spdx-json@3.0.1");
  ASSERT_TRUE(written);
  const auto after = ReadSbom(AsBytes(written->text));
  ASSERT_TRUE(after) << after.error().what;
  ASSERT_TRUE(after->subject);
  EXPECT_EQ(after->subject->name, "router");
  ASSERT_EQ(after->components.size(), 2U);
  EXPECT_EQ(after->components[0].purl, before.components[0].purl);
  EXPECT_EQ(after->components[0].licences, before.components[0].licences);
  EXPECT_EQ(after->components[0].digests, before.components[0].digests);
  EXPECT_EQ(after->components[1].name, "lib/libz.so.1");
}

TEST(Spdx3JsonWrite, NamesWhatItCannotCarry) {
  const auto written = WriteSbom(FullDocument(), "spdx-json@3.0.1");
  ASSERT_TRUE(written);
  EXPECT_EQ(written->losses, (std::vector<std::string>{"evidence", "scope"}));
}

TEST(Spdx3JsonWrite, SaysThatALicenceIsUnknownWithTheModelsOwnWord) {
  SbomDocument document = FullDocument();
  document.components[0].licences = {"NOASSERTION"};
  bool found = false;
  for (const Json& element : Graph(document)) {
    found = found || (element["type"] == "Relationship" &&
                      element["relationshipType"] == "hasDeclaredLicense" &&
                      element["to"][0].get<std::string>().find("NoAssertion") !=
                          std::string::npos);
  }
  EXPECT_TRUE(found);
}

}  // namespace
}  // namespace assay::sbom
