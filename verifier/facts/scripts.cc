// Scripts and what they do: the commands of shell scripts; the calls of Python,
// JavaScript, PHP and Lua, and the commands that those start.

#include <string_view>

#include "verifier/base/text.h"
#include "verifier/facts/command_writer.h"
#include "verifier/facts/extractors.h"
#include "verifier/facts/fact_writer.h"
#include "verifier/facts/script_facts.h"
#include "verifier/facts/script_kind.h"
#include "verifier/facts/text_lines.h"

namespace assay::facts {
namespace {

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
    // A web server runs what lies there with a request as its input.
    const bool cgi =
        PathOf(subject.artifact).find("cgi-bin") != std::string_view::npos;
    AddSourceFacts({*language, text, cgi}, subject.limits.facts, facts, writer);
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
