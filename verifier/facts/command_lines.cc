// Commands that stand in files which are no scripts: recipes of make(1) and
// container files, configure.ac and its macros; rules of udev(7), modprobe.d(5)
// and logrotate(8); settings of configuration files whose value is a command;
// "#exec" of server-side includes.

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "verifier/base/text.h"
#include "verifier/facts/command_writer.h"
#include "verifier/facts/extractors.h"
#include "verifier/facts/fact_writer.h"
#include "verifier/facts/script_kind.h"
#include "verifier/facts/text_lines.h"

namespace assay::facts {
namespace {

constexpr std::size_t kMaxCommands = 2000;
constexpr std::size_t kMaxLogical = 64UL << 10U;

// A line with those that continue it behind a backslash.
struct LogicalLine {
  std::string text = {};
  Range place = {};
  std::uint32_t number = 0;
};

class LogicalLines {
 public:
  explicit LogicalLines(std::string_view text) : lines_(text) {}

  bool Next(LogicalLine& into) {
    auto line = lines_.Next();
    if (!line) {
      return false;
    }
    into = {{}, {line->offset, 0}, line->number};
    for (;;) {
      const bool more = line->text.ends_with('\\');
      into.place.length = line->offset + line->text.size() - into.place.offset;
      into.text.append(
          line->text.substr(0, line->text.size() - (more ? 1 : 0)));
      if (!more || into.text.size() > kMaxLogical || !(line = lines_.Next())) {
        return true;
      }
    }
  }

