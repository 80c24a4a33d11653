#include "sbom/profile.h"

#include <gtest/gtest.h>

#include "tests/sbom/survey_builder.h"

namespace assay::sbom {
namespace {

Profile OneField(const char* list, const char* field) {
  const auto profile = ParseProfile(
      std::string("schema: assay-sbom-profile/1\nname: x\ntitle: X\n") + list +
          ":\n  - {field: " + field + ", title: T, section: S}\n",
      "x.yaml");
  EXPECT_TRUE(profile) << profile.error().what;
  return profile.value_or(Profile{});
}

TEST(ProfileTest, ADocumentWithoutComponentsMeetsNothingThatIsAskedOfThem) {
  SbomDocument document;
  document.timestamp = "2026-11-22T10:00:00Z";
  const Profile of_components = OneField("component", "name");
  EXPECT_FALSE(CheckProfile(of_components, document).Conforms());
  EXPECT_FALSE(CheckProfile(of_components, document).has_components);
  const Profile of_document = OneField("document", "timestamp");
  EXPECT_TRUE(CheckProfile(of_document, document).Conforms());
  document.components.push_back(PackageClaim("pkg:npm/a@1"));
  EXPECT_TRUE(CheckProfile(of_components, document).Conforms());
  document.components[0].name.clear();
  EXPECT_FALSE(CheckProfile(of_components, document).Conforms());
  for (const Profile& profile : AllProfiles()) {
    EXPECT_FALSE(CheckProfile(profile, SbomDocument()).Conforms())
        << profile.name;
  }
}

TEST(ProfileTest, CompletenessThatIsUnknownIsDeclaredUnknown) {
  const Profile profile = OneField("component", "dependencies-completeness");
  SbomDocument document;
  document.components.push_back(PackageClaim("pkg:npm/a@1"));
  const std::string ref = document.components[0].ref;
  EXPECT_EQ(CheckProfile(profile, document).tallies[0].silent, 1U);
  for (const char* word : {"unknown", "not_specified", "noAssertion"}) {
    document.dependencies = {{ref, "b", word}};
    EXPECT_EQ(CheckProfile(profile, document).tallies[0].unknown, 1U) << word;
  }
  for (const char* word : {"complete", "incomplete"}) {
    document.dependencies = {{ref, "b", word}};
    EXPECT_EQ(CheckProfile(profile, document).tallies[0].present, 1U) << word;
  }
  document.dependencies = {{ref, "b", "unknown"}};
  const Profile listed = OneField("component", "dependencies");
  EXPECT_EQ(CheckProfile(listed, document).tallies[0].present, 1U)
      << "what is there is there, however complete";
  document.dependencies.clear();
  document.listed_dependencies = {ref};
  document.compositions = {{.aggregate = "unknown", .dependencies = {ref}}};
  EXPECT_EQ(CheckProfile(listed, document).tallies[0].unknown, 1U);
}

}  // namespace
}  // namespace assay::sbom
