// npm: node-semver's README, "Ranges", completed as VERS' conversion completes
// it. There the conversion is narrower than npm: "2.1" is 2.1.0, ">=2.2.x" ends
// with 2.2, and a tilde before a pre-release reaches its release alone.

#include <array>
#include <utility>

#include "sbom/ranges/notations.h"
#include "sbom/versions/scan.h"
#include "verifier/base/text.h"

namespace assay::sbom::ranges {
namespace {

using Triple = std::array<std::string, 3>;

// A version with numbers left out or given as 'x'.
struct Partial {
  Triple numbers = {"0", "0", "0"};
  std::size_t given = 0;  // numbers before the first that is missing
  bool wildcard = false;  // one of them is 'x', 'X' or '*'
  std::string_view prerelease = {};
};

bool IsWildcard(std::string_view field) {
  return field == "*" || field == "x" || field == "X";
}

std::optional<Partial> PartialOf(std::string_view text) {
  Partial partial;
  text = text.substr(0, text.find('+'));
  text.remove_prefix(!text.empty() && versions::LowerChar(text[0]) == 'v' ? 1
                                                                          : 0);
  const std::size_t dash = text.find('-');
  if (dash != std::string_view::npos) {
    partial.prerelease = text.substr(dash + 1);
    text = text.substr(0, dash);
  }
  const auto fields = Split(text, '.');
  if (fields.size() > partial.numbers.size()) {
    return std::nullopt;
  }
  for (const std::string_view field : fields) {
    if (IsWildcard(field)) {
      partial.wildcard = true;
    } else if (!versions::IsNumber(field)) {
      return std::nullopt;
    } else if (!partial.wildcard) {
      partial.numbers[partial.given++] = std::string(field);
    }
  }
  return partial;
}

std::string TextOf(const Triple& numbers, std::string_view prerelease = {}) {
  std::string text = numbers[0] + "." + numbers[1] + "." + numbers[2];
  if (!prerelease.empty()) {
    text.append("-").append(prerelease);
  }
  return text;
}

// The first version after all that begin with the numbers up to `at`.
std::string After(const Triple& numbers, std::size_t at) {
  Triple next = {"0", "0", "0"};
  for (std::size_t i = 0; i < at; ++i) {
    next[i] = numbers[i];
  }
  next[at] = Incremented(numbers[at]);
  return TextOf(next);
}

Alternative Between(std::string from, std::string to) {
  return {{Comparator::kGreaterOrEqual, std::move(from)},
          {Comparator::kLess, std::move(to)}};
}

// The number that a caret lets grow: the first that is not 0 of those given.
std::size_t CaretNumber(const Partial& partial) {
  std::size_t at = 0;
  while (at + 1 < partial.given &&
         versions::CompareNumbers(partial.numbers[at], "0") == 0) {
    ++at;
  }
  return at;
}

Alternatives Tilde(const Partial& partial) {
  const std::string from = TextOf(partial.numbers, partial.prerelease);
  if (partial.prerelease.empty()) {
    return {Between(from, After(partial.numbers, partial.given < 2 ? 0 : 1))};
  }
  const std::string release = TextOf(partial.numbers);
  return {Between(from, release), Between(release, After(partial.numbers, 2))};
}

// A bound on a version with an 'x' in it.
std::optional<Alternatives> Wildcard(std::string_view symbol,
                                     const Partial& partial) {
  if (partial.given == 0) {
    return symbol == "<" || symbol == ">" ? Alternatives{} : Alternatives{{}};
  }
  const std::string from = TextOf(partial.numbers);
  const std::string to = After(partial.numbers, partial.given - 1);
  if (symbol == "<") {
    return Alternatives{{{Comparator::kLess, from}}};
  }
  if (symbol == "<=") {
    return Alternatives{{{Comparator::kLess, to}}};
  }
  if (symbol == ">") {
    return Alternatives{{{Comparator::kGreaterOrEqual, to}}};
  }
  if (symbol.empty() || symbol == "=" || symbol == ">=") {
    return Alternatives{Between(from, to)};
  }
  return std::nullopt;
}

std::optional<Alternatives> TermRanges(const Term& term) {
  const auto partial = PartialOf(term.second);
  if (!partial) {
    return std::nullopt;
  }
  const std::string_view symbol = term.first;
  const bool caret = symbol == "^";
  if (caret || symbol == "~" || symbol == "~>") {
    if (partial->given == 0) {
      return Alternatives{{}};
    }
    return caret ? Alternatives{Between(
                       TextOf(partial->numbers, partial->prerelease),
                       After(partial->numbers, CaretNumber(*partial)))}
                 : Tilde(*partial);
  }
  if (partial->wildcard) {
    return Wildcard(symbol, *partial);
  }
  const auto comparator = ComparatorOf(symbol);
  if (!comparator || *comparator == Comparator::kNotEqual) {
    return std::nullopt;
  }
  return Alternatives{
      {{*comparator, TextOf(partial->numbers, partial->prerelease)}}};
}

// "1.2 - 2.3"
std::optional<Alternatives> HyphenRange(std::string_view from,
                                        std::string_view to) {
  const auto lower = PartialOf(Trim(from));
  const auto upper = PartialOf(Trim(to));
  if (!lower || !upper || lower->given == 0 || upper->given == 0) {
    return std::nullopt;
  }
  VersConstraint last = {Comparator::kLessOrEqual,
                         TextOf(upper->numbers, upper->prerelease)};
  if (upper->given < 3) {
    last = {Comparator::kLess, After(upper->numbers, upper->given - 1)};
  }
  return Alternatives{
      {{Comparator::kGreaterOrEqual, TextOf(lower->numbers, lower->prerelease)},
       last}};
}

Result<Alternatives> ReadAlternative(std::string_view text) {
  const std::size_t hyphen = text.find(" - ");
  if (hyphen != std::string_view::npos) {
    auto range = HyphenRange(text.substr(0, hyphen), text.substr(hyphen + 3));
    return range ? Result<Alternatives>(std::move(*range))
                 : Result<Alternatives>(Malformed("npm", text));
  }
  Alternatives result = {{}};
  while (!text.empty()) {
    const std::string_view place = text;
    const auto term = TakeTerm(text, "<>=~^");
    const auto found = term ? TermRanges(*term) : std::nullopt;
    if (!found) {
      return Malformed("npm", place);
    }
    if (auto ok = Join(*found, result); !ok) {
      return Fail(ok.error());
    }
  }
  return result;
}

}  // namespace

Result<Alternatives> ReadNpm(std::string_view text) {
  Alternatives all;
  for (const std::string_view part : SplitAlternatives(text)) {
    auto found = ReadAlternative(part);
    if (!found) {
      return found;
    }
    all.insert(all.end(), found->begin(), found->end());
  }
  return all;
}

}  // namespace assay::sbom::ranges
