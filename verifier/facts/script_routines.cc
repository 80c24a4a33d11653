// The functions of a script: what they give back, and what they are given.

#include <algorithm>
#include <iterator>
#include <utility>

#include "verifier/facts/script_functions.h"
#include "verifier/facts/script_parser.h"
#include "verifier/facts/script_words.h"
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
  into.judged = {};
  into.parameters = 0;
  if (!first) {
    into.elements = into.among = 0;
  }
}

// What matters of it when it goes on to other functions.
bool Tells(const ScriptValue& value) {
  constexpr ScriptSource::Bits kTelling =
      ScriptSource::kCredential | ScriptSource::kRequest | ScriptSource::kHost |
      ScriptSource::kClock | ScriptSource::kRandom | ScriptSource::kNetwork |
      ScriptSource::kPlace;
  return value.taint != 0 || (value.sources & kTelling) != 0;
}

// Methods that objects of many kinds have.
bool IsCommon(std::string_view method) {
  static constexpr std::string_view kMethods[] = {
      "get",     "set",    "add",   "pop",  "update",  "append", "read",
      "write",   "open",   "close", "send", "join",    "format", "items",
      "keys",    "values", "split", "find", "index",   "count",  "copy",
      "then",    "map",    "log",   "info", "debug",   "error",  "filter",
      "replace", "on",     "use",   "call", "apply",   "bind",   "encode",
      "decode",  "strip",  "next",  "end",  "toString"};
  return std::find(std::begin(kMethods), std::end(kMethods), method) !=
         std::end(kMethods);
}

bool IsConstructor(std::string_view name) {
  return name == "__init__" || name == "constructor" || name == "__construct";
}

}  // namespace

// "run", "self.run", "M.run", "x.run": a function of this file by its last
// name, which of "x.run" has to be one of its own.
std::string_view ScriptParser::NameOfRoutine(
    const ScriptReference& callee) const {
  if (callee.cut || callee.count == 0) {
    return {};
  }
  const std::string_view object = callee.parts[0];
  const bool own =
      callee.count == 1 ||
      (callee.count == 2 && (object == "self" || object == "this" ||
                             object == "$this" || object == "M"));
  if (own) {
    return callee.last();
  }
  const auto known = routines_.find(callee.last());
  const bool common =
      IsCommon(callee.last()) ||
      (Is(ScriptLanguage::kJavascript) && callee.last() == "push");
  const bool one =
      known != routines_.end() && known->second.bodies == 1 && !common;
  return one && FindFunction(library_, NameOf(callee)) == nullptr
             ? callee.last()
             : std::string_view();
}

// The function with this name; null when it may be any of many, as those of a
// source whose names were shortened.
const ScriptParser::Routine* ScriptParser::FindRoutine(
    std::string_view name) const {
  constexpr unsigned kMaxBodies = 3;
  constexpr std::size_t kShort = 2;
  const auto known = routines_.find(name);
  if (known == routines_.end()) {
    return nullptr;
  }
  const Routine& routine = known->second;
  const bool any = routine.bodies > kMaxBodies ||
                   (routine.bodies > 1 && name.size() <= kShort);
  return any ? nullptr : &routine;
}

void ScriptParser::BeginRoutine(Scope body, std::string_view name) {
  const bool constructs = IsConstructor(name) && !class_name_.empty();
  const std::string_view known = constructs ? class_name_ : name;
  if (known.empty() || routine_of_.size() >= kMaxRoutines) {
    return;
  }
  routine_of_[body] = known;
  routines_[known].bodies += report_ ? 0U : 1U;
  if (InClass()) {
    AddToTable("self", known);
  }
}

ScriptParser::Routine* ScriptParser::RoutineAround() {
  constexpr unsigned kMaxDepth = 8;  // of functions in functions
  Scope scope = scope_;
  for (unsigned i = 0; i < kMaxDepth && scope != ScriptScopes::kFile; ++i) {
    const auto name = routine_of_.find(scope);
    if (name != routine_of_.end()) {
      return &routines_[name->second];
    }
    scope = scopes_.ParentOf(scope);
  }
  return nullptr;
}

// What decides about what is done here: a condition around it, or around all
// calls of the function.
ScriptSource::Bits ScriptParser::GatesAround() {
  const ScriptSource::Bits gates = gates_.Around();
  const Routine* const routine = gates == 0 ? RoutineAround() : nullptr;
  return routine == nullptr || routine->bodies > 1 ? gates : routine->gates;
}

