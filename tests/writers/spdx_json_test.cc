#include <gtest/gtest.h>

#include <set>

#include "sbom/read.h"
#include "sbom/writer.h"
#include "tests/writers/documents.h"
#include "verifier/base/json.h"

namespace assay::sbom {
namespace {

Json Written(const SbomDocument& document) {
  const auto written = WriteSbom(document, "spdx-json@2.3");
  EXPECT_TRUE(written);
  return written ? Json::parse(written->text) : Json();
}

TEST(SpdxJsonWrite, Conforms) {
  const auto written = WriteSbom(FullDocument(), "spdx-json");
  ASSERT_TRUE(written);
  const auto validation = ValidateSbom(AsBytes(written->text));
  ASSERT_TRUE(validation) << validation.error().what;
  EXPECT_TRUE(validation->Conforms());
}

TEST(SpdxJsonWrite, FollowsTheClauses) {
  const Json spdx = Written(FullDocument());
  EXPECT_EQ(spdx["spdxVersion"], "SPDX-2.3");
  EXPECT_EQ(spdx["creationInfo"]["creators"][0],
            "Organization: Example Works (sbom@example.org)");
  EXPECT_EQ(spdx["creationInfo"]["creators"][1], "Tool: assay-0.1.0");
  const Json& library = spdx["packages"][1];
  EXPECT_EQ(library["supplier"],
            "Organization: Mark Brown (broonie@debian.org)");
  EXPECT_EQ(library["licenseConcluded"], "NOASSERTION");
  EXPECT_EQ(library["licenseDeclared"], "Zlib");
  EXPECT_EQ(library["externalRefs"][0]["referenceType"], "purl");
  EXPECT_EQ(library["externalRefs"][1]["referenceType"], "cpe23Type");
  EXPECT_EQ(spdx["files"][0]["fileName"], "./lib/libz.so.1");
  EXPECT_EQ(spdx["relationships"][0]["relationshipType"], "DESCRIBES");
}

TEST(SpdxJsonWrite, EveryRelationNamesElementsOfTheDocument) {
  const Json spdx = Written(FullDocument());
  std::set<std::string> ids = {"SPDXRef-DOCUMENT", "NONE", "NOASSERTION"};
  for (const char* list : {"packages", "files"}) {
    for (const Json& element : spdx[list]) {
      EXPECT_TRUE(ids.insert(element["SPDXID"]).second);
    }
  }
  for (const Json& relation : spdx["relationships"]) {
    EXPECT_EQ(ids.count(relation["spdxElementId"]), 1U);
    EXPECT_EQ(ids.count(relation["relatedSpdxElement"]), 1U);
  }
}

TEST(SpdxJsonWrite, AFileWithoutSha1IsAPackage) {
  SbomDocument document = FullDocument();
  document.components[1].digests.erase(document.components[1].digests.begin());
  const Json spdx = Written(document);
  EXPECT_FALSE(spdx.contains("files"));
  EXPECT_EQ(spdx["packages"][2]["primaryPackagePurpose"], "FILE");
}

TEST(SpdxJsonWrite, LicencesOnNoListGetTheirText) {
  SbomDocument document = FullDocument();
  document.components[0].licences = {"Terms of Example, 2020"};
  const Json spdx = Written(document);
  EXPECT_EQ(spdx["packages"][1]["licenseDeclared"],
            "LicenseRef-Terms-of-Example-2020");
  EXPECT_EQ(spdx["hasExtractedLicensingInfos"][0]["extractedText"],
            "Terms of Example, 2020");
}

TEST(SpdxJsonWrite, NamesWhatItCannotCarry) {
  const auto written = WriteSbom(FullDocument(), "spdx-json");
  ASSERT_TRUE(written);
  EXPECT_EQ(written->losses,
            (std::vector<std::string>{
                "evidence", "scope",
                "that a list of dependencies is complete or not"}));
}

TEST(SpdxJsonWrite, WhatIsFoundInAFileIsListedTermByTerm) {
  SbomDocument document = FullDocument();
  document.components[1].licences = {"MIT", "GPL-2.0-only OR Zlib",
                                     "own terms"};
  const Json file = Written(document)["files"][0];
  EXPECT_EQ(file["licenseInfoInFiles"],
            (Json{"GPL-2.0-only", "LicenseRef-own-terms", "MIT", "Zlib"}));
  document.components[1].licences.clear();
  EXPECT_EQ(Written(document)["files"][0]["licenseInfoInFiles"],
            Json{"NOASSERTION"});
}

// Clause 11: NONE is a statement, NOASSERTION is none.
TEST(SpdxJsonWrite, EmptyListsOfDependencies) {
  SbomDocument document = FullDocument();
  document.compositions = {
      {.aggregate = "complete",
       .dependencies = {document.components[1].ref, "product"}}};
  std::string said;
  const Json spdx = Written(document);
  for (const Json& relation : spdx["relationships"]) {
    if (relation["relationshipType"] == "DEPENDS_ON") {
      said += relation["spdxElementId"].get<std::string>() + " " +
              relation["relatedSpdxElement"].get<std::string>() + "\n";
    }
  }
  EXPECT_EQ(said,
            "SPDXRef-product SPDXRef-pkg-deb-debian-zlib1g-1-1.2.13\n"
            "SPDXRef-file-lib-libz.so.1 NONE\n"
            "SPDXRef-pkg-deb-debian-zlib1g-1-1.2.13 NOASSERTION\n");
}

TEST(SpdxJsonWrite, ReferencesThatBecomeAlikeStayApart) {
  SbomDocument document = FullDocument();
  document.components[0].ref = "a b";
  document.components[1].ref = "a+b";
  document.components[1].parent = "a b";
  const Json spdx = Written(document);
  EXPECT_EQ(spdx["packages"][1]["SPDXID"], "SPDXRef-a-b");
  EXPECT_EQ(spdx["files"][0]["SPDXID"], "SPDXRef-a-b-2");
}

TEST(SpdxJsonWrite, AReferenceThatTwoComponentsHaveBecomesTwoIds) {
  SbomDocument document = FullDocument();
  document.components.push_back(document.components[0]);
  document.components.back().name = "twin";
  const Json spdx = Written(document);
  std::set<std::string> ids;
  std::set<std::string> contained;
  for (const Json& element : spdx["packages"]) {
    EXPECT_TRUE(ids.insert(element["SPDXID"]).second) << element["SPDXID"];
  }
  for (const Json& relation : spdx["relationships"]) {
    contained.insert(relation["relatedSpdxElement"]);
  }
  for (const std::string& id : ids) {
    EXPECT_EQ(contained.count(id), 1U) << id;
  }
}

// Quadratic naming would keep this test busy for hours.
TEST(SpdxJsonWrite, ManyAlikeAreNamedApart) {
  SbomDocument document = FullDocument();
  Component one = document.components[0];
  document.components.clear();
  for (int i = 0; i < 20'000; ++i) {
    one.ref = std::string(static_cast<std::size_t>(i % 7), '+') + "a" +
              std::string(static_cast<std::size_t>(i), ' ');
    one.ref.resize(9, '/');
    one.licences = {std::string(64, 'x') + " terms " + std::to_string(i)};
    document.components.push_back(one);
  }
  const Json spdx = Written(document);
  EXPECT_EQ(spdx["packages"].size(), 20'001U);
  EXPECT_EQ(spdx["hasExtractedLicensingInfos"].size(), 20'000U);
}

}  // namespace
}  // namespace assay::sbom
