// Dart: pub.dev, "Package versioning", and the README of pub_semver: SemVer,
// but builds are compared too, and a version without one is the older.

#include "sbom/versions/orders.h"
#include "sbom/versions/scan.h"

namespace assay::sbom::versions {
namespace {

std::string_view BuildOf(std::string_view text) {
  text.remove_prefix(WithoutBuild(text).size());
  return text.substr(text.empty() ? 0 : 1);
}

}  // namespace

int ComparePub(std::string_view a, std::string_view b) {
  if (const int order = CompareSemver(a, b); order != 0) {
    return order;
  }
  const std::string_view left = BuildOf(a);
  const std::string_view right = BuildOf(b);
  if (left.empty() || right.empty()) {
    return Compare(left.size(), right.size());
  }
  return ComparePrerelease(left, right);
}

}  // namespace assay::sbom::versions
