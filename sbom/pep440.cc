#include "sbom/pep440.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "verifier/base/text.h"

namespace assay::sbom {
namespace {

// A number of a version as its significant digits, so that none overflows.
struct Number {
  std::string digits = {};
};

int Compare(const Number& a, const Number& b) {
  if (a.digits.size() != b.digits.size()) {
    return a.digits.size() < b.digits.size() ? -1 : 1;
  }
  return a.digits.compare(b.digits);
}

// Where a suffix stands among those a release may have. An absent one stands
// where the summary of the specification puts it.
struct Suffix {
  int rank = 0;
  Number number = {};
};

int Compare(const Suffix& a, const Suffix& b) {
  if (a.rank != b.rank) {
    return a.rank < b.rank ? -1 : 1;
  }
  return Compare(a.number, b.number);
}

struct Version {
  Number epoch = {};
  std::vector<Number> release = {};  // without trailing zeros
  Suffix pre = {};
  Suffix post = {};
  Suffix dev = {};
  std::string local = {};
};

// A cursor over lower-case text.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  [[nodiscard]] bool AtEnd() const { return text_.empty(); }
  [[nodiscard]] std::string_view rest() const { return text_; }

  bool Skip(std::string_view word) {
    if (text_.substr(0, word.size()) != word) {
      return false;
    }
    text_.remove_prefix(word.size());
    return true;
  }

  void SkipSeparator() {
    if (!text_.empty() && IsSeparator(text_[0])) {
      text_.remove_prefix(1);
    }
  }

  std::optional<Number> Digits() {
    std::size_t end = 0;
    while (end < text_.size() && text_[end] >= '0' && text_[end] <= '9') {
      ++end;
    }
    if (end == 0) {
      return std::nullopt;
    }
    std::string_view digits = text_.substr(0, end);
    text_.remove_prefix(end);
    digits.remove_prefix(
        std::min(digits.find_first_not_of('0'), digits.size()));
    return Number{std::string(digits)};
  }

  // "[sep] word [sep] [digits]"; moves nothing when the word does not follow.
  std::optional<Suffix> Word(std::string_view word, int rank) {
    const std::string_view start = text_;
    SkipSeparator();
    if (!Skip(word)) {
      text_ = start;
      return std::nullopt;
    }
    const std::string_view after = text_;
    SkipSeparator();
    const auto number = Digits();
    if (!number) {
      text_ = after;
    }
    return Suffix{rank, number.value_or(Number{})};
  }

 private:
  static bool IsSeparator(char c) { return c == '.' || c == '-' || c == '_'; }

  std::string_view text_;
};

constexpr int kBeforeAll = -1;
constexpr int kAfterAll = 9;

using Words = std::array<std::pair<std::string_view, int>, 8>;
// Longer spellings first.
constexpr Words kPre = {{{"alpha", 0},
                         {"beta", 1},
                         {"preview", 2},
                         {"pre", 2},
                         {"rc", 2},
                         {"a", 0},
                         {"b", 1},
                         {"c", 2}}};

std::optional<Suffix> ReadPre(Scanner& scanner) {
  for (const auto& [word, rank] : kPre) {
    if (auto suffix = scanner.Word(word, rank)) {
      return suffix;
    }
  }
  return std::nullopt;
}

std::optional<Suffix> ReadPost(Scanner& scanner) {
  for (const std::string_view word : {"post", "rev", "r"}) {
    if (auto suffix = scanner.Word(word, 0)) {
      return suffix;
    }
  }
  const std::string_view rest = scanner.rest();
  if (rest.size() > 1 && rest[0] == '-' && rest[1] >= '0' && rest[1] <= '9') {
    scanner.SkipSeparator();  // "implicit post releases": 1.0-1
    return Suffix{0, *scanner.Digits()};
  }
  return std::nullopt;
}

bool ReadRelease(Scanner& scanner, Version& version) {
  auto number = scanner.Digits();
  if (number && scanner.Skip("!")) {
    version.epoch = *number;
    number = scanner.Digits();
  }
  while (number) {
    version.release.push_back(*number);
    Scanner ahead = scanner;
    number = ahead.Skip(".") ? ahead.Digits() : std::nullopt;
    if (number) {
      scanner = ahead;
    }
  }
  const bool any = !version.release.empty();
  while (!version.release.empty() && version.release.back().digits.empty()) {
    version.release.pop_back();
  }
  return any;
}

std::optional<Version> VersionOf(std::string_view text) {
  const std::string lower = Lower(Trim(text));
  Scanner scanner(lower);
  (void)scanner.Skip("v");
  Version version;
  if (!ReadRelease(scanner, version)) {
    return std::nullopt;
  }
  const auto pre = ReadPre(scanner);
  const auto post = ReadPost(scanner);
  const auto dev = scanner.Word("dev", 0);
  // 1.dev0 < 1a0 < 1 < 1.post0, and 1a0.dev0 < 1a0.
  version.pre = pre.value_or(Suffix{dev && !post ? kBeforeAll : kAfterAll, {}});
  version.post = post.value_or(Suffix{kBeforeAll, {}});
  version.dev = dev.value_or(Suffix{kAfterAll, {}});
  if (scanner.Skip("+")) {
    version.local = scanner.rest();
    return version;
  }
  return scanner.AtEnd() ? std::optional(version) : std::nullopt;
}

bool IsNumeric(std::string_view text) {
  return !text.empty() &&
         text.find_first_not_of("0123456789") == std::string_view::npos;
}

// "Local version identifiers": numbers after words, more fields after fewer.
int CompareLocal(std::string a, std::string b) {
  for (std::string* text : {&a, &b}) {
    for (char& c : *text) {
      c = c == '-' || c == '_' ? '.' : c;
    }
  }
  if (a.empty() || b.empty()) {
    return static_cast<int>(!a.empty()) - static_cast<int>(!b.empty());
  }
  const auto left = Split(a, '.');
  const auto right = Split(b, '.');
  for (std::size_t i = 0; i < left.size() && i < right.size(); ++i) {
    const bool number_a = IsNumeric(left[i]);
    const bool number_b = IsNumeric(right[i]);
    if (number_a != number_b) {
      return number_a ? 1 : -1;
    }
    const int order = number_a ? Compare(*Scanner(left[i]).Digits(),
                                         *Scanner(right[i]).Digits())
                               : left[i].compare(right[i]);
    if (order != 0) {
      return order;
    }
  }
  return static_cast<int>(left.size()) - static_cast<int>(right.size());
}

int CompareRelease(const std::vector<Number>& a, const std::vector<Number>& b) {
  for (std::size_t i = 0; i < a.size() || i < b.size(); ++i) {
    const int order =
        Compare(i < a.size() ? a[i] : Number{}, i < b.size() ? b[i] : Number{});
    if (order != 0) {
      return order;
    }
  }
  return 0;
}

}  // namespace

std::optional<int> ComparePep440(std::string_view left,
                                 std::string_view right) {
  const auto a = VersionOf(left);
  const auto b = VersionOf(right);
  if (!a && !b) {
    return std::nullopt;
  }
  if (!a || !b) {
    return a ? 1 : -1;
  }
  const std::array<int, 6> orders = {
      Compare(a->epoch, b->epoch), CompareRelease(a->release, b->release),
      Compare(a->pre, b->pre),     Compare(a->post, b->post),
      Compare(a->dev, b->dev),     CompareLocal(a->local, b->local)};
  for (const int order : orders) {
    if (order != 0) {
      return order;
    }
  }
  return 0;
}

}  // namespace assay::sbom
