#include "sbom/vers.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <utility>

#include "sbom/percent.h"
#include "sbom/versions/orders.h"
#include "sbom/versions/scan.h"
#include "verifier/base/text.h"

namespace assay::sbom {
namespace {

// Longer spellings first.
constexpr std::array<std::pair<std::string_view, Comparator>, 5> kComparators =
    {{{">=", Comparator::kGreaterOrEqual},
      {"<=", Comparator::kLessOrEqual},
      {"!=", Comparator::kNotEqual},
      {"<", Comparator::kLess},
      {">", Comparator::kGreater}}};

// 5.3.3.2: every printable ASCII character but these stays as it is.
constexpr std::string_view kPlain = "\"#$&'()+,-./:;?@[\\]^_`{}~";

tl::unexpected<Error> Malformed(std::string_view what) {
  return Fail(ErrorCode::kMalformed, fmt::format("version range: {}", what));
}

bool IsScheme(std::string_view lower) {
  return !lower.empty() && versions::IsAlpha(lower[0]) &&
         std::all_of(lower.begin(), lower.end(), [](char c) {
           return versions::IsDigit(c) || (c >= 'a' && c <= 'z') || c == '.' ||
                  c == '-';
         });
}

bool IsReserved(std::string_view scheme) {
  return scheme == "example" || scheme == "test";
}

bool IsLower(Comparator comparator) {
  return comparator == Comparator::kGreater ||
         comparator == Comparator::kGreaterOrEqual;
}

bool IsUpper(Comparator comparator) {
  return comparator == Comparator::kLess ||
         comparator == Comparator::kLessOrEqual;
}

bool AllowsEqual(Comparator comparator) {
  return comparator == Comparator::kEqual ||
         comparator == Comparator::kLessOrEqual ||
         comparator == Comparator::kGreaterOrEqual;
}

Comparator TakeComparator(std::string_view& text) {
  for (const auto& [spelling, comparator] : kComparators) {
    if (versions::Skip(text, spelling)) {
      return comparator;
    }
  }
  return Comparator::kEqual;
}

Result<VersConstraint> ConstraintOf(std::string_view text) {
  VersConstraint constraint{.comparator = TakeComparator(text)};
  const auto version = PercentDecoded(text);
  if (!version) {
    return Malformed("a version has a broken percent escape");
  }
  if (version->empty()) {
    return Malformed("a constraint has no version");
  }
  constraint.version = *version;
  return constraint;
}

// `result` as of a version against the constraint's.
bool Meets(Comparator comparator, int result) {
  switch (comparator) {
    case Comparator::kEqual:
      return result == 0;
    case Comparator::kNotEqual:
      return result != 0;
    case Comparator::kLess:
      return result < 0;
    case Comparator::kLessOrEqual:
      return result <= 0;
    case Comparator::kGreater:
      return result > 0;
    case Comparator::kGreaterOrEqual:
      return result >= 0;
  }
  return false;
}

// Spaces and empty constraints are what a tolerant reader passes over.
std::string WithoutSpaces(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c != ' ' && (c < '\t' || c > '\r')) {
      out.push_back(c);
    }
  }
  return out;
}

// The two halves of "vers:SCHEME/CONSTRAINTS".
Result<std::string_view> ReadScheme(std::string_view text, Vers& vers) {
  const std::size_t colon = text.find(':');
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos || colon >= slash ||
      Lower(text.substr(0, colon)) != "vers") {
    return Malformed("does not begin with \"vers:\" and a type");
  }
  vers.scheme = Lower(text.substr(colon + 1, slash - colon - 1));
  if (!IsScheme(vers.scheme)) {
    return Malformed(fmt::format("\"{}\" is no type", Escaped(vers.scheme)));
  }
  return text.substr(slash + 1);
}

// Whether one constraint may follow another, inequalities left out.
bool MayFollow(Comparator before, Comparator after) {
  if (before == Comparator::kEqual) {
    return !IsUpper(after);
  }
  return IsLower(before) ? IsUpper(after) : !IsUpper(after);
}

