// What is said about a call.

#include <algorithm>

#include "verifier/base/text.h"
#include "verifier/facts/script_parser.h"
#include "verifier/facts/script_words.h"

namespace assay::facts {
namespace {

using When = ScriptFunction::When;

// "w", "a+", "mode=wb" as the second argument of a function that opens files.
bool Writes(const ScriptValue& mode) {
  std::string_view text = mode.text;
  if (text.starts_with("mode=")) {
    text.remove_prefix(5);
  }
  return mode.constant() && text.size() <= 4 &&
         text.find_first_of("wax+") != std::string_view::npos;
}

// PHP before 7: preg_replace runs its result when the pattern ends with "e".
bool Evaluates(const ScriptValue& pattern) {
  const std::size_t end = pattern.text.find_last_not_of(
      "abcdefghijklmnopqrstuvwxyz"
      "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
  return pattern.constant() && end != std::string_view::npos && end > 0 &&
         pattern.text.substr(end).find('e') != std::string_view::npos;
}

bool IsKeyEvent(const ScriptValue& event) {
  return event.constant() &&
         (event.text == "keydown" || event.text == "keypress" ||
          event.text == "keyup");
}

bool HasSecrets(const ScriptValue& value) {
  return (value.taint & ScriptValue::kSecrets) != 0;
}

// SQL that leaves nothing of a table: a statement of its own or one of many.
bool Empties(const ScriptValue& statement) {
  if (statement.known == ScriptValue::Text::kUnknown) {
    return false;
  }
  const std::string small = Lower(statement.text);
  for (const std::string_view start :
       {"drop table ", "drop database ", "drop schema ", "truncate "}) {
    const std::size_t at = small.find(start);
    if (at != std::string::npos &&
        (at == 0 || Trim(std::string_view(small).substr(0, at)).empty() ||
         small[at - 1] == ';' || small[at - 1] == '\n')) {
      return true;
    }
  }
  return Trim(small).starts_with("delete from ") &&
         small.find(" where ") == std::string::npos;
}

// "cmd |", "| cmd", "-|" of Perl's open; a name of a request may have one.
bool Pipes(const std::vector<ScriptValue>& values) {
  if (values.size() < 2) {
    return false;
  }
  const ScriptValue& mode = values[1];
  const std::string_view text = mode.known == ScriptValue::Text::kUnknown
                                    ? std::string_view()
                                    : Trim(mode.text);
  return text.starts_with('|') || text.ends_with('|') ||
         (values.size() == 2 && mode.known == ScriptValue::Text::kUnknown &&
          (mode.taint & ScriptValue::kRequest) != 0);
}

bool Applies(When when, const ScriptValue& callee,
             const std::vector<ScriptValue>& values) {
  switch (when) {
    case When::kAlways:
      break;
    case When::kComputed:
      return !values.empty() && !values[0].constant();
    case When::kTainted:
      return !values.empty() && values[0].taint != 0;
    case When::kWriting:
      return values.size() > 1 && Writes(values[1]);
    case When::kEvaluating:
      return !values.empty() && Evaluates(values[0]);
    case When::kSecret:
      return HasSecrets(callee) ||
             std::any_of(values.begin(), values.end(), HasSecrets);
    case When::kKeys:
      return !values.empty() && IsKeyEvent(values[0]);
    case When::kPiping:
      return Pipes(values);
    case When::kEmptying:
      return std::any_of(values.begin(), values.end(), Empties);
  }
  return true;
}

// A request says all; the others are told side by side.
std::string_view NameOfOrigin(std::uint8_t taint) {
  static constexpr std::string_view kNames[] = {"",
                                                "decoded",
                                                "network",
                                                "decoded,network",
                                                "secrets",
                                                "decoded,secrets",
                                                "network,secrets",
                                                "decoded,network,secrets"};
  if ((taint & ScriptValue::kRequest) != 0) {
    return "request";
  }
  const unsigned others = (taint & 1U) | ((taint & 0xCU) >> 1U);
  return kNames[others];
}

// Where what a call is given comes from. Of an unknown function, what matters
// is who chooses it.
std::uint8_t TaintOf(const ScriptFunction* function, std::uint8_t callee,
                     const std::vector<ScriptValue>& values) {
  if (function == nullptr) {
    return callee;
  }
  const bool sends = function->does == "network";
  std::uint8_t taint = callee;
  if (sends) {  // what is sent, not what the connection was made with
    taint = static_cast<std::uint8_t>(taint & ~ScriptValue::kSecrets);
  }
  const std::size_t counted =
      function->when == When::kTainted ? 1 : values.size();
  for (std::size_t i = 0; i < std::min(counted, values.size()); ++i) {
    // What a program gets as its input is no part of its command.
    const bool counts = sends || !values[i].named;
    taint = Both(taint, counts ? values[i].taint : std::uint8_t{0});
  }
  return taint;
}

}  // namespace

void ScriptParser::Report(const std::string& name, const Frame& frame,
                          bool dynamic) {
  const ScriptFunction* function = FindFunction(library_, name);
  const ScriptReference& callee = frame.callee.reference;
  if (function == nullptr && callee.count > 0 && frame.callee.member) {
    function = FindFunction(library_, "*." + std::string(callee.last()));
  }
  Happens(
      EffectOfCall(name, frame.values.empty() ? nullptr : &frame.values[0]));
  if ((function == nullptr && !dynamic) ||
      (function != nullptr &&
       !Applies(function->when, frame.callee, frame.values))) {
    return;
  }
  if (function != nullptr) {
    Happens(function->does == "process"    ? ScriptEffect::kProcess
            : function->does == "code"     ? ScriptEffect::kCode
            : function->does == "destroys" ? ScriptEffect::kDestroys
                                           : std::uint8_t{0});
  }
  if (!report_) {
    return;
  }
  if (result_.calls.size() >= limit_) {
    result_.truncated = true;
    return;
  }
  ScriptCall& call = result_.calls.emplace_back();
  call.place = {frame.start.offset, frame.end - frame.start.offset};
  call.line = frame.start.line;
  for (std::size_t i = 0;
       i < std::min(frame.values.size(), call.arguments.size()); ++i) {
    if (frame.values[i].constant()) {
      call.arguments.at(i) = frame.values[i].text;
    } else if (function != nullptr && frame.values[i].list != 0 &&
               function->does == "listen") {
      const auto& address = lists_[frame.values[i].list - 1];
      call.arguments.at(i) =
          address.empty() ? std::string() : std::string(address.front());
    }
  }
  call.origin =
      NameOfOrigin(TaintOf(function, frame.callee.taint, frame.values));
  call.gate = NameOfGate(GatesAround());
  const bool tells = std::any_of(
      frame.values.begin(), frame.values.end(), [](const ScriptValue& value) {
        return (value.sources & ScriptSource::kHost) != 0;
      });
  call.tells = tells ? "host" : "";
  if (function != nullptr) {
    call.function = function->name;
    call.does = function->does;
    AddWords(*function, frame, call);
  }
}

void ScriptParser::AddWords(const ScriptFunction& function, const Frame& frame,
                            ScriptCall& call) const {
  const auto& values = frame.values;
  if (function.words == ScriptFunction::Words::kNone || values.empty()) {
    return;
  }
  const bool argv = function.words == ScriptFunction::Words::kArgv;
  const std::size_t from = argv ? 1 : 0;
  if (values[0].list != 0) {
    return AddList(values[0], 0, call);
  }
  if (values[0].known == ScriptValue::Text::kUnknown) {
    return;
  }
  call.words.emplace_back(values[0].text);
  if (values.size() > 1 && values[1].list != 0) {
    return AddList(values[1], from, call);
  }
  call.by_shell = function.words == ScriptFunction::Words::kShell;
  // What follows in JavaScript are options and callbacks.
  if (call.by_shell || Is(ScriptLanguage::kJavascript)) {
    return;
  }
  for (std::size_t i = from + 1; i < values.size(); ++i) {
    if (!values[i].named) {
      AppendTo(call.words.emplace_back(), values[i]);
    }
  }
}

void ScriptParser::AddList(const ScriptValue& value, std::size_t from,
                           ScriptCall& call) const {
  const auto& items = lists_[value.list - 1];
  for (std::size_t i = from; i < items.size(); ++i) {
    call.words.emplace_back(items[i]);
  }
}

}  // namespace assay::facts
