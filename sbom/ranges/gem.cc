// RubyGems: the class documentation of Gem::Requirement and the guide
// "Patterns", "Pessimistic version constraint". Commas mean "and".

#include "sbom/ranges/notations.h"
#include "sbom/versions/scan.h"
#include "verifier/base/text.h"

namespace assay::sbom::ranges {
namespace {

// "2.0.8" -> "2.1", "2" -> "3": the last number goes, the one before grows.
// Words and what follows them do not count.
std::optional<std::string> Bumped(std::string_view version) {
  std::vector<std::string_view> numbers;
  for (const std::string_view field : Split(version, '.')) {
    if (!versions::IsNumber(field)) {
      break;
    }
    numbers.push_back(field);
  }
  if (numbers.empty()) {
    return std::nullopt;
  }
  if (numbers.size() > 1) {
    numbers.pop_back();
  }
  std::string text;
  for (std::size_t i = 0; i + 1 < numbers.size(); ++i) {
    text.append(numbers[i]).append(".");
  }
  return text.append(Incremented(numbers.back()));
}

bool IsVersion(std::string_view text) {
  return versions::IsDigit(text[0]) &&
         text.find_first_not_of(
             "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
             ".-") == std::string_view::npos;
}

}  // namespace

Result<Alternatives> ReadGem(std::string_view text) {
  Alternative alternative;
  for (const std::string_view part : Split(text, ',')) {
    std::string_view rest = part;
    const auto term = TakeTerm(rest, "<>=~!");
    if (!term || !rest.empty() || !IsVersion(term->second)) {
      return Malformed("RubyGems", part);
    }
    const std::string version(term->second);
    if (term->first == "~>") {
      const auto upper = Bumped(version);
      if (!upper) {
        return Malformed("RubyGems", part);
      }
      alternative.push_back({Comparator::kGreaterOrEqual, version});
      alternative.push_back({Comparator::kLess, *upper});
      continue;
    }
    const auto comparator = ComparatorOf(term->first);
    if (!comparator || term->first == "==") {
      return Malformed("RubyGems", part);
    }
    alternative.push_back({*comparator, version});
  }
  return Alternatives{alternative};
}

}  // namespace assay::sbom::ranges
