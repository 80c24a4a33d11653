#include <gtest/gtest.h>

#include <string>

#include "tests/cataloguers/examining.h"
#include "tests/support/hex.h"

namespace assay::sbom {
namespace {

using testing::Sample;

const Bytes kSpecification = Sample("cataloguers/gem/left-pad-1.3.0.gemspec");
constexpr std::string_view kPath =
    "usr/lib/ruby/gems/3.1.0/specifications/left-pad-1.3.0.gemspec";

TEST(GemTest, FindsInstalledOnes) {
  for (const std::string_view path :
       {kPath,
        std::string_view("specifications/default/left-pad-1.3.0.gemspec"),
        std::string_view("x/specifications/left-pad-1.3.0-x86_64-linux."
                         "gemspec")}) {
    const auto [understood, seen] = ExamineFile(kGem, path, kSpecification);
    EXPECT_TRUE(understood) << path;
    ASSERT_EQ(seen.components.size(), 1U) << path;
    const Component& component = seen.components[0].component;
    EXPECT_EQ(component.name, "left-pad");
    EXPECT_EQ(component.version, "1.3.0");
    EXPECT_EQ(component.purl, "pkg:gem/left-pad@1.3.0");
    EXPECT_EQ(component.supplier, "Jane \"J\" Example");
    EXPECT_EQ(component.licences,
              (std::vector<std::string>{"Ruby", "BSD-2-Clause"}));
  }
}

// Of a gem's sources, of another one, of no gem.
TEST(GemTest, OtherFilesAreNone) {
  for (const std::string_view path :
       {"gems/left-pad-1.3.0/left-pad.gemspec", "left-pad-1.3.0.gemspec",
        "specifications/left-pad-1.3.1.gemspec",
        "specifications/right-pad-1.3.0.gemspec",
        "specifications/left-pad-1.3.0.gemspec.bak", ""}) {
    EXPECT_FALSE(ExamineFile(kGem, path, kSpecification).understood) << path;
  }
}

TEST(GemTest, WhatOnlyRubyKnowsIsNoName) {
  for (const std::string_view text :
       {"", "s.name = NAME\ns.version = \"1\"", "s.name = \"a\"",
        "s.version = \"1\"", "s.name = \"a#{b}\"\ns.version = \"1\"",
        "s.name = \"a\ns.version = \"1\"", "s.name = \"a\\",
        "name = \"a\"\nversion = \"1\""}) {
    EXPECT_FALSE(ExamineFile(kGem, "specifications/a-1.gemspec", AsBytes(text))
                     .understood)
        << text;
  }
}

TEST(GemTest, SurvivesDamage) {
  SweepContent(kGem, kPath, kSpecification);
}

}  // namespace
}  // namespace assay::sbom
