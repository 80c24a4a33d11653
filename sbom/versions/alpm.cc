// Arch Linux: vercmp(8). A relative of RPM's order: what follows as letters
// makes a version older ("1.0rc" < "1.0"), a longer separator makes it newer,
// and a release counts only where both have one.

#include "sbom/versions/orders.h"
#include "sbom/versions/scan.h"

namespace assay::sbom::versions {
namespace {

// How many bytes that are neither letter nor digit were cut off.
std::size_t TakeSeparators(std::string_view& text) {
  std::size_t at = 0;
  while (at < text.size() && !IsDigit(text[at]) && !IsAlpha(text[at])) {
    ++at;
  }
  text.remove_prefix(at);
  return at;
}

// One of them has ended, or both have.
int CompareRest(std::string_view a, std::string_view b) {
  if (a.empty() && b.empty()) {
    return 0;
  }
  const std::string_view rest = a.empty() ? b : a;
  const bool newer = !IsAlpha(rest[0]);
  return newer == b.empty() ? 1 : -1;
}

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
  while (!a.empty() && !b.empty()) {
    const std::string_view before_a = a;
    const std::string_view before_b = b;
    const std::size_t gap_a = TakeSeparators(a);
    const std::size_t gap_b = TakeSeparators(b);
    if (a.empty() || b.empty()) {
      return CompareRest(a.empty() ? a : before_a, b.empty() ? b : before_b);
    }
    if (gap_a != gap_b) {
      return Compare(gap_a, gap_b);
    }
    if (const int order = CompareSegment(a, b); order != 0) {
      return order;
    }
  }
  return CompareRest(a, b);
}

struct Version {
  std::string_view epoch = {};
  std::string_view version = {};
  std::string_view release = {};
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
  if (dash != std::string_view::npos) {
    version.release = text.substr(dash + 1);
  }
  return version;
}

}  // namespace

int CompareAlpm(std::string_view a, std::string_view b) {
  const Version left = VersionOf(a);
  const Version right = VersionOf(b);
  if (const int order = CompareNumbers(left.epoch, right.epoch); order != 0) {
    return order;
  }
  if (const int order = ComparePart(left.version, right.version); order != 0) {
    return order;
  }
  if (left.release.empty() || right.release.empty()) {
    return 0;
  }
  return ComparePart(left.release, right.release);
}

std::string_view AlpmUpstream(std::string_view version) {
  return VersionOf(version).version;
}

}  // namespace assay::sbom::versions
