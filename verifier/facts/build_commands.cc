// Commands that files of builds, of installations and of editors hold as
// texts: CMake, Meson, gyp, Bazel, Gradle, Maven, Ant, MSBuild, Nix, Rake,
// Cargo, spec files and recipes, steps of build services, hooks of package
// managers. No language is read as its tool reads it: a text counts as a
// command when it begins with a well-known tool and looks like a command line.

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "verifier/base/text.h"
#include "verifier/facts/build_texts.h"
#include "verifier/facts/command_writer.h"
#include "verifier/facts/extractors.h"
#include "verifier/facts/fact_writer.h"
#include "verifier/facts/text_lines.h"

namespace assay::facts {
namespace {

constexpr std::size_t kMaxCommands = 2000;

template <std::size_t N>
bool EndsWithAny(std::string_view name,
                 const std::array<std::string_view, N>& ends) {
  return std::any_of(ends.begin(), ends.end(),
                     [&](std::string_view end) { return name.ends_with(end); });
}

template <std::size_t N>
bool IsAnyOf(std::string_view name,
             const std::array<std::string_view, N>& names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

constexpr std::array<std::string_view, 22> kLooseNames = {
    "cmakelists.txt", "meson.build",  "build.bazel",   "workspace",
    "module.bazel",   "jenkinsfile",  "rakefile",      "gemfile",
    "podfile",        "vagrantfile",  "extconf.rb",    "build.rs",
    "composer.json",  "package.json", "tasks.json",    "devcontainer.json",
    "tox.ini",        "build.ninja",  "package.swift", "build.zig",
    "makefile.pl",    "build.pl"};
constexpr std::array<std::string_view, 17> kLooseEnds = {
    ".cmake", ".gyp", ".gypi",    ".bzl",     ".gradle",  ".gradle.kts",
    ".nix",   ".pro", ".pri",     ".gemspec", ".podspec", ".rockspec",
    ".iss",   ".nsi", ".pbxproj", ".action",  ".hook"};
constexpr std::array<std::string_view, 9> kMarkupEnds = {
    ".csproj",  ".vcxproj", ".vbproj", ".fsproj", ".props",
    ".targets", ".proj",    ".wxs",    ".nuspec"};
constexpr std::array<std::string_view, 7> kStepNames = {
    ".gitlab-ci.yml", ".travis.yml",  "azure-pipelines.yml",    "taskfile.yml",
    "snapcraft.yaml", "appveyor.yml", ".pre-commit-config.yaml"};
constexpr std::array<std::string_view, 7> kSectionEnds = {
    ".spec", ".bb", ".bbclass", ".bbappend", ".ks", ".ebuild", ".eclass"};

// Whether `folder` is one of the steps of the path.
bool HoldsFolder(std::string_view path, std::string_view folder) {
  const std::size_t at = path.find(folder);
  return at == 0 || (at != std::string_view::npos && path[at - 1] == '/');
}

// By its place and name; nothing for all other files.
std::optional<BuildSyntax> SyntaxOf(std::string_view path) {
  const std::string name = Lower(BaseName(path));
  const bool yaml = name.ends_with(".yml") || name.ends_with(".yaml");
  if (IsAnyOf(name, kStepNames) ||
      (yaml &&
       (HoldsFolder(path, ".github/") || HoldsFolder(path, ".circleci/") ||
        HoldsFolder(path, ".gitea/") || HoldsFolder(path, "templates/"))) ||
      HoldsFolder(path, "cloud.cfg.d/")) {
    return BuildSyntax::kSteps;
  }
  if (name == "pom.xml" || name == "build.xml" ||
      EndsWithAny(name, kMarkupEnds)) {
    return BuildSyntax::kMarkup;
  }
  if (name == "ks.cfg" || name == "anaconda-ks.cfg" ||
      EndsWithAny(name, kSectionEnds)) {
    return BuildSyntax::kSections;
  }
  const bool rust = name == "config.toml" || name == "config";
  if (IsAnyOf(name, kLooseNames) || EndsWithAny(name, kLooseEnds) ||
      name == "justfile" || name == "preseed.cfg" ||
      (rust && HoldsFolder(path, ".cargo/"))) {
    return BuildSyntax::kTexts;
  }
  if (name.ends_with(".go")) {
    return BuildSyntax::kRemarks;
  }
  return BaseName(path) == "BUILD" ? std::optional(BuildSyntax::kTexts)
                                   : std::nullopt;
}

// As facts of kind "build.command": rules about what a product runs by itself
// do not mean what somebody's build would run.
void AddCommands(BuildSyntax syntax, const Subject& subject,
                 Observations& into) {
  Observations seen;
  FactWriter scratch("build_commands", subject, seen, kMaxCommands);
  CommandWriter writer(scratch, kMaxCommands);
  for (const BuildText& one : ReadBuildTexts(syntax, AsText(subject.content))) {
    if (one.words.empty()) {
      writer.AddInner(one.text, "build", one.place, one.line);
    } else {
      writer.AddWords(one.words, one.place, one.line);
    }
  }
  FactWriter facts("build_commands", subject, into, kMaxCommands);
  for (Fact& fact : seen.facts) {
    if (fact.kind == "command") {
      fact.kind = "build.command";
      facts.Add(std::move(fact));
    } else if (fact.kind == "facts.truncated") {
      facts.Truncate();
    }
  }
}

bool Examine(const Subject& subject, Observations& into) {
  if (subject.content.empty() || subject.content.size() > kMaxTextFile) {
    return false;
  }
  const auto syntax = SyntaxOf(PathOf(subject.artifact));
  if (syntax && IsText(subject.content)) {
    AddCommands(*syntax, subject, into);
  }
  return false;
}

}  // namespace

const Analysis kBuildCommands = {
    .name = "build_commands",
    .title = "Commands in files of builds and installations",
    .examine = Examine,
};

}  // namespace assay::facts