 private:
  LineReader lines_;
};

void Learn(std::string_view name, std::string_view value, ShellValues& values) {
  ShellText text;
  text.Append(value);
  values.Learn(name, text, true);
}

// make's "$(NAME)" and "$$" as a shell would write them; functions and
// automatic variables stay.
std::string AsShell(std::string_view recipe) {
  std::string text;
  for (std::size_t at = 0; at < recipe.size(); ++at) {
    const std::string_view two = recipe.substr(at, 2);
    const std::size_t end =
        two == "$(" ? recipe.find_first_of(") ,$", at + 2) : std::string::npos;
    if (end != std::string_view::npos && recipe[end] == ')') {
      text.append("${").append(recipe.substr(at + 2, end - at - 2)).append("}");
      at = end;
      continue;
    }
    text += recipe[at];
    at += two == "$$" ? 1U : 0U;
  }
  return text;
}

// Recipes begin with a tab; "NAME = value" and its relatives before them.
void ReadMakefile(std::string_view text, FactWriter& facts) {
  ShellValues values;
  CommandWriter writer(facts, kMaxCommands);
  LogicalLines lines(text);
  LogicalLine line;
  while (lines.Next(line) && !facts.full()) {
    std::string_view entry = line.text;
    const std::size_t semicolon = entry.find(';');
    const std::size_t colon = entry.find(':');
    const bool rule = colon < semicolon && semicolon != entry.npos &&
                      entry.substr(colon + 1, 1) != "=";
    if (entry.starts_with('\t') || rule) {
      entry.remove_prefix(rule && entry[0] != '\t' ? semicolon + 1 : 1);
      entry.remove_prefix(
          std::min(entry.find_first_not_of("@-+ \t"), entry.size()));
      writer.AddInner(AsShell(entry), "make", line.place, line.number, values);
      continue;
    }
    const std::size_t equals = entry.find('=');
    if (equals == std::string_view::npos || equals == 0) {
      continue;
    }
    std::string_view name = Trim(entry.substr(0, equals));
    const bool shell = name.ends_with('!');
    name = Trim(name.substr(0, name.find_last_not_of(":?+! \t") + 1));
    const std::string_view value = Trim(entry.substr(equals + 1));
    constexpr std::string_view kFunction = "$(shell ";
    if (shell || (value.starts_with(kFunction) && value.ends_with(')'))) {
      const std::string_view command =
          shell ? value
                : value.substr(kFunction.size(),
                               value.size() - kFunction.size() - 1);
      writer.AddInner(AsShell(command), "make", line.place, line.number,
                      values);
    } else if (value.find('$') == std::string_view::npos) {
      Learn(name, value, values);
    }
  }
}

// RUN of a container file, and what it sets before.
void ReadContainerFile(std::string_view text, FactWriter& facts) {
  ShellValues values;
  CommandWriter writer(facts, kMaxCommands);
  LogicalLines lines(text);
  LogicalLine line;
  while (lines.Next(line) && !facts.full()) {
    const auto words = Words(line.text, 2);
    if (words.size() < 2) {
      continue;
    }
    if (words[0] == "RUN") {
      writer.AddInner(words[1], "container", line.place, line.number, values);
    } else if (words[0] == "ENV" || words[0] == "ARG") {
      const std::size_t end = words[1].find_first_of("= ");
      if (end != std::string_view::npos &&
          words[1].find('$') == std::string_view::npos) {
        Learn(words[1].substr(0, end), Trim(words[1].substr(end + 1)), values);
      }
    }
  }
}

// udev(7): RUN+="...", PROGRAM=="...", IMPORT{program}="...".
void ReadUdev(std::string_view text, FactWriter& facts) {
  LogicalLines lines(text);
  LogicalLine line;
  while (lines.Next(line)) {
    const std::string_view entry = Trim(line.text);
    if (entry.starts_with('#')) {
      continue;
    }
    for (const std::string_view key :
         {"RUN+=\"", "RUN=\"", "RUN{program}+=\"", "RUN{program}=\"",
          "PROGRAM=\"", "PROGRAM==\"", "IMPORT{program}=\"",
          "IMPORT{program}==\""}) {
      for (std::size_t at = entry.find(key); at != std::string_view::npos;
           at = entry.find(key, at + 1)) {
        const std::string_view rest = entry.substr(at + key.size());
        std::size_t end = 0;
        while (end < rest.size() && rest[end] != '"') {
          end += rest[end] == '\\' ? 2U : 1U;
        }
        AddCommandLine(rest.substr(0, std::min(end, rest.size())), "udev",
                       line.place, facts);
      }
    }
  }
}

// modprobe.d(5): "install MODULE COMMAND", "remove MODULE COMMAND".
void ReadModprobe(std::string_view text, FactWriter& facts) {
  LogicalLines lines(text);
  LogicalLine line;
  while (lines.Next(line)) {
    const auto words = Words(line.text, 3);
    if (words.size() == 3 && (words[0] == "install" || words[0] == "remove")) {
      AddCommandLine(words[2], "modprobe", line.place, facts);
    }
  }
}

// logrotate(8): scripts between these words and "endscript".
void ReadLogrotate(std::string_view text, FactWriter& facts) {
  std::string script;
  Range place;
  bool inside = false;
  LineReader lines(text);
  while (const auto line = lines.Next()) {
    const std::string_view entry = Trim(line->text);
    if (inside && entry == "endscript") {
      AddCommandLine(script, "logrotate", place, facts);
      inside = false;
    } else if (inside) {
      script.append(entry).append("\n");
      place.length = line->offset + line->text.size() - place.offset;
    } else if (entry == "postrotate" || entry == "prerotate" ||
               entry == "firstaction" || entry == "lastaction" ||
               entry == "preremove") {
      inside = true;
      script.clear();
      place = {line->offset, line->text.size()};
    }
  }
}

// Keys of settings that name what a daemon runs on some event.
bool NamesCommand(std::string_view key) {
  static constexpr std::string_view kKeys[] = {
      "command", "cmd",     "exec",    "script",  "hook",    "program",
      "run",     "handler", "up",      "down",    "notify",  "action",
      "pass",    "extend",  "onlogin", "trigger", "callback"};
  const std::string lower = Lower(key);
  return std::any_of(
      std::begin(kKeys), std::end(kKeys), [&](std::string_view known) {
        return lower == known ||
               (lower.size() > known.size() && lower.ends_with(known) &&
                std::string_view("_-. ").find(
                    lower[lower.size() - known.size() - 1]) !=
                    std::string_view::npos);
      });
}

// "key = /path operands", "key /path", "option key '/path'": only a command
// that is given with its path, or that clearly goes to a shell.
void ReadSettings(std::string_view text, FactWriter& facts) {
  LineReader lines(text);
  while (const auto line = lines.Next()) {
    std::string_view entry = Trim(line->text);
    if (entry.empty() ||
        std::string_view("#;/<{[").find(entry[0]) != std::string_view::npos) {
      continue;
    }
    for (const std::string_view word :
         {"option ", "list ", "set ", "export "}) {
      entry.remove_prefix(entry.starts_with(word) ? word.size() : 0);
    }
    const std::size_t end = entry.find_first_of(" \t=:");
    if (end == std::string_view::npos ||
        !NamesCommand(Trim(entry.substr(0, end)))) {
      continue;
    }
    std::string_view value = entry.substr(end);
    value.remove_prefix(
        std::min(value.find_first_not_of(" \t=:|"), value.size()));
    if (value.size() > 1 && (value[0] == '"' || value[0] == '\'')) {
      value = value.substr(1, value.find(value[0], 1) - 1);
    }
    if (value.starts_with('/') || value.starts_with("sh -c ")) {
      AddCommandLine(value, "config", line->PlaceOf(line->text), facts);
    }
  }
}

// <!--#exec cmd="..." -->
void ReadIncludes(std::string_view text, FactWriter& facts) {
  constexpr std::string_view kMark = "<!--#exec";
  for (std::size_t at = text.find(kMark); at != std::string_view::npos;
       at = text.find(kMark, at + 1)) {
    const std::string_view rest = text.substr(at, 1024);
    const std::string_view element = rest.substr(0, rest.find("-->"));
    const std::size_t from = element.find("cmd=\"");
    if (from != std::string_view::npos) {
      const std::string_view command = element.substr(from + 5);
      AddCommandLine(command.substr(0, command.rfind('"')), "ssi",
                     {at, element.size()}, facts);
    }
  }
}

using Reader = void (*)(std::string_view, FactWriter&);

// configure.ac and m4 macros are shell between macro calls.
void ReadConfigure(std::string_view text, FactWriter& facts) {
  CommandWriter(facts, kMaxCommands).AddScript(text);
}

// The reader of a file by its place and name; null for all others.
Reader ReaderOf(std::string_view path) {
  const std::string_view base = BaseName(path);
  const std::string_view folder = BaseName(Folder(path));
  const std::string name = Lower(base);
  if (name == "makefile" || name == "gnumakefile" || name == "makefile.am" ||
      name == "makefile.in" || name.ends_with(".mk") ||
      EndsWithPath(path, "debian/rules")) {
    return ReadMakefile;
  }
  if (name == "dockerfile" || name == "containerfile" ||
      name.starts_with("dockerfile.") || name.ends_with(".dockerfile")) {
    return ReadContainerFile;
  }
  if (name == "configure.ac" || name == "configure.in" ||
      name.ends_with(".m4")) {
    return ReadConfigure;
  }
  if (name.ends_with(".rules") && EndsWithPath(Folder(path), "udev/rules.d")) {
    return ReadUdev;
  }
  if (name.ends_with(".conf") && folder == "modprobe.d") {
    return ReadModprobe;
  }
  if (folder == "logrotate.d" || name == "logrotate.conf") {
    return ReadLogrotate;
  }
  if (name.ends_with(".shtml") || name.ends_with(".stm") ||
      name.ends_with(".shtm")) {
    return ReadIncludes;
  }
  const bool below =
      path.starts_with("etc/") || path.find("/etc/") != std::string_view::npos;
  const bool plain = name.find('.') == std::string::npos;
  for (const std::string_view extension : {".conf", ".cfg", ".ini", ".cnf"}) {
    if (name.ends_with(extension)) {
      return ReadSettings;
    }
  }
  return below && plain ? ReadSettings : nullptr;
}

bool Examine(const Subject& subject, Observations& into) {
  if (subject.content.empty() || subject.content.size() > kMaxTextFile) {
    return false;
  }
  const Reader reader = ReaderOf(PathOf(subject.artifact));
  if (reader == nullptr || !IsText(subject.content)) {
    return false;
  }
  // Shell scripts are read as a whole.
  if (ScriptKindOf(subject.artifact, subject.content).interpreter == "shell") {
    return false;
  }
  FactWriter facts("command_lines", subject, into);
  reader(AsText(subject.content), facts);
  return false;
}

}  // namespace

const Analysis kCommandLines = {
    .name = "command_lines",
    .title = "Commands in recipes, rules and settings",
    .examine = Examine,
};

}  // namespace assay::facts