Result<void> CheckSequence(const Vers& vers) {
  const VersConstraint* before = nullptr;
  for (const VersConstraint& each : vers.constraints) {
    if (each.comparator == Comparator::kNotEqual) {
      continue;
    }
    if (before != nullptr && !MayFollow(before->comparator, each.comparator)) {
      return Malformed(
          fmt::format("the constraints on {} and {} do not go together",
                      Escaped(before->version), Escaped(each.version)));
    }
    before = &each;
  }
  return {};
}

Result<void> CheckOrder(const Vers& vers) {
  const VersionOrder order = VersionOrderOf(vers.scheme);
  for (std::size_t i = 1; i < vers.constraints.size(); ++i) {
    const std::string& before = vers.constraints[i - 1].version;
    const std::string& after = vers.constraints[i].version;
    const int result = CompareVersions(order, before, after);
    if (result == 0) {
      return Malformed(fmt::format("{} and {} are the same version",
                                   Escaped(before), Escaped(after)));
    }
    if (result > 0) {
      return Malformed(fmt::format("{} stands before {}, which is older",
                                   Escaped(before), Escaped(after)));
    }
  }
  return {};
}

// What the constraints on this very version say, where there are any.
std::optional<bool> ByName(const Vers& vers, VersionOrder order,
                           std::string_view version) {
  std::optional<bool> named;
  for (const VersConstraint& each : vers.constraints) {
    const bool in = AllowsEqual(each.comparator);
    if ((!in && each.comparator != Comparator::kNotEqual) ||
        CompareVersions(order, version, each.version) != 0) {
      continue;
    }
    if (in) {
      return true;
    }
    named = false;
  }
  return named;
}

// By the next bounds below and above a version that no constraint names. Of
// two bounds of one kind that follow one another, one is redundant.
bool LiesBetween(const Vers& vers, VersionOrder order,
                 std::string_view version) {
  const VersConstraint* below = nullptr;
  for (const VersConstraint& each : vers.constraints) {
    if (!IsLower(each.comparator) && !IsUpper(each.comparator)) {
      continue;
    }
    const int result = CompareVersions(order, version, each.version);
    // A version that equals an exclusive bound lies outside of it.
    if (result > 0 || (result == 0 && IsUpper(each.comparator))) {
      below = &each;
    } else if (IsUpper(each.comparator)) {
      return true;
    } else {
      break;
    }
  }
  return below != nullptr && IsLower(below->comparator);
}

}  // namespace

void SortConstraints(Vers& vers) {
  const VersionOrder order = VersionOrderOf(vers.scheme);
  std::stable_sort(vers.constraints.begin(), vers.constraints.end(),
                   [order](const VersConstraint& a, const VersConstraint& b) {
                     return CompareVersions(order, a.version, b.version) < 0;
                   });
}

Result<void> CheckVers(const Vers& vers) {
  if (vers.scheme == "invalid") {
    return Malformed("the type \"invalid\" is never valid");
  }
  if (vers.any != vers.constraints.empty()) {
    return Malformed(vers.any ? "\"*\" stands alone" : "no constraints");
  }
  if (!vers.any && (vers.scheme == "all" || vers.scheme == "none")) {
    return Malformed(
        fmt::format("{} has no constraint but \"*\"", vers.scheme));
  }
  for (const VersConstraint& each : vers.constraints) {
    const bool upper = each.version.find_first_of("tz") == std::string::npos;
    if (vers.scheme == "datetime" &&
        (!upper || !versions::IsDatetime(each.version))) {
      return Malformed(fmt::format("{} is no RFC 3339 time in upper case",
                                   Escaped(each.version)));
    }
  }
  if (IsReserved(vers.scheme)) {
    return {};
  }
  if (auto ok = CheckOrder(vers); !ok) {
    return ok;
  }
  return CheckSequence(vers);
}

