// Which bytes a signature that holds reaches.
#pragma once

#include "verifier/engine/cases.h"
#include "verifier/model/signature.h"
#include "verifier/model/survey.h"

namespace assay::engine {

// Fills `covers` of a check that passed. Digests that the signed text names
// for ranges of the same artifact are compared here: one that differs makes
// the check fail, with HASH_FAILURE; one by MD5 or SHA-1 reaches nothing unless
// `legacy` algorithms are allowed.
void Reach(const Survey& survey, const Case& one, bool legacy,
           SignatureCheck& check);

}  // namespace assay::engine
