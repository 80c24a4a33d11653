// Maven: the POM reference, "Version Order Specification". Tokens carry the
// separator before them; a change between digits and letters counts as '-'.
// Takes any text: bytes that are no separator and no digit make up words.

#include <array>
#include <utility>
#include <vector>

#include "sbom/versions/orders.h"
#include "sbom/versions/scan.h"

namespace assay::sbom::versions {
namespace {

struct Token {
  bool dot = false;  // else '-' or a change between digits and letters
  bool number = false;
  std::string_view text = {};
  bool before_digit = false;  // "a1" is "alpha-1", but "a" is only "a"
};

constexpr int kReleaseRank = 5;
constexpr int kUnknownRank = 7;
constexpr std::array<std::pair<std::string_view, int>, 11> kQualifiers = {
    {{"alpha", 0},
     {"beta", 1},
     {"milestone", 2},
     {"rc", 3},
     {"cr", 3},
     {"snapshot", 4},
     {"", kReleaseRank},
     {"final", kReleaseRank},
     {"ga", kReleaseRank},
     {"release", kReleaseRank},
     {"sp", 6}}};

int RankOf(const Token& token) {
  constexpr std::array<char, 3> kShort = {'a', 'b', 'm'};
  if (token.before_digit && token.text.size() == 1) {
    for (std::size_t i = 0; i < kShort.size(); ++i) {
      if (LowerChar(token.text[0]) == kShort[i]) {
        return static_cast<int>(i);
      }
    }
  }
  for (const auto& [word, rank] : kQualifiers) {
    if (EqualsLowered(token.text, word)) {
      return rank;
    }
  }
  return kUnknownRank;
}

bool IsSeparator(char c) {
  return c == '.' || c == '-';
}

std::vector<Token> TokensOf(std::string_view text) {
  std::vector<Token> tokens;
  bool dot = true;  // the first stands as if a dot led to it
  std::size_t at = 0;
  while (true) {
    const std::size_t begin = at;
    const bool number = at >= text.size() || IsSeparator(text[at]) ||
                        IsDigit(text[at]);  // an empty token is a 0
    while (at < text.size() && !IsSeparator(text[at]) &&
           IsDigit(text[at]) == number) {
      ++at;
    }
    const bool changes = at < text.size() && !IsSeparator(text[at]);
    tokens.push_back({.dot = dot,
                      .number = number,
                      .text = text.substr(begin, at - begin),
                      .before_digit = !number && changes});
    if (at >= text.size()) {
      return tokens;
    }
    dot = text[at] == '.';
    at += changes ? 0 : 1;
  }
}

bool IsNull(const Token& token) {
  return token.number ? CompareNumbers(token.text, "") == 0
                      : RankOf(token) == kReleaseRank;
}

// Null tokens at the end go, and so do those before each '-'.
void Trim(std::vector<Token>& tokens) {
  std::vector<Token> kept;
  for (const Token& token : tokens) {
    while (!token.dot && !kept.empty() && IsNull(kept.back())) {
      kept.pop_back();
    }
    kept.push_back(token);
  }
  while (!kept.empty() && IsNull(kept.back())) {
    kept.pop_back();
  }
  tokens = std::move(kept);
}

// ".word" before "-word" before "-1" before ".1".
int KindOf(const Token& token) {
  return token.number ? (token.dot ? 3 : 2) : (token.dot ? 0 : 1);
}

int CompareToken(const Token& a, const Token& b) {
  if (KindOf(a) != KindOf(b)) {
    return Compare(KindOf(a), KindOf(b));
  }
  if (a.number) {
    return CompareNumbers(a.text, b.text);
  }
  const int rank = RankOf(a);
  const int order = Compare(rank, RankOf(b));
  return order != 0 || rank != kUnknownRank ? order
                                            : CompareLowered(a.text, b.text);
}

// What stands in for the tokens that the other version lacks.
Token NullLike(const Token& token) {
  return {.dot = token.dot, .number = token.number};
}

}  // namespace

int CompareMaven(std::string_view a, std::string_view b) {
  std::vector<Token> left = TokensOf(a);
  std::vector<Token> right = TokensOf(b);
  Trim(left);
  Trim(right);
  for (std::size_t i = 0; i < left.size() || i < right.size(); ++i) {
    const int order =
        CompareToken(i < left.size() ? left[i] : NullLike(right[i]),
                     i < right.size() ? right[i] : NullLike(left[i]));
    if (order != 0) {
      return order;
    }
  }
  return 0;
}

}  // namespace assay::sbom::versions
