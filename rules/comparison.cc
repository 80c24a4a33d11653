#include "rules/comparison.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <compare>
#include <optional>
#include <system_error>
#include <utility>

#include "verifier/base/bytes.h"
#include "verifier/base/text.h"

namespace assay::rules {
namespace {

using Operator = Comparison::Operator;

// Longer spellings first: "<=" begins with "<".
constexpr std::array<std::pair<std::string_view, Operator>, 12> kSpellings = {{
    {"not matches ", Operator::kNotMatches},
    {"not glob ", Operator::kNotGlob},
    {"not in ", Operator::kNotIn},
    {"matches ", Operator::kMatches},
    {"glob ", Operator::kGlob},
    {"in ", Operator::kIn},
    {"==", Operator::kEqual},
    {"!=", Operator::kNotEqual},
    {"<=", Operator::kAtMost},
    {">=", Operator::kAtLeast},
    {"<", Operator::kLess},
    {">", Operator::kGreater},
}};

// Independent of the locale; the whole text or nothing.
std::optional<double> DecimalOf(std::string_view text) {
  double value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] =
      std::from_chars(text.data(), end, value, std::chars_format::fixed);
  if (text.empty() || error != std::errc{} || stop != end) {
    return std::nullopt;
  }
  return value;
}

bool Same(std::string_view a, std::string_view b) {
  if (a == b) {
    return true;
  }
  const auto x = DecimalOf(a);
  const auto y = DecimalOf(b);
  return x && y && *x == *y;
}

bool IsOrdering(Operator op) {
  return op == Operator::kLess || op == Operator::kAtMost ||
         op == Operator::kGreater || op == Operator::kAtLeast;
}

bool Ordered(Operator op, std::string_view text, std::string_view bound) {
  const auto x = DecimalOf(text);
  const auto y = DecimalOf(bound);
  if (!x || !y) {
    return false;
  }
  switch (op) {
    case Operator::kLess:
      return *x < *y;
    case Operator::kAtMost:
      return *x <= *y;
    case Operator::kGreater:
      return *x > *y;
    default:
      return *x >= *y;
  }
}

bool IsOneOf(const std::vector<std::string>& list, std::string_view text) {
  return std::any_of(list.begin(), list.end(),
                     [&](const std::string& one) { return Same(one, text); });
}

bool FitsOneOf(const std::vector<std::string>& globs, std::string_view text) {
  return std::any_of(globs.begin(), globs.end(), [&](const std::string& glob) {
    return GlobMatches(glob, text);
  });
}

bool Finds(std::uint32_t regex, std::string_view text,
           const PatternSet* regexes) {
  if (regexes == nullptr || text.empty()) {
    return false;  // a regex that matches the empty text is refused
  }
  const auto hits = regexes->Scan(AsBytes(text));
  return std::any_of(hits.begin(), hits.end(), [&](const PatternHit& hit) {
    return hit.pattern == regex;
  });
}

Result<std::vector<std::string>> ListOf(std::string_view text) {
  const std::string_view trimmed = Trim(text);
  if (trimmed.size() < 2 || trimmed.front() != '[' || trimmed.back() != ']') {
    return Fail(ErrorCode::kConfig,
                fmt::format("\"{}\" is no list such as [a, b]", trimmed));
  }
  std::vector<std::string> list;
  for (const std::string_view item :
       Split(trimmed.substr(1, trimmed.size() - 2), ',')) {
    if (Trim(item).empty()) {
      return Fail(ErrorCode::kConfig, "a list with an empty item");
    }
    list.emplace_back(Trim(item));
  }
  return list;
}

}  // namespace

bool IsRegex(const Comparison& comparison) {
  return comparison.op == Operator::kMatches ||
         comparison.op == Operator::kNotMatches;
}

Result<Comparison> ParseComparison(std::string_view text) {
  Comparison comparison;
  std::string_view operand = text;
  for (const auto& [spelling, op] : kSpellings) {
    if (text.substr(0, spelling.size()) == spelling) {
      comparison.op = op;
      operand = Trim(text.substr(spelling.size()));
      break;
    }
  }
  if (comparison.op == Operator::kIn || comparison.op == Operator::kNotIn) {
    auto list = ListOf(operand);
    if (!list) {
      return Fail(list.error());
    }
    comparison.operands = std::move(*list);
    return comparison;
  }
  if (IsOrdering(comparison.op) && !DecimalOf(operand)) {
    return Fail(ErrorCode::kConfig,
                fmt::format("\"{}\" compares with no number", text));
  }
  const bool needs_operand = IsRegex(comparison) ||
                             comparison.op == Operator::kGlob ||
                             comparison.op == Operator::kNotGlob;
  if (needs_operand && operand.empty()) {
    return Fail(ErrorCode::kConfig,
                fmt::format("\"{}\" compares with nothing", text));
  }
  comparison.operands.emplace_back(operand);
  return comparison;
}

bool Holds(const Comparison& comparison, std::string_view text,
           const PatternSet* regexes) {
  switch (comparison.op) {
    case Operator::kEqual:
    case Operator::kIn:
      return IsOneOf(comparison.operands, text);
    case Operator::kNotEqual:
    case Operator::kNotIn:
      return !IsOneOf(comparison.operands, text);
    case Operator::kGlob:
      return FitsOneOf(comparison.operands, text);
    case Operator::kNotGlob:
      return !FitsOneOf(comparison.operands, text);
    case Operator::kMatches:
      return Finds(comparison.regex, text, regexes);
    case Operator::kNotMatches:
      return !Finds(comparison.regex, text, regexes);
    default:
      return Ordered(comparison.op, text, comparison.operands.front());
  }
}

}  // namespace assay::rules
