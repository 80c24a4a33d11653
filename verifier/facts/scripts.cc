// Scripts and what they do: the commands of shell scripts; the calls of Python,
// JavaScript, PHP and Lua, and the commands that those start.

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <vector>

#include "verifier/facts/extractors.h"
#include "verifier/facts/fact_writer.h"
#include "verifier/facts/script_calls.h"
#include "verifier/facts/script_kind.h"
#include "verifier/facts/shell.h"
#include "verifier/facts/shell_program.h"
#include "verifier/facts/text_lines.h"

namespace assay::facts {
namespace {

// Bundles of JavaScript are larger than any shell script.
constexpr std::size_t kMaxSource = 16UL << 20U;

std::string Joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) {
    AppendWord(text, word);
  }
  return text;
}

class CommandWriter {
 public:
  CommandWriter(FactWriter& facts, std::size_t limit)
      : facts_(facts), limit_(limit) {}

  void AddScript(std::string_view text) {
    const ShellScript script = ParseShell(text, limit_);
    const auto programs = ProgramsOf(script);
    for (std::size_t i = 0; i < script.commands.size(); ++i) {
      const ShellCommand& command = script.commands[i];
      AddCommand(command, programs, i, "", command.place, command.line);
      AddNested(text, command, programs[i], command.place, command.line);
    }
    if (script.truncated) {
      facts_.Truncate();
    }
  }

  // A script inside a string: `place` and `line` are those of the string.
  void AddInner(std::string_view text, std::string_view within, Range place,
                std::uint32_t line) {
    constexpr std::size_t kMostLevels = 4;
    if (levels_ == kMostLevels || text.size() > inner_) {
      return;
    }
    inner_ -= text.size();
    ++levels_;
    const ShellScript script = ParseShell(text, limit_);
    const auto programs = ProgramsOf(script);
    for (std::size_t i = 0; i < script.commands.size(); ++i) {
      AddCommand(script.commands[i], programs, i, within, place, line);
      AddNested(text, script.commands[i], programs[i], place, line);
    }
    --levels_;
  }

  void AddWords(const std::vector<std::string>& words, Range place,
                std::uint32_t line) {
    facts_.Add({.kind = "command",
                .value = Joined(words),
                .attributes = {{"program", ProgramOf(words)},
                               {"line", fmt::format("{}", line)}},
                .place = place});
    if (const auto inner = ScriptArgument(words)) {
      AddInner(*inner, ProgramOf(words), place, line);
    }
  }

 private:
  static std::vector<std::string> ProgramsOf(const ShellScript& script) {
    std::vector<std::string> programs;
    for (const ShellCommand& command : script.commands) {
      programs.push_back(ProgramOf(command.words));
    }
    return programs;
  }

  void AddCommand(const ShellCommand& command,
                  const std::vector<std::string>& programs, std::size_t index,
                  std::string_view within, Range place, std::uint32_t line) {
    if (command.words.empty() || facts_.full()) {
      return;
    }
    const auto program = [&](std::optional<std::size_t> other) {
      return other ? programs[*other] : std::string();
    };
    const std::string outer = program(command.within);
    facts_.Add({.kind = "command",
                .value = Joined(command.words),
                .attributes = {{"program", programs[index]},
                               {"line", fmt::format("{}", line)},
                               {"pipe_to", program(command.pipe_to)},
                               {"redirect", Joined(command.redirections)},
                               {"within",
                                outer.empty() ? std::string(within) : outer}},
                .place = place});
  }

  // sh -c TEXT, eval TEXT, sh <<EOF, and what a pipeline hands to a shell.
  void AddNested(std::string_view text, const ShellCommand& command,
                 const std::string& program, Range place, std::uint32_t line) {
    const auto inner = ScriptArgument(command.words);
    if (inner && inner->substr(0, 1) != "$" && inner->substr(0, 1) != "`") {
      AddInner(*inner, program, place, line);
    }
    if (command.input) {
      AddInner(*command.input, program, place, line);
    }
    if (command.here_document && IsShell(program)) {
      const Range body = *command.here_document;
      AddInner(text.substr(body.offset, body.length), program,
               levels_ == 0 ? body : place, line);
    }
  }

  FactWriter& facts_;
  std::size_t limit_;
  std::size_t levels_ = 0;
  std::size_t inner_ = kMaxTextFile;  // bytes of scripts in strings, in all
};

void AddCall(const ScriptCall& call, std::string_view language,
             FactWriter& facts) {
  facts.Add({.kind = "call",
             .value = std::string(call.function),
             .attributes = {{"does", std::string(call.does)},
                            {"language", std::string(language)},
                            {"line", fmt::format("{}", call.line)},
                            {"arg1", call.arguments[0]},
                            {"arg2", call.arguments[1]},
                            {"arg3", call.arguments[2]},
                            {"tainted", std::string(call.origin)},
                            {"dynamic", call.function.empty() ? "yes" : ""}},
             .place = call.place});
}

void AddCalls(const Subject& subject, ScriptLanguage language,
              std::string_view text, FactWriter& facts, CommandWriter& writer) {
  // A web server runs what lies there with a request as its input.
  const bool cgi =
      PathOf(subject.artifact).find("cgi-bin") != std::string_view::npos;
  const ScriptCalls found = FindScriptCalls(
      language, text.substr(0, kMaxSource), cgi, subject.limits.facts);
  for (const ScriptCall& call : found.calls) {
    AddCall(call, NameOf(language), facts);
    if (call.by_shell) {
      writer.AddInner(Joined(call.words), call.function, call.place, call.line);
    } else if (!call.words.empty()) {
      writer.AddWords(call.words, call.place, call.line);
    }
  }
  if (found.truncated || text.size() > kMaxSource) {
    facts.Truncate();
  }
}

bool Examine(const Subject& subject, Observations& into) {
  const ScriptKind kind = ScriptKindOf(subject.artifact, subject.content);
  if (kind.interpreter.empty()) {
    return false;
  }
  FactWriter facts("scripts", subject, into);
  facts.Add({.kind = "script",
             .value = kind.interpreter,
             .attributes = {{"shebang", std::string(kind.shebang)}}});
  const std::string_view text = ScriptText(subject.content);
  CommandWriter writer(facts, subject.limits.facts);
  if (kind.interpreter == "shell") {
    writer.AddScript(text.substr(0, kMaxTextFile));
    if (text.size() > kMaxTextFile) {
      facts.Truncate();
    }
    return text.size() == subject.content.size();
  }
  const auto language = ScriptLanguageOf(kind.interpreter);
  if (language) {
    AddCalls(subject, *language, text, facts, writer);
  }
  return language.has_value();
}

}  // namespace

const Analysis kScripts = {
    .name = "scripts",
    .title = "Scripts and the commands they run",
    .examine = Examine,
};

}  // namespace assay::facts
