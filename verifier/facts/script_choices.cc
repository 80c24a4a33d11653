// Which branch of an expression or of a list of cases is taken, and by what.

#include <utility>

#include "verifier/facts/script_functions.h"
#include "verifier/facts/script_parser.h"
#include "verifier/facts/script_words.h"

namespace assay::facts {
namespace {

using End = ScriptGates::End;

}  // namespace

// What an operator that splits a condition into terms says about them.
std::optional<ScriptParser::Comparing> ScriptParser::ComparingOf(
    std::string_view op) {
  const bool negative = op == "!=" || op == "!==" || op == "~=" || op == "<>";
  const bool order = op == "<" || op == ">" || op == "<=" || op == ">=";
  if (negative || order || op == "==" || op == "===") {
    return Comparing{.compares = true, .negative = negative, .order = order};
  }
  if (op == "&&") {
    return Comparing{.join = Comparing::Join::kThen};
  }
  if (op == "?") {
    return Comparing{.join = Comparing::Join::kQuestion};
  }
  if (op == "||" || op == "??" || op == "?:") {
    return Comparing{.join = Comparing::Join::kOtherwise};
  }
  return std::nullopt;
}

void ScriptParser::Split(const Comparing& comparing) {
  Expression& e = expression();
  const bool negated = e.negated;
  const ScriptValue term = EndTerm();
  if (!comparing.compares) {
    Branch(comparing.join, term);
  }
  e.compares = comparing.compares;
  e.negative = comparing.negative != negated;
  e.order = comparing.order;
  e.compared = term;
  e.rest.taint = Both(e.rest.taint, term.taint);
  e.rest.sources = Both(e.rest.sources, term.sources);
  e.rest.parameters = Both(e.rest.parameters, term.parameters);
  if (!comparing.compares && e.rest.judged.empty()) {
    e.rest.judged = term.judged;
  }
  if (!comparing.compares && e.rest.reference.empty() &&
      !term.reference.empty() &&
      FindFunction(library_, NameOf(term.reference)) != nullptr) {
    e.rest.reference = term.reference;  // "a or b": likely the first
  }
  e.split = true;
  e.has_left = e.negated = false;
  e.join = Join::kNone;
}

// "a && b", "a ? b : c", "b if a else c": what follows depends on the term.
void ScriptParser::Branch(Comparing::Join join, const ScriptValue& term) {
  Expression& e = expression();
  const std::size_t depth = frames_.size();
  const bool asked = join == Comparing::Join::kQuestion || e.chosen;
  Judge(term.judged, !asked);
  if (gates_.InHead()) {
    return;
  }
  switch (join) {
    case Comparing::Join::kQuestion:
      ++e.questions;
      [[fallthrough]];
    case Comparing::Join::kThen:
      if (!gates_.InExpression(depth)) {
        BeginBranch(term.judged);
      }
      return;
    case Comparing::Join::kColon:
      Choose(term);
      e.questions -= e.questions > 0 ? 1U : 0U;
      gates_.Finish(End::kExpression, depth);
      return gates_.Else(End::kExpression, depth);
    case Comparing::Join::kOtherwise:
      gates_.Finish(End::kExpression, depth);
      return gates_.Else(End::kExpression, depth);
    case Comparing::Join::kIf:
      e.then = term;
      e.chosen = true;
      return;
    case Comparing::Join::kElse:
      if (std::exchange(e.chosen, false)) {
        BeginBranch(term.judged);
        Choose(e.then);
        gates_.Finish(End::kExpression, depth);
        gates_.Else(End::kExpression, depth);
      }
      return;
  }
}

void ScriptParser::BeginBranch(ScriptJudgement judgement) {
  if (judgement.sources != 0) {
    judgement.negative = judgement.negative != top().negated;
    gates_.BeginExpression(judgement, Around(), frames_.size());
  }
}

// The value is what the branch gives.
void ScriptParser::Choose(const ScriptValue& value) {
  const Expression& e = expression();
  if (!gates_.InExpression(frames_.size())) {
    return;
  }
  if (e.returns) {
    gates_.Returns(EffectOfReturn(value), scope_);
  }
  for (const std::string_view name : e.targets) {
    Happens(EffectOfAssignment(name, value));
  }
}

// "case x:" of what "switch (subject)" or "match subject:" asks.
void ScriptParser::BeginCase(const ScriptValue& subject,
                             const ScriptValue& value, End end,
                             std::size_t depth) {
  const ScriptJudgement judgement = Compare(subject, value, {});
  if (judgement.sources != 0) {
    BeginCondition();
    gates_.Compare(judgement);
    gates_.BeginBody(end, depth, 0);
  }
}

// What "match (x) { key => value }" of PHP gives is what the expression around
// it returns or assigns.
void ScriptParser::ChooseCase(const ScriptValue& value) {
  if (frames_.size() < 2) {
    return;
  }
  const Expression& around = frames_[frames_.size() - 2].expression;
  if (around.returns) {
    gates_.Returns(EffectOfReturn(value), scope_);
  }
  for (const std::string_view name : around.targets) {
    Happens(EffectOfAssignment(name, value));
  }
}

// "else" of a statement.
void ScriptParser::BeginElse() {
  if (Is(ScriptLanguage::kLua)) {
    gates_.Else(End::kWord, bodies_.size());
  } else if (Is(ScriptLanguage::kPython)) {
    gates_.Else(End::kIndent, indent_);
  } else if (next_.Is("{")) {
    gates_.Else(End::kBlock, frames_.size() + 1);
  } else {
    gates_.Else(End::kStatement, frames_.size());
  }
}

}  // namespace assay::facts
