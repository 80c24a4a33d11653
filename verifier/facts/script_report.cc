// What is said about a call.

#include <algorithm>

#include "verifier/facts/script_parser.h"

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

bool Applies(When when, const std::vector<ScriptValue>& values) {
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
  }
  return true;
}

}  // namespace

void ScriptParser::Report(const std::string& name, const Frame& frame,
                          bool dynamic) {
  const ScriptFunction* function = FindFunction(language_, name);
  const bool concerns =
      function == nullptr ? dynamic : Applies(function->when, frame.values);
  if (!report_ || !concerns) {
    return;
  }
  if (result_.calls.size() >= limit_) {
    result_.truncated = true;
    return;
  }
  ScriptCall& call = result_.calls.emplace_back();
  call.place = {frame.start.offset, frame.end - frame.start.offset};
  call.line = frame.start.line;
  call.origin = OriginOf(function, frame);
  for (std::size_t i = 0;
       i < std::min(frame.values.size(), call.arguments.size()); ++i) {
    if (frame.values[i].constant()) {
      call.arguments.at(i) = frame.values[i].text;
    }
  }
  if (function != nullptr) {
    call.function = function->name;
    call.does = function->does;
    AddWords(*function, frame, call);
  }
}

// Of an unknown function, what matters is who chooses it; of one that runs
// its first argument, where that comes from.
std::string_view ScriptParser::OriginOf(const ScriptFunction* function,
                                        const Frame& frame) {
  std::uint8_t taint = frame.callee.taint;
  const std::size_t counted = function == nullptr ? 0
                              : function->when == When::kTainted
                                  ? 1
                                  : frame.values.size();
  for (std::size_t i = 0; i < std::min(counted, frame.values.size()); ++i) {
    taint = Both(
        taint, frame.values[i].named ? std::uint8_t{0} : frame.values[i].taint);
  }
  return (taint & ScriptValue::kRequest) != 0   ? "request"
         : (taint & ScriptValue::kDecoded) != 0 ? "decoded"
                                                : "";
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
