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

// A checksum of a password, a code of digits: nobody meets it by chance.
bool IsLongNumber(const ScriptValue& value) {
  constexpr std::size_t kDigits = 6;
  std::string_view digits = value.text;
  const bool hex = value.number && Lower(digits.substr(0, 2)) == "0x";
  digits.remove_prefix(hex ? 2 : 0);
  return value.constant() && digits.size() >= kDigits &&
         digits.find_first_not_of(hex ? "0123456789abcdefABCDEF"
                                      : "0123456789") ==
             std::string_view::npos &&
         digits.find_first_not_of(digits[0]) != std::string_view::npos;
}

// [27, 12].map((c) => c ^ 0x69).join('') is the same in every run.
bool StaysFixed(std::string_view function, const ScriptValue& object) {
  static constexpr std::string_view kSteps[] = {"map", "join", "reverse",
                                                "toString", "concat"};
  const std::string_view last = function.substr(function.rfind('.') + 1);
  return object.method &&
         (object.fixed || (object.list != 0 && object.number)) &&
         std::find(std::begin(kSteps), std::end(kSteps), last) !=
             std::end(kSteps);
}

// Whether it is what a comparison gives: true, or 0 of those that count how
// much differs.
std::optional<bool> TruthOf(const ScriptValue& value) {
  const std::string_view text =
      value.constant() ? value.text : value.reference.last();
  if (text == "0" || text == "false" || text == "False" || text == "FALSE") {
    return false;
  }
  if (text == "1" || text == "true" || text == "True" || text == "TRUE") {
    return true;
  }
  return std::nullopt;
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
    term.judged =
        Meet(e.compared, term, {.negative = e.negative, .order = e.order});
  } else if (e.negated) {
    term.judged.negative = !term.judged.negative;
  }
  return term;
}

// The weakest of the list's elements: all have to look like secrets.
ScriptComparand ScriptParser::ComparandOfList(std::uint32_t list) const {
  ScriptComparand weakest = ScriptComparand::kComposed;
  for (const std::string_view item : lists_[list - 1]) {
    const bool open = item.starts_with("$");  // a name that a run tells
    weakest = std::min(weakest, open ? ScriptComparand::kNone
                                     : ComparandOf(ConstantText(item)));
  }
  return std::max(weakest, ScriptComparand::kWord);
}

ScriptJudgement ScriptParser::Compare(const ScriptValue& left,
                                      const ScriptValue& right,
                                      ScriptJudgement judgement) const {
  const ScriptValue* const same = SameForAll(left, right);
  if (same == nullptr) {
    const bool both = left.parameters != 0 && right.parameters != 0;
    judgement.parameters =
        both ? Both(left.parameters, right.parameters) : std::uint8_t{0};
    return judgement;
  }
  const ScriptValue& fixed = *same;
  const ScriptValue& other = same == &left ? right : left;
  judgement.sources = Told(other);
  judgement.parameters = other.parameters;
  judgement.comparand = !IsFixed(fixed)    ? ScriptComparand::kComposed
                        : fixed.list != 0  ? ComparandOfList(fixed.list)
                        : fixed.among != 0 ? ComparandOfList(fixed.among)
                                           : ComparandOf(fixed);
  if ((judgement.sources & ScriptSource::kCredential) != 0 &&
      IsLongNumber(fixed)) {
    judgement.comparand = ScriptComparand::kDigest;
  }
  judgement.named = fixed.constant() && !fixed.text.empty();
  if (!IsMoment(fixed)) {
    judgement.sources =
        static_cast<Bits>(judgement.sources & ~ScriptSource::kClock);
  }
  return judgement;
}

// "same(a, b) == true", "strcmp(a, b) == 0": what the result was of.
ScriptJudgement ScriptParser::Meet(const ScriptValue& left,
                                   const ScriptValue& right,
                                   ScriptJudgement judgement) const {
  const bool first = !left.judged.empty();
  const ScriptValue& other = first ? right : left;
  ScriptJudgement result = first ? left.judged : right.judged;
  const std::optional<bool> truth = TruthOf(other);
  if (result.empty() || !truth) {
    return Compare(left, right, judgement);
  }
  result.negative = result.negative != (*truth == judgement.negative);
  return result;
}

