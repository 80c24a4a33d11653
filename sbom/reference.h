// A product's programs against those of packages that the user vouches for.
#pragma once

#include <cstddef>
#include <vector>

#include "verifier/model/reconciliation.h"
#include "verifier/model/survey.h"

namespace assay::sbom {

// kModifiedBuild: a package of the product with the name, version and
// architecture of one of `reference` (a survey of package archives: .deb, .rpm,
// .ipk), whose program at the same path has other bytes. Settings and data are
// not compared; what the product lacks is not reported here. The reference is
// an anchor of the user: it says what was built, not that it is good.
struct ModifiedBuilds {
  std::vector<Discrepancy> found = {};
  std::size_t compared = 0;  // programs that both sides have
};
[[nodiscard]] ModifiedBuilds FindModifiedBuilds(const Survey& product,
                                                const Survey& reference);

// Adds them to what the comparison of the same product gave, and lowers its
// index as the other discrepancies do. Gives the number of programs that were
// compared: none is no good sign.
std::size_t AddModifiedBuilds(const Survey& product, const Survey& reference,
                              Reconciliation& result);

}  // namespace assay::sbom
