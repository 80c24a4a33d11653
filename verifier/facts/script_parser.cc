// Statements, names and operators; brackets are in script_brackets.cc.

#include "verifier/facts/script_parser.h"

#include <algorithm>
#include <iterator>

#include "verifier/facts/script_perl.h"

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
  if (language != ScriptLanguage::kPerl) {
    return ScriptParser(language, text, cgi, limit).Parse();
  }
  const PerlText php = PerlInPhp(text);
  ScriptCalls found = ScriptParser(language, php.text, cgi, limit).Parse();
  const auto move = [&php](Range& place) {
    const std::size_t start =
        php.SourceOf(static_cast<std::size_t>(place.offset));
    const std::size_t end =
        php.SourceOf(static_cast<std::size_t>(place.end()) - 1);
    place = {start, std::max(end, start) + 1 - start};
  };
  for (ScriptCall& call : found.calls) {
    move(call.place);
  }
  for (ScriptGate& gate : found.gates) {
    move(gate.place);
  }
  return found;
}

// What functions are given is known behind their calls: what the second
// reading still learns about them asks for another one.
ScriptCalls ScriptParser::Parse() {
  constexpr unsigned kMaxReadings = 5;
  constexpr std::size_t kMaxRepeated = 1UL << 20U;
  Read();
  unsigned readings = 1;
  do {
    ReadAgain();
  } while (++readings < kMaxReadings && learnt_ &&
           text_.size() <= kMaxRepeated);
  result_.gates = gates_.found();
  result_.truncated =
      result_.truncated || scopes_.truncated() || gates_.truncated();
  return std::move(result_);
}

void ScriptParser::ReadAgain() {
  scopes_.Restart();
  gates_.Restart();
  result_.calls.clear();
  report_ = true;
  learnt_ = false;
  for (auto& [name, routine] : routines_) {
    routine.gates = routine.called ? routine.gates_now : ScriptSource::Bits{0};
    routine.called = false;
  }
  Read();
}

// The tokens of a source of ordinary size are kept for the next reading.
ScriptToken ScriptParser::Fetch() {
  constexpr std::size_t kMaxKept = 1UL << 20U;
  if (fetched_ < tokens_.size()) {
    return tokens_[fetched_++];
  }
  const ScriptToken token = lexer_->Next();
  if (text_.size() <= kMaxKept) {
    tokens_.push_back(token);
    ++fetched_;
  }
  return token;
}

void ScriptParser::Read() {
  if (tokens_.empty()) {
    lexer_.emplace(language_, text_, pool_);
  }
  fetched_ = 0;
  frames_.assign(1, Frame());
  bodies_.clear();
  subjects_.clear();
  flat_ = 0;
  scope_ = body_ = ScriptScopes::kFile;
  defining_ = dollar_ = cast_ = class_ = handles_ = decorates_ = false;
  extracted_ = 0;
  class_name_ = {};
  statement_ = true;
  line_start_ = 0;
  token_ = {};
  next_ = Fetch();
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
  next_ = Fetch();
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
  begins_ = begins_ && token_.kind == Kind::kName;
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
  begins_ = true;
  indent_ = static_cast<std::size_t>(token_.place.offset) - line_start_;
  gates_.Finish(ScriptGates::End::kIndent, indent_);
  while (!bodies_.empty() && bodies_.back().indent >= indent_) {
    scope_ = bodies_.back().outer;
    bodies_.pop_back();
  }
  while (!subjects_.empty() && subjects_.back().first >= indent_) {
    subjects_.pop_back();
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
    if (std::exchange(decorates_, false)) {
      handles_ = handles_ || MakesHandler();
      decorator_ = {};
    }
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
    DefineParameter();
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
    decorates_ = decorates_ || (op == "@" && Is(ScriptLanguage::kPython) &&
                                !e.has_operand && frames_.size() == 1);
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
  } else if (e.questions > 0) {
    Split({.join = Comparing::Join::kColon});
  } else if (top().use == Use::kObject) {
    e.key = e.name.empty() ? e.operand.text : e.name;
    e.has_operand = e.has_left = e.split = e.compares = false;
    e.name = {};
  } else if (statements) {
    EndHead();
  } else {
    Connect(Join::kOther);
  }
}

// ":" behind the head of a block, behind a case or a label.
void ScriptParser::EndHead() {
  using End = ScriptGates::End;
  const bool cases = expression().cases;
  const bool match = expression().match;
  const ScriptValue value = EndExpression();
  top().loop = false;
  if (!Is(ScriptLanguage::kPython)) {
    if (cases && top().cases) {
      BeginCase(top().subject, value, End::kCase, frames_.size());
    }
    return;
  }
  if (std::exchange(class_, false)) {  // without bases
    defining_ = false;
    body_ = scopes_.Add(scope_);
    EnterClass();
    return;
  }
  if (match) {
    subjects_.emplace_back(indent_, value);
  } else if (cases && !subjects_.empty()) {
    BeginCase(subjects_.back().second, value, End::kIndent, indent_);
  } else if (gates_.InHead()) {
    const bool block = next_.kind == Kind::kLineEnd;
    EndCondition({value}, block ? End::kIndent : End::kStatement, indent_);
  }
}

}  // namespace assay::facts
