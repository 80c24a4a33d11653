#include "sbom/banners/version.h"

#include <algorithm>
#include <array>

#include "verifier/base/text.h"

namespace assay::sbom {
namespace {

constexpr std::size_t kMostNumbers = 6;
constexpr std::size_t kMostDigits = 9;

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

bool IsLetter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

std::size_t Digits(std::string_view text) {
  std::size_t count = 0;
  while (count < text.size() && IsDigit(text[count])) {
    ++count;
  }
  return count;
}

// "-rc1", "rc.2", "p1", "beta3": the length, or 0.
std::size_t TaggedSuffix(std::string_view text) {
  constexpr std::array<std::string_view, 7> kTags = {
      "rc", "pre", "beta", "alpha", "p", "P", "RC"};
  const std::size_t lead =
      !text.empty() && (text[0] == '-' || text[0] == '_') ? 1 : 0;
  for (const std::string_view tag : kTags) {
    if (text.substr(lead, tag.size()) != tag) {
      continue;
    }
    std::size_t at = lead + tag.size();
    at += text.substr(at, 1) == "." || text.substr(at, 1) == "-" ? 1U : 0U;
    const std::size_t digits = Digits(text.substr(at));
    if (digits > 0) {
      return at + digits;
    }
  }
  return 0;
}

// Nothing of the version itself may follow it; 'x' stands for any number.
bool Continues(std::string_view rest) {
  return !rest.empty() &&
         (IsDigit(rest[0]) || IsLetter(rest[0]) || rest[0] == '_' ||
          (rest[0] == '.' && rest.size() > 1 &&
           (IsDigit(rest[1]) || rest[1] == 'x' || rest[1] == '%')));
}

std::size_t PartLength(std::string_view text) {
  const std::size_t digits = Digits(text);
  return digits <= kMostDigits && !Continues(text.substr(digits)) ? digits : 0;
}

}  // namespace

std::size_t VersionLength(std::string_view text, VersionShape shape) {
  text = text.substr(0, kLongestVersion + 2);
  if (shape == VersionShape::kPart) {
    return PartLength(text);
  }
  std::size_t at = 0;
  std::size_t numbers = 0;
  for (;;) {
    const std::size_t digits = Digits(text.substr(at));
    if (digits == 0 || digits > kMostDigits || ++numbers > kMostNumbers) {
      return 0;
    }
    at += digits;
    if (at + 1 >= text.size() || text[at] != '.' || !IsDigit(text[at + 1])) {
      break;
    }
    ++at;
  }
  const bool all_zero =
      text.substr(0, at).find_first_not_of("0.") == std::string_view::npos;
  if (all_zero || (numbers < 2 && shape == VersionShape::kDotted)) {
    return 0;
  }
  std::string_view rest = text.substr(at);
  std::size_t suffix = TaggedSuffix(rest);
  if (suffix == 0 && !rest.empty() && rest[0] >= 'a' && rest[0] <= 'z' &&
      rest[0] != 'x') {
    suffix = 1;
  }
  if (Continues(rest.substr(suffix)) || at + suffix > kLongestVersion) {
    return 0;
  }
  return at + suffix;
}

std::size_t NumbersIn(std::string_view version) {
  return 1 + static_cast<std::size_t>(
                 std::count(version.begin(), version.end(), '.'));
}

bool LooksLikeAddress(std::string_view version) {
  const auto parts = Split(version, '.');
  const bool short_parts =
      std::all_of(parts.begin(), parts.end(), [](std::string_view part) {
        return part.size() <= 3 && NumberOf(part).has_value();
      });
  // "9.18.49.1" may be a version; nobody counts a first number that far.
  return parts.size() == 4 && short_parts && parts[0].size() >= 2;
}

}  // namespace assay::sbom
