// What brackets mean, and what they leave behind.

#include <algorithm>
#include <iterator>

#include "verifier/facts/script_parser.h"

namespace assay::facts {
namespace {

constexpr std::size_t kMaxDepth = 2000;   // of brackets that are told apart
constexpr std::size_t kMaxUnclosed = 16;  // brackets that one closer may end

bool IsControl(std::string_view word) {
  static constexpr std::string_view kControls[] = {"if",     "while", "for",
                                                   "switch", "catch", "with"};
  return std::find(std::begin(kControls), std::end(kControls), word) !=
         std::end(kControls);
}

}  // namespace

void ScriptParser::Open(char bracket) {
  if (frames_.size() >= kMaxDepth) {
    ++flat_;
    return Connect(Join::kOther);
  }
  Expression& e = expression();
  Frame frame;
  frame.outer = scope_;
  frame.closer = bracket == '(' ? ')' : bracket == '[' ? ']' : '}';
  frame.start = Here();
  frame.variable = std::exchange(dollar_, false);
  frame.use = UseOf(bracket);
  if (frame.use == Use::kCall || frame.use == Use::kIndex) {
    frame.callee = e.operand;
    frame.start = e.start;
    frame.control = IsControl(e.name);
    frame.condition = e.name == "if" || e.name == "elseif";
    frame.loop = e.name == "for" || e.name == "foreach";
    frame.cases =
        e.name == "switch" || (e.name == "match" && Is(ScriptLanguage::kPhp));
    e.has_operand = e.member = false;
    e.name = {};
  } else if (frame.use == Use::kBlock) {
    static_cast<void>(EndExpression());
    frame.members = std::exchange(class_, false);
    frame.cases = subject_.has_value();
    frame.subject =
        std::exchange(subject_, std::nullopt).value_or(ScriptValue());
    if (body_ != 0) {
      scope_ = std::exchange(body_, 0);
    }
  } else if (frame.use == Use::kObject && subject_) {
    frame.cases = true;
    frame.subject = *std::exchange(subject_, std::nullopt);
  } else if (bracket == '(' && std::exchange(defining_, false)) {
    BeginDefinition(frame);
  } else if (e.has_operand && Is(ScriptLanguage::kPython) &&
             frame.use == Use::kGroup) {
    Connect(Join::kConcatenate);  // "a" f"{b}"
  }
  frame.negated = frame.use == Use::kGroup && e.negated != top().negated;
  if (frame.condition) {
    BeginCondition();
  }
  frames_.push_back(std::move(frame));
}

// The parameters of a function, the bases of a class.
void ScriptParser::BeginDefinition(Frame& frame) {
  const Expression& e = expression();
  std::string_view name = e.name;
  if (name.empty() && e.has_operand) {
    name = e.operand.reference.last();
    if (e.operand.reference.count > 1) {
      const auto& parts = e.operand.reference.parts;
      AddToTable(parts.at(e.operand.reference.count - 2U), name);
    }
  }
  name = NameForRoutine(name.empty() ? function_name_ : name);
  function_name_ = {};
  const std::string_view key = expression().key;
  static_cast<void>(EndExpression());
  expression().key = top().use == Use::kObject ? key : std::string_view();
  frame.definition = true;
  frame.handler = std::exchange(handles_, false);
  body_ = scopes_.Add(scope_);
  if (!class_) {
    BeginRoutine(body_, name);
  }
}

ScriptParser::Use ScriptParser::UseOf(char bracket) {
  const Expression& e = expression();
  if (bracket == '(') {
    // In Python, "a" f"{b}" is one text.
    const bool text = Is(ScriptLanguage::kPython) &&
                      e.operand.known != ScriptValue::Text::kUnknown &&
                      e.operand.reference.empty();
    const bool call = e.has_operand && !defining_ && !text;
    return call ? Use::kCall : Use::kGroup;
  }
  if (bracket == '[') {
    return e.has_operand ? Use::kIndex : Use::kList;
  }
  return BraceUse();
}

ScriptParser::Use ScriptParser::BraceUse() {
  const Expression& e = expression();
  switch (language_) {
    case ScriptLanguage::kPython:
      return Use::kObject;
    case ScriptLanguage::kJavascript:
      return token_.object ? Use::kObject : Use::kBlock;
    case ScriptLanguage::kPhp:
      if (e.member) {
        return Use::kIndex;
      }
      return last_.Is("$") || subject_ ? Use::kObject : Use::kBlock;
    case ScriptLanguage::kLua:
      return e.has_operand ? Use::kCall : Use::kObject;
    case ScriptLanguage::kPerl:
      break;
  }
  return Use::kBlock;
}

void ScriptParser::Close(char bracket) {
  if (flat_ > 0) {
    --flat_;
    return Connect(Join::kOther);
  }
  std::size_t depth = 0;
  while (depth < kMaxUnclosed && depth + 1 < frames_.size() &&
         frames_[frames_.size() - 1 - depth].closer != bracket) {
    ++depth;
  }
  if (depth == kMaxUnclosed || depth + 1 >= frames_.size()) {
    static_cast<void>(EndExpression());
    return;
  }
  for (std::size_t i = 0; i <= depth; ++i) {
    if (top().use == Use::kBlock) {
      EndStatement();
      gates_.Finish(ScriptGates::End::kCase, frames_.size());
    } else {
      EndElement();
    }
    Frame frame = std::move(top());
    frames_.pop_back();
    gates_.Finish(ScriptGates::End::kBlock, frames_.size() + 1);
    Finish(frame);
  }
}

void ScriptParser::Finish(Frame& frame) {
  switch (frame.use) {
    case Use::kFile:
      return;
    case Use::kBlock:
      return FinishBlock(frame);
    case Use::kCall:
      return FinishCall(frame);
    case Use::kIndex:
      return FinishIndex(frame);
    case Use::kGroup:
      return FinishGroup(frame);
    case Use::kObject:
      if (frame.variable) {
        const bool named = !frame.values.empty() && frame.values[0].constant();
        ScriptValue value;
        if (named) {
          value = Resolve(pool_.Keep("$" + std::string(frame.values[0].text)));
        }
        value.dynamic = !named;
        return Operand(value, frame.start);
      }
      FinishPattern(frame);
      [[fallthrough]];
    case Use::kList:
      if (frame.use == Use::kList && next_.Is("=") &&
          !Is(ScriptLanguage::kPython) && !Is(ScriptLanguage::kLua)) {
        NotePattern(frame);
      }
      ScriptValue list = ListOf(frame.values);
      list.grants = frame.grants;
      KeepElements(frame, list);
      return Operand(list, frame.start);
  }
}

// A function in an expression is known by its name.
void ScriptParser::FinishBlock(const Frame& frame) {
  const auto routine = routine_of_.find(scope_);
  const bool own = scope_ != frame.outer && routine != routine_of_.end();
  scope_ = frame.outer;
  if (top().use == Use::kFile || top().use == Use::kBlock) {
    return;
  }
  ScriptValue value;
  if (own) {
    value.reference.Append(routine->second);
  }
  Operand(value, frame.start);
}

// "{key: name}" before "=", or among the parameters of a function.
void ScriptParser::FinishPattern(const Frame& frame) {
  constexpr std::size_t kMaxNames = 64;
  if (next_.Is("=")) {
    pattern_ = frame.names;
  }
  Frame& around = top();
  if (!Is(ScriptLanguage::kJavascript) || around.use != Use::kGroup) {
    return;
  }
  for (const auto& [key, name] : frame.names) {
    if (around.patterns.size() < kMaxNames && !name.empty()) {
      around.patterns.push_back({name, key, around.values.size()});
    }
  }
}

// Behind the parameters of a function.
void ScriptParser::BeginBody(const Frame& frame) {
  for (const ParameterName& parameter : frame.patterns) {
    BindParameter(body_, parameter, top());
  }
  if (std::exchange(class_, false)) {
    return EnterClass();
  }
  if (Is(ScriptLanguage::kPython) || Is(ScriptLanguage::kLua)) {
    if (EnterBody(true)) {
      scope_ = body_;
    }
    body_ = 0;
  } else if (next_.Is("=>")) {
    body_ = 0;
  }
}

void ScriptParser::FinishGroup(Frame& frame) {
  if (frame.definition) {
    return BeginBody(frame);
  }
  if (Is(ScriptLanguage::kJavascript) && next_.Is("=>")) {
    parameters_ = std::move(frame.patterns);
    for (std::size_t i = 0; i < frame.names.size(); ++i) {
      parameters_.push_back({frame.names[i].second, {}, i});
    }
    return;
  }
  static constexpr std::string_view kCasts[] = {"int",  "integer", "float",
                                                "bool", "boolean", "double"};
  if (Is(ScriptLanguage::kPhp) && frame.names.size() == 1 &&
      std::find(std::begin(kCasts), std::end(kCasts), frame.names[0].second) !=
          std::end(kCasts)) {
    cast_ = true;
    return;
  }
  if (Is(ScriptLanguage::kPython) && frame.values.size() > 1) {
    return Operand(ListOf(frame.values), frame.start);
  }
  ScriptValue value =
      frame.values.empty() ? ScriptValue() : frame.values.back();
  for (const ScriptValue& one : frame.values) {
    value.taint = static_cast<std::uint8_t>(value.taint | one.taint);
    value.sources = Both(value.sources, one.sources);
  }
  if (gates_.InHead()) {
    value.judged = {};  // it has counted
  }
  Operand(value, frame.start);
}

// A method: "name(a, b) {".
void ScriptParser::BeginMethod(const Frame& frame) {
  const std::string_view name = frame.callee.reference.last();
  body_ = scopes_.Add(scope_);
  BeginRoutine(body_, name);
  for (std::size_t i = 0; i < frame.names.size(); ++i) {
    BindParameter(body_, {frame.names[i].second, {}, i}, Frame());
  }
  if (top().use == Use::kObject && top().names.size() < kMaxUnclosed * 4) {
    expression().key = name;
  }
}

void ScriptParser::FinishCall(Frame& frame) {
  if (Is(ScriptLanguage::kJavascript) && next_.Is("{") && !frame.control &&
      next_.line == token_.line) {
    return BeginMethod(frame);
  }
  if (Is(ScriptLanguage::kPhp) && next_.Is("=") &&
      frame.callee.reference.last() == "list") {
    return NotePattern(frame);
  }
  EndControl(frame);
  if (frame.cases && next_.Is("{")) {
    subject_ = frame.values.empty() ? ScriptValue() : frame.values[0];
    if (!frame.control) {
      return;  // "match" of PHP is no statement
    }
  }
  frame.end = token_.place.end();
  Operand(Call(frame), frame.start);
}

// Whether a member of this that only a run names may be any function at all.
bool ScriptParser::MayHide(const ScriptReference& object) const {
  static constexpr std::string_view kModules[] = {"child_process", "vm", "os",
                                                  "subprocess"};
  return object.count == 1 &&
         (IsGlobals(library_, object.last()) ||
          std::find(std::begin(kModules), std::end(kModules), object.last()) !=
              std::end(kModules));
}

void ScriptParser::FinishIndex(const Frame& frame) {
  const bool named = frame.values.size() == 1 && frame.values[0].constant();
  ScriptValue value = frame.callee;
  value.judged = {};
  const std::string_view before =
      text_.substr(0, static_cast<std::size_t>(token_.place.offset));
  if (Is(ScriptLanguage::kPython) && value.constant() && !value.member &&
      before.ends_with("[::-1")) {
    return Operand(Reversed(value), frame.start);
  }
  if (!named) {
    // Who chooses among constants does not make them.
    const bool chosen = value.list != 0 || value.elements != 0;
    for (const ScriptValue& key : frame.values) {
      value.taint = Both(value.taint, chosen ? std::uint8_t{0} : key.taint);
    }
    value.dynamic = MayHide(value.reference);
    value.known = ScriptValue::Text::kUnknown;
    value.among = value.list;
    value.fixed = value.fixed || chosen;
    value.list = 0;
    value.reference.Append("");
  }
  Operand(value, frame.start);
  if (named) {
    Member(frame.values[0].text, true);
  }
}

}  // namespace assay::facts
