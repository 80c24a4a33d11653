#include "verifier/engine/product_sbom.h"

#include <utility>

#include "sbom/reconcile.h"
#include "verifier/engine/examine.h"
#include "verifier/engine/product.h"
#include "verifier/engine/sidecars.h"
#include "verifier/engine/version.h"

namespace assay::engine {
namespace {

ExaminePlan PlanOf(const VerifyRequest& request, DigestSet digests) {
  return {.limits = request.limits,
          .secrets = request.secrets,
          .jobs = request.jobs,
          .digests = digests,
          .interrupted = request.interrupted,
          .confinement = request.unsafe_no_sandbox ? Confinement::kUnsafe
                                                   : Confinement::kProcess};
}

}  // namespace

Result<SbomDocument> MakeProductSbom(const VerifyRequest& request,
                                     sbom::MakeRequest make) {
  const auto product = OpenProduct(request.product);
  if (!product) {
    return Fail(product.error());
  }
  const auto survey =
      ExamineProduct(*product, PlanOf(request, sbom::MadeSbomDigests()));
  if (!survey) {
    return Fail(survey.error());
  }
  make.tool_version = Version();
  return sbom::MakeSbom(*survey, ProductDigest(*survey), make);
}

Result<SbomComparison> CompareSboms(const VerifyRequest& request) {
  const auto product = OpenProduct(request.product);
  if (!product) {
    return Fail(product.error());
  }
  auto sidecars = ReadSidecars(*product, request.sboms);
  if (!sidecars) {
    return Fail(sidecars.error());
  }
  auto survey = ExamineProduct(*product, PlanOf(request, sidecars->digests));
  if (!survey) {
    return Fail(survey.error());
  }
  PlaceDocuments(*survey, sidecars->documents);
  SbomComparison comparison{.survey = std::move(*survey)};
  comparison.reconciliation =
      sbom::Reconcile(comparison.survey, std::move(sidecars->documents));
  return comparison;
}

}  // namespace assay::engine
