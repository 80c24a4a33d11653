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
    e.has_operand = e.member = false;
    e.name = {};
  } else if (frame.use == Use::kBlock) {
    static_cast<void>(EndExpression());
    if (body_ != 0) {
      scope_ = std::exchange(body_, 0);
    }
  } else if (bracket == '(' && std::exchange(defining_, false)) {
    const std::string_view name =
        e.name.empty() ? e.operand.reference.last() : e.name;
    static_cast<void>(EndExpression());
    frame.definition = true;
    body_ = scopes_.Add(scope_);
    BeginRoutine(body_, name);
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
      return last_.Is("$") ? Use::kObject : Use::kBlock;
    case ScriptLanguage::kLua:
      return e.has_operand ? Use::kCall : Use::kObject;
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
      scope_ = frame.outer;
      if (top().use != Use::kFile && top().use != Use::kBlock) {
        Operand(ScriptValue(), frame.start);
      }
      return;
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
      if (next_.Is("=")) {
        pattern_ = std::move(frame.names);
      }
      [[fallthrough]];
    case Use::kList:
      ScriptValue list = ListOf(frame.values);
      list.grants = frame.grants;
      return Operand(list, frame.start);
  }
}

// Behind the parameters of a function.
void ScriptParser::BeginBody() {
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
    return BeginBody();
  }
  if (Is(ScriptLanguage::kJavascript) && next_.Is("=>")) {
    parameters_.clear();
    for (const auto& [key, name] : frame.names) {
      parameters_.push_back(name);
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
  Operand(value, frame.start);
}

void ScriptParser::FinishCall(Frame& frame) {
  if (Is(ScriptLanguage::kJavascript) && next_.Is("{") && !frame.control &&
      next_.line == token_.line) {
    body_ = scopes_.Add(scope_);  // a method: "name(a, b) {"
    for (const auto& [key, name] : frame.names) {
      scopes_.Bind(body_, name, ScriptValue());
    }
    return;
  }
  EndControl(frame);
  frame.end = token_.place.end();
  Operand(Call(frame), frame.start);
}

// Whether a member of this that only a run names may be any function at all.
bool ScriptParser::MayHide(const ScriptReference& object) const {
  static constexpr std::string_view kModules[] = {"child_process", "vm", "os",
                                                  "subprocess"};
  return object.count == 1 &&
         (IsGlobals(language_, object.last()) ||
          std::find(std::begin(kModules), std::end(kModules), object.last()) !=
              std::end(kModules));
}

void ScriptParser::FinishIndex(const Frame& frame) {
  const bool named = frame.values.size() == 1 && frame.values[0].constant();
  ScriptValue value = frame.callee;
  const std::string_view before =
      text_.substr(0, static_cast<std::size_t>(token_.place.offset));
  if (Is(ScriptLanguage::kPython) && value.constant() && !value.member &&
      before.ends_with("[::-1")) {
    return Operand(Reversed(value), frame.start);
  }
  if (!named) {
    // Who chooses among constants does not make them.
    const bool chosen = value.list != 0;
    for (const ScriptValue& key : frame.values) {
      value.taint = Both(value.taint, chosen ? std::uint8_t{0} : key.taint);
    }
    value.dynamic = MayHide(value.reference);
    value.known = ScriptValue::Text::kUnknown;
    value.list = 0;
    value.reference.Append("");
  }
  Operand(value, frame.start);
  if (named) {
    Member(frame.values[0].text, true);
  }
}

}  // namespace assay::facts
