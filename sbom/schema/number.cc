#include "sbom/schema/number.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <system_error>

namespace assay::sbom {
namespace {

// Beyond what any document has room to make up for by its digits.
constexpr std::int64_t kFarthest = std::int64_t{1} << 40U;

std::int64_t ExponentOf(std::string_view text) {
  text.remove_prefix(!text.empty() && text[0] == '+' ? 1 : 0);
  std::int64_t exponent = 0;
  const auto read =
      std::from_chars(text.data(), text.data() + text.size(), exponent);
  if (read.ec == std::errc::result_out_of_range) {
    exponent = text[0] == '-' ? -kFarthest : kFarthest;
  }
  return std::clamp(exponent, -kFarthest, kFarthest);
}

}  // namespace

Decimal DecimalOf(std::string_view text) {
  Decimal number;
  const bool negative = !text.empty() && text[0] == '-';
  text.remove_prefix(negative ? 1 : 0);
  const std::size_t mark = std::min(text.find_first_of("eE"), text.size());
  const std::string_view mantissa = text.substr(0, mark);
  const std::size_t point = std::min(mantissa.find('.'), mantissa.size());
  const std::string_view fraction =
      mantissa.substr(std::min(point + 1, mantissa.size()));
  std::string& digits = number.digits;
  digits.append(mantissa.substr(0, point)).append(fraction);
  digits.erase(0, digits.find_first_not_of('0'));
  if (digits.empty()) {
    return number;
  }
  number.negative = negative;
  const std::size_t last = digits.find_last_not_of('0');
  number.exponent =
      (mark < text.size() ? ExponentOf(text.substr(mark + 1)) : 0) -
      static_cast<std::int64_t>(fraction.size()) +
      static_cast<std::int64_t>(digits.size() - last - 1);
  digits.resize(last + 1);
  return number;
}

double Decimal::Nearest() const {
  const std::string text =
      (negative ? "-" : "") + digits + "e" + std::to_string(exponent);
  double number = 0;
  const auto read =
      std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec == std::errc::result_out_of_range &&
      exponent + static_cast<std::int64_t>(digits.size()) > 0) {
    number = std::numeric_limits<double>::infinity() * (negative ? -1 : 1);
  }
  return number;
}

}  // namespace assay::sbom
