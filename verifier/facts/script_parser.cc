// Statements, names and brackets.

#include "verifier/facts/script_parser.h"

#include <algorithm>
#include <iterator>

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

ScriptCalls FindScriptCalls(ScriptLanguage language, std::string_view text,
                            bool cgi, std::size_t limit) {
  return ScriptParser(language, text, cgi, limit).Parse();
}

ScriptCalls ScriptParser::Parse() {
  Pass();
  scopes_.Restart();
  report_ = true;
  Pass();
  result_.truncated = result_.truncated || scopes_.truncated();
  return std::move(result_);
}

void ScriptParser::Pass() {
  lexer_.emplace(language_, text_, pool_);
  frames_.assign(1, Frame());
  bodies_.clear();
  flat_ = 0;
  scope_ = body_ = ScriptScopes::kFile;
  defining_ = dollar_ = cast_ = false;
  statement_ = true;
  line_start_ = 0;
  token_ = {};
  next_ = lexer_->Next();
  while (Advance()) {
    Take();
  }
  while (frames_.size() > 1) {
    flat_ = 0;
    Close(top().closer);
  }
  EndStatement();
}

bool ScriptParser::Advance() {
  last_ = token_;
  token_ = next_;
  if (token_.kind == Kind::kEnd) {
    return false;
  }
  next_ = lexer_->Next();
  return true;
}

void ScriptParser::Take() {
  const Site start = Here();
  if (token_.kind == Kind::kLineEnd) {
    return LineEnd();
  }
  if (statement_) {
    StartStatement();
  }
  switch (token_.kind) {
    case Kind::kName:
      return Name();
    case Kind::kString:
      return String();
    case Kind::kNumber: {
      ScriptValue value = ConstantText(token_.text);
      value.number = true;
      return Operand(std::move(value), start);
    }
    case Kind::kPattern:
      return Operand(ScriptValue(), start);
    case Kind::kOperator:
      return Operator();
    case Kind::kLineEnd:
    case Kind::kEnd:
      break;
  }
}

// Strings side by side are one in Python; in Lua one behind a name is its
// argument.
void ScriptParser::String() {
  Expression& e = expression();
  if (Is(ScriptLanguage::kLua) && e.has_operand &&
      !e.operand.reference.empty()) {
    Frame call;
    call.use = Use::kCall;
    call.callee = e.operand;
    call.start = e.start;
    call.values.push_back(ConstantText(token_.text));
    e.has_operand = false;
    return FinishCall(call);
  }
  if (Is(ScriptLanguage::kPython) && e.has_operand) {
    Connect(Join::kConcatenate);
  }
  Operand(ConstantText(token_.text), Here());
}

// What ends the functions of Python: a line that begins further left.
void ScriptParser::StartStatement() {
  statement_ = false;
  if (!Is(ScriptLanguage::kPython)) {
    return;
  }
  indent_ = static_cast<std::size_t>(token_.place.offset) - line_start_;
  while (!bodies_.empty() && bodies_.back().indent >= indent_) {
    scope_ = bodies_.back().outer;
    bodies_.pop_back();
  }
}

void ScriptParser::LineEnd() {
  // A bracket that nobody closed must not swallow the rest of the file.
  if (frames_.size() > 1 && next_.kind == Kind::kName &&
      next_.place.offset == token_.place.end() &&
      (next_.text == "def" || next_.text == "class")) {
    while (frames_.size() > 1) {
      Close(top().closer);
    }
  }
  if (frames_.size() == 1) {
    EndStatement();
    statement_ = true;
    line_start_ = static_cast<std::size_t>(token_.place.end());
  }
}

void ScriptParser::Name() {
  const Site start = Here();
  if (expression().member) {
    return Member(token_.text, false);
  }
  if (std::exchange(dollar_, false)) {  // "$$name"
    const ScriptValue name = Resolve(token_.text);
    ScriptValue value;
    if (name.constant()) {
      value = Resolve(pool_.Keep("$" + std::string(name.text)));
    }
    value.dynamic = !name.constant();
    return Operand(value, start);
  }
  if (Keyword()) {
    return;
  }
  if (top().definition) {
    scopes_.Bind(body_, token_.text, ScriptValue());
  } else if (top().each) {
    BindTarget(token_.text, TaintedValue(top().origin));
  }
  Operand(Resolve(token_.text), start);
  expression().name = token_.text;
}

