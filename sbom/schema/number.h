// The numbers of JSON documents, which have no bounds.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace assay::sbom {

// A number exactly: an integer of digits without zeros at either end, times a
// power of ten; zero has no digits. Equal numbers have equal members, however
// they are written (RFC 8259 section 6).
struct Decimal {
  bool negative = false;
  std::string digits = {};
  std::int64_t exponent = 0;  // what is out of range becomes its bound

  [[nodiscard]] bool IsInteger() const { return exponent >= 0; }
  // The nearest double; infinite where there is none.
  [[nodiscard]] double Nearest() const;

  // A total order, but not that of the numbers.
  friend auto operator<=>(const Decimal&, const Decimal&) = default;
};

// `text` is a number by the grammar of JSON.
[[nodiscard]] Decimal DecimalOf(std::string_view text);

}  // namespace assay::sbom
