// Packages of a product against an apt release chain that lies beside it.
#pragma once

#include <vector>

#include "verifier/engine/constraints.h"
#include "verifier/engine/judge.h"

namespace assay::engine {

// The checks of the chain itself, then one per package of the product; empty
// when there are no context files. Every signer of a Release vouches for the
// packages that its anchor may vouch for.
[[nodiscard]] std::vector<SignatureCheck> JudgeByReleaseChain(
    const JudgeRequest& request, const SignatureConstraints& constraints);

}  // namespace assay::engine
