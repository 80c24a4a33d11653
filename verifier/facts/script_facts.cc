#include "verifier/facts/script_facts.h"

#include <fmt/format.h>

#include <string>

#include "verifier/base/text.h"
#include "verifier/facts/script_calls.h"

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

}  // namespace

void AddSourceFacts(const SourceText& source, std::size_t limit,
                    FactWriter& facts, CommandWriter& writer) {
  const std::string_view language = NameOf(source.language);
  ScriptCalls found = FindScriptCalls(
      source.language, source.text.substr(0, kMaxSource), source.cgi, limit);
  for (ScriptCall& call : found.calls) {
    call.place.offset += source.offset;
    call.line += source.line;
    AddCall(call, language, facts);
    writer.SetContext(SourceNamed(call.gate), OriginOf(call.origin));
    if (call.by_shell) {
      writer.AddInner(JoinedWords(call.words), call.function, call.place,
                      call.line);
    } else if (!call.words.empty()) {
      writer.AddWords(call.words, call.place, call.line);
    }
  }
  for (ScriptGate& gate : found.gates) {
    gate.place.offset += source.offset;
    gate.line += source.line;
    AddGate(gate, language, facts);
  }
  if (found.truncated || source.text.size() > kMaxSource) {
    facts.Truncate();
  }
}

}  // namespace assay::facts
