// The order of Python versions: PEP 440 as kept at packaging.python.org,
// "Version specifiers", appendix B (the regular expression) and "Summary of
// permitted suffixes and relative ordering". Text that is no such version is
// older than any that is, and compares by CompareGeneric with its like.

#include <array>
#include <optional>
#include <utility>

#include "sbom/versions/orders.h"
#include "sbom/versions/scan.h"
#include "verifier/base/text.h"

namespace assay::sbom::versions {
namespace {

// Where a suffix stands among those a release may have. An absent one stands
// where the summary of the specification puts it.
struct Suffix {
  int rank = 0;
  std::string_view number = {};
};

constexpr int kBeforeAll = -1;
constexpr int kAfterAll = 9;

int CompareSuffix(const Suffix& a, const Suffix& b) {
  return a.rank != b.rank ? Compare(a.rank, b.rank)
                          : CompareNumbers(a.number, b.number);
}

struct Version {
  std::string_view epoch = {};
  std::string_view release = {};
  Suffix pre = {};
  Suffix post = {};
  Suffix dev = {};
  std::string_view local = {};
};

void SkipSeparator(std::string_view& text) {
  if (!text.empty() && (text[0] == '.' || text[0] == '-' || text[0] == '_')) {
    text.remove_prefix(1);
  }
}

// "[sep] word [sep] [digits]"; moves nothing when the word does not follow.
std::optional<Suffix> TakeWord(std::string_view& text, std::string_view word,
                               int rank) {
  std::string_view ahead = text;
  SkipSeparator(ahead);
  if (!EqualsLowered(ahead.substr(0, word.size()), word)) {
    return std::nullopt;
  }
  ahead.remove_prefix(word.size());
  text = ahead;
  SkipSeparator(ahead);
  Suffix suffix{rank, TakeDigits(ahead)};
  if (!suffix.number.empty()) {
    text = ahead;
  }
  return suffix;
}

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

std::optional<Suffix> TakePre(std::string_view& text) {
  for (const auto& [word, rank] : kPre) {
    if (auto suffix = TakeWord(text, word, rank)) {
      return suffix;
    }
  }
  return std::nullopt;
}

std::optional<Suffix> TakePost(std::string_view& text) {
  for (const std::string_view word : {"post", "rev", "r"}) {
    if (auto suffix = TakeWord(text, word, 0)) {
      return suffix;
    }
  }
  if (text.size() > 1 && text[0] == '-' && IsDigit(text[1])) {
    text.remove_prefix(1);  // "implicit post releases": 1.0-1
    return Suffix{0, TakeDigits(text)};
  }
  return std::nullopt;
}

// "1.2.3", without a dot that no number follows.
std::string_view TakeRelease(std::string_view& text) {
  const std::string_view start = text;
  std::size_t end = 0;
  std::string_view ahead = text;
  while (!TakeDigits(ahead).empty()) {
    end = start.size() - ahead.size();
    if (!Skip(ahead, ".")) {
      break;
    }
  }
  text = start.substr(end);
  return start.substr(0, end);
}

std::optional<Version> VersionOf(std::string_view text) {
  text = Trim(text);
  if (!text.empty() && LowerChar(text[0]) == 'v') {
    text.remove_prefix(1);
  }
  Version version;
  std::string_view ahead = text;
  const std::string_view epoch = TakeDigits(ahead);
  if (!epoch.empty() && Skip(ahead, "!")) {
    version.epoch = epoch;
    text = ahead;
  }
  version.release = TakeRelease(text);
  if (version.release.empty()) {
    return std::nullopt;
  }
  const auto pre = TakePre(text);
  const auto post = TakePost(text);
  const auto dev = TakeWord(text, "dev", 0);
  // 1.dev0 < 1a0 < 1 < 1.post0, and 1a0.dev0 < 1a0.
  version.pre = pre.value_or(Suffix{dev && !post ? kBeforeAll : kAfterAll, {}});
  version.post = post.value_or(Suffix{kBeforeAll, {}});
  version.dev = dev.value_or(Suffix{kAfterAll, {}});
  if (Skip(text, "+")) {
    version.local = text;
    return version;
  }
  return text.empty() ? std::optional(version) : std::nullopt;
}

// "Local version identifiers": numbers after words, more fields after fewer.
int CompareLocalField(std::string_view a, std::string_view b) {
  const bool number_a = IsNumber(a);
  const bool number_b = IsNumber(b);
  if (number_a != number_b) {
    return number_a ? 1 : -1;
  }
  return number_a ? CompareNumbers(a, b) : CompareLowered(a, b);
}

int CompareLocal(std::string_view a, std::string_view b) {
  if (a.empty() || b.empty()) {
    return Compare(a.size(), b.size());
  }
  return CompareEach(Fields(a, ".-_"), Fields(b, ".-_"), std::nullopt,
                     CompareLocalField);
}

int CompareVersion(const Version& a, const Version& b) {
  if (const int order = CompareNumbers(a.epoch, b.epoch); order != 0) {
    return order;
  }
  if (const int order = CompareEach(
          Fields(a.release, "."), Fields(b.release, "."), "0", CompareNumbers);
      order != 0) {
    return order;
  }
  const std::array<int, 4> orders = {
      CompareSuffix(a.pre, b.pre), CompareSuffix(a.post, b.post),
      CompareSuffix(a.dev, b.dev), CompareLocal(a.local, b.local)};
  for (const int order : orders) {
    if (order != 0) {
      return order;
    }
  }
  return 0;
}

}  // namespace

int ComparePep440(std::string_view a, std::string_view b) {
  const auto left = VersionOf(a);
  const auto right = VersionOf(b);
  if (!left && !right) {
    return CompareGeneric(a, b);
  }
  if (!left || !right) {
    return left ? 1 : -1;
  }
  return CompareVersion(*left, *right);
}

}  // namespace assay::sbom::versions
