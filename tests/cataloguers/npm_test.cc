#include <gtest/gtest.h>

#include "tests/cataloguers/examining.h"
#include "tests/support/hex.h"

namespace assay::sbom {
namespace {

using testing::Sample;

const Bytes kPackage = Sample("cataloguers/npm/package.json");

TEST(NpmTest, FindsPackedAndInstalledPackages) {
  for (const std::string_view path :
       {"package.json", "package/package.json", "opt/app/package.json",
        "app/node_modules/left-pad/package.json",
        "node_modules/@example/left-pad/package.json",
        "node_modules/a/node_modules/left-pad/package.json"}) {
    const auto [understood, seen] = ExamineFile(kNpm, path, kPackage);
    EXPECT_TRUE(understood) << path;
    ASSERT_EQ(seen.components.size(), 1U) << path;
    const Component& component = seen.components[0].component;
    EXPECT_EQ(component.name, "@example/left-pad");
    EXPECT_EQ(component.purl, "pkg:npm/%40example/left-pad@1.3.0");
    EXPECT_EQ(component.supplier, "Jane Example");
    EXPECT_EQ(component.licences, std::vector<std::string>{"MIT"});
  }
}

TEST(NpmTest, FilesOfAPackagesOwnTestsAreNone) {
  for (const std::string_view path :
       {"node_modules/a/test/fixture/package.json",
        "node_modules/@s/a/test/package.json", "node_modules/package.json",
        "package/xpackage.json", "package.json/x", ""}) {
    EXPECT_FALSE(ExamineFile(kNpm, path, kPackage).understood) << path;
  }
}

TEST(NpmTest, WithoutNameOrVersionThereIsNoPackage) {
  for (const std::string_view text :
       {"", "{", "[]", "null", "7", R"({"name":"x"})", R"({"version":"1"})",
        R"({"name":"","version":"1"})", R"({"name":["x"],"version":{}})",
        R"({"name":"x","name":"y","version":"1"})"}) {
    EXPECT_FALSE(ExamineFile(kNpm, "package.json", AsBytes(text)).understood)
        << text;
  }
}

TEST(NpmTest, SurvivesDamage) {
  SweepContent(kNpm, "package.json", kPackage);
}

}  // namespace
}  // namespace assay::sbom
