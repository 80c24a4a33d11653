#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "sbom/schema/json_schema.h"
#include "sbom/schema/number.h"
#include "sbom/schema/validation.h"
#include "verifier/base/text.h"

namespace assay::sbom {
namespace {

std::uint64_t CharactersOf(std::string_view text) {
  return static_cast<std::uint64_t>(std::count_if(
      text.begin(), text.end(),
      [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::string ConstantOf(Value value) {
  if (value.kind() == Value::Kind::kTrue ||
      value.kind() == Value::Kind::kFalse) {
    return value.is_true() ? "true" : "false";
  }
  return std::string(value.text());
}

}  // namespace

std::string Quoted(std::string_view text) {
  constexpr std::size_t kShown = 80;
  return fmt::format("\"{}\"{}", Escaped(text.substr(0, kShown)),
                     text.size() > kShown ? "..." : "");
}

bool HasType(const SchemaNode& node, Value value) {
  if (node.types == 0) {
    return true;
  }
  if ((node.types & (1U << static_cast<unsigned>(value.kind()))) == 0) {
    return false;
  }
  if (!node.integer || !value.is_number()) {
    return true;
  }
  return DecimalOf(value.text()).IsInteger();
}

Validation::Validation(const Tree& tree)
    : tree_(tree), work_(tree.size() * JsonSchema::kWorkPerValue) {}

// NOLINTNEXTLINE(misc-no-recursion): bounded by the depth of the tree.
bool Validation::Check(const SchemaNode& schema, Value value,
                       Problems* problems) {
  const SchemaNode* node = &Resolved(schema);
  if (work_ == 0 ||
      (problems != nullptr && problems->size() >= JsonSchema::kMaxProblems)) {
    return false;
  }
  --work_;
  if (node->never) {
    return Complain(*node, value, "", "is not allowed here", problems);
  }
  if (!HasType(*node, value)) {
    return Complain(
        *node, value, "type",
        fmt::format("{} is of the wrong type", NameOf(value.kind())), problems);
  }
  const auto passes = [&](auto check) {
    return (this->*check)(*node, value, problems);
  };
  bool good = true;
  for (const auto check : {&Validation::CheckScalar, &Validation::CheckObject,
                           &Validation::CheckArray, &Validation::CheckCombined,
                           &Validation::CheckCondition}) {
    good = passes(check) && good;
    if (!good && problems == nullptr) {
      return false;
    }
  }
  return good && CheckUnevaluated(*node, value, problems);
}

bool Validation::Complain(const SchemaNode& node, Value value,
                          std::string_view keyword, std::string detail,
                          Problems* problems) const {
  if (problems != nullptr) {
    const SourcePlace place = tree_.PlaceOf(value);
    problems->push_back(
        {.pointer = tree_.PointerTo(value),
         .rule = "sbom.schema",
         .detail = std::move(detail),
         .reference = keyword.empty() ? node.place : Join(node.place, keyword),
         .line = place.line,
         .column = place.column,
         .offset = place.offset});
  }
  return false;
}

bool Validation::CheckScalar(const SchemaNode& node, Value value,
                             Problems* problems) {
  bool good = true;
  if (!node.enumeration.empty() &&
      (!value.is_string() ||
       node.enumeration.find(value.text()) == node.enumeration.end())) {
    good = Complain(node, value, "enum",
                    Quoted(value.text()) + " is none of the values allowed",
                    problems);
  }
  if (node.constant && ConstantOf(value) != *node.constant) {
    good = Complain(
        node, value, "const",
        fmt::format("{} is not \"{}\"", Quoted(value.text()), *node.constant),
        problems);
  }
  if (value.is_string()) {
    return CheckText(node, value, problems) && good;
  }
  return value.is_number() ? CheckNumber(node, value, problems) && good : good;
}

bool Validation::CheckText(const SchemaNode& node, Value value,
                           Problems* problems) {
  const std::string_view text = value.text();
  bool good = true;
  const re2::StringPiece piece(text.data(), text.size());
  if (node.pattern && !RE2::PartialMatch(piece, *node.pattern)) {
    good = Complain(node, value, "pattern",
                    fmt::format("{} does not match {}", Quoted(text),
                                node.pattern->pattern()),
                    problems);
  }
  if (node.excluded && RE2::PartialMatch(piece, *node.excluded)) {
    good = Complain(node, value, "pattern",
                    fmt::format("{} must not match {}", Quoted(text),
                                node.excluded->pattern()),
                    problems);
  }
  if (!IsOfFormat(text, node.format)) {
    good = Complain(node, value, "format", Quoted(text) + " is malformed",
                    problems);
  }
  if ((node.min_length && CharactersOf(text) < *node.min_length) ||
      (node.max_length && CharactersOf(text) > *node.max_length)) {
    good = Complain(node, value, node.min_length ? "minLength" : "maxLength",
                    fmt::format("{} characters", CharactersOf(text)), problems);
  }
  return good;
}

bool Validation::CheckNumber(const SchemaNode& node, Value value,
                             Problems* problems) {
  const double number = DecimalOf(value.text()).Nearest();
  if ((node.minimum && number < *node.minimum) ||
      (node.maximum && number > *node.maximum)) {
    return Complain(node, value, node.minimum ? "minimum" : "maximum",
                    fmt::format("{} is out of bounds", value.text()), problems);
  }
  return true;
}

// NOLINTNEXTLINE(misc-no-recursion): bounded by the depth of the tree.
bool Validation::CheckObject(const SchemaNode& node, Value value,
                             Problems* problems) {
  if (!value.is_object()) {
    return true;
  }
  bool good = true;
  for (const std::string& name : node.required) {
    if (!value[name].exists()) {
      good = Complain(node, value, "required",
                      fmt::format("\"{}\" is missing", name), problems);
    }
  }
  if (node.properties.empty() && node.additional_properties == nullptr) {
    return good;
  }
  for (const Value member : value) {
    const auto known = node.properties.find(member.key());
    const SchemaNode* schema = known != node.properties.end()
                                   ? known->second
                                   : node.additional_properties;
    if (schema != nullptr && schema->never) {
      good = Complain(node, member, "additionalProperties",
                      Quoted(member.key()) + " is not allowed here", problems);
    } else if (schema != nullptr) {
      good = Check(*schema, member, problems) && good;
    }
    if (!good && problems == nullptr) {
      return false;
    }
  }
  return good;
}

// NOLINTNEXTLINE(misc-no-recursion): bounded by the depth of the tree.
bool Validation::CheckArray(const SchemaNode& node, Value value,
                            Problems* problems) {
  if (!value.is_array()) {
    return true;
  }
  bool good = true;
  if ((node.min_items && value.size() < *node.min_items) ||
      (node.max_items && value.size() > *node.max_items)) {
    good = Complain(node, value, node.min_items ? "minItems" : "maxItems",
                    fmt::format("{} elements", value.size()), problems);
  }
  std::size_t position = 0;
  for (const Value element : value) {
    const SchemaNode* schema =
        position < node.tuple.size()
            ? node.tuple[position]
            : (node.tuple.empty() ? node.items : node.additional_items);
    ++position;
    if (schema != nullptr && !Check(*schema, element, problems)) {
      good = false;
    }
    if (!good && problems == nullptr) {
      return false;
    }
  }
  if (node.unique_items && !AreUnique(value)) {
    good = Complain(node, value, "uniqueItems", "two elements are equal",
                    problems);
  }
  return good;
}

// NOLINTNEXTLINE(misc-no-recursion): bounded by the depth of the tree.
bool Validation::CheckCondition(const SchemaNode& node, Value value,
                                Problems* problems) {
  if (node.condition == nullptr) {
    return true;
  }
  const SchemaNode* chosen = Check(*node.condition, value, nullptr)
                                 ? node.consequence
                                 : node.alternative;
  return chosen == nullptr || Check(*chosen, value, problems);
}

std::vector<SbomProblem> JsonSchema::Validate(const Tree& document) const {
  std::vector<SbomProblem> problems;
  Validation validation(document);
  if (document.root().exists()) {
    (void)validation.Check(*root_, document.root(), &problems);
  }
  if (validation.gave_up()) {
    problems.push_back({.rule = "sbom.schema-limit",
                        .detail = "validation takes too much work",
                        .reference = name_});
  }
  return problems;
}

}  // namespace assay::sbom
