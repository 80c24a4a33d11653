// What runs at start-up by System V's means: scripts of init.d and rc*.d with
// their links, rc.local and rcS, inittab(5); the listeners and preloaded
// libraries that scripts name; ld.so.preload.

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "verifier/base/text.h"
#include "verifier/facts/command_writer.h"
#include "verifier/facts/extractors.h"
#include "verifier/facts/fact_writer.h"
#include "verifier/facts/listeners.h"
#include "verifier/facts/script_kind.h"
#include "verifier/facts/shell.h"
#include "verifier/facts/shell_program.h"
#include "verifier/facts/text_lines.h"

namespace assay::facts {
namespace {

constexpr std::size_t kMaxCommands = 20'000;

// The run level of ".../rc3.d" (or "rcS.d"), "" for other folders.
std::string_view RunLevel(std::string_view folder) {
  const std::string_view name = BaseName(folder);
  const bool is_level =
      name.size() == 5 && name.substr(0, 2) == "rc" && name.substr(3) == ".d";
  return is_level ? name.substr(2, 1) : std::string_view();
}

// S<nn>name starts, K<nn>name stops.
bool IsStartName(std::string_view name) {
  return name.size() > 3 && name[0] == 'S' && name[1] >= '0' &&
         name[1] <= '9' && name[2] >= '0' && name[2] <= '9';
}

// Folders and files that an init runs as a whole.
std::string_view ScriptRole(std::string_view path) {
  const std::string_view base = BaseName(path);
  const std::string_view folder = BaseName(Folder(path));
  if (base == "README" || base == "functions" || base == "skeleton") {
    return {};
  }
  for (const std::string_view name : {"rc.local", "rcS", "rc.sysinit"}) {
    if (base == name) {
      return "sysv";
    }
  }
  // What the kernel itself starts from an initramfs; OpenWrt's first script.
  if (path == "init" || path == "linuxrc" ||
      EndsWithPath(path, "etc/preinit")) {
    return "init";
  }
  if (folder == "init.d" ||
      (folder == "rc.d" && EndsWithPath(Folder(path), "etc/rc.d"))) {
    return "sysv";
  }
  const std::string_view above = BaseName(Folder(Folder(path)));
  if (base == "run" && (above == "service" || above == "sv" ||
                        EndsWithPath(Folder(Folder(path)), "s6/services"))) {
    return "runit";
  }
  return EndsWithPath(Folder(path), "etc/profile.d") ? "profile"
                                                     : std::string_view();
}

// LSB init scripts name their levels in a comment: "# Default-Start: 2 3".
std::string DefaultStart(std::string_view text) {
  constexpr std::string_view kKey = "# Default-Start:";
  const std::size_t at = text.substr(0, 4096).find(kKey);
  if (at == std::string_view::npos) {
    return {};
  }
  const std::string_view rest = text.substr(at + kKey.size(), 64);
  return std::string(Trim(rest.substr(0, rest.find('\n'))));
}

// A link in rc<level>.d or in <target>.wants: enabled, whatever it is.
bool AddLink(const Artifact& artifact, FactWriter& facts) {
  const std::string_view path = PathOf(artifact);
  const std::string_view folder = BaseName(Folder(path));
  const std::string_view level = RunLevel(Folder(path));
  const bool sysv = !level.empty() && IsStartName(BaseName(path));
  const bool wants =
      folder.ends_with(".wants") || folder.ends_with(".requires");
  if (!sysv && !wants) {
    return false;
  }
  facts.Add(
      {.kind = "startup",
       .value = artifact.meta.link_target,
       .attributes = {
           {"kind", sysv ? "sysv" : "systemd"},
           {"runlevel",
            std::string(sysv ? level : folder.substr(0, folder.rfind('.')))},
           {"action", "link"}}});
  return true;
}

// inittab(5): id:runlevels:action:process. BusyBox ignores the second field.
bool AddInittab(std::string_view text, FactWriter& facts) {
  LineReader lines(text);
  while (const auto line = lines.Next()) {
    const std::string_view entry = Trim(line->text);
    if (entry.empty() || entry[0] == '#') {
      continue;
    }
    const std::size_t first = entry.find(':');
    const std::size_t second =
        first == std::string_view::npos ? first : entry.find(':', first + 1);
    const std::size_t third =
        second == std::string_view::npos ? second : entry.find(':', second + 1);
    if (third == std::string_view::npos) {
      continue;
    }
    const std::string_view process = Trim(entry.substr(third + 1));
    const Range place = line->PlaceOf(entry);
    facts.Add({.kind = "startup",
               .value = std::string(process),
               .attributes = {{"kind", "inittab"},
                              {"runlevel", std::string(entry.substr(
                                               first + 1, second - first - 1))},
                              {"action", std::string(entry.substr(
                                             second + 1, third - second - 1))}},
               .place = place});
    AddCommandLine(process, "inittab", place, facts);
  }
  return true;
}

bool AddPreloadFile(std::string_view text, FactWriter& facts) {
  LineReader lines(text);
  while (const auto line = lines.Next()) {
    const std::string_view entry = line->text.substr(0, line->text.find('#'));
    for (const std::string_view list : Words(entry)) {
      for (const std::string_view library : Split(list, ':')) {
        if (!library.empty()) {
          facts.Add({.kind = "preload",
                     .value = std::string(library),
                     .attributes = {{"source", "ld.so.preload"}},
                     .place = line->PlaceOf(library)});
        }
      }
    }
  }
  return true;
}

void AddPreload(std::string_view word, const ShellCommand& command,
                FactWriter& facts) {
  constexpr std::string_view kName = "LD_PRELOAD=";
  if (word.substr(0, kName.size()) == kName && word.size() > kName.size()) {
    facts.Add({.kind = "preload",
               .value = std::string(word.substr(kName.size())),
               .attributes = {{"source", "script"}},
               .place = command.place});
  }
}

void AddScript(std::string_view text, FactWriter& facts) {
  const ShellScript script = ParseShell(text, kMaxCommands);
  for (const ShellCommand& command : script.commands) {
    for (const std::string& assignment : command.assignments) {
      AddPreload(assignment, command, facts);
    }
    for (const std::string& word : command.words) {
      AddPreload(word, command, facts);  // export LD_PRELOAD=..., env ...
    }
    if (command.words.empty()) {
      continue;
    }
    for (const Listener& listener : ListenersOf(command.words)) {
      AddListener(listener, "script", command.place, facts);
    }
    if (const auto inner = ScriptArgument(command.words)) {
      AddListenersOfCommandLine(*inner, "script", command.place, facts);
    }
  }
  if (script.truncated) {
    facts.Truncate();
  }
}

void AddRole(const Subject& subject, FactWriter& facts) {
  const std::string_view path = PathOf(subject.artifact);
  const std::string_view level = RunLevel(Folder(path));
  std::string_view role = ScriptRole(path);
  if (!level.empty() && IsStartName(BaseName(path))) {
    role = "sysv";
  }
  if (!role.empty()) {
    facts.Add(
        {.kind = "startup",
         .value = std::string(path),
         .attributes = {
             {"kind", std::string(role)},
             {"runlevel", level.empty() ? DefaultStart(AsText(subject.content))
                                        : std::string(level)},
             {"action", "script"}}});
  }
}

bool Examine(const Subject& subject, Observations& into) {
  FactWriter facts("startup", subject, into);
  const std::string_view path = PathOf(subject.artifact);
  if (subject.artifact.meta.type == FileType::kSymlink) {
    AddLink(subject.artifact, facts);
    return false;
  }
  if (subject.content.empty() || subject.content.size() > kMaxTextFile) {
    return false;
  }
  const std::string_view text = AsText(subject.content);
  if (BaseName(path) == "inittab") {
    return AddInittab(text, facts) && IsText(subject.content);
  }
  if (BaseName(path) == "ld.so.preload") {
    return AddPreloadFile(text, facts);
  }
  const bool environment = EndsWithPath(path, "etc/environment");
  const ScriptKind kind = ScriptKindOf(subject.artifact, subject.content);
  if (!kind.interpreter.empty() || IsText(subject.content)) {
    AddRole(subject, facts);
  }
  if (kind.interpreter == "shell" || environment) {
    AddScript(ScriptText(subject.content), facts);
    return environment;
  }
  return false;
}

}  // namespace

const Analysis kStartup = {
    .name = "startup",
    .title = "Start-up scripts, inittab, preloaded libraries",
    .examine = Examine,
};

}  // namespace assay::facts
