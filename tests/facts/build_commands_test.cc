#include "tests/facts/examine.h"

namespace assay::facts {
namespace {

using testing::Examine;
using testing::ExpectLawful;
using testing::PlaceText;
using testing::Sample;
using testing::Strings;
using testing::Sweep;

const Bytes kCMake = Sample("facts/build_commands/CMakeLists.txt");
const Bytes kSteps = Sample("facts/build_commands/steps.yml");

std::string AttributeOf(const Fact& fact, std::string_view name) {
  for (const auto& [key, text] : fact.attributes) {
    if (key == name) {
      return text;
    }
  }
  return {};
}

TEST(BuildCommandsTest, ReadsTextsThatAreCommands) {
  const auto seen = Examine(kBuildCommands, "src/CMakeLists.txt", kCMake);
  EXPECT_EQ(seen.Values("build.command").front(), "tail -c +900 docs/demo.png");
  EXPECT_EQ(AttributeOf(seen.facts[0], "pipe_to"), "xz");
  EXPECT_EQ(PlaceText(seen.facts[0], kCMake),
            "tail -c +900 docs/demo.png | xz -d | sh");
  ExpectLawful(seen, kCMake);
}

TEST(BuildCommandsTest, FollowsTheLinesOfOneStep) {
  const auto seen =
      Examine(kBuildCommands, "x/.github/workflows/a.yml", kSteps);
  ASSERT_GE(seen.facts.size(), 2U);
  EXPECT_EQ(seen.facts[1].value, "sh /tmp/x");
  EXPECT_EQ(AttributeOf(seen.facts[1], "tainted"), "network,placed");
  ExpectLawful(seen, kSteps);
}

struct Case {
  std::string_view path;
  std::string_view text;
  Strings commands;
};

TEST(BuildCommandsTest, ReadsEveryKindOfFile) {
  const std::vector<Case> cases = {
      {"meson.build", "run_command('sh', 'a/b.txt')\n", {"sh a/b.txt"}},
      {"binding.gyp",
       "{\"sources\": [\"<!(curl -s a | sh)\"]}",
       {"curl -s a", "sh"}},
      {"build.gradle", "exec { commandLine 'sh', 'a' }\n", {"sh a"}},
      {"pom.xml",
       "<argument>curl -s a &amp;&amp; sh b</argument>",
       {"curl -s a", "sh b"}},
      {"build.xml", "<arg line=\"-c 'curl -s a'\"/>", {"curl -s a"}},
      {"a.csproj", "<Exec Command=\"curl -s a\" />", {"curl -s a"}},
      {"justfile", "build:\n    curl -s a\n    cargo build\n", {"curl -s a"}},
      {"build.ninja", "  command = curl -s $in\n", {"curl -s $in"}},
      {"default.nix",
       "buildPhase = ''\n  curl -s a\n  make\n'';\n",
       {"curl -s a", "make"}},
      {".gitlab-ci.yml",
       "build:\n  script:\n    - curl -s a\n    - make\n",
       {"curl -s a", "make"}},
      {"a.go",
       "//go:generate sh -c \"curl -s a\"\n",
       {"sh -c curl -s a", "curl -s a"}},
      {"a.spec",
       "Name: a\n%post\ncurl -s a\n%files\n",
       {"Name: a", "curl -s a"}},
      // What only looks like it.
      {"meson.build", "message('find the library')\n", {}},
      {"package.json", "{\"description\": \"source code of a/b\"}", {}},
      {"a.go", "// curl -s a | sh\n", {}},
      {"notes.txt", "'curl -s a'\n", {}},
  };
  for (const Case& one : cases) {
    EXPECT_EQ(
        Examine(kBuildCommands, one.path, one.text).Values("build.command"),
        one.commands)
        << one.path << "\n"
        << one.text;
  }
}

TEST(BuildCommandsTest, SurvivesAnyInput) {
  Sweep(kBuildCommands, "CMakeLists.txt", kCMake);
  Sweep(kBuildCommands, ".github/a.yml", kSteps);
}

}  // namespace
}  // namespace assay::facts
