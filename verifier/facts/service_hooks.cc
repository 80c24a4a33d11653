// What services run on some event, as their configuration says, and whether an
// interpreter is given what comes from outside.

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <string>
#include <string_view>
#include <vector>

#include "verifier/base/text.h"
#include "verifier/facts/command_writer.h"
#include "verifier/facts/extractors.h"
#include "verifier/facts/fact_writer.h"
#include "verifier/facts/hook_table.h"
#include "verifier/facts/script_kind.h"
#include "verifier/facts/shell_program.h"
#include "verifier/facts/text_lines.h"

namespace assay::facts {
namespace {

constexpr std::size_t kMaxHookFile = 1UL << 20U;
constexpr std::uint64_t kMaxFacts = 2000;

bool IsWordChar(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' ||
         c == '-';
}

bool IsInterpreter(std::string_view program) {
  if (IsShell(program) || program == "busybox") {
    return true;
  }
  const std::string_view plain =
      program.substr(0, program.find_first_of("0123456789."));
  for (const std::string_view name :
       {"python", "perl", "lua", "node", "php", "ruby", "tclsh", "xargs"}) {
    if (plain == name) {
      return true;
    }
  }
  return false;
}

// "~" is a blank in keys.
std::string KeyOf(std::string_view key) {
  std::string text(key);
  std::replace(text.begin(), text.end(), '~', ' ');
  return text;
}

// Where what follows `key` begins in a line of small letters; npos without it.
std::size_t Behind(std::string_view line, std::string_view key,
                   std::size_t from) {
  const bool first = key.starts_with('^');
  const std::string name = KeyOf(key.substr(first ? 1 : 0));
  if (first) {
    const bool begins = from == 0 && line.starts_with(name);
    const bool ends = line.size() > name.size() &&
                      (name.empty() || !IsWordChar(name.back()) ||
                       !IsWordChar(line[name.size()]));
    return begins && ends ? name.size() : std::string_view::npos;
  }
  for (std::size_t at = line.find(name, from); at != std::string_view::npos;
       at = line.find(name, at + 1)) {
    const std::size_t end = at + name.size();
    const bool alone =
        at == 0 || !IsWordChar(name[0]) || !IsWordChar(line[at - 1]);
    const bool whole = end >= line.size() || !IsWordChar(name.back()) ||
                       !IsWordChar(line[end]);
    if (alone && whole) {
      return end;
    }
  }
  return std::string_view::npos;
}

// The text from a quote on to the next one like it, unescaped.
std::string Quoted(std::string_view text, std::size_t& at) {
  const char quote = text[at++];
  std::string inner;
  while (at < text.size() && text[at] != quote) {
    const bool escaped = text[at] == '\\' && at + 1 < text.size() &&
                         (text[at + 1] == quote || text[at + 1] == '\\');
    at += escaped ? 1U : 0U;
    inner += text[at++];
  }
  ++at;
  return inner;
}

std::string Rest(std::string_view text) {
  text.remove_prefix(
      std::min(text.find_first_not_of(" \t=:>|(["), text.size()));
  text = Trim(text);
  while (!text.empty() && (text.back() == ';' || text.back() == ',')) {
    text = Trim(text.substr(0, text.size() - 1));
  }
  if (!text.empty() && (text[0] == '"' || text[0] == '\'')) {
    std::size_t at = 0;
    std::string inner = Quoted(text, at);
    // ForceCommand and its like take the quotes of a word as they are.
    return at >= text.size() ? inner : std::string(text);
  }
  return std::string(text);
}

std::string List(std::string_view text) {
  std::string all;
  std::size_t at = text.find_first_of("\"'");
  while (at < text.size()) {
    const std::string word = Quoted(text, at);
    const bool plain = word.find_first_of(" \t\"'$|;&") == std::string::npos;
    AppendWord(all, plain ? word : "'" + word + "'");
    // An operator of the configuration's own language, not a word of a list.
    const std::size_t next =
        text.find_first_of("\"'", std::min(at, text.size()));
    at = next;
  }
  return all.empty() ? Rest(text) : all;
}

std::string Bar(std::string_view text) {
  const std::size_t bar = text.find('|');
  if (bar == std::string_view::npos) {
    return {};
  }
  std::string_view command = text.substr(bar + 1);
  if (bar > 0 && (text[bar - 1] == '"' || text[bar - 1] == '\'')) {
    const std::size_t end = command.rfind(text[bar - 1]);
    command = command.substr(0, end);
  }
  return Rest(command);
}

// The part of it that the row means.
std::string_view PartOf(std::string_view text, const HookRow& row) {
  if (row.behind != '\0') {
    const std::size_t at = text.find(row.behind);
    text =
        at == std::string_view::npos ? std::string_view() : text.substr(at + 1);
  }
  return row.until == '\0' ? text : text.substr(0, text.find(row.until));
}

std::string CommandIn(std::string_view text, HookForm form) {
  switch (form) {
    case HookForm::kRest:
      return Rest(text);
    case HookForm::kSkip: {
      const auto words = Words(text, 2);
      return words.size() < 2 ? std::string() : Rest(words[1]);
    }
    case HookForm::kQuoted: {
      std::size_t at = text.find_first_of("\"'");
      return at == std::string_view::npos ? Rest(text) : Quoted(text, at);
    }
    case HookForm::kList:
      return List(text);
    case HookForm::kBar:
      return Bar(text);
    case HookForm::kPath: {
      const std::size_t at = text.find(" /");
      return at == std::string_view::npos ? std::string()
                                          : Rest(text.substr(at + 1));
    }
  }
  return {};
}

bool Has(const HookRow& row, char way) {
  return row.ways.find(way) != std::string_view::npos;
}

// How long a word of the service is that it replaces: "%s", "%{x}", "%x%",
// "<x>", "{x}"; 0 for anything else. Those with "$" are a shell's as well.
std::size_t ReplacedLength(std::string_view text, const HookRow& row) {
  const auto closed = [&](char end) {
    const std::size_t at = text.find(end);
    const bool name = at != std::string_view::npos && at > 1 && at < 64 &&
                      text.substr(1, at - 1).find_first_of(" \t\"'") ==
                          std::string_view::npos;
    return name ? at + 1 : 0;
  };
  if (text.size() < 2) {
    return 0;
  }
  if (text[0] == '%' && Has(row, '%')) {
    if (text[1] == '{') {
      return closed('}');
    }
    return std::isalpha(static_cast<unsigned char>(text[1])) != 0 ? 2 : 0;
  }
  if (text[0] == '{' && Has(row, '{')) {
    return text[1] == '{' ? closed('}') + (closed('}') == 0 ? 0U : 1U)
                          : closed('}');
  }
  // fail2ban's "<ip>" is an address; these are what the log says.
  const bool logged = text.starts_with("<F-") || text.starts_with("<matches>");
  return logged && Has(row, '&') ? closed('>') : 0;
}

// With what the service replaces as a variable of a shell.
std::string AsShell(std::string_view command, const HookRow& row) {
  std::string text;
  for (std::size_t at = 0; at < command.size();) {
    const std::size_t length = ReplacedLength(command.substr(at), row);
    text += length == 0 ? std::string(1, command[at]) : std::string("$1");
    at += length == 0 ? 1 : length;
  }
  return text;
}

// "sh", "sh -s", "python3 -": the program is what it reads; "sh %f", "sh -c" as
// the last words: what the service adds; "%{message}": all of it.
bool TakesCode(const std::vector<std::string_view>& words, const HookRow& row) {
  if (words.empty() || row.given == 0) {
    return false;
  }
  const auto bare = [](std::string_view word) {
    const std::size_t first = word.find_first_not_of("\"'{");
    return first == std::string_view::npos ? std::string_view()
                                           : word.substr(first);
  };
  const auto is_given = [&](std::string_view word) {
    const std::string_view plain = bare(word);
    return plain.starts_with("$") && plain.find('/') == std::string_view::npos;
  };
  std::size_t at = 0;
  while (at + 1 < words.size() && (words[at] == "exec" || words[at] == "env" ||
                                   words[at].ends_with("/env"))) {
    ++at;
  }
  const bool replaced =
      row.ways.find_first_of("%${&") != std::string_view::npos;
  if (is_given(words[at])) {
    return replaced;
  }
  if (!IsInterpreter(BaseName(bare(words[at]).substr(
          0, bare(words[at]).find_last_not_of("\"'") + 1)))) {
    return false;
  }
  const auto operand = std::find_if(
      words.begin() + static_cast<std::ptrdiff_t>(at) + 1, words.end(),
      [](std::string_view word) { return word[0] != '-' && word != "sh"; });
  if (operand != words.end()) {
    return is_given(*operand) && replaced;
  }
  return true;
}

// Whether it looks like a command at all: settings share their words.
bool IsCommand(std::string_view command) {
  const std::string_view first =
      command.substr(0, command.find_first_of(" \t;|"));
  const std::size_t start = first.find_first_not_of("\"'{@-+!");
  const std::string_view name = start == std::string_view::npos
                                    ? std::string_view()
                                    : first.substr(start);
  if (name.starts_with('/') || name.starts_with('$')) {
    return name.size() > 1;
  }
  if (IsInterpreter(name)) {
    return true;
  }
  const bool plain =
      !name.empty() && std::all_of(name.begin(), name.end(), IsWordChar);
  for (const std::string_view program :
       {"curl",   "wget",    "nc",   "ncat",    "socat",    "sed",
        "cat",    "tee",     "tail", "head",    "eval",     "exec",
        "env",    "sudo",    "su",   "telnetd", "iptables", "nft",
        "base64", "openssl", "awk",  "formail", "dd"}) {
    if (name == program) {
      return true;
    }
  }
  return plain && command.find("| ") != std::string_view::npos;
}

class Hooks {
 public:
  explicit Hooks(FactWriter& facts) : facts_(facts) {}

