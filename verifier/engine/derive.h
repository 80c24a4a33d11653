// Keys that verified parts of the product carry for other parts.
#pragma once

#include <string>
#include <vector>

#include "verifier/model/policy.h"
#include "verifier/model/signature.h"
#include "verifier/model/survey.h"

namespace assay::engine {

struct DerivedAnchor {
  TrustAnchor anchor = {};
  std::string root = {};  // the policy's anchor that it leads back to
};

// The keys whose every byte a passed check covers: of the schemes whose
// derivation the policy allows as anchors, in tree order; of other schemes
// only their number, by scheme.
struct Derived {
  std::vector<DerivedAnchor> anchors = {};
  std::vector<std::string> not_allowed = {};  // schemes, one entry per key
};
[[nodiscard]] Derived DeriveAnchors(const Survey& survey, const Policy& policy,
                                    const std::vector<SignatureCheck>& checks);

}  // namespace assay::engine