// The second reading knows what the first one has seen, and adds origins.
void ScriptParser::NoteReturn(const ScriptValue& value) {
  const auto name = routine_of_.find(scope_);
  if (name == routine_of_.end()) {
    return;
  }
  Routine& routine = routines_[name->second];
  ScriptValue& result = routine.result;
  const ScriptValue before = result;
  if (!report_) {
    Merge(result, value, routine.returns++ == 0);
  }
  result.taint = Both(before.taint, value.taint);
  result.sources = Both(before.sources, value.sources);
  result.parameters = Both(before.parameters, value.parameters);
  result.judged = before.judged.empty() ? value.judged : before.judged;
  if (result.judged.empty() &&
      EffectOfReturn(value) == ScriptEffect::kSuccess) {
    result.judged = gates_.Judged(scope_);
  }
  learnt_ = learnt_ || result.taint != before.taint ||
            before.judged.empty() != result.judged.empty() ||
            (result.sources != before.sources && Tells(result));
}

void ScriptParser::NoteArguments(std::string_view name,
                                 const std::vector<ScriptValue>& values) {
  if (name.empty() || routines_.size() >= kMaxRoutines) {
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
    ScriptValue& argument = arguments[i].first;
    const ScriptValue before = argument;
    if (!report_) {
      Merge(argument, values[i], arguments[i].second++ == 0);
    }
    argument.taint = Both(before.taint, values[i].taint);
    argument.sources = Both(before.sources, values[i].sources);
    learnt_ = learnt_ || argument.taint != before.taint ||
              (argument.sources != before.sources && Tells(argument));
  }
}

// A function of the file is called: what it does happens here.
void ScriptParser::NoteCalled(std::string_view name,
                              const std::vector<ScriptValue>& values) {
  NoteArguments(name, values);
  if (FindRoutine(name) == nullptr) {
    return;
  }
  constexpr ScriptSource::Bits kLasting =
      ScriptSource::kClock | ScriptSource::kHost | ScriptSource::kRandom |
      ScriptSource::kNetwork | ScriptSource::kPlace;
  Routine& routine = routines_[name];
  const auto gates = static_cast<ScriptSource::Bits>(GatesAround() & kLasting);
  routine.gates_now =
      std::exchange(routine.called, true)
          ? static_cast<ScriptSource::Bits>(routine.gates_now & gates)
          : gates;
  Happens(routine.effects);
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
  const bool all =
      name == "extract" || (name == "parse_str" && frame.values.size() == 1);
  if (all && Is(ScriptLanguage::kPhp) && !frame.values.empty()) {
    extracted_ = Both(extracted_, frame.values[0].taint);
  }
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

void ScriptParser::AddReturned(const Frame& frame, std::string_view callee,
                               ScriptValue& value) const {
  const Routine* const known = FindRoutine(callee);
  if (known == nullptr || known->returns == 0) {
    return;
  }
  const Routine& routine = *known;
  const ScriptValue& result = routine.result;
  auto sources = Both(value.sources, result.sources);
  const auto taint = Both(value.taint, result.taint);
  const bool plain = value.known == Text::kUnknown && value.list == 0;
  if (plain && frame.values.empty()) {
    value = result;
    value.parameters = 0;
  }
  if (routine.bodies <= 1) {
    value.judged = JudgedBy(result.judged, frame.values);
    for (std::size_t i = 0; i < std::min<std::size_t>(frame.values.size(), 8);
         ++i) {
      if ((result.parameters >> i & 1U) != 0) {
        sources = Both(sources, frame.values[i].sources);
        value.parameters = Both(value.parameters, frame.values[i].parameters);
      }
    }
  }
  const bool fixed =
      frame.values.empty() && !routine.asks && taint == 0 && sources == 0;
  value.fixed = value.fixed || (fixed && !value.constant());
  value.taint = taint;
  value.sources = sources;
}

// What a function compares, with the arguments of one of its calls.
ScriptJudgement ScriptParser::JudgedBy(
    const ScriptJudgement& judged,
    const std::vector<ScriptValue>& values) const {
  std::vector<const ScriptValue*> given;
  for (std::size_t i = 0; i < std::min<std::size_t>(values.size(), 8); ++i) {
    if ((judged.parameters >> i & 1U) != 0) {
      given.push_back(&values[i]);
    }
  }
  if (given.empty()) {
    return judged;
  }
  ScriptJudgement result = judged;
  result.parameters = 0;
  if (given.size() > 1 && judged.comparand == ScriptComparand::kNone) {
    return Compare(*given[0], *given[1], result);
  }
  for (const ScriptValue* const value : given) {
    result.sources = Both(result.sources, Told(*value));
    result.parameters = Both(result.parameters, value->parameters);
  }
  return result;
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
