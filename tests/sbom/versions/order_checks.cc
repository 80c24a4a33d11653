#include "tests/sbom/versions/order_checks.h"

#include <gtest/gtest.h>

namespace assay::sbom {

void ExpectAscending(VersionOrder order,
                     const std::vector<std::string_view>& versions) {
  for (std::size_t i = 0; i < versions.size(); ++i) {
    for (std::size_t k = 0; k < versions.size(); ++k) {
      const int result = CompareVersions(order, versions[i], versions[k]);
      EXPECT_EQ(result < 0, i < k) << versions[i] << " " << versions[k];
      EXPECT_EQ(result > 0, i > k) << versions[i] << " " << versions[k];
    }
  }
}

void ExpectEqual(VersionOrder order,
                 const std::vector<std::string_view>& versions) {
  for (const std::string_view a : versions) {
    for (const std::string_view b : versions) {
      EXPECT_EQ(CompareVersions(order, a, b), 0) << a << " " << b;
    }
  }
}

}  // namespace assay::sbom
