// What calls do by the constant texts that they are given.
#pragma once

#include "verifier/code/evaluate.h"

namespace assay::code {

// Whether a call starts another program that checks signatures.
[[nodiscard]] bool StartsChecker(const Call& call);
// Whether a call's constant texts delete files, overwrite storage or stop the
// machine.
[[nodiscard]] bool Ends(const Call& call);

}  // namespace assay::code