void ScriptParser::Operator() {
  const std::string_view op = token_.text;
  if (op == "(" || op == "[" || op == "{") {
    return Open(op[0]);
  }
  if (op == ")" || op == "]" || op == "}") {
    return Close(op[0]);
  }
  Expression& e = expression();
  const bool member = Is(ScriptLanguage::kPhp)
                          ? op == "->" || op == "::" || op == "?->"
                          : op == "." || op == "?.";
  if (member) {
    // "?.(" and "?.[" call and index.
    e.member = e.has_operand && !next_.Is("(") && !next_.Is("[");
    return;
  }
  if (Separator()) {
    return;
  }
  if (op == "$" || op == "@" || (op == "&" && !e.has_operand)) {
    dollar_ = op == "$";
    return;
  }
  const bool compares = op == "==" || op == "===" || op == "!=" ||
                        op == "!==" || op == "<=" || op == ">=" || op == "~=";
  if (op.back() == '=' && !compares) {
    return Assign();
  }
  const std::string_view concatenates = Is(ScriptLanguage::kPhp)   ? "."
                                        : Is(ScriptLanguage::kLua) ? ".."
                                                                   : "+";
  Connect(op == concatenates                         ? Join::kConcatenate
          : op == "%" && Is(ScriptLanguage::kPython) ? Join::kFormat
                                                     : Join::kOther);
}

// ";", ",", ":" and "=>"; false for other operators.
bool ScriptParser::Separator() {
  const std::string_view op = token_.text;
  Expression& e = expression();
  const bool statements = top().use == Use::kFile || top().use == Use::kBlock;
  if (op == ";") {
    if (statements) {
      EndStatement();
    } else {
      EndElement();
    }
    return true;
  }
  if (op == ",") {
    const bool target =
        statements && e.targets.empty() && !e.has_left && !e.name.empty() &&
        (Is(ScriptLanguage::kPython) || Is(ScriptLanguage::kLua));
    if (target && top().targets.size() < 8) {
      top().targets.push_back(e.name);
      e.has_operand = false;
      e.name = {};
    } else if (statements) {
      static_cast<void>(EndExpression());
    } else {
      EndElement();
    }
    return true;
  }
  if (op == "=>") {
    Arrow();
    return true;
  }
  if (op != ":") {
    return false;
  }
  if (Is(ScriptLanguage::kLua)) {
    e.member = e.has_operand;
  } else if (top().use == Use::kObject) {
    e.key = e.name.empty() ? e.operand.text : e.name;
    e.has_operand = e.has_left = false;
    e.name = {};
  } else if (statements) {
    static_cast<void>(EndExpression());
    top().loop = false;
  } else {
    Connect(Join::kOther);
  }
  return true;
}

// A key in PHP, parameters in JavaScript.
void ScriptParser::Arrow() {
  Expression& e = expression();
  if (Is(ScriptLanguage::kJavascript)) {
    if (!e.name.empty()) {
      parameters_.assign(1, e.name);
    }
    body_ = next_.Is("{") ? scopes_.Add(scope_) : Scope{0};
    for (const std::string_view name : parameters_) {
      scopes_.Bind(body_ != 0 ? body_ : scope_, name, ScriptValue());
    }
    parameters_.clear();
  }
  e.has_operand = e.has_left = false;
  e.name = {};
}

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
    frame.loop = e.name == "for" || e.name == "foreach";
    e.has_operand = e.member = false;
    e.name = {};
  } else if (frame.use == Use::kBlock) {
    static_cast<void>(EndExpression());
    if (body_ != 0) {
      scope_ = std::exchange(body_, 0);
    }
  } else if (bracket == '(' && std::exchange(defining_, false)) {
    static_cast<void>(EndExpression());
    frame.definition = true;
    body_ = scopes_.Add(scope_);
  } else if (e.has_operand && Is(ScriptLanguage::kPython) &&
             frame.use == Use::kGroup) {
    Connect(Join::kConcatenate);  // "a" f"{b}"
  }
  frames_.push_back(std::move(frame));
}

ScriptParser::Use ScriptParser::UseOf(char bracket) {
  const Expression& e = expression();
  if (bracket == '(') {
    const bool text = Is(ScriptLanguage::kPython) &&
                      e.operand.known != ScriptValue::Text::kUnknown &&
                      e.operand.reference.empty();
    return e.has_operand && !defining_ && !text ? Use::kCall : Use::kGroup;
  }
  if (bracket == '[') {
    return e.has_operand ? Use::kIndex : Use::kList;
  }
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
        return Operand(std::move(value), frame.start);
      }
      if (next_.Is("=")) {
        pattern_ = std::move(frame.names);
      }
      [[fallthrough]];
    case Use::kList:
      return Operand(ListOf(frame.values), frame.start);
  }
}

void ScriptParser::FinishGroup(Frame& frame) {
  if (frame.definition) {
    if (Is(ScriptLanguage::kPython) || Is(ScriptLanguage::kLua)) {
      if (EnterBody(true)) {
        scope_ = body_;
      }
      body_ = 0;
    } else if (next_.Is("=>")) {
      body_ = 0;
    }
    return;
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
  }
  Operand(std::move(value), frame.start);
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
  if (!named) {
    for (const ScriptValue& key : frame.values) {
      value.taint = static_cast<std::uint8_t>(value.taint | key.taint);
    }
    value.dynamic = MayHide(value.reference);
    value.known = ScriptValue::Text::kUnknown;
    value.list = 0;
    value.reference.Append("");
  }
  Operand(std::move(value), frame.start);
  if (named) {
    Member(frame.values[0].text, true);
  }
}

}  // namespace assay::facts
