#include "sbom/versions.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "sbom/pep440.h"
#include "verifier/base/text.h"

namespace assay::sbom {
namespace {

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

int Sign(std::size_t a, std::size_t b) {
  return a < b ? -1 : (a > b ? 1 : 0);
}

// Two runs of decimal digits of any length.
int CompareDigits(std::string_view a, std::string_view b) {
  const auto significant = [](std::string_view digits) {
    return digits.substr(
        std::min(digits.find_first_not_of('0'), digits.size()));
  };
  a = significant(a);
  b = significant(b);
  const int by_length = Sign(a.size(), b.size());
  return by_length != 0 ? by_length : a.compare(b);
}

// deb-version(7): '~' before the end, the end before letters, letters before
// everything else.
int WeightAt(std::string_view text, std::size_t at) {
  if (at >= text.size() || IsDigit(text[at])) {
    return 0;
  }
  const char c = text[at];
  if (c == '~') {
    return -1;
  }
  const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  return static_cast<unsigned char>(c) + (letter ? 0 : 256);
}

std::string_view DigitsAt(std::string_view text, std::size_t at) {
  std::size_t end = at;
  while (end < text.size() && IsDigit(text[end])) {
    ++end;
  }
  return text.substr(at, end - at);
}

int CompareDebPart(std::string_view a, std::string_view b) {
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < a.size() || j < b.size()) {
    while ((i < a.size() && !IsDigit(a[i])) ||
           (j < b.size() && !IsDigit(b[j]))) {
      const int weight_a = WeightAt(a, i);
      const int weight_b = WeightAt(b, j);
      if (weight_a != weight_b) {
        return weight_a < weight_b ? -1 : 1;
      }
      i = std::min(i + 1, a.size());
      j = std::min(j + 1, b.size());
    }
    const std::string_view digits_a = DigitsAt(a, i);
    const std::string_view digits_b = DigitsAt(b, j);
    if (const int order = CompareDigits(digits_a, digits_b); order != 0) {
      return order;
    }
    i += digits_a.size();
    j += digits_b.size();
  }
  return 0;
}

struct DebVersion {
  std::string_view epoch;
  std::string_view upstream;
  std::string_view revision;
};

DebVersion DebVersionOf(std::string_view text) {
  DebVersion version;
  if (const std::size_t colon = text.find(':');
      colon != std::string_view::npos) {
    version.epoch = text.substr(0, colon);
    text.remove_prefix(colon + 1);
  }
  const std::size_t dash = text.rfind('-');
  version.upstream = text.substr(0, dash);
  if (dash != std::string_view::npos) {
    version.revision = text.substr(dash + 1);
  }
  return version;
}

int CompareDeb(std::string_view left, std::string_view right) {
  const DebVersion a = DebVersionOf(left);
  const DebVersion b = DebVersionOf(right);
  if (const int order = CompareDebPart(a.epoch, b.epoch); order != 0) {
    return order;
  }
  const int order = CompareDebPart(a.upstream, b.upstream);
  return order != 0 ? order : CompareDebPart(a.revision, b.revision);
}

std::string_view WithoutV(std::string_view text) {
  const bool marked =
      text.size() > 1 && (text[0] == 'v' || text[0] == 'V') && IsDigit(text[1]);
  return marked ? text.substr(1) : text;
}

struct Semver {
  std::vector<std::string_view> numbers;
  std::string_view prerelease;
};

std::string_view WithoutBuild(std::string_view text) {
  return text.substr(0, text.find('+'));
}

bool IsNumeric(std::string_view text) {
  return !text.empty() && DigitsAt(text, 0).size() == text.size();
}

std::optional<Semver> SemverOf(std::string_view text) {
  text = WithoutBuild(WithoutV(text));
  Semver version;
  if (const std::size_t dash = text.find('-'); dash != std::string_view::npos) {
    version.prerelease = text.substr(dash + 1);
    text = text.substr(0, dash);
  }
  version.numbers = Split(text, '.');
  for (const std::string_view number : version.numbers) {
    if (!IsNumeric(number)) {
      return std::nullopt;
    }
  }
  return version;
}

// Section 11.4: numbers before words, fewer fields before more.
int ComparePrerelease(std::string_view a, std::string_view b) {
  if (a.empty() || b.empty()) {
    return Sign(b.size(), a.size());
  }
  const auto left = Split(a, '.');
  const auto right = Split(b, '.');
  for (std::size_t i = 0; i < left.size() && i < right.size(); ++i) {
    const bool number_a = IsNumeric(left[i]);
    const bool number_b = IsNumeric(right[i]);
    if (number_a != number_b) {
      return number_a ? -1 : 1;
    }
    const int order =
        number_a ? CompareDigits(left[i], right[i]) : left[i].compare(right[i]);
    if (order != 0) {
      return order;
    }
  }
  return Sign(left.size(), right.size());
}

std::optional<int> CompareSemver(std::string_view left,
                                 std::string_view right) {
  const auto a = SemverOf(left);
  const auto b = SemverOf(right);
  if (!a || !b) {
    return std::nullopt;
  }
  const std::size_t count = std::max(a->numbers.size(), b->numbers.size());
  for (std::size_t i = 0; i < count; ++i) {
    const auto at = [i](const Semver& version) {
      return i < version.numbers.size() ? version.numbers[i] : "0";
    };
    if (const int order = CompareDigits(at(*a), at(*b)); order != 0) {
      return order;
    }
  }
  return ComparePrerelease(a->prerelease, b->prerelease);
}

}  // namespace

VersionOrder VersionOrderOf(std::string_view purl_type) {
  constexpr std::array<std::string_view, 4> kSemverTypes = {"npm", "cargo",
                                                            "golang", "hex"};
  if (purl_type == "deb" || purl_type == "opkg") {
    return VersionOrder::kDeb;
  }
  if (purl_type == "pypi") {
    return VersionOrder::kPep440;
  }
  for (const std::string_view type : kSemverTypes) {
    if (purl_type == type) {
      return VersionOrder::kSemver;
    }
  }
  return VersionOrder::kGeneric;
}

int CompareVersions(VersionOrder order, std::string_view a,
                    std::string_view b) {
  if (order == VersionOrder::kDeb) {
    return CompareDeb(a, b);
  }
  std::optional<int> result;
  if (order == VersionOrder::kSemver) {
    result = CompareSemver(a, b);
  } else if (order == VersionOrder::kPep440) {
    result = ComparePep440(a, b);
  }
  return result ? *result : CompareDebPart(WithoutV(a), WithoutV(b));
}

bool SameUpstream(VersionOrder order, std::string_view a, std::string_view b) {
  if (order == VersionOrder::kDeb) {
    const DebVersion left = DebVersionOf(a);
    const DebVersion right = DebVersionOf(b);
    return CompareDebPart(left.upstream, right.upstream) == 0;
  }
  return CompareVersions(order, WithoutBuild(a), WithoutBuild(b)) == 0;
}

}  // namespace assay::sbom
