// Operands, operators and assignments.

#include <algorithm>
#include <iterator>

#include "verifier/facts/script_parser.h"
#include "verifier/facts/script_words.h"
#include "verifier/facts/shell_sources.h"

namespace assay::facts {
namespace {

using Text = ScriptValue::Text;

constexpr std::size_t kMaxValues = 64;  // elements of one bracket

}  // namespace

ScriptValue ScriptParser::Resolve(std::string_view name) {
  if (Is(ScriptLanguage::kPython) &&
      (name == "True" || name == "False" || name == "None")) {
    return ConstantText(name);
  }
  ScriptValue value;
  if (const ScriptValue* bound = scopes_.Find(scope_, name)) {
    value = *bound;
    value.made =
        value.made || (value.reference.empty() && value.parameters == 0 &&
                       !value.enclosed && !value.clean);
  } else {
    value.taint = extracted_;
  }
  if (value.reference.empty()) {
    value.reference.Append(name);
  }
  if (!value.constant()) {
    value.sources = Both(value.sources, CredentialOf(name));
    value.sources = Both(value.sources, SourceOf(library_, name));
  }
  if (Is(ScriptLanguage::kPhp) && IsRequest(library_, "", name, cgi_)) {
    value.taint = Both(value.taint, ScriptValue::kRequest);
  }
  return value;
}

void ScriptParser::Operand(ScriptValue value, Site start) {
  Expression& e = expression();
  if (e.has_operand) {  // and no operator in between
    const bool statements = top().use == Use::kFile || top().use == Use::kBlock;
    if (statements && !Is(ScriptLanguage::kPython)) {
      static_cast<void>(EndExpression());
    } else {
      Connect(Join::kOther);
    }
  }
  if (std::exchange(cast_, false)) {
    value.taint = 0;
    value.clean = true;
  }
  e.operand = value;
  e.has_operand = true;
  e.member = false;
  e.name = {};
  e.start = start;
}

void ScriptParser::Member(std::string_view name, bool indexed) {
  Expression& e = expression();
  ScriptValue& value = e.operand;
  const std::string_view object = value.reference.last();
  e.member = false;
  if (IsWholeEnvironment(library_, value.reference)) {
    // One variable is not the environment; "items" and the like are.
    const bool all = name == "items" || name == "copy" || name == "values";
    value.taint = all ? ScriptValue::kSecrets : std::uint8_t{0};
  }
  if (name == "__dict__") {
    return;
  }
  value.judged = {};
  if (value.reference.count == 1 && IsGlobals(library_, object) &&
      (indexed || object != "this")) {
    value = Resolve(name);
    e.name = {};
    return;
  }
  if (value.reference.Joined() == "sys.modules") {
    value = Module(name);
    return;
  }
  const bool requested = IsRequest(library_, object, name, cgi_);
  const bool own = object == "self" && members_.count(name) != 0;
  if (requested && !own && !value.made) {
    value.taint = Both(value.taint, ScriptValue::kRequest);
  }
  const ScriptValue* const element = Element(value, name);
  const ScriptValue known = element == nullptr ? ScriptValue() : *element;
  value.member = true;
  value.made = false;
  value.method = !indexed;
  value.dynamic = false;
  if (value.reference.empty()) {
    value.reference.Append("");
  }
  value.reference.Append(name);
  TellMember(value, name);
  e.name = {};
  if (element != nullptr) {
    Replace(value, known, known.taint);
  } else if (name != "get") {  // which gives an element
    value.elements = 0;
  }
  if (members_.count(name) == 0 && !name.starts_with('$')) {
    return;
  }
  const std::string joined = AttributeOf(value.reference);
  if (const ScriptValue* bound = scopes_.Find(ScriptScopes::kFile, joined)) {
    Replace(value, *bound, Both(value.taint, bound->taint));
  }
  value.method = !indexed;
}

// What a member is known to be; by its own name it is asked for.
void ScriptParser::Replace(ScriptValue& member, const ScriptValue& known,
                           std::uint8_t taint) {
  const ScriptReference own = member.reference;
  const ScriptSource::Bits sources = member.sources;
  member = known;
  member.taint = taint;
  member.sources =
      known.constant() ? known.sources : Both(known.sources, sources);
  member.parameters = 0;
  member.reference = known.reference.empty() ? own : known.reference;
}

void ScriptParser::Connect(Join join) {
  Expression& e = expression();
  if (!e.has_operand && !e.has_left) {
    // A sign or a spread before its operand.
    if (join == Join::kConcatenate || e.join == Join::kOther) {
      return;
    }
    e.left = ScriptValue();
    e.has_left = true;
  }
  Fold();
  e.join = join;
}

// The operand joins what stands before it.
void ScriptParser::Fold() {
  Expression& e = expression();
  if (!e.has_operand) {
    return;
  }
  ScriptValue value = e.operand;
  if (IsWholeEnvironment(library_, value.reference) ||
      (value.constant() && NamesSecrets(value.text))) {
    value.taint = Both(value.taint, ScriptValue::kSecrets);
  }
  const bool path = value.constant() && value.text.size() > 4 &&
                    value.text.find('/') != std::string_view::npos;
  if (path && (SourceOfPath(value.text) & ShellSource::kHost) != 0) {
    value.sources = Both(value.sources, ScriptSource::kHost);
  }
  e.has_operand = false;
  e.name = {};
  if (std::exchange(value.member, false)) {
    value.known = Text::kUnknown;  // a member of a text is another text
    value.list = 0;
  }
  if (!e.has_left) {
    e.left = value;
    e.has_left = true;
    return;
  }
  if (e.join == Join::kConcatenate) {
    return Concatenate(value);
  }
  const auto counts = [](const ScriptValue& one) {
    return one.fixed || (one.constant() && one.number);
  };
  e.left.judged = {};
  e.left.elements = e.left.among = 0;
  e.left.parameters = Both(e.left.parameters, value.parameters);
  e.left.fixed = counts(e.left) && counts(value);
  e.left.composed = false;
  e.left.grants = 0;
  e.left.sources = Both(e.left.sources, value.sources);
  e.left.taint = Both(e.left.taint, value.taint);
  e.left.clean = false;
  e.left.reference = {};
  e.left.number = false;
  if (e.join == Join::kFormat && e.left.known != Text::kUnknown) {
    e.left.known = Text::kPartial;
    return;
  }
  e.left.known = Text::kUnknown;
  e.left.list = 0;
  e.built = false;
}

void ScriptParser::Concatenate(const ScriptValue& value) {
  Expression& e = expression();
  ScriptValue& left = e.left;
  const auto counts = [](const ScriptValue& one) {
    return one.fixed || one.constant();
  };
  left.fixed = (left.fixed || value.fixed) && counts(left) && counts(value);
  left.composed = left.constant() && value.constant();
  left.judged = {};
  left.elements = left.among = 0;
  left.parameters = Both(left.parameters, value.parameters);
  left.grants = 0;
  left.sources = Both(left.sources, value.sources);
  left.taint = Both(left.taint, value.taint);
  left.clean = left.clean && value.clean;
  const bool sum =
      left.number && value.number &&
      (Is(ScriptLanguage::kPython) || Is(ScriptLanguage::kJavascript));
  if (sum) {
    left.text = pool_.Keep(
        std::to_string(IntegerOf(left.text) + IntegerOf(value.text)));
    return;
  }
  const bool known =
      left.known != Text::kUnknown || value.known != Text::kUnknown;
  if (known) {
    if (!std::exchange(e.built, true)) {
      e.text.clear();
      AppendTo(e.text, left);
    }
    AppendTo(e.text, value);
  }
  left.known = left.constant() && value.constant() ? Text::kConstant
               : known                             ? Text::kPartial
                                                   : Text::kUnknown;
  left.number = false;
  left.reference = {};
}

ScriptValue ScriptParser::EndExpression() {
  Expression& e = expression();
  const bool nothing = !e.has_operand && !e.has_left && !e.split;
  ScriptValue value = EndTerm();
  Judge(value.judged, !e.chosen && e.questions == 0);
  Choose(value);
  if (e.split) {
    const ScriptValue last = value;
    value = e.rest;
    value.taint = Both(value.taint, last.taint);
    value.sources = Both(value.sources, last.sources);
    value.parameters = Both(value.parameters, last.parameters);
    value.judged = value.judged.empty() ? last.judged : value.judged;
  }
  if (!nothing || e.returns) {
    Weigh(e, value);
  }
  gates_.Finish(ScriptGates::End::kExpression, frames_.size());
  if (e.arrow) {
    value = ScriptValue();
    if (!e.function.empty()) {
      value.reference.Append(e.function);
    }
    scope_ = e.outer;
  }
  if (!e.construct.empty()) {
    Frame call;
    call.callee.reference.Append(e.construct);
    call.values.push_back(value);
    call.start = e.construct_start;
    call.end = last_.place.end();
    Report(std::string(e.construct), call, false);
  }
  BindTargets(e, value);
  auto targets = std::move(e.targets);
  std::string text = std::move(e.text);
  e = {};
  e.targets = std::move(targets);
  e.text = std::move(text);
  return value;
}

void ScriptParser::BindTargets(Expression& e, const ScriptValue& value) {
  ScriptValue bound = value;
  if (e.element) {
    bound = TaintedValue(value.taint);
    bound.sources = value.sources;
    bound.among = value.list;
    bound.fixed = value.list != 0;
    bound.parameters = value.parameters;
  }
  if (e.pattern) {
    for (const auto& [key, name] : pattern_) {
      BindTarget(name, MemberNamed(value, key));
    }
    pattern_.clear();
  }
  if (e.targets.empty()) {
    return;
  }
  if (top().several) {
    BindTarget(e.targets.front(), bound);
    e.targets.erase(e.targets.begin());
    return;
  }
  for (const std::string_view name : e.targets) {
    BindTarget(name, bound);
  }
  e.targets.clear();
}

void ScriptParser::BindTarget(std::string_view name, const ScriptValue& value) {
  const std::size_t dot = name.rfind('.');
  if (dot != std::string_view::npos) {
    members_.insert(name.substr(dot + 1));
    ScriptReference reference;
    reference.Append(name.substr(0, dot));
    reference.Append(name.substr(dot + 1));
    return scopes_.Bind(ScriptScopes::kFile, pool_.Keep(AttributeOf(reference)),
                        value);
  }
  if (InClass() && !name.empty()) {
    const std::string_view own = name.substr(name.front() == '$' ? 1 : 0);
    members_.insert(own);
    scopes_.Bind(ScriptScopes::kFile, pool_.Keep("self." + std::string(own)),
                 value);
  }
  const bool own =
      top().declared || Is(ScriptLanguage::kPython) || Is(ScriptLanguage::kPhp);
  scopes_.Bind(
      own ? scope_ : scopes_.ScopeOf(scope_, name, ScriptScopes::kFile), name,
      value);
}

void ScriptParser::EndElement() {
  Expression& e = expression();
  const bool any = e.has_operand || e.has_left || e.split || !e.targets.empty();
  std::string_view name = e.has_left || e.split ? std::string_view() : e.name;
  if (name.empty() && !e.targets.empty()) {
    name = e.targets.front();
  }
  const std::string_view own_key = e.key;
  const std::string_view key = own_key.empty() ? name : own_key;
  const std::string_view keyword = e.keyword;
  ScriptValue value = EndExpression();
  if (!any) {
    return;
  }
  if (top().cases && top().use == Use::kObject) {
    ChooseCase(value);
  }
  const ScriptValue plain = value;
  if (!keyword.empty()) {
    value.number = false;
    value.text =
        value.constant()
            ? pool_.Keep(std::string(keyword) + "=" + std::string(value.text))
            : std::string_view();
    value.known = value.constant() ? Text::kConstant : Text::kUnknown;
    value.named = keyword != "args";
  }
  Frame& frame = top();
  const bool keyed = frame.use == Use::kList && !own_key.empty();
  if (frame.use == Use::kObject || keyed || !keyword.empty()) {
    frame.grants = Both(
        frame.grants, EffectOfElement(keyword.empty() ? key : keyword, plain));
  }
  if (frame.values.size() < kMaxValues) {
    frame.values.push_back(value);
    frame.names.emplace_back(
        frame.use == Use::kList || frame.use == Use::kCall ? own_key : key,
        name);
  } else {
    frame.values.back().taint = Both(frame.values.back().taint, value.taint);
  }
}

void ScriptParser::EndStatement() {
  const ScriptValue value = EndExpression();
  for (const std::string_view name : expression().targets) {
    ScriptValue one = TaintedValue(value.taint);
    one.sources =
        static_cast<ScriptSource::Bits>(value.sources & ~ScriptSource::kLogin);
    BindTarget(name, one);
  }
  Frame& frame = top();
  frame.expression.targets.clear();
  frame.targets.clear();
  frame.several = frame.declared = frame.loop = frame.each = false;
  frame.values.clear();
  defining_ = false;
  body_ = 0;
}

// The names that were read will be assigned.
void ScriptParser::AddTargets() {
  Expression& e = expression();
  top().several = !top().targets.empty();
  for (const std::string_view name : std::exchange(top().targets, {})) {
    e.targets.push_back(name);
  }
  if (!e.name.empty()) {
    e.targets.push_back(e.name);
  } else if (e.operand.reference.count > 1 && !e.operand.dynamic) {
    e.targets.push_back(pool_.Keep(e.operand.reference.Joined()));
  }
}

// "=" and its like: what was read is what is assigned.
void ScriptParser::Assign() {
  Expression& e = expression();
  const bool statements = top().use == Use::kFile || top().use == Use::kBlock;
  const bool keyword =
      token_.Is("=") && !statements &&
      (Is(ScriptLanguage::kPython) || Is(ScriptLanguage::kLua));
  const std::string_view op = token_.text;
  const bool appends = op == "+=" || op == ".=";
  const ScriptValue before = e.operand;
  if (keyword) {
    (Is(ScriptLanguage::kPython) ? e.keyword : e.key) = e.name;
  } else if (!pattern_.empty() &&
             (last_.Is("}") || last_.Is("]") || last_.Is(")"))) {
    e.pattern = true;
  } else if (e.has_operand && !e.has_left && !e.split) {
    AddTargets();
  }
  e.has_operand = e.has_left = e.built = e.member = false;
  e.split = e.compares = e.negated = false;
  e.rest = {};
  e.name = {};
  e.join = Join::kNone;
  if (appends) {
    e.left = before;
    e.has_left = true;
    e.join = Join::kConcatenate;
  }
}

}  // namespace assay::facts
