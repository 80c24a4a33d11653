// Python: packaging.python.org, "Version specifiers". Commas mean "and". That
// ">1.7" keeps out the post-releases of 1.7 has no equal in VERS.

#include <utility>

#include "sbom/ranges/notations.h"
#include "sbom/versions/scan.h"
#include "verifier/base/text.h"

namespace assay::sbom::ranges {
namespace {

// "1!2.3.4rc1" -> "1!2.3.4".
std::string_view ReleaseOf(std::string_view version) {
  std::string_view rest = version;
  (void)versions::TakeDigits(rest);
  if (!versions::Skip(rest, "!")) {
    rest = version;
  }
  std::size_t end = version.size() - rest.size();
  while (!versions::TakeDigits(rest).empty()) {
    end = version.size() - rest.size();
    if (!versions::Skip(rest, ".")) {
      break;
    }
  }
  return version.substr(0, end);
}

// "1.4" -> "1.5": the first release after all that begin so.
std::string After(std::string_view release) {
  std::string_view head = release;
  const std::string_view last = versions::TakeLastDigits(head);
  return std::string(head).append(Incremented(last));
}

// The release without its last number; nothing when it has only one.
std::optional<std::string_view> WithoutLast(std::string_view release) {
  const std::size_t dot = release.rfind('.');
  return dot == std::string_view::npos ? std::nullopt
                                       : std::optional(release.substr(0, dot));
}

bool IsPrefix(std::string_view release, std::string_view whole) {
  return !release.empty() && release == whole &&
         versions::IsDigit(release.back());
}

// ".dev0" is the oldest version of a release.
VersConstraint Bound(Comparator comparator, std::string_view release) {
  return {comparator, std::string(release).append(".dev0")};
}

std::optional<Alternatives> PrefixMatch(bool equal, std::string_view prefix) {
  if (!IsPrefix(ReleaseOf(prefix), prefix)) {
    return std::nullopt;
  }
  const VersConstraint first =
      Bound(equal ? Comparator::kGreaterOrEqual : Comparator::kLess, prefix);
  const VersConstraint last = Bound(
      equal ? Comparator::kLess : Comparator::kGreaterOrEqual, After(prefix));
  return equal ? Alternatives{{first, last}} : Alternatives{{first}, {last}};
}

std::optional<Alternatives> Compatible(std::string_view version) {
  const auto prefix = WithoutLast(ReleaseOf(version));
  if (!prefix || !IsPrefix(ReleaseOf(*prefix), *prefix)) {
    return std::nullopt;
  }
  return Alternatives{{{Comparator::kGreaterOrEqual, std::string(version)},
                       Bound(Comparator::kLess, After(*prefix))}};
}

std::optional<Alternatives> TermRanges(const Term& term) {
  const auto& [symbol, version] = term;
  if (symbol == "~=") {
    return Compatible(version);
  }
  const bool prefix =
      version.size() > 2 && version.substr(version.size() - 2) == ".*";
  if (prefix) {
    const bool known = symbol == "==" || symbol == "!=";
    return known ? PrefixMatch(symbol == "==",
                               version.substr(0, version.size() - 2))
                 : std::nullopt;
  }
  const auto comparator =
      symbol == "===" ? Comparator::kEqual : ComparatorOf(symbol);
  if (!comparator || symbol.empty() || symbol == "=" ||
      ReleaseOf(version).empty()) {
    return std::nullopt;
  }
  return Alternatives{{{*comparator, std::string(version)}}};
}

}  // namespace

Result<Alternatives> ReadPypi(std::string_view text) {
  Alternatives all = {{}};
  if (Trim(text).empty()) {
    return all;
  }
  for (const std::string_view part : Split(text, ',')) {
    std::string_view rest = part;
    const auto term = TakeTerm(rest, "<>=~!");
    const auto found = term && rest.empty() ? TermRanges(*term) : std::nullopt;
    if (!found) {
      return Malformed("Python", part);
    }
    if (auto ok = Join(*found, all); !ok) {
      return Fail(ok.error());
    }
  }
  return all;
}

}  // namespace assay::sbom::ranges
