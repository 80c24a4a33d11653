// Statements, names and operators; brackets are in script_brackets.cc.

#include "verifier/facts/script_parser.h"

#include <algorithm>
#include <iterator>

namespace assay::facts {
namespace {

bool IsMemberOperator(ScriptLanguage language, std::string_view op) {
  return language == ScriptLanguage::kPhp
             ? op == "->" || op == "::" || op == "?->"
             : op == "." || op == "?.";
}

bool IsAssignment(std::string_view op) {
  static constexpr std::string_view kComparisons[] = {
      "==", "===", "!=", "!==", "<=", ">=", "~="};
  return op.back() == '=' &&
         std::find(std::begin(kComparisons), std::end(kComparisons), op) ==
             std::end(kComparisons);
}

std::string_view ConcatenationOf(ScriptLanguage language) {
  return language == ScriptLanguage::kPhp   ? "."
         : language == ScriptLanguage::kLua ? ".."
                                            : "+";
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
  result_.gates = gates_.found();
  result_.truncated =
      result_.truncated || scopes_.truncated() || gates_.truncated();
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
  gates_.FinishAll();
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
      return Operand(value, start);
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
  gates_.Finish(ScriptGates::End::kIndent, indent_);
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
    gates_.Finish(ScriptGates::End::kStatement, 0);
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
    ScriptValue value = Parameter(body_, top().values.size());
    value.taint =
        Both(value.taint, OriginOfParameters(frames_[frames_.size() - 2]));
    scopes_.Bind(body_, token_.text, value);
  } else if (top().each) {
    BindTarget(token_.text, TaintedValue(top().origin));
  }
  Operand(Resolve(token_.text), start);
  expression().name = token_.text;
}

// What an operator that splits a condition into terms says about them.
std::optional<ScriptParser::Comparing> ScriptParser::ComparingOf(
    std::string_view op) {
  const bool negative = op == "!=" || op == "!==" || op == "~=" || op == "<>";
  const bool order = op == "<" || op == ">" || op == "<=" || op == ">=";
  if (negative || order || op == "==" || op == "===") {
    return Comparing{.compares = true, .negative = negative, .order = order};
  }
  if (op == "&&" || op == "||" || op == "??" || op == "?" || op == "?:") {
    return Comparing{};
  }
  return std::nullopt;
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
  if (IsMemberOperator(language_, op)) {
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
  if (op == "!") {
    e.negated = !e.negated;
  }
  if (IsAssignment(op)) {
    return Assign();
  }
  if (const auto comparing = ComparingOf(op)) {
    return Split(*comparing);
  }
  const bool format = op == "%" && Is(ScriptLanguage::kPython);
  Connect(op == ConcatenationOf(language_) ? Join::kConcatenate
          : format                         ? Join::kFormat
                                           : Join::kOther);
}

// ";", ",", ":" and "=>"; false for other operators.
bool ScriptParser::Separator() {
  const std::string_view op = token_.text;
  const bool statements = top().use == Use::kFile || top().use == Use::kBlock;
  if (op == ";") {
    if (statements) {
      EndStatement();
      gates_.Finish(ScriptGates::End::kStatement, frames_.size());
    } else {
      EndElement();
    }
  } else if (op == ",") {
    Comma(statements);
  } else if (op == "=>") {
    Arrow();
  } else if (op == ":") {
    Colon(statements);
  } else {
    return false;
  }
  return true;
}

// Between elements; between names that are assigned together; between
// statements that are expressions.
void ScriptParser::Comma(bool statements) {
  Expression& e = expression();
  if (!statements) {
    return EndElement();
  }
  const bool several = Is(ScriptLanguage::kPython) || Is(ScriptLanguage::kLua);
  if (several && e.targets.empty() && !e.has_left && !e.split && !e.returns &&
      !e.name.empty() && top().targets.size() < 8) {
    top().targets.push_back(e.name);
    e.has_operand = false;
    e.name = {};
  } else {
    static_cast<void>(EndExpression());
  }
}

// A method of Lua; behind a key, a label or the head of a block.
void ScriptParser::Colon(bool statements) {
  Expression& e = expression();
  if (Is(ScriptLanguage::kLua)) {
    e.member = e.has_operand;
  } else if (top().use == Use::kObject) {
    e.key = e.name.empty() ? e.operand.text : e.name;
    e.has_operand = e.has_left = e.split = e.compares = false;
    e.name = {};
  } else if (statements) {
    const ScriptValue value = EndExpression();
    top().loop = false;
    if (Is(ScriptLanguage::kPython) && gates_.InHead()) {
      const bool block = next_.kind == Kind::kLineEnd;
      EndCondition(
          {value},
          block ? ScriptGates::End::kIndent : ScriptGates::End::kStatement,
          indent_);
    }
  } else {
    Connect(Join::kOther);
  }
}

// What a function gets that is an argument of a call: the data of a connection
// with x.on("data", f), what a promise was for with x.then(f).
std::uint8_t ScriptParser::OriginOfParameters(const Frame& call) {
  if (call.use != Use::kCall) {
    return 0;
  }
  const std::string_view name = call.callee.reference.last();
  if (name == "then") {
    return call.callee.taint;
  }
  const bool event =
      (name == "on" || name == "once") && call.values.size() == 1;
  const bool local = std::any_of(
      call.callee.reference.parts.begin(), call.callee.reference.parts.end(),
      [](std::string_view part) { return part.starts_with("std"); });
  return event && !local &&
                 (call.values[0].text == "data" ||
                  call.values[0].text == "message")
             ? ScriptValue::kNetwork
             : std::uint8_t{0};
}

// A key in PHP, parameters in JavaScript.
void ScriptParser::Arrow() {
  Expression& e = expression();
  if (Is(ScriptLanguage::kJavascript)) {
    if (!e.name.empty()) {
      parameters_.assign(1, e.name);
    }
    body_ = next_.Is("{") ? scopes_.Add(scope_) : Scope{0};
    if (body_ != 0 && !e.targets.empty()) {
      BeginRoutine(body_, e.targets.back());
    }
    std::size_t index = 0;
    for (const std::string_view name : parameters_) {
      ScriptValue value =
          body_ == 0 ? ScriptValue() : Parameter(body_, index++);
      value.taint = Both(value.taint, OriginOfParameters(top()));
      scopes_.Bind(body_ != 0 ? body_ : scope_, name, value);
    }
    parameters_.clear();
  }
  e.has_operand = e.has_left = e.split = e.compares = false;
  e.name = {};
}

}  // namespace assay::facts