// The comparison decides about what follows; `value`: it is itself what is
// returned or assigned.
void ScriptParser::Judge(ScriptJudgement judgement, bool value) {
  if (judgement.sources == 0) {
    return;
  }
  judgement.negative = judgement.negative != top().negated;
  if (gates_.InHead()) {
    return gates_.Compare(judgement);
  }
  const Expression& e = expression();
  const std::size_t depth = frames_.size();
  const bool within = gates_.InExpression(depth);
  const bool judges =
      value && !judgement.negative &&
      (judgement.sources & ScriptSource::kCredential) != 0 &&
      (e.returns || (!e.targets.empty() &&
                     EffectOfAssignment(e.targets.front(), ConstantText("1")) ==
                         ScriptEffect::kSuccess));
  if (within || judges) {
    gates_.BeginExpression(judgement, Around(), depth);
  }
  if (judges) {
    gates_.Happens(ScriptEffect::kSuccess);
  }
  if (judges && !within) {
    gates_.Finish(End::kExpression, depth);
  }
}

// compare_digest(a, b), a.equals(b).
ScriptJudgement ScriptParser::CompareByCall(std::string_view function,
                                            const Frame& frame) const {
  const ScriptComparison how =
      ComparisonOf(function.substr(function.rfind('.') + 1));
  if (how == ScriptComparison::kNone || frame.values.empty()) {
    return {};
  }
  ScriptValue object = frame.callee;
  object.sources = frame.callee.object;
  object.member = false;
  const bool two = frame.values.size() > 1 && how != ScriptComparison::kAffix;
  return Compare(two || !frame.callee.method ? frame.values[0] : object,
                 frame.values.size() > 1 && !frame.callee.method
                     ? frame.values[1]
                 : two ? frame.values[1]
                       : frame.values[0],
                 {.negative = how == ScriptComparison::kDifference});
}

// What the result of a call tells.
void ScriptParser::Tell(std::string_view function, const Frame& frame,
                        ScriptValue& result) const {
  const bool carries = Carries(function.substr(function.rfind('.') + 1));
  Bits sources = frame.callee.object;
  bool fixed = !frame.values.empty();
  bool numbers = false;  // of which a function makes a text
  auto parameters = frame.callee.parameters;
  for (const ScriptValue& value : frame.values) {
    parameters = Both(parameters, value.parameters);
    sources = Both(sources, carries ? Told(value) : value.sources);
    fixed = fixed && (value.constant() || value.fixed);
    numbers = numbers || (value.list != 0 && value.number);
  }
  sources = carries        ? sources
            : result.clean ? Bits{0}
                           : WithoutCredential(sources);
  if (carries) {
    result.parameters = Both(result.parameters, parameters);
  }
  const bool date = MakesDate(function) && fixed;
  result.fixed = result.fixed || date || (carries && numbers) ||
                 StaysFixed(function, frame.callee);
  result.date = date;
  // A function that is nothing but an expression tells what that does.
  const Bits own = WithoutCredential(frame.callee.sources);
  result.sources =
      date ? Bits{0}
           : Both(Both(sources, own),
                  Both(result.sources, SourceOf(library_, function)));
}

// "user.password" tells what its last name says, os.environ.X what its
// object does.
void ScriptParser::TellMember(ScriptValue& value, std::string_view name) const {
  value.object = value.sources;
  value.sources = Both(WithoutCredential(value.sources), CredentialOf(name));
  if (value.reference.count > 1) {
    value.sources =
        Both(value.sources, SourceOf(library_, value.reference.Joined()));
  }
}

void ScriptParser::BeginCondition() {
  gates_.Begin(Around());
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
    gates_.Returns(EffectOfReturn(value), scope_);
  }
  if (e.arrow) {
    return;  // its targets are names of a function
  }
  for (const std::string_view name : e.targets) {
    Happens(EffectOfAssignment(name, value));
  }
}

// Here, and so wherever the function around it is called.
void ScriptParser::Happens(std::uint8_t effects) {
  constexpr std::uint8_t kLasting =
      ScriptEffect::kPrivilege | ScriptEffect::kProcess | ScriptEffect::kCode |
      ScriptEffect::kDestroys;
  gates_.Happens(effects);
  const auto lasting = static_cast<std::uint8_t>(effects & kLasting);
  if (Routine* const routine = lasting != 0 ? RoutineAround() : nullptr) {
    routine->effects = Both(routine->effects, lasting);
  }
}

}  // namespace assay::facts
