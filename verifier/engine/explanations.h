// What the user gives to explain findings with: distribution originals,
// reviewed exceptions, the vendor's manifest of declared functions.
#pragma once

#include <optional>
#include <vector>

#include "verifier/base/result.h"
#include "verifier/engine/verify.h"
#include "verifier/model/declarations.h"
#include "verifier/model/exception.h"
#include "verifier/model/policy.h"
#include "verifier/model/reference.h"
#include "verifier/model/report.h"

namespace assay::engine {

struct Explanations {
  std::vector<ReferenceSet> references = {};
  std::vector<ReviewedException> exceptions = {};
  std::optional<Declarations> manifest = {};
  std::vector<ExplanationSource> sources = {};
};

// kUnreadable, kMalformed and kConfig name the file. With a policy key the
// exceptions must be signed by it, as the policy is. A manifest is authentic
// when the policy asks for no signature, or one of its anchors signed it; a
// manifest that nobody signed is read all the same and explains nothing.
[[nodiscard]] Result<Explanations> ReadExplanations(
    const VerifyRequest& request, const Policy* policy);

}  // namespace assay::engine
