// deb-version(7), "Sorting algorithm"; opkg and opam have the same order.
// Text that the policy forbids compares by the same rules.

#include <algorithm>

#include "sbom/versions/orders.h"
#include "sbom/versions/scan.h"

namespace assay::sbom::versions {
namespace {

// '~' before the end, the end before letters, letters before everything else.
int WeightAt(std::string_view text, std::size_t at) {
  if (at >= text.size() || IsDigit(text[at])) {
    return 0;
  }
  const char c = text[at];
  if (c == '~') {
    return -1;
  }
  return static_cast<unsigned char>(c) + (IsAlpha(c) ? 0 : 256);
}

bool HasMark(std::string_view text, std::size_t at) {
  return at < text.size() && !IsDigit(text[at]);
}

// Cuts off the part before the first digit of both and compares it.
int TakeMarks(std::string_view& a, std::string_view& b) {
  std::size_t i = 0;
  while (HasMark(a, i) || HasMark(b, i)) {
    const int order = Compare(WeightAt(a, i), WeightAt(b, i));
    if (order != 0) {
      return order;
    }
    ++i;
  }
  a.remove_prefix(std::min(i, a.size()));
  b.remove_prefix(std::min(i, b.size()));
  return 0;
}

int ComparePart(std::string_view a, std::string_view b) {
  while (!a.empty() || !b.empty()) {
    if (const int order = TakeMarks(a, b); order != 0) {
      return order;
    }
    const std::string_view digits_a = TakeDigits(a);
    const std::string_view digits_b = TakeDigits(b);
    if (const int order = CompareNumbers(digits_a, digits_b); order != 0) {
      return order;
    }
  }
  return 0;
}

struct Version {
  std::string_view epoch = {};
  std::string_view upstream = {};
  std::string_view revision = {};
};

Version VersionOf(std::string_view text) {
  Version version;
  if (const std::size_t colon = text.find(':');
      colon != std::string_view::npos) {
    version.epoch = text.substr(0, colon);
    text.remove_prefix(colon + 1);
  }
  const std::size_t dash = text.rfind('-');
  version.upstream = text.substr(0, dash);
  if (dash != std::string_view::npos) {
    version.revision = text.substr(dash + 1);
  }
  return version;
}

}  // namespace

int CompareDeb(std::string_view a, std::string_view b) {
  const Version left = VersionOf(a);
  const Version right = VersionOf(b);
  if (const int order = ComparePart(left.epoch, right.epoch); order != 0) {
    return order;
  }
  const int order = ComparePart(left.upstream, right.upstream);
  return order != 0 ? order : ComparePart(left.revision, right.revision);
}

std::string_view DebUpstream(std::string_view version) {
  return VersionOf(version).upstream;
}

// Where nothing is known of the ecosystem: the comparison of a Debian part over
// the whole text, a leading 'v' dropped.
int CompareGeneric(std::string_view a, std::string_view b) {
  return ComparePart(WithoutV(a), WithoutV(b));
}

}  // namespace assay::sbom::versions
