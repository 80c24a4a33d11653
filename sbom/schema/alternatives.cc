// Keywords that combine schemas, and what they leave unevaluated.

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "sbom/schema/validation.h"

namespace assay::sbom {
namespace {

using Nodes = std::vector<const SchemaNode*>;

// The alternatives of an anyOf that a value may fit.
const Nodes& CandidatesOf(const SchemaNode& node, Value value) {
  if (!node.choice || !value.is_object()) {
    return node.any_of;
  }
  const auto found = node.choice->by_text.find(value[node.choice->key].text());
  return found == node.choice->by_text.end() ? node.choice->otherwise
                                             : found->second;
}

}  // namespace

// NOLINTNEXTLINE(misc-no-recursion): bounded by the depth of the tree.
bool Validation::CheckCombined(const SchemaNode& node, Value value,
                               Problems* problems) {
  bool good = true;
  for (const SchemaNode* each : node.all_of) {
    good = Check(*each, value, problems) && good;
  }
  if (!node.any_of.empty()) {
    good = CheckOneOf(node, value, "anyOf", problems) && good;
  }
  if (!node.one_of.empty()) {
    good = CheckOneOf(node, value, "oneOf", problems) && good;
  }
  if (node.negated != nullptr && Check(*node.negated, value, nullptr)) {
    good = Complain(node, value, "not", "has what it must not have", problems);
  }
  return good;
}

// NOLINTNEXTLINE(misc-no-recursion): bounded by the depth of the tree.
bool Validation::CheckOneOf(const SchemaNode& node, Value value,
                            std::string_view keyword, Problems* problems) {
  const Nodes& branches =
      keyword == "anyOf" ? CandidatesOf(node, value) : node.one_of;
  std::size_t passed = 0;
  for (const SchemaNode* branch : branches) {
    passed += Check(*branch, value, nullptr) ? 1U : 0U;
    if (passed == 1 && keyword == "anyOf") {
      return true;
    }
  }
  if (passed == 1 || problems == nullptr) {
    return passed == 1;
  }
  if (passed > 1) {
    return Complain(
        node, value, keyword,
        fmt::format("fits {} alternatives that exclude each other", passed),
        problems);
  }
  return ExplainNearest(node, branches, value, keyword, problems);
}

// Whether an alternative is for such values at all.
// NOLINTNEXTLINE(misc-no-recursion): bounded by the schema.
bool Validation::IsMeantFor(const SchemaNode& alternative, Value value) {
  const SchemaNode& node = Resolved(alternative);
  const auto meant = [&](const SchemaNode* each) {
    return IsMeantFor(*each, value);
  };
  return HasType(node, value) &&
         (node.condition == nullptr ||
          Check(*node.condition, value, nullptr)) &&
         (node.any_of.empty() ||
          std::any_of(node.any_of.begin(), node.any_of.end(), meant));
}

// Names what is wrong by the alternative that is least wrong.
// NOLINTNEXTLINE(misc-no-recursion): bounded by the depth of the tree.
bool Validation::ExplainNearest(const SchemaNode& node, const Nodes& branches,
                                Value value, std::string_view keyword,
                                Problems* problems) {
  Problems nearest;
  bool nearest_is_meant = false;
  for (const SchemaNode* branch : branches) {
    const bool meant = IsMeantFor(*branch, value);
    if (nearest_is_meant && !meant) {
      continue;
    }
    Problems found;
    (void)Check(*branch, value, &found);
    if (!found.empty() && (nearest.empty() || meant != nearest_is_meant ||
                           found.size() < nearest.size())) {
      nearest = std::move(found);
      nearest_is_meant = meant;
    }
  }
  if (node.choice && !nearest_is_meant && value[node.choice->key].exists()) {
    const Value text = value[node.choice->key];
    return Complain(node, text, keyword,
                    Quoted(text.text()) + " is none of the values allowed",
                    problems);
  }
  if (nearest.empty()) {
    return Complain(node, value, keyword, "fits no alternative", problems);
  }
  problems->insert(problems->end(), std::make_move_iterator(nearest.begin()),
                   std::make_move_iterator(nearest.end()));
  return false;
}

// Members that no schema speaks of which the object passes.
// NOLINTNEXTLINE(misc-no-recursion): bounded by the depth of the tree.
bool Validation::CheckUnevaluated(const SchemaNode& node, Value value,
                                  Problems* problems) {
  if (node.unevaluated_properties == nullptr || !value.is_object()) {
    return true;
  }
  Members evaluated;
  Evaluate(node, value, evaluated);
  bool good = true;
  for (const Value member : value) {
    if (evaluated.count(member.index()) != 0) {
      continue;
    }
    if (node.unevaluated_properties->never) {
      good = Complain(node, member, "unevaluatedProperties",
                      Quoted(member.key()) + " is not allowed here", problems);
    } else {
      good = Check(*node.unevaluated_properties, member, problems) && good;
    }
  }
  return good;
}

// Adds the members that a schema speaks of (JSON Schema 2020-12, core,
// section 11.3), by their index. The object passes the schema.
// NOLINTNEXTLINE(misc-no-recursion): bounded by the schema and by `work_`.
void Validation::Evaluate(const SchemaNode& node, Value value,
                          Members& evaluated) {
  for (const Value member : value) {
    if (node.additional_properties != nullptr ||
        node.properties.find(member.key()) != node.properties.end()) {
      evaluated.insert(member.index());
    }
  }
  for (const SchemaNode* each : node.all_of) {
    EvaluateInner(*each, value, evaluated);
  }
  for (const Nodes* branches : {&CandidatesOf(node, value), &node.one_of}) {
    for (const SchemaNode* each : *branches) {
      if (Check(*each, value, nullptr)) {
        EvaluateInner(*each, value, evaluated);
      }
    }
  }
  if (node.condition == nullptr) {
    return;
  }
  const bool holds = Check(*node.condition, value, nullptr);
  if (holds) {
    EvaluateInner(*node.condition, value, evaluated);
  }
  const SchemaNode* chosen = holds ? node.consequence : node.alternative;
  if (chosen != nullptr) {
    EvaluateInner(*chosen, value, evaluated);
  }
}

// NOLINTNEXTLINE(misc-no-recursion): bounded by the schema and by `work_`.
void Validation::EvaluateInner(const SchemaNode& schema, Value value,
                               Members& evaluated) {
  const SchemaNode& node = Resolved(schema);
  if (node.unevaluated_properties == nullptr) {
    Evaluate(node, value, evaluated);
    return;
  }
  for (const Value member : value) {
    evaluated.insert(member.index());
  }
}

}  // namespace assay::sbom
