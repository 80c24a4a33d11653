#include <gtest/gtest.h>

#include "tests/cataloguers/examining.h"
#include "tests/support/hex.h"

namespace assay::sbom {
namespace {

using testing::Sample;

const Bytes kPom = Sample("cataloguers/java/pom.properties");
const Bytes kManifest = Sample("cataloguers/java/MANIFEST.MF");
constexpr std::string_view kPomPath =
    "META-INF/maven/org.example.net/router-core/pom.properties";
constexpr std::string_view kManifestPath = "META-INF/MANIFEST.MF";

TEST(JavaTest, PomPropertiesNameTheArtifact) {
  const auto [understood, seen] = ExamineFile(kJava, kPomPath, kPom);
  EXPECT_TRUE(understood);
  ASSERT_EQ(seen.components.size(), 1U);
  EXPECT_EQ(seen.components[0].component.purl,
            "pkg:maven/org.example.net/router-core@2.17.1");
  EXPECT_EQ(seen.components[0].strength, Strength::kBuildRecord);
}

TEST(JavaTest, TheManifestNamesBundleThenImplementation) {
  const auto seen = ExamineFile(kJava, kManifestPath, kManifest).seen;
  ASSERT_EQ(seen.components.size(), 1U);
  const Component& bundle = seen.components[0].component;
  EXPECT_EQ(bundle.name, "org.example.router.core");
  EXPECT_EQ(bundle.version, "2.17.1.202203011000");
  EXPECT_EQ(bundle.supplier, "Example Networks");
  EXPECT_EQ(seen.components[0].strength, Strength::kUnverified);
  const auto title = ExamineFile(kJava, kManifestPath,
                                 AsBytes("IMPLEMENTATION-TITLE: core\n"
                                         "Implementation-Version: 1.2\n"
                                         "Implementation-Vendor-Id: org.x\n"))
                         .seen;
  ASSERT_EQ(title.components.size(), 1U);
  EXPECT_EQ(title.components[0].component.purl, "pkg:maven/org.x/core@1.2");
}

TEST(JavaTest, WithoutAVersionThereIsNone) {
  for (const std::string_view text :
       {"", "\n", "Bundle-SymbolicName: a\n", "Bundle-Version: 1\n",
        "\nBundle-SymbolicName: a\nBundle-Version: 1\n",
        "Implementation-Title: a\nImplementation-Version: ${v}\n"}) {
    EXPECT_FALSE(ExamineFile(kJava, kManifestPath, AsBytes(text)).understood)
        << text;
  }
  for (const std::string_view text :
       {"artifactId=a\n", "version=1\n", "#artifactId=a\nversion=1\n",
        "artifactId=a\nversion=${project.version}\n"}) {
    EXPECT_FALSE(ExamineFile(kJava, kPomPath, AsBytes(text)).understood)
        << text;
  }
}

TEST(JavaTest, OtherFilesAreNotItsConcern) {
  for (const std::string_view path :
       {"pom.properties", "META-INF/maven/pom.properties",
        "META-INF/maven/g/a/b/pom.properties", "a/MANIFEST.MF",
        "META-INF/maven/g/a/pom.xml", ""}) {
    EXPECT_FALSE(ExamineFile(kJava, path, kPom).understood) << path;
  }
}

TEST(JavaTest, SurvivesDamage) {
  SweepContent(kJava, kPomPath, kPom);
  SweepContent(kJava, kManifestPath, kManifest);
}

}  // namespace
}  // namespace assay::sbom
