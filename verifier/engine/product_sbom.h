// SBOMs and a product's bytes, without signatures, rules or verdict.
#pragma once

#include <string>
#include <vector>

#include "sbom/make.h"
#include "verifier/base/result.h"
#include "verifier/engine/verify.h"
#include "verifier/model/reconciliation.h"
#include "verifier/model/report.h"
#include "verifier/model/survey.h"

namespace assay::engine {

struct MadeSbom {
  SbomDocument document = {};
  // Why it lacks parts of the product (Blindness()); empty when it does not.
  std::vector<std::string> open = {};
};
// The product's own inventory as a document. Of the request count the product,
// limits, secrets, jobs and confinement; the time is MakeRequest::at. Fails as
// Verify does.
[[nodiscard]] Result<MadeSbom> MakeProductSbom(const VerifyRequest& request,
                                               sbom::MakeRequest make);

// The SBOMs of the request, and those beside the product, against its bytes.
struct SbomComparison {
  Survey survey = {};
  Reconciliation reconciliation = {};
  // What could not be compared, and why: Blindness(), and references that have
  // no program of the product.
  std::vector<std::string> open = {};

  // Whether nothing but information was found, in what could be compared.
  [[nodiscard]] bool Agrees() const;
  // kInconclusive: it agrees, and something is open.
  [[nodiscard]] Verdict verdict() const;
};
// `references` are packages that the user vouches for, files or folders of
// them; programs of the same version have to have their bytes (D18).
[[nodiscard]] Result<SbomComparison> CompareSboms(
    const VerifyRequest& request,
    const std::vector<std::string>& references = {});

}  // namespace assay::engine
