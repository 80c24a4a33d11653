// Conan: docs.conan.io, "Version ranges", and its class Version: fields between
// dots, numbers by value, everything else as text; zeros at the end do not
// count; "-" begins a pre-release and "+" a build, which are newer than none.
// Number and text compare as text, so three such fields can form a circle.

#include <optional>

#include "sbom/versions/orders.h"
#include "sbom/versions/scan.h"

namespace assay::sbom::versions {
namespace {

struct Version {
  std::string_view main = {};
  std::optional<std::string_view> prerelease = {};
  std::optional<std::string_view> build = {};
};

Version VersionOf(std::string_view text) {
  Version version;
  if (const std::size_t plus = text.rfind('+');
      plus != std::string_view::npos) {
    version.build = text.substr(plus + 1);
    text = text.substr(0, plus);
  }
  if (const std::size_t dash = text.find('-'); dash != std::string_view::npos) {
    version.prerelease = text.substr(dash + 1);
    text = text.substr(0, dash);
  }
  version.main = text;
  return version;
}

bool IsZero(std::string_view field) {
  return IsNumber(field) && CompareNumbers(field, "0") == 0;
}

std::string_view WithoutZeros(std::string_view text) {
  while (true) {
    const std::size_t dot = text.rfind('.');
    const std::size_t begin = dot == std::string_view::npos ? 0 : dot + 1;
    if (!IsZero(text.substr(begin))) {
      return text;
    }
    if (dot == std::string_view::npos) {
      return {};
    }
    text = text.substr(0, dot);
  }
}

int CompareField(std::string_view a, std::string_view b) {
  return IsNumber(a) && IsNumber(b) ? CompareNumbers(a, b) : CompareText(a, b);
}

int CompareList(std::string_view a, std::string_view b) {
  a = WithoutZeros(a);
  b = WithoutZeros(b);
  if (a.empty() || b.empty()) {
    return Compare(a.size(), b.size());
  }
  return CompareEach(Fields(a, "."), Fields(b, "."), std::nullopt,
                     CompareField);
}

int CompareBuild(const Version& a, const Version& b) {
  if (a.build && b.build) {
    return CompareList(*a.build, *b.build);
  }
  return Compare(a.build.has_value(), b.build.has_value());
}

}  // namespace

int CompareConan(std::string_view a, std::string_view b) {
  const Version left = VersionOf(a);
  const Version right = VersionOf(b);
  if (const int order = CompareList(left.main, right.main); order != 0) {
    return order;
  }
  if (left.prerelease.has_value() != right.prerelease.has_value()) {
    return left.prerelease ? -1 : 1;
  }
  if (left.prerelease) {
    const int order = CompareList(*left.prerelease, *right.prerelease);
    if (order != 0) {
      return order;
    }
  }
  return CompareBuild(left, right);
}

}  // namespace assay::sbom::versions
