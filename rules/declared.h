// Facts against the vendor's manifest of declared functions.
#pragma once

#include "verifier/model/artifact.h"
#include "verifier/model/declarations.h"
#include "verifier/model/fact.h"

namespace assay::rules {

// Whether a manifest has a place for what this fact shows: a listener, an
// account, an endpoint, a key, a privilege, an install hook, a startup file.
// What a command does is never declarable.
[[nodiscard]] bool IsDeclarable(const Fact& fact);

// Whether the manifest names it. Whether the manifest may be believed is not
// asked here.
[[nodiscard]] bool Declares(const Declarations& declarations, const Fact& fact,
                            const Artifact& artifact);

}  // namespace assay::rules
