// Gentoo: Package Manager Specification 8, section 3.3, algorithms 3.1-3.7.
// Text that is no such version compares by CompareGeneric with all others.

#include <array>
#include <optional>

#include "sbom/versions/orders.h"
#include "sbom/versions/scan.h"

namespace assay::sbom::versions {
namespace {

struct Version {
  std::string_view numbers = {};
  std::string_view letter = {};
  std::string_view suffixes = {};  // "alpha1_p2"
  std::string_view revision = {};
};

constexpr int kNoSuffix = 4;
constexpr std::array<std::string_view, 6> kSuffixes = {"alpha", "beta", "pre",
                                                       "rc",    "",     "p"};

struct Suffix {
  int rank = kNoSuffix;
  std::string_view number = {};
};

std::optional<Suffix> SuffixOf(std::string_view text) {
  Suffix suffix;
  suffix.number = TakeLastDigits(text);
  for (std::size_t i = 0; i < kSuffixes.size(); ++i) {
    if (!text.empty() && text == kSuffixes[i]) {
      suffix.rank = static_cast<int>(i);
      return suffix;
    }
  }
  return std::nullopt;
}

bool AreSuffixes(std::string_view text) {
  Fields fields(text, "_");
  while (const auto field = fields.Next()) {
    if (!SuffixOf(*field)) {
      return false;
    }
  }
  return true;
}

bool AreNumbers(std::string_view text) {
  Fields fields(text, ".");
  while (const auto field = fields.Next()) {
    if (!IsNumber(*field)) {
      return false;
    }
  }
  return true;
}

std::optional<Version> VersionOf(std::string_view text) {
  Version version;
  const std::string_view base = WithoutRevision(text);
  if (base.size() != text.size()) {
    version.revision = text.substr(base.size() + 2);
  }
  text = base;
  if (const std::size_t at = text.find('_'); at != std::string_view::npos) {
    version.suffixes = text.substr(at + 1);
    text = text.substr(0, at);
    if (!AreSuffixes(version.suffixes)) {
      return std::nullopt;
    }
  }
  if (!text.empty() && text.back() >= 'a' && text.back() <= 'z') {
    version.letter = text.substr(text.size() - 1);
    text.remove_suffix(1);
  }
  version.numbers = text;
  return AreNumbers(text) ? std::optional(version) : std::nullopt;
}

// Algorithm 3.3: a component that begins with 0 is a fraction.
int CompareFraction(std::string_view a, std::string_view b) {
  if (a[0] != '0' && b[0] != '0') {
    return CompareNumbers(a, b);
  }
  const auto significant = [](std::string_view text) {
    return text.substr(0, text.find_last_not_of('0') + 1);
  };
  return CompareText(significant(a), significant(b));
}

int CompareComponents(std::string_view a, std::string_view b) {
  if (const int order = CompareNumbers(TakeDigits(a), TakeDigits(b));
      order != 0) {
    return order;
  }
  if (a.empty() || b.empty()) {
    return Compare(a.size(), b.size());
  }
  return CompareEach(Fields(a.substr(1), "."), Fields(b.substr(1), "."),
                     std::nullopt, CompareFraction);
}

int CompareSuffix(std::string_view a, std::string_view b) {
  const Suffix left = SuffixOf(a).value_or(Suffix{});
  const Suffix right = SuffixOf(b).value_or(Suffix{});
  return left.rank != right.rank ? Compare(left.rank, right.rank)
                                 : CompareNumbers(left.number, right.number);
}

}  // namespace

std::string_view WithoutRevision(std::string_view version) {
  std::string_view rest = version;
  const bool digits = !TakeLastDigits(rest).empty();
  const bool marked = rest.size() >= 2 && rest.substr(rest.size() - 2) == "-r";
  return digits && marked ? rest.substr(0, rest.size() - 2) : version;
}

int CompareGentoo(std::string_view a, std::string_view b) {
  const auto left = VersionOf(a);
  const auto right = VersionOf(b);
  if (!left || !right) {
    return CompareGeneric(a, b);
  }
  if (const int order = CompareComponents(left->numbers, right->numbers);
      order != 0) {
    return order;
  }
  if (const int order = CompareText(left->letter, right->letter); order != 0) {
    return order;
  }
  if (const int order =
          CompareEach(Fields(left->suffixes, "_"), Fields(right->suffixes, "_"),
                      "", CompareSuffix);
      order != 0) {
    return order;
  }
  return CompareNumbers(left->revision, right->revision);
}

}  // namespace assay::sbom::versions