  void Read(std::string_view text, const std::vector<const HookRow*>& rows) {
    LineReader lines(text);
    while (const auto line = lines.Next()) {
      const std::string_view entry = Trim(line->text);
      if (facts_.full()) {
        return;
      }
      if (entry.empty() || entry[0] == '#' || entry[0] == ';') {
        continue;
      }
      const std::string small = Lower(entry);
      for (const HookRow* row : rows) {
        ReadLine(*line, entry, small, *row);
      }
    }
  }

 private:
  void ReadLine(const Line& line, std::string_view entry,
                std::string_view small, const HookRow& row) {
    for (const std::string_view key : Split(row.keys, ' ')) {
      std::size_t at = Behind(small, key, 0);
      if (at == std::string_view::npos || at > entry.size()) {
        continue;
      }
      Add(line, entry, CommandIn(PartOf(entry.substr(at), row), row.form), row);
      return;
    }
  }

  void Add(const Line& line, std::string_view entry, std::string_view command,
           const HookRow& row) {
    std::string_view plain = Trim(command);
    // Marks of services in front of a command, and blocks around it.
    plain.remove_prefix(std::min(plain.find_first_not_of("@-*"), plain.size()));
    std::string text = AsShell(plain, row);
    const std::size_t next = plain.find(' ');
    if (row.form == HookForm::kList && !IsCommand(text) &&
        next != std::string_view::npos) {  // a user before it
      plain = Trim(plain.substr(next));
      text = AsShell(plain, row);
    }
    const bool named = !text.starts_with('$') ||
                       row.ways.find_first_of("%${&") != std::string_view::npos;
    if (!named || !IsCommand(text)) {
      return;
    }
    const bool code = TakesCode(Words(text), row);
    const auto words = Words(text);
    const bool data = row.given != 0 &&
                      (Has(row, '<') || text != plain ||
                       text.find('$') != std::string::npos || row.ways.empty());
    const Range place = line.PlaceOf(entry);
    facts_.Add({.kind = "hook",
                .value = std::string(plain),
                .attributes = {{"service", std::string(row.service)},
                               {"given", NamesOfTaint(row.given)},
                               {"takes", code   ? "code"
                                         : data ? "data"
                                                : ""},
                               {"program", std::string(BaseName(words[0]))},
                               {"line", fmt::format("{}", line.number)}},
                .place = place});
    CommandWriter writer(facts_, kMostCommands);
    writer.SetContext(0, data ? row.given : ShellSource::Bits{0});
    writer.AddInner(text, row.service, place, line.number);
  }

  static constexpr std::size_t kMostCommands = 100;
  FactWriter& facts_;
};

// Never says that it understood the file.
bool Examine(const Subject& subject, Observations& into) {
  if (subject.content.empty() || subject.content.size() > kMaxHookFile) {
    return false;
  }
  const std::string slashed = "/" + Lower(PathOf(subject.artifact));
  std::vector<const HookRow*> rows;
  const HookRows all = AllHooks();
  for (const HookRow* row = all.begin; row != all.end; ++row) {
    if (IsFileOf(*row, slashed)) {
      rows.push_back(row);
    }
  }
  if (rows.empty() || !IsText(subject.content) ||
      !ScriptKindOf(subject.artifact, subject.content).interpreter.empty()) {
    return false;
  }
  FactWriter facts("service_hooks", subject, into, kMaxFacts);
  Hooks(facts).Read(AsText(subject.content), rows);
  return false;
}

}  // namespace

const Analysis kServiceHooks = {
    .name = "service_hooks",
    .title = "What services run on some event",
    .examine = Examine,
};

}  // namespace assay::facts
