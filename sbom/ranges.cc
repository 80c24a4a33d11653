#include "sbom/ranges.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "sbom/ranges/notations.h"
#include "sbom/versions/scan.h"
#include "verifier/base/text.h"

namespace assay::sbom {
namespace ranges {

tl::unexpected<Error> Malformed(std::string_view notation,
                                std::string_view text) {
  return Fail(ErrorCode::kMalformed,
              fmt::format("{} range: at \"{}\"", notation, Escaped(text)));
}

Result<void> Join(const Alternatives& more, Alternatives& all) {
  constexpr std::size_t kMaxConstraints = 65'536;
  const auto count = [](const Alternatives& alternatives) {
    std::size_t sum = 0;
    for (const Alternative& each : alternatives) {
      sum += each.size() + 1;
    }
    return sum;
  };
  if (count(all) * more.size() + count(more) * all.size() > kMaxConstraints) {
    return Fail(ErrorCode::kLimit, "version range: too many constraints");
  }
  if (more.size() == 1) {
    for (Alternative& each : all) {
      each.insert(each.end(), more[0].begin(), more[0].end());
    }
    return {};
  }
  Alternatives joined;
  for (const Alternative& left : all) {
    for (const Alternative& right : more) {
      joined.push_back(left);
      joined.back().insert(joined.back().end(), right.begin(), right.end());
    }
  }
  all = std::move(joined);
  return {};
}

std::vector<std::string_view> SplitAlternatives(std::string_view text) {
  std::vector<std::string_view> parts;
  std::size_t end = text.find("||");
  while (end != std::string_view::npos) {
    parts.push_back(Trim(text.substr(0, end)));
    text.remove_prefix(end + 2);
    end = text.find("||");
  }
  parts.push_back(Trim(text));
  return parts;
}

std::optional<Term> TakeTerm(std::string_view& text,
                             std::string_view operators) {
  const auto take = [&text](std::size_t end) {
    const std::string_view taken = text.substr(0, end);
    text.remove_prefix(taken.size());
    return taken;
  };
  text = Trim(text);
  const std::string_view symbol = take(text.find_first_not_of(operators));
  text = Trim(text);
  const std::string stop = std::string(operators).append(" \t");
  const std::string_view version = take(text.find_first_of(stop));
  text = Trim(text);
  return version.empty() ? std::nullopt : std::optional(Term{symbol, version});
}

std::optional<Comparator> ComparatorOf(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, Comparator>, 8> kSymbols = {
      {{"", Comparator::kEqual},
       {"=", Comparator::kEqual},
       {"==", Comparator::kEqual},
       {"!=", Comparator::kNotEqual},
       {"<", Comparator::kLess},
       {"<=", Comparator::kLessOrEqual},
       {">", Comparator::kGreater},
       {">=", Comparator::kGreaterOrEqual}}};
  for (const auto& [symbol, comparator] : kSymbols) {
    if (symbol == text) {
      return comparator;
    }
  }
  return std::nullopt;
}

std::string Incremented(std::string_view digits) {
  std::string number(digits);
  for (std::size_t i = number.size(); i > 0; --i) {
    if (number[i - 1] != '9') {
      ++number[i - 1];
      return number;
    }
    number[i - 1] = '0';
  }
  return number.insert(0, "1");
}

}  // namespace ranges

namespace {

using Notation = std::pair<std::string_view, ranges::ReadFunction>;
constexpr std::array<Notation, 8> kNotations = {
    {{"conan", ranges::ReadConan},
     {"gem", ranges::ReadGem},
     {"maven", ranges::ReadMaven},
     {"nginx", ranges::ReadNginx},
     {"npm", ranges::ReadNpm},
     {"nuget", ranges::ReadNuget},
     {"openssl", ranges::ReadOpenssl},
     {"pypi", ranges::ReadPypi}}};

}  // namespace

Result<NativeRange> ReadNativeRange(std::string_view scheme,
                                    std::string_view text) {
  for (const auto& [name, read] : kNotations) {
    if (name != scheme) {
      continue;
    }
    auto alternatives = read(text);
    if (!alternatives) {
      return Fail(alternatives.error());
    }
    return NativeRange{.scheme = std::string(scheme),
                       .alternatives = std::move(*alternatives)};
  }
  return Fail(
      ErrorCode::kUnsupported,
      fmt::format("no range notation of \"{}\" is known", Escaped(scheme)));
}

bool Contains(const NativeRange& range, std::string_view version) {
  const VersionOrder order = VersionOrderOf(range.scheme);
  return std::any_of(range.alternatives.begin(), range.alternatives.end(),
                     [&](const Alternative& alternative) {
                       return MeetsAll(order, alternative, version);
                     });
}

Vers ToVers(const NativeRange& range) {
  Vers vers{.scheme = range.scheme};
  std::vector<const Alternative*> sorted;
  for (const Alternative& alternative : range.alternatives) {
    if (alternative.empty()) {
      vers.any = true;
      return vers;
    }
    sorted.push_back(&alternative);
  }
  // So that of two that meet in one version the lower comes first.
  const VersionOrder order = VersionOrderOf(range.scheme);
  std::stable_sort(sorted.begin(), sorted.end(),
                   [order](const Alternative* a, const Alternative* b) {
                     return CompareVersions(order, a->front().version,
                                            b->front().version) < 0;
                   });
  for (const Alternative* const alternative : sorted) {
    vers.constraints.insert(vers.constraints.end(), alternative->begin(),
                            alternative->end());
  }
  SortConstraints(vers);
  return vers;
}

}  // namespace assay::sbom
