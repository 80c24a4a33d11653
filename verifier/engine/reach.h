// Which bytes a signature that holds reaches.
#pragma once

#include <map>
#include <vector>

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

// The passed checks, by the artifacts whose bytes they cover.
class PassedChecks {
 public:
  // Borrows both.
  PassedChecks(const Survey& survey, const std::vector<SignatureCheck>& checks);

  // The first one that alone reaches every byte of `range` of the artifact, or
  // all of what the artifact was made from, up to the product. Null when none
  // does: two that each reach a half vouch for nothing together.
  [[nodiscard]] const SignatureCheck* Reaching(ArtifactId artifact,
                                               Range range) const;

 private:
  const Survey& survey_;
  std::map<ArtifactId, std::vector<const SignatureCheck*>> by_artifact_;
};

}  // namespace assay::engine
