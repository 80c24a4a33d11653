// RPM: rpm-version(7), "Algorithm", and the manual's "Dependencies"; epochs are
// digits before the first ':', a release follows the last '-'.

#include <algorithm>

#include "sbom/versions/orders.h"
#include "sbom/versions/scan.h"

namespace assay::sbom::versions {
namespace {

bool IsMark(char c) {
  return c == '~' || c == '^';
}

// Every other byte only separates; also those of UTF-8.
void SkipSeparators(std::string_view& text) {
  std::size_t at = 0;
  while (at < text.size() && !IsDigit(text[at]) && !IsAlpha(text[at]) &&
         !IsMark(text[at])) {
    ++at;
  }
  text.remove_prefix(at);
}

enum class Step { kDecided, kTaken, kNone };

// '~' sorts before the end of a version, '^' after it and before all else.
Step CompareMarks(std::string_view& a, std::string_view& b, int& order) {
  const auto weight = [](std::string_view text) {
    if (text.empty()) {
      return 1;
    }
    return text[0] == '~' ? 0 : (text[0] == '^' ? 2 : 3);
  };
  order = Compare(weight(a), weight(b));
  const bool marked =
      (!a.empty() && IsMark(a[0])) || (!b.empty() && IsMark(b[0]));
  if (!marked) {
    return Step::kNone;
  }
  if (order != 0) {
    return Step::kDecided;
  }
  a.remove_prefix(1);
  b.remove_prefix(1);
  return Step::kTaken;
}

// Numbers are newer than letters.
int CompareSegment(std::string_view& a, std::string_view& b) {
  const bool number_a = IsDigit(a[0]);
  const bool number_b = IsDigit(b[0]);
  if (number_a != number_b) {
    return number_a ? 1 : -1;
  }
  const auto take = number_a ? TakeDigits : TakeLetters;
  const std::string_view left = take(a);
  const std::string_view right = take(b);
  return number_a ? CompareNumbers(left, right) : CompareText(left, right);
}

int ComparePart(std::string_view a, std::string_view b) {
  while (!a.empty() || !b.empty()) {
    SkipSeparators(a);
    SkipSeparators(b);
    int order = 0;
    const Step step = CompareMarks(a, b, order);
    if (step == Step::kDecided) {
      return order;
    }
    if (step == Step::kTaken) {
      continue;
    }
    if (a.empty() || b.empty()) {
      return Compare(a.size(), b.size());
    }
    if (order = CompareSegment(a, b); order != 0) {
      return order;
    }
  }
  return 0;
}

struct Version {
  std::string_view epoch = {};
  std::string_view version = {};
  std::string_view release = {};
  bool has_release = false;
};

Version VersionOf(std::string_view text) {
  Version version;
  std::string_view rest = text;
  const std::string_view digits = TakeDigits(rest);
  if (Skip(rest, ":")) {
    version.epoch = digits;
    text = rest;
  }
  const std::size_t dash = text.rfind('-');
  version.version = text.substr(0, dash);
  version.has_release = dash != std::string_view::npos;
  if (version.has_release) {
    version.release = text.substr(dash + 1);
  }
  return version;
}

}  // namespace

int CompareRpm(std::string_view a, std::string_view b) {
  const Version left = VersionOf(a);
  const Version right = VersionOf(b);
  if (const int order = CompareNumbers(left.epoch, right.epoch); order != 0) {
    return order;
  }
  if (const int order = ComparePart(left.version, right.version); order != 0) {
    return order;
  }
  if (left.has_release != right.has_release) {
    return left.has_release ? 1 : -1;
  }
  return ComparePart(left.release, right.release);
}

std::string_view RpmUpstream(std::string_view version) {
  return VersionOf(version).version;
}

}  // namespace assay::sbom::versions
