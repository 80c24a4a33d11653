// VERS "datetime": points in time as RFC 3339, section 5.6, writes them, with
// any number of digits in the fraction. Other text: CompareLexicographic.

#include <string>

#include "sbom/versions/orders.h"
#include "sbom/versions/scan.h"
#include "verifier/base/time.h"

namespace assay::sbom::versions {
namespace {

struct Instant {
  UnixTime seconds = 0;
  std::string_view fraction = {};  // without zeros at its end
};

std::optional<Instant> InstantOf(std::string_view text) {
  Instant instant;
  std::string whole(text);
  if (const std::size_t dot = text.find('.'); dot != std::string_view::npos) {
    std::string_view rest = text.substr(dot + 1);
    const std::string_view digits = TakeDigits(rest);
    if (digits.empty()) {
      return std::nullopt;
    }
    instant.fraction = digits.substr(0, digits.find_last_not_of('0') + 1);
    whole = std::string(text.substr(0, dot)).append(rest);
  }
  const auto seconds = ParseTime(whole);
  if (!seconds || text.find_first_of("Tt") == std::string_view::npos) {
    return std::nullopt;
  }
  instant.seconds = *seconds;
  return instant;
}

}  // namespace

int CompareDatetime(std::string_view a, std::string_view b) {
  const auto left = InstantOf(a);
  const auto right = InstantOf(b);
  if (!left || !right) {
    return CompareLexicographic(a, b);
  }
  const int order = Compare(left->seconds, right->seconds);
  return order != 0 ? order : CompareText(left->fraction, right->fraction);
}

bool IsDatetime(std::string_view text) {
  return InstantOf(text).has_value();
}

}  // namespace assay::sbom::versions
