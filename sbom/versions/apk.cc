// Alpine Linux: apk-package(5), "PKGINFO", pkgver:
// number{.number}{letter}{_suffix{number}}{~hash}{-r#}.
// What cannot be read makes a version older than one that ends there; two
// versions that break off before "-r" compare as text.

#include <algorithm>
#include <array>

#include "sbom/versions/orders.h"
#include "sbom/versions/scan.h"

namespace assay::sbom::versions {
namespace {

struct Version {
  std::string_view numbers = {};
  std::string_view letter = {};
  std::string_view suffixes = {};  // "_alpha1_p2"
  std::string_view hash = {};
  std::string_view revision = {};
  bool has_revision = false;
  std::string_view rest = {};
};

constexpr int kNoSuffix = 4;
constexpr std::array<std::string_view, 10> kSuffixes = {
    "alpha", "beta", "pre", "rc", "", "cvs", "svn", "git", "hg", "p"};

struct Suffix {
  int rank = kNoSuffix;
  std::string_view number = {};
};

// Cuts "_alpha1" off; when nothing of the kind follows, the rank of none.
Suffix TakeSuffix(std::string_view& text) {
  Suffix suffix;
  std::string_view ahead = text;
  if (!Skip(ahead, "_")) {
    return suffix;
  }
  for (std::size_t i = 0; i < kSuffixes.size(); ++i) {
    if (!kSuffixes[i].empty() && Skip(ahead, kSuffixes[i])) {
      suffix.rank = static_cast<int>(i);
      suffix.number = TakeDigits(ahead);
      text = ahead;
      return suffix;
    }
  }
  return suffix;
}

std::string_view TakeNumbers(std::string_view& text) {
  const std::string_view start = text;
  std::size_t taken = 0;
  while (!TakeDigits(text).empty()) {
    taken = start.size() - text.size();
    if (!Skip(text, ".")) {
      break;
    }
  }
  text = start.substr(taken);
  return start.substr(0, taken);
}

std::string_view TakeHash(std::string_view& text) {
  if (text.empty() || text[0] != '~') {
    return {};
  }
  const std::size_t end =
      std::min(text.find_first_not_of("0123456789abcdef", 1), text.size());
  const std::string_view hash = text.substr(0, end);
  text.remove_prefix(end);
  return hash;
}

Version VersionOf(std::string_view text) {
  Version version;
  version.numbers = TakeNumbers(text);
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') {
    version.letter = text.substr(0, 1);
    text.remove_prefix(1);
  }
  const std::string_view suffixes = text;
  while (TakeSuffix(text).rank != kNoSuffix) {
  }
  version.suffixes = suffixes.substr(0, suffixes.size() - text.size());
  version.hash = TakeHash(text);
  version.has_revision = Skip(text, "-r");
  if (version.has_revision) {
    version.revision = TakeDigits(text);
  }
  version.rest = text;
  return version;
}

bool BreaksOff(const Version& version) {
  return !version.has_revision && !version.rest.empty();
}

// After the first number one that begins with 0 compares as text.
int CompareNumber(std::string_view a, std::string_view b) {
  const bool zero = (!a.empty() && a[0] == '0') || (!b.empty() && b[0] == '0');
  return zero ? CompareText(a, b) : CompareNumbers(a, b);
}

int CompareNumberList(std::string_view a, std::string_view b) {
  if (const int order = CompareNumbers(TakeDigits(a), TakeDigits(b));
      order != 0) {
    return order;
  }
  return CompareEach(Fields(a, "."), Fields(b, "."), std::nullopt,
                     CompareNumber);
}

int CompareSuffixes(std::string_view a, std::string_view b) {
  while (!a.empty() || !b.empty()) {
    const Suffix left = TakeSuffix(a);
    const Suffix right = TakeSuffix(b);
    const int order = left.rank != right.rank
                          ? Compare(left.rank, right.rank)
                          : CompareNumbers(left.number, right.number);
    if (order != 0) {
      return order;
    }
  }
  return 0;
}

}  // namespace

int CompareApk(std::string_view a, std::string_view b) {
  const Version left = VersionOf(a);
  const Version right = VersionOf(b);
  if (BreaksOff(left) && BreaksOff(right)) {
    return CompareText(a, b);
  }
  if (const int order = CompareNumberList(left.numbers, right.numbers);
      order != 0) {
    return order;
  }
  if (const int order = CompareText(left.letter, right.letter); order != 0) {
    return order;
  }
  if (const int order = CompareSuffixes(left.suffixes, right.suffixes);
      order != 0) {
    return order;
  }
  if (const int order = CompareText(left.hash, right.hash); order != 0) {
    return order;
  }
  if (left.has_revision && right.has_revision) {
    if (const int order = CompareNumbers(left.revision, right.revision);
        order != 0) {
      return order;
    }
  }
  if (left.rest.empty() != right.rest.empty()) {
    return left.rest.empty() ? 1 : -1;
  }
  return left.rest.empty() ? Compare(left.has_revision, right.has_revision) : 0;
}

}  // namespace assay::sbom::versions
