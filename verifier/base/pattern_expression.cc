#include "verifier/base/pattern_expression.h"

#include <fmt/format.h>
#include <hs/hs.h>

#include <cstdlib>
#include <string_view>

#include "verifier/base/digest.h"
#include "verifier/base/text.h"

namespace assay {
namespace {

std::string RegexOfLiteral(std::string_view literal) {
  std::string regex;
  for (const char c : literal) {
    regex += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
  }
  return regex;
}

// "7f ?? 46" -> "\x7f[\x00-\xff]\x46"; "" when it is not such a text.
std::string RegexOfHex(std::string_view hex) {
  std::string regex;
  for (const std::string_view word : Split(Trim(hex), ' ')) {
    if (word.empty()) {
      continue;
    }
    if (word == "??") {
      regex += ".";
      continue;
    }
    if (word.size() != 2 || !BytesFromHex(word)) {
      return {};
    }
    regex += fmt::format("\\x{}", word);
  }
  return regex;
}

void SetWidth(const Pattern& pattern, std::uint64_t min, std::uint64_t max,
              Expression& expression) {
  if (!pattern.located) {
    expression.width = pattern.ends ? kFirstEnd : kNoWidth;
    expression.flags |= HS_FLAG_SINGLEMATCH;
  } else if (min == max) {
    expression.width = min;
  } else {
    expression.flags |= HS_FLAG_SOM_LEFTMOST;
    expression.width = kLater;
  }
}

}  // namespace

Result<Expression> ExpressionOf(const Pattern& pattern, std::size_t index) {
  Expression expression;
  expression.flags = HS_FLAG_DOTALL |
                     (pattern.caseless ? HS_FLAG_CASELESS : 0) |
                     (pattern.approximate ? HS_FLAG_PREFILTER : 0);
  switch (pattern.kind) {
    case Pattern::Kind::kLiteral:
      expression.regex = RegexOfLiteral(pattern.text);
      break;
    case Pattern::Kind::kHex:
      expression.regex = RegexOfHex(pattern.text);
      break;
    case Pattern::Kind::kRegex:
      expression.regex = pattern.text;
      expression.flags |= HS_FLAG_MULTILINE;
      break;
  }
  const auto refuse = [&](std::string_view why) {
    constexpr std::size_t kShown = 100;
    return Fail(ErrorCode::kConfig,
                fmt::format("pattern {} \"{}\"{}: {}", index,
                            Escaped(pattern.text.substr(0, kShown)),
                            pattern.text.size() > kShown ? "..." : "", why));
  };
  if (expression.regex.empty()) {
    return refuse("empty, or not hex bytes");
  }
  // Known without asking: thousands of texts would be compiled twice.
  if (pattern.kind == Pattern::Kind::kLiteral) {
    SetWidth(pattern, pattern.text.size(), pattern.text.size(), expression);
    return expression;
  }
  hs_expr_info_t* info = nullptr;
  hs_compile_error_t* error = nullptr;
  if (hs_expression_info(expression.regex.c_str(), expression.flags, &info,
                         &error) != HS_SUCCESS) {
    const std::string why = error != nullptr ? error->message : "refused";
    hs_free_compile_error(error);
    return refuse(why);
  }
  const bool empty = info->min_width == 0;
  SetWidth(pattern, info->min_width, info->max_width, expression);
  std::free(info);  // NOLINT: allocated by Hyperscan with malloc
  if (empty) {
    return refuse("matches nothing at all");
  }
  return expression;
}

}  // namespace assay