Result<Vers> ReadVers(std::string_view text) {
  Vers vers;
  const std::string compact = WithoutSpaces(text);
  const auto rest = ReadScheme(compact, vers);
  if (!rest) {
    return Fail(rest.error());
  }
  if (*rest == "*") {
    vers.any = true;
    return vers;
  }
  for (std::string_view part : Split(*rest, '|')) {
    if (part.empty()) {
      continue;
    }
    if (!versions::Skip(part, "==")) {
      (void)versions::Skip(part, "=");
    }
    auto constraint = ConstraintOf(part);
    if (!constraint) {
      return Fail(constraint.error());
    }
    vers.constraints.push_back(std::move(*constraint));
  }
  if (vers.constraints.empty()) {
    return Malformed("no constraints");
  }
  SortConstraints(vers);
  return vers;
}

Result<Vers> ParseVers(std::string_view text) {
  Vers vers;
  const auto rest = ReadScheme(text, vers);
  if (!rest) {
    return Fail(rest.error());
  }
  vers.any = *rest == "*";
  for (const std::string_view part : Split(*rest, '|')) {
    if (vers.any) {
      break;
    }
    if (part.empty()) {
      return Malformed("a '|' with nothing on one side");
    }
    auto constraint = ConstraintOf(part);
    if (!constraint) {
      return Fail(constraint.error());
    }
    vers.constraints.push_back(std::move(*constraint));
  }
  if (ToString(vers) != text) {
    return Malformed(fmt::format("not spelled as its canonical form \"{}\"",
                                 Escaped(ToString(vers))));
  }
  if (auto ok = CheckVers(vers); !ok) {
    return Fail(ok.error());
  }
  return vers;
}

void Simplify(Vers& vers) {
  std::vector<VersConstraint> kept;
  std::vector<VersConstraint> excluded;
  for (VersConstraint& each : vers.constraints) {
    if (each.comparator == Comparator::kNotEqual) {
      excluded.push_back(std::move(each));
      continue;
    }
    while (IsUpper(each.comparator) && !kept.empty() &&
           !IsLower(kept.back().comparator)) {
      kept.pop_back();
    }
    if (!IsUpper(each.comparator) && !kept.empty() &&
        IsLower(kept.back().comparator)) {
      continue;
    }
    kept.push_back(std::move(each));
  }
  kept.insert(kept.end(), std::make_move_iterator(excluded.begin()),
              std::make_move_iterator(excluded.end()));
  vers.constraints = std::move(kept);
  SortConstraints(vers);
}

std::string ToString(const Vers& vers) {
  std::string text = fmt::format("vers:{}/", vers.scheme);
  if (vers.any) {
    return text + "*";
  }
  for (std::size_t i = 0; i < vers.constraints.size(); ++i) {
    text += i == 0 ? "" : "|";
    for (const auto& [spelling, comparator] : kComparators) {
      if (comparator == vers.constraints[i].comparator) {
        text += spelling;
      }
    }
    text += PercentEncoded(vers.constraints[i].version, kPlain);
  }
  return text;
}

bool MeetsAll(VersionOrder order,
              const std::vector<VersConstraint>& constraints,
              std::string_view version) {
  return std::all_of(
      constraints.begin(), constraints.end(), [&](const VersConstraint& each) {
        return Meets(each.comparator,
                     CompareVersions(order, version, each.version));
      });
}

bool Contains(const Vers& vers, std::string_view version) {
  if (vers.any) {
    return vers.scheme != "none";
  }
  const VersionOrder order = VersionOrderOf(vers.scheme);
  if (const auto named = ByName(vers, order, version)) {
    return *named;
  }
  if (std::all_of(vers.constraints.begin(), vers.constraints.end(),
                  [](const VersConstraint& each) {
                    return each.comparator == Comparator::kNotEqual;
                  })) {
    return !vers.constraints.empty();
  }
  return LiesBetween(vers, order, version);
}

}  // namespace assay::sbom
