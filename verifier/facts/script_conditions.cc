// Comparisons, the conditions they stand in, and what those let happen.

#include <algorithm>

#include "verifier/base/text.h"
#include "verifier/facts/script_functions.h"
#include "verifier/facts/script_parser.h"
#include "verifier/facts/script_words.h"

namespace assay::facts {
namespace {

using End = ScriptGates::End;

using Bits = ScriptSource::Bits;

Bits Told(const ScriptValue& value) {
  Bits told = value.sources;
  if ((value.taint & ScriptValue::kRequest) != 0) {
    told = Both(told, ScriptSource::kRequest);
  }
  if ((value.taint & ScriptValue::kNetwork) != 0) {
    told = Both(told, ScriptSource::kNetwork);
  }
  return told;
}

Bits WithoutCredential(Bits sources) {
  return static_cast<Bits>(sources & ~ScriptSource::kLogin);
}

bool IsFixed(const ScriptValue& value) {
  return value.constant() || value.fixed || value.list != 0;
}

// Whether the clock passes it once: a date, a year, seconds since 1970. What
// is shorter is a time span.
bool IsMoment(const ScriptValue& value) {
  if (!value.number || !value.constant()) {
    return value.date || (value.constant() && !value.text.empty());
  }
  const std::uint64_t number = IntegerOf(value.text);
  return (number > 1990 && number < 2200) || number > 1'000'000'000;
}

// Whether everybody who knows the day or the machine can compute `value`, and
// `secret` is what somebody has to know.
bool Gives(const ScriptValue& value, const ScriptValue& secret) {
  constexpr Bits kComputed = ScriptSource::kClock | ScriptSource::kHost;
  return (value.sources & kComputed) != 0 &&
         (value.sources & ScriptSource::kLogin) == 0 &&
         (secret.sources & ScriptSource::kCredential) != 0 &&
         (secret.sources & kComputed) == 0;
}

// The side that everybody can know, if one of them is that.
const ScriptValue* SameForAll(const ScriptValue& left,
                              const ScriptValue& right) {
  if (IsFixed(left) != IsFixed(right)) {
    return IsFixed(left) ? &left : &right;
  }
  if (IsFixed(left)) {
    return nullptr;
  }
  return Gives(left, right) ? &left : Gives(right, left) ? &right : nullptr;
}

}  // namespace

// What stands between two operators that compare or join conditions.
ScriptValue ScriptParser::EndTerm() {
  Expression& e = expression();
  Fold();
  ScriptValue term = e.has_left ? e.left : ScriptValue();
  if (e.has_left && e.built) {
    if (MayKeep()) {
      term.text = pool_.Keep(e.text);
      term.taint =
          Both(term.taint, NamesSecrets(term.text) ? ScriptValue::kSecrets
                                                   : std::uint8_t{0});
    } else {
      term.known = ScriptValue::Text::kUnknown;
      result_.truncated = true;
    }
  }
  e.built = false;
  if (std::exchange(e.compares, false)) {
    Compare(e.compared, term, {.negative = e.negative, .order = e.order});
  }
  return term;
}

void ScriptParser::Split(const Comparing& comparing) {
  Expression& e = expression();
  const bool negated = e.negated;
  const ScriptValue term = EndTerm();
  e.compares = comparing.compares;
  e.negative = comparing.negative != negated;
  e.order = comparing.order;
  e.compared = term;
  e.rest.taint = Both(e.rest.taint, term.taint);
  e.rest.sources = Both(e.rest.sources, term.sources);
  if (!comparing.compares && e.rest.reference.empty() &&
      !term.reference.empty() &&
      FindFunction(language_, NameOf(term.reference)) != nullptr) {
    e.rest.reference = term.reference;  // "a or b": likely the first
  }
  e.split = true;
  e.has_left = e.negated = false;
  e.join = Join::kNone;
}

void ScriptParser::Compare(const ScriptValue& left, const ScriptValue& right,
                           ScriptGates::Comparison comparison) {
  const ScriptValue* const same = SameForAll(left, right);
  if (!report_ || same == nullptr) {
    return;
  }
  const ScriptValue& fixed = *same;
  comparison.sources = Told(same == &left ? right : left);
  comparison.comparand = !IsFixed(fixed)   ? ScriptComparand::kComposed
                         : fixed.list != 0 ? ScriptComparand::kWord
                                           : ComparandOf(fixed);
  comparison.named = fixed.constant() && !fixed.text.empty();
  if (!IsMoment(fixed)) {
    comparison.sources =
        static_cast<Bits>(comparison.sources & ~ScriptSource::kClock);
  }
  comparison.negative = comparison.negative != top().negated;
  const Expression& e = expression();
  const bool judges =
      e.returns || (!e.targets.empty() &&
                    EffectOfAssignment(e.targets.front(), ConstantText("1")) ==
                        ScriptEffect::kSuccess);
  if (!judges) {
    return gates_.Compare(comparison);
  }
  if (!comparison.negative &&
      (comparison.sources & ScriptSource::kCredential) != 0) {
    gates_.Begin(token_.place, token_.line, scope_);
    gates_.Compare(comparison);
    gates_.BeginBody(End::kStatement, frames_.size(), 0);
    gates_.Happens(ScriptEffect::kSuccess);
    gates_.Finish(End::kStatement, frames_.size());
  }
}

// compare_digest(a, b), a.equals(b).
void ScriptParser::CompareByCall(std::string_view function,
                                 const Frame& frame) {
  const ScriptComparison how =
      ComparisonOf(function.substr(function.rfind('.') + 1));
  if (how == ScriptComparison::kNone || frame.values.empty()) {
    return;
  }
  ScriptValue object = frame.callee;
  object.sources = frame.callee.object;
  object.member = false;
  const bool two = frame.values.size() > 1 && how != ScriptComparison::kAffix;
  Compare(two || !frame.callee.method ? frame.values[0] : object,
          frame.values.size() > 1 && !frame.callee.method ? frame.values[1]
          : two                                           ? frame.values[1]
                                                          : frame.values[0],
          {.negative = expression().negated});
}

// What the result of a call tells.
void ScriptParser::Tell(std::string_view function, const Frame& frame,
                        ScriptValue& result) const {
  Bits sources = frame.callee.object;
  bool fixed = !frame.values.empty();
  bool numbers = false;  // of which a function makes a text
  for (const ScriptValue& value : frame.values) {
    sources = Both(sources, value.sources);
    fixed = fixed && (value.constant() || value.fixed);
    numbers = numbers || (value.list != 0 && value.number);
  }
  const bool carries = Carries(function.substr(function.rfind('.') + 1));
  sources = carries        ? sources
            : result.clean ? Bits{0}
                           : WithoutCredential(sources);
  const bool date = MakesDate(function) && fixed;
  result.fixed = result.fixed || date || (carries && numbers);
  result.date = date;
  // A function that is nothing but an expression tells what that does.
  const Bits own = WithoutCredential(frame.callee.sources);
  result.sources =
      date ? Bits{0}
           : Both(Both(sources, own),
                  Both(result.sources, SourceOf(language_, function)));
}

// "user.password" tells what its last name says, os.environ.X what its
// object does.
void ScriptParser::TellMember(ScriptValue& value, std::string_view name) const {
  value.object = value.sources;
  value.sources = Both(WithoutCredential(value.sources), CredentialOf(name));
  if (value.reference.count > 1) {
    value.sources =
        Both(value.sources, SourceOf(language_, value.reference.Joined()));
  }
}

void ScriptParser::BeginCondition() {
  if (report_) {
    gates_.Begin(token_.place, token_.line, scope_);
  }
}

void ScriptParser::EndCondition(const std::vector<ScriptValue>& values,
                                ScriptGates::End end, std::size_t depth) {
  Bits tells = 0;
  for (const ScriptValue& value : values) {
    tells = Both(tells, Told(value));
  }
  gates_.BeginBody(end, depth, tells);
}

// "if (a)" of JavaScript and PHP was read.
void ScriptParser::EndControl(const Frame& frame) {
  if (frame.condition && gates_.InHead()) {
    const bool block = next_.Is("{");
    EndCondition(frame.values, block ? End::kBlock : End::kStatement,
                 frames_.size() + (block ? 1U : 0U));
  }
}

// What the words of Lua's conditions end and begin.
void ScriptParser::LuaCondition() {
  const std::string_view word = token_.text;
  if (word == "elseif" || word == "else" || word == "end") {
    gates_.Finish(End::kWord, bodies_.size());
  }
  if (word == "if" || word == "elseif") {
    BeginCondition();
  }
}

// What a value that was returned or assigned does for who is asked.
void ScriptParser::Weigh(const Expression& e, const ScriptValue& value) {
  if (e.returns) {
    NoteReturn(value);
  }
  if (!report_) {
    return;
  }
  if (e.returns) {
    gates_.Returns(EffectOfReturn(value), scope_);
  }
  for (const std::string_view name : e.targets) {
    gates_.Happens(EffectOfAssignment(name, value));
  }
}

}  // namespace assay::facts
