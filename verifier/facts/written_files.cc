// What a script writes is looked at as if it were that file: the account list,
// keys for logins, schedules, units, sources of packages and the like that an
// installer or a start script puts in place.

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "verifier/facts/extractors.h"
#include "verifier/facts/fact_writer.h"
#include "verifier/facts/script_kind.h"
#include "verifier/facts/shell_writes.h"
#include "verifier/facts/text_lines.h"

namespace assay::facts {
namespace {

constexpr std::size_t kMaxFiles = 1024;
constexpr std::size_t kMaxCommands = 20'000;
constexpr std::size_t kMaxFacts = 2000;  // about one file

// Those that read files of settings, lists and scripts. What a text has to hide
// is seen in the script itself.
const std::vector<const Analysis*>& Readers() {
  static const std::vector<const Analysis*> kReaders = {
      &kAccounts,         &kSudoRules,    &kSshKeys,         &kStartup,
      &kSystemdUnits,     &kCron,         &kListenerConfigs, &kSettings,
      &kScripts,          &kCommandLines, &kServiceHooks,    &kPackageKeys,
      &kBareCertificates, &kCertificates, &kEmbeddedCode};
  return kReaders;
}

// One file by its path, whatever the number of commands that add to it.
std::vector<WrittenText> FilesOf(const ShellWrites& found, bool& complete) {
  std::vector<WrittenText> files;
  std::map<std::string_view, std::size_t> by_path;
  complete = found.complete;
  for (const ShellWrite& write : found.writes) {
    if (files.size() == kMaxFiles && !by_path.contains(write.path)) {
      complete = false;
      continue;
    }
    const auto [place, added] = by_path.try_emplace(write.path, files.size());
    if (added) {
      files.push_back({.path = write.path});
    }
    WrittenText& file = files[place->second];
    file.pieces.push_back({file.text.size(), write.place});
    file.text += write.text;
    file.size = file.text.size();
  }
  return files;
}

// False when a reader met one of its limits.
bool Read(const Subject& script, WrittenText& file) {
  Artifact artifact = script.artifact;
  artifact.inner_path = file.path;
  artifact.name = BaseName(file.path);
  artifact.meta = {};
  artifact.size = file.size;
  Limits limits = script.limits;
  limits.facts = std::min<std::uint64_t>(limits.facts, kMaxFacts);
  Observations seen;
  for (const Analysis* reader : Readers()) {
    reader->examine({artifact, AsBytes(file.text), limits}, seen);
  }
  bool complete = true;
  for (Fact& fact : seen.facts) {
    complete = complete && fact.kind != "facts.truncated";
    fact.place = file.PlaceOf(fact.place.value_or(Range{}).offset);
  }
  file.facts = std::move(seen.facts);
  file.facts.push_back({.kind = "written",
                        .value = std::string(PathOf(script.artifact)),
                        .place = file.PlaceOf(0)});
  return complete;
}

bool Examine(const Subject& subject, Observations& into) {
  if (ScriptKindOf(subject.artifact, subject.content).interpreter != "shell") {
    return false;
  }
  const std::string_view text =
      ScriptText(subject.content).substr(0, kMaxTextFile);
  if (text.find_first_of("<>") == std::string_view::npos &&
      text.find("tee ") == std::string_view::npos &&
      text.find("sed ") == std::string_view::npos) {
    return false;
  }
  ShellScript script = ParseShell(text, kMaxCommands);
  bool complete = true;
  for (WrittenText& file : FilesOf(WritesOf(text, script), complete)) {
    complete = Read(subject, file) && complete;
    into.written.push_back(std::move(file));
  }
  if (!complete) {
    FactWriter(kWrittenFiles.name, subject, into).Truncate();
  }
  return false;
}

}  // namespace

const Analysis kWrittenFiles = {
    .name = "written_files",
    .title = "Files that scripts write",
    .examine = Examine,
};

}  // namespace assay::facts
