// The functions of a script: what they give back, and what they are given.

#include <algorithm>

#include "verifier/facts/script_parser.h"
#include "verifier/facts/shell_program.h"
#include "verifier/facts/shell_sources.h"
#include "verifier/facts/text_lines.h"

namespace assay::facts {
namespace {

using Text = ScriptValue::Text;

constexpr std::size_t kMaxRoutines = 10'000;
constexpr std::size_t kMaxParameters = 8;

// Of two values of one thing: what both are, and where either comes from.
void Merge(ScriptValue& into, const ScriptValue& value, bool first) {
  const auto taint = Both(into.taint, value.taint);
  const auto sources = Both(into.sources, value.sources);
  const bool same = into.constant() && value.constant() &&
                    into.text == value.text && into.number == value.number;
  if (first) {
    into = value;
  } else if (!same) {
    into = {};
  }
  into.taint = taint;
  into.sources = sources;
  into.member = into.method = into.named = false;
  into.clean = false;
}

// "run", "self.run", "M.run": a function of this file by its last name.
std::string_view NameOfRoutine(const ScriptReference& callee) {
  if (callee.cut || callee.count == 0 || callee.count > 2) {
    return {};
  }
  const std::string_view object = callee.parts[0];
  const bool own = callee.count == 1 || object == "self" || object == "this" ||
                   object == "$this" || object == "M";
  return own ? callee.last() : std::string_view();
}

}  // namespace

void ScriptParser::BeginRoutine(Scope body, std::string_view name) {
  if (!name.empty() && routine_of_.size() < kMaxRoutines) {
    routine_of_[body] = name;
  }
}

// The second reading knows what the first one has seen, and adds origins.
void ScriptParser::NoteReturn(const ScriptValue& value) {
  const auto name = routine_of_.find(scope_);
  if (name == routine_of_.end()) {
    return;
  }
  Routine& routine = routines_[name->second];
  if (report_) {  // by now the arguments are known
    routine.result.taint = Both(routine.result.taint, value.taint);
    routine.result.sources = Both(routine.result.sources, value.sources);
    return;
  }
  Merge(routine.result, value, routine.returns++ == 0);
}

void ScriptParser::NoteArguments(const ScriptReference& callee,
                                 const std::vector<ScriptValue>& values) {
  const std::string_view name = NameOfRoutine(callee);
  if (report_ || name.empty() || routines_.size() >= kMaxRoutines) {
    return;
  }
  auto& arguments = routines_[name].arguments;
  for (std::size_t i = 0; i < std::min(values.size(), kMaxParameters); ++i) {
    if (values[i].named) {
      continue;
    }
    if (i >= arguments.size()) {
      arguments.resize(i + 1);
    }
    Merge(arguments[i].first, values[i], arguments[i].second++ == 0);
  }
}

// Whether the function does nothing but compute with what it has.
void ScriptParser::NoteCall(std::string_view name) {
  static constexpr std::string_view kComputing[] = {
      "string.char", "string.byte", "table.concat", "table.insert", "ipairs",
      "pairs",       "bit.bxor",    "bit32.bxor",   "chr",          "ord",
      "bytes",       "range",       "len",          "map",          "zip",
      "enumerate",   "strrev",      "implode",      "str_split",    "array_map",
      "join",        "reverse",     "push",         "fromCharCode", "from",
      "toString",    "charCodeAt",  "reversed",     "bytearray",    "list",
      "str",         "concat",      "decode",       "b64decode",    "append"};
  const auto routine = routine_of_.find(scope_);
  if (report_ || routine == routine_of_.end()) {
    return;
  }
  const std::string_view last = name.substr(name.rfind('.') + 1);
  const bool computes = std::any_of(
      std::begin(kComputing), std::end(kComputing),
      [&](std::string_view one) { return one == name || one == last; });
  Routine& known = routines_[routine->second];
  known.asks = known.asks || !computes;
}

// preg_match($pattern, $subject, $parts) gives parts of the subject.
void ScriptParser::FillArguments(std::string_view name, const Frame& frame) {
  const bool matches = name == "preg_match" || name == "preg_match_all";
  if (!Is(ScriptLanguage::kPhp) || (!matches && name != "parse_str")) {
    return;
  }
  const std::size_t from = matches ? 1 : 0;
  if (frame.names.size() > from + 1 && frame.values.size() > from) {
    BindTarget(frame.names[from + 1].second,
               TaintedValue(frame.values[from].taint));
  }
}

// What is read from a line to another machine comes from there; what is made
// of constants, one by one, is the same in every run.
void ScriptParser::Pass(const Frame& frame, ScriptValue& value) {
  for (const ScriptValue& one : frame.values) {
    if (one.constant() && one.text.starts_with("/dev/tty") &&
        one.text.size() > 8) {
      value.taint = Both(value.taint, ScriptValue::kNetwork);
    }
  }
  static constexpr std::string_view kSame[] = {"map", "filter", "sort", "slice",
                                               "reverse"};
  const std::string_view last = frame.callee.reference.last();
  const bool same =
      std::find(std::begin(kSame), std::end(kSame), last) != std::end(kSame);
  value.fixed = value.fixed || (same && frame.callee.list != 0);
}

// Of a function whose calls all are in this file, as far as one can tell.
ScriptValue ScriptParser::Parameter(Scope body, std::size_t index) const {
  const auto name = routine_of_.find(body);
  if (!report_ || name == routine_of_.end()) {
    return {};
  }
  const auto known = routines_.find(name->second);
  if (known == routines_.end() || index >= known->second.arguments.size()) {
    return {};
  }
  return known->second.arguments[index].first;
}

void ScriptParser::AddReturned(const Frame& frame,
                               const ScriptReference& callee,
                               ScriptValue& value) const {
  const auto known = routines_.find(NameOfRoutine(callee));
  if (known == routines_.end() || known->second.returns == 0) {
    return;
  }
  const ScriptValue& result = known->second.result;
  const auto taint = Both(value.taint, result.taint);
  const auto sources = Both(value.sources, result.sources);
  const bool plain = value.known == Text::kUnknown && value.list == 0;
  if (plain && frame.values.empty()) {
    value = result;
  }
  const bool fixed =
      frame.values.empty() && !known->second.asks && taint == 0 && sources == 0;
  value.fixed = value.fixed || (fixed && !value.constant());
  value.taint = taint;
  value.sources = sources;
}

// What the first command of a process prints.
void ScriptParser::AddPrinted(const ScriptFunction& function,
                              const Frame& frame, ScriptValue& value) const {
  if (function.words == ScriptFunction::Words::kNone || frame.values.empty()) {
    return;
  }
  std::vector<std::string> words;
  const ScriptValue& first = frame.values.front();
  if (first.list != 0) {
    for (const std::string_view item : lists_[first.list - 1]) {
      words.emplace_back(item);
    }
  } else {
    for (const std::string_view word : Words(first.text, 16)) {
      words.emplace_back(word);
    }
  }
  const std::size_t at = ProgramIndex(words);
  if (at >= words.size()) {
    return;
  }
  ShellSource::Bits told = SourceOfProgram(words, at);
  for (const std::string& word : words) {
    told |= SourceOfPath(word);
  }
  constexpr std::pair<ShellSource::Bits, ScriptSource::Bits> kSame[] = {
      {ShellSource::kHost, ScriptSource::kHost},
      {ShellSource::kClock, ScriptSource::kClock},
      {ShellSource::kRandom, ScriptSource::kRandom}};
  for (const auto& [shell, script] : kSame) {
    if ((told & shell) != 0) {
      value.sources = Both(value.sources, script);
    }
  }
  if ((told & ShellSource::kNetwork) != 0) {
    value.taint = Both(value.taint, ScriptValue::kNetwork);
  }
}

}  // namespace assay::facts
