// Scripts and what they do: the commands of shell scripts; the calls of Python,
// JavaScript, PHP and Lua, and the commands that those start.

#include <fmt/format.h>

#include <string>
#include <string_view>

#include "verifier/base/text.h"
#include "verifier/facts/command_writer.h"
#include "verifier/facts/extractors.h"
#include "verifier/facts/fact_writer.h"
#include "verifier/facts/script_calls.h"
#include "verifier/facts/script_kind.h"
#include "verifier/facts/text_lines.h"

namespace assay::facts {
namespace {

// Bundles of JavaScript are larger than any shell script.
constexpr std::size_t kMaxSource = 16UL << 20U;

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
                            {"dynamic", call.function.empty() ? "yes" : ""},
                            {"gate", std::string(call.gate)},
                            {"tells", std::string(call.tells)}},
             .place = call.place});
}

void AddGate(const ScriptGate& gate, std::string_view language,
             FactWriter& facts) {
  facts.Add({.kind = "gate",
             .value = std::string(gate.source),
             .attributes = {{"opens", std::string(gate.opens)},
                            {"comparand", std::string(NameOf(gate.comparand))},
                            {"compared", fmt::format("{}", gate.compared)},
                            {"language", std::string(language)},
                            {"line", fmt::format("{}", gate.line)}},
             .place = gate.place});
}

// "decoded,network" as bits.
ShellSource::Bits OriginOf(std::string_view names) {
  ShellSource::Bits bits = 0;
  for (const std::string_view name : Split(names, ',')) {
    bits |= name == "secrets" ? ShellSource::kSecrets : SourceNamed(name);
  }
  return bits;
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
    writer.SetContext(SourceNamed(call.gate), OriginOf(call.origin));
    if (call.by_shell) {
      writer.AddInner(JoinedWords(call.words), call.function, call.place,
                      call.line);
    } else if (!call.words.empty()) {
      writer.AddWords(call.words, call.place, call.line);
    }
  }
  for (const ScriptGate& gate : found.gates) {
    AddGate(gate, NameOf(language), facts);
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
