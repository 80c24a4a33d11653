// Conan: docs.conan.io, "Version ranges". A '-' after a bound ("<2-") keeps
// out the pre-releases of that bound; one after a version of the range asks for
// pre-releases, which VERS always admits.

#include <algorithm>

#include "sbom/ranges/notations.h"
#include "sbom/versions/scan.h"
#include "verifier/base/text.h"

namespace assay::sbom::ranges {
namespace {

// "2.5" -> "2.6-" for the field `at`; nothing when it is no number.
std::optional<std::string> After(std::string_view version, std::size_t at) {
  std::string text;
  const auto fields = Split(version, '.');
  for (std::size_t i = 0; i < at; ++i) {
    text.append(fields[i]).append(".");
  }
  if (!versions::IsNumber(fields[at])) {
    return std::nullopt;
  }
  return text.append(Incremented(fields[at])).append("-");
}

std::optional<std::string> UpperBound(std::string_view symbol,
                                      std::string_view version) {
  const std::string_view main = version.substr(0, version.find_first_of("-+"));
  const auto fields = Split(main, '.');
  if (symbol == "~") {
    return After(main, std::min<std::size_t>(1, fields.size() - 1));
  }
  std::size_t at = 0;
  while (at + 1 < fields.size() &&
         fields[at].find_first_not_of('0') == std::string_view::npos) {
    ++at;
  }
  return After(main, at);
}

bool AddTerm(const Term& term, Alternative& alternative) {
  std::string_view version = term.second;
  while (!version.empty() && version.back() == '-') {
    version.remove_suffix(1);
  }
  if (version == "*" && term.first.empty()) {
    alternative.push_back({Comparator::kGreaterOrEqual, "0.0.0"});
    return true;
  }
  if (version.empty() ||
      version.find_first_of("!|,*()[]") != std::string_view::npos) {
    return false;
  }
  if (term.first == "~" || term.first == "^") {
    const auto upper = UpperBound(term.first, version);
    if (!upper) {
      return false;
    }
    alternative.push_back({Comparator::kGreaterOrEqual, std::string(version)});
    alternative.push_back({Comparator::kLess, *upper});
    return true;
  }
  const auto comparator = ComparatorOf(term.first);
  if (!comparator || *comparator == Comparator::kNotEqual) {
    return false;
  }
  alternative.push_back({*comparator, std::string(version)});
  return true;
}

}  // namespace

Result<Alternatives> ReadConan(std::string_view text) {
  text = Trim(text.substr(0, text.find(',')));  // options follow
  Alternatives all;
  if (text.empty()) {
    return all;
  }
  for (const std::string_view part : SplitAlternatives(text)) {
    Alternative alternative;
    std::string_view rest = part;
    while (!rest.empty() || alternative.empty()) {
      const auto term = TakeTerm(rest, "<>=~^");
      if (!term || !AddTerm(*term, alternative)) {
        return Malformed("Conan", part);
      }
    }
    all.push_back(std::move(alternative));
  }
  return all;
}

}  // namespace assay::sbom::ranges
