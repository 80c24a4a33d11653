// PHP, Composer and Packagist: the PHP manual, version_compare(). Takes any
// text: words that it does not know are older than all it knows.

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "sbom/versions/orders.h"
#include "sbom/versions/scan.h"

namespace assay::sbom::versions {
namespace {

bool Separates(char c) {
  return c == '.' || c == '-' || c == '_' || c == '+';
}

// The runs of digits and of other bytes; separators stand between them.
class Parts {
 public:
  explicit Parts(std::string_view text) : text_(text) {}

  std::optional<std::string_view> Next() {
    while (!text_.empty() && Separates(text_[0])) {
      text_.remove_prefix(1);
    }
    if (text_.empty()) {
      return std::nullopt;
    }
    const bool number = IsDigit(text_[0]);
    std::size_t end = 1;
    while (end < text_.size() && !Separates(text_[end]) &&
           IsDigit(text_[end]) == number) {
      ++end;
    }
    const std::string_view part = text_.substr(0, end);
    text_.remove_prefix(end);
    return part;
  }

 private:
  std::string_view text_;
};

// "dev" < "alpha" = "a" < "beta" = "b" < "RC" = "rc" < "#" < "pl" = "p", where
// "#" stands for any number; all by their beginnings.
constexpr int kNumberRank = 4;
constexpr std::array<std::pair<std::string_view, int>, 6> kRanks = {
    {{"dev", 0}, {"a", 1}, {"b", 2}, {"RC", 3}, {"rc", 3}, {"p", 5}}};

int RankOf(std::string_view part) {
  if (IsDigit(part[0]) || part[0] == '#') {
    return kNumberRank;
  }
  for (const auto& [word, rank] : kRanks) {
    if (Skip(part, word)) {
      return rank;
    }
  }
  return -1;
}

// What a version has beyond an equal one: a number makes it newer, a word is
// held against "#".
int RankOfRest(std::optional<std::string_view> part, Parts& rest) {
  while (part) {
    const int order =
        IsDigit((*part)[0]) ? 1 : Compare(RankOf(*part), kNumberRank);
    if (order != 0) {
      return order;
    }
    part = rest.Next();
  }
  return 0;
}

}  // namespace

int CompareComposer(std::string_view a, std::string_view b) {
  Parts left(WithoutV(a));
  Parts right(WithoutV(b));
  while (true) {
    const auto part_a = left.Next();
    const auto part_b = right.Next();
    if (!part_a || !part_b) {
      return part_a ? RankOfRest(part_a, left) : -RankOfRest(part_b, right);
    }
    const bool numbers = IsDigit((*part_a)[0]) && IsDigit((*part_b)[0]);
    const int order = numbers ? CompareNumbers(*part_a, *part_b)
                              : Compare(RankOf(*part_a), RankOf(*part_b));
    if (order != 0) {
      return order;
    }
  }
}

}  // namespace assay::sbom::versions
