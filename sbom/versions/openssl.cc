// OpenSSL: its release strategy. Up to 1.1.1 letters follow the three numbers
// ("1.0.2" < "1.0.2a" < "1.0.2z" < "1.0.2za"), since 3.0 three numbers alone;
// "-alpha1", "-beta1", "-pre1", "-rc1" and "-dev" come before a release, any
// other word after '-' ("-fips") says how it was built and does not count.
// Other text: CompareGeneric.

#include <array>
#include <optional>

#include "sbom/versions/orders.h"
#include "sbom/versions/scan.h"

namespace assay::sbom::versions {
namespace {

struct Version {
  std::string_view numbers = {};
  std::string_view patch = {};
  std::string_view stage = {};  // "beta2", "" for a release
};

bool PrecedesRelease(std::string_view word) {
  constexpr std::array<std::string_view, 5> kStages = {"alpha", "beta", "dev",
                                                       "pre", "rc"};
  (void)TakeLastDigits(word);
  for (const std::string_view stage : kStages) {
    if (word == stage) {
      return true;
    }
  }
  return false;
}

std::optional<Version> VersionOf(std::string_view text) {
  Version version;
  text = WithoutBuild(text);
  const std::size_t dash = text.find('-');
  version.numbers = text.substr(0, dash);
  if (dash != std::string_view::npos) {
    const std::string_view word = text.substr(dash + 1);
    version.stage = PrecedesRelease(word) ? word : "";
  }
  std::size_t end = version.numbers.size();
  while (end > 0 && IsAlpha(version.numbers[end - 1])) {
    --end;
  }
  version.patch = version.numbers.substr(end);
  version.numbers = version.numbers.substr(0, end);
  Fields numbers(version.numbers, ".");
  while (const auto number = numbers.Next()) {
    if (!IsNumber(*number)) {
      return std::nullopt;
    }
  }
  return version;
}

int CompareStage(std::string_view a, std::string_view b) {
  if (a.empty() || b.empty()) {
    return Compare(b.size(), a.size());
  }
  const std::string_view digits_a = TakeLastDigits(a);
  const std::string_view digits_b = TakeLastDigits(b);
  const int order = CompareText(a, b);
  return order != 0 ? order : CompareNumbers(digits_a, digits_b);
}

}  // namespace

int CompareOpenssl(std::string_view a, std::string_view b) {
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
  const int order = CompareText(left->patch, right->patch);
  return order != 0 ? order : CompareStage(left->stage, right->stage);
}

}  // namespace assay::sbom::versions
