// semver.org 2.0.0, section 11: npm, Cargo, Go modules, Hex, nginx and others.
// A leading 'v' is dropped, missing numbers count as 0, more than three are
// compared as well. Text that is no such version compares by CompareGeneric
// with all others.

#include "sbom/versions/semver.h"

#include <optional>

#include "sbom/versions/scan.h"

namespace assay::sbom::versions {
namespace {

struct Version {
  std::string_view numbers = {};
  std::string_view prerelease = {};
};

std::optional<Version> VersionOf(std::string_view text) {
  Version version;
  text = WithoutBuild(WithoutV(text));
  const std::size_t dash = text.find('-');
  version.numbers = text.substr(0, dash);
  if (dash != std::string_view::npos) {
    version.prerelease = text.substr(dash + 1);
  }
  Fields numbers(version.numbers, ".");
  while (const auto number = numbers.Next()) {
    if (!IsNumber(*number)) {
      return std::nullopt;
    }
  }
  return version;
}

}  // namespace

std::string_view WithoutBuild(std::string_view version) {
  return version.substr(0, version.find('+'));
}

int CompareSemverWith(CompareFunction words, std::string_view a,
                      std::string_view b) {
  const auto left = VersionOf(a);
  const auto right = VersionOf(b);
  if (!left || !right) {
    return CompareGeneric(a, b);
  }
  if (const int order =
          CompareEach(Fields(left->numbers, "."), Fields(right->numbers, "."),
                      "0", CompareNumbers);
      order != 0) {
    return order;
  }
  if (left->prerelease.empty() || right->prerelease.empty()) {
    return Compare(right->prerelease.size(), left->prerelease.size());
  }
  return ComparePrerelease(left->prerelease, right->prerelease, words);
}

int CompareSemver(std::string_view a, std::string_view b) {
  return CompareSemverWith(CompareText, a, b);
}

}  // namespace assay::sbom::versions
