// A first manifest of declared functions, out of what a product does.
#pragma once

#include <string>
#include <vector>

#include "verifier/base/result.h"
#include "verifier/engine/verify.h"
#include "verifier/model/survey.h"

namespace assay::engine {

// All of the survey that a manifest can declare, each thing once and in order,
// as a document of the schema "assay-manifest/1". What each is for ("purpose")
// is left to whoever declares it.
[[nodiscard]] std::string DraftManifest(const Survey& survey);

struct ManifestDraft {
  std::string text = {};
  std::vector<std::string> open = {};  // what of the product was not examined
};

// The same of a product; fails as Verify does.
[[nodiscard]] Result<ManifestDraft> DraftManifest(const VerifyRequest& request);

}  // namespace assay::engine
