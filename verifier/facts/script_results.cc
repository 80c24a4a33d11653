// What calls give back.

#include <algorithm>
#include <iterator>

#include "verifier/base/text.h"
#include "verifier/facts/script_parser.h"
#include "verifier/facts/text_lines.h"

namespace assay::facts {
namespace {

using Text = ScriptValue::Text;

constexpr std::size_t kMaxItems = 500'000;  // in all lists of a script

bool ReadsFile(std::string_view function) {
  static constexpr std::string_view kReaders[] = {
      "open", "io.open",         "file_get_contents",
      "file", "fs.readFileSync", "fs.promises.readFile"};
  return std::find(std::begin(kReaders), std::end(kReaders), function) !=
         std::end(kReaders);
}

}  // namespace

ScriptValue ScriptParser::Module(std::string_view name) {
  ScriptValue value;
  if (name.starts_with("node:")) {
    name.remove_prefix(5);
  }
  const bool dotted = !Is(ScriptLanguage::kJavascript);
  while (!name.empty()) {
    const std::size_t dot = dotted ? name.find('.') : std::string_view::npos;
    value.reference.Append(name.substr(0, dot));
    name.remove_prefix(std::min(dot, name.size() - 1) + 1);
  }
  return value;
}

ScriptValue ScriptParser::ListOf(const std::vector<ScriptValue>& values) {
  ScriptValue list;
  bool known = false;
  for (const ScriptValue& value : values) {
    list.taint = Both(list.taint, value.taint);
    list.sources = Both(list.sources, value.sources);
    known = known || value.known != Text::kUnknown;
  }
  if (!known || items_ + values.size() > kMaxItems) {
    return list;
  }
  items_ += values.size();
  std::vector<std::string_view> texts;
  for (const ScriptValue& value : values) {
    std::string text;
    if (value.known == Text::kUnknown) {
      AppendTo(text, value);
    }
    texts.push_back(text.empty() ? value.text : pool_.Keep(text));
    list.number = list.number || value.number;
  }
  lists_.push_back(std::move(texts));
  list.list = static_cast<std::uint32_t>(lists_.size());
  return list;
}

// The function's name as tables have it.
ScriptReference ScriptParser::Callee(const ScriptValue& callee) {
  ScriptReference reference = callee.reference;
  if (!Is(ScriptLanguage::kPhp)) {
    return reference;
  }
  const bool variable =
      reference.count == 1 && reference.last().starts_with("$");
  // "$f", "$this->f" whose value is known.
  const bool attribute = reference.count == 2;
  if (callee.constant() && !callee.member &&
      (reference.empty() || variable || attribute)) {
    reference = {};
    reference.Append(callee.text);
  }
  if (reference.count == 1) {
    const std::string_view name = reference.last();
    reference.parts[0] = name.substr(name.starts_with("\\") ? 1 : 0);
  }
  return reference;
}

ScriptValue ScriptParser::Call(Frame& frame) {
  ScriptReference reference = Callee(frame.callee);
  ScriptResult result = ResultOf(reference);
  if (CallsThrough(result, frame, reference)) {
    result = ResultOf(reference);
  }
  std::uint8_t taint = frame.callee.taint;
  for (const ScriptValue& value : frame.values) {
    taint = Both(taint, value.taint);
  }
  const std::string name = NameOf(reference);
  if (ReadsFile(name)) {  // who names a file has not written it
    taint = static_cast<std::uint8_t>(taint & ~ScriptValue::kRequest);
  }
  // "$f(x)" and "$_GET['f'](x)" of PHP.
  const bool variable = Is(ScriptLanguage::kPhp) && name.starts_with("$") &&
                        !frame.callee.method &&
                        (reference.count == 1 || frame.callee.taint != 0);
  Report(name, frame, frame.callee.dynamic || variable);
  if (frame.callee.enclosed && reference.count == 1) {
    gates_.Happens(ScriptEffect::kNext);  // a decorator calls what it wraps
  }
  ScriptValue value = Evaluate(result, frame);
  value.judged = {};
  Tell(name, frame, value);
  const std::string_view routine = NameOfRoutine(reference);
  if (result == ScriptResult::kOther) {
    AddReturned(frame, routine, value);
  }
  const ScriptJudgement judged = CompareByCall(name, frame);
  if (!judged.empty()) {
    value.judged = judged;
  } else if (name == "any" && !gates_.InHead()) {
    value.judged = frame.judged;
  }
  NoteCalled(routine, frame.values);
  CallElements(frame);
  NoteHandlers(frame);
  if (decorates_) {
    decorator_ = frame.callee.reference.last();
  }
  NoteCall(name);
  FillArguments(name, frame);
  Pass(frame, value);
  if (const ScriptFunction* function = FindFunction(library_, name)) {
    AddPrinted(*function, frame, value);
  }
  value.taint = value.clean ? std::uint8_t{0} : Both(value.taint, taint);
  value.grants = Both(value.grants, frame.grants);
  for (const ScriptValue& given : frame.values) {
    value.grants = Both(value.grants, given.grants);
  }
  return value;
}

// "OPS[name](x)": any function of the table may be called.
void ScriptParser::CallElements(const Frame& frame) {
  const std::string_view last = frame.callee.reference.last();
  const bool open =
      frame.callee.reference.count > 1 && (last.empty() || last.ends_with('*'));
  if (!open && frame.callee.elements == 0) {
    return;
  }
  for (const ScriptReference& function : FunctionsIn(frame.callee)) {
    NoteArguments(NameOfRoutine(function), frame.values);
    if (FindFunction(library_, NameOf(function)) != nullptr) {
      Frame call;
      call.callee.reference = function;
      call.values = frame.values;
      call.names = frame.names;
      call.start = frame.start;
      call.end = frame.end;
      Report(NameOf(function), call, false);
    }
  }
}

// As tables have it: PHP's names do not heed case.
std::string ScriptParser::NameOf(const ScriptReference& reference) const {
  std::string name = reference.Joined();
  return Is(ScriptLanguage::kPhp) ? Lower(name) : name;
}

ScriptResult ScriptParser::ResultOf(const ScriptReference& reference) const {
  const ScriptResult result = facts::ResultOf(library_, NameOf(reference));
  return result != ScriptResult::kOther || reference.empty()
             ? result
             : facts::ResultOf(library_, "." + std::string(reference.last()));
}

// call_user_func("f", x), pcall(f, x) and f.call(this, x) call f(x): makes the
// frame and the reference those of f.
bool ScriptParser::CallsThrough(ScriptResult result, Frame& frame,
                                ScriptReference& reference) {
  if (result == ScriptResult::kInvoke) {
    reference.DropLast();
  } else if (result == ScriptResult::kForward && !frame.values.empty()) {
    const ScriptValue& function = frame.values.front();
    const ScriptReference inner = Callee(function);
    if (inner.empty() || (Is(ScriptLanguage::kPhp) && !function.constant())) {
      return false;
    }
    reference = inner;
  } else {
    return false;
  }
  if (!frame.values.empty()) {
    frame.values.erase(frame.values.begin());
  }
  return true;
}

ScriptValue ScriptParser::Evaluate(ScriptResult result, const Frame& frame) {
  const auto& values = frame.values;
  const bool method =
      frame.callee.member &&
      (frame.callee.known != Text::kUnknown || frame.callee.list != 0);
  ScriptValue object = frame.callee;
  object.reference = {};
  object.member = false;
  const ScriptValue first = method || values.empty() ? object : values.front();
  switch (result) {
    case ScriptResult::kClean: {
      ScriptValue value;
      value.clean = true;
      return value;
    }
    case ScriptResult::kSame:
      return first;
    case ScriptResult::kDecoded:
    case ScriptResult::kBase64:
    case ScriptResult::kHex:
    case ScriptResult::kRot13:
      return Decode(result, first);
    case ScriptResult::kCarried:
      return first.constant() ? Decode(ScriptResult::kDecoded, first)
                              : ScriptValue();
    case ScriptResult::kCoded:
      return DecodeNamed(first, values);
    case ScriptResult::kReverse:
      return Reversed(first);
    case ScriptResult::kCharacters:
      return Characters(values);
    case ScriptResult::kFormat: {
      ScriptValue value = first;
      value.reference = {};
      value.known =
          first.known == Text::kUnknown ? Text::kUnknown : Text::kPartial;
      return value;
    }
    case ScriptResult::kJoin:
      return Joined(frame);
    case ScriptResult::kList: {
      ScriptValue list = ListOf(values);
      KeepElements(frame, list);
      return list;
    }
    case ScriptResult::kElement:
      return ElementGiven(frame);
    default:
      return Named(result, values);
  }
}

// What names a module, a member, or a source of data.
ScriptValue ScriptParser::Named(ScriptResult result,
                                const std::vector<ScriptValue>& values) {
  ScriptValue value;
  const bool named = !values.empty() && values[0].constant();
  switch (result) {
    case ScriptResult::kModule:
      return named ? Module(values[0].text) : value;
    case ScriptResult::kMember:
      return values.size() > 1 ? MemberOf(values[0], values[1]) : value;
    case ScriptResult::kGlobals:
      value.reference.Append(Is(ScriptLanguage::kLua) ? "_G" : "builtins");
      return value;
    case ScriptResult::kVariable:
      return TaintedValue(!values.empty() &&
                                  values[0].known != Text::kUnknown &&
                                  IsRequestVariable(values[0].text)
                              ? ScriptValue::kRequest
                              : std::uint8_t{0});
    case ScriptResult::kNative:
      value.reference.Append("ctypes");
      return value;
    case ScriptResult::kStream:
      return TaintedValue(named && values[0].text == "php://input"
                              ? ScriptValue::kRequest
                              : std::uint8_t{0});
    case ScriptResult::kRequest:
      return TaintedValue(ScriptValue::kRequest);
    case ScriptResult::kRemote:
      return TaintedValue(ScriptValue::kNetwork);
    default:
      return value;
  }
}

ScriptValue ScriptParser::MemberOf(const ScriptValue& object,
                                   const ScriptValue& name) {
  const bool named = name.constant();
  if (named && object.reference.count == 1 &&
      IsGlobals(library_, object.reference.last())) {
    return Resolve(name.text);
  }
  ScriptValue value;
  value.reference = object.reference;
  value.dynamic = !named && MayHide(value.reference);
  // getattr(self, "do_" + name): one of those that begin so.
  const std::string_view start = name.known == Text::kPartial
                                     ? name.text.substr(0, name.text.find('$'))
                                     : std::string_view();
  value.reference.Append(named ? name.text
                         : start.empty()
                             ? ""
                             : pool_.Keep(std::string(start) + "*"));
  value.elements = object.elements;
  value.member = true;
  return value;
}

// OPS.get(name): the element, or any of them.
ScriptValue ScriptParser::ElementGiven(const Frame& frame) {
  ScriptValue object = frame.callee;
  if (object.reference.count < 2 || frame.values.empty()) {
    return {};
  }
  object.reference.DropLast();
  const ScriptValue& key = frame.values.front();
  if (key.constant()) {
    ScriptValue member = MemberNamed(object, key.text);
    member.parameters = 0;
    member.reference = Element(object, key.text) != nullptr ? member.reference
                                                            : ScriptReference();
    return member;
  }
  ScriptValue any = TaintedValue(object.taint);
  any.reference = object.reference;
  any.reference.Append("");
  any.elements = object.elements;
  any.among = object.list;
  any.fixed = object.list != 0;
  return any;
}

}  // namespace assay::facts
