// Scripts and the commands they run. Shell scripts are read by a tokenizer;
// of Python and JavaScript only calls that start a process with a literal.

#include <string>
#include <string_view>

#include "verifier/facts/command_writer.h"
#include "verifier/facts/extractors.h"
#include "verifier/facts/fact_writer.h"
#include "verifier/facts/process_calls.h"
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
  for (const ProcessCall& call : FindProcessCalls(kind.interpreter, text)) {
    if (call.by_shell) {
      writer.AddInner(JoinedWords(call.words), call.function, call.place,
                      call.line);
    } else {
      writer.AddWords(call.words, call.place, call.line);
    }
  }
  return kind.interpreter == "python" || kind.interpreter == "javascript";
}

}  // namespace

const Analysis kScripts = {
    .name = "scripts",
    .title = "Scripts and the commands they run",
    .examine = Examine,
};

}  // namespace assay::facts
