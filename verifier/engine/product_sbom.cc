#include "verifier/engine/product_sbom.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "sbom/reconcile.h"
#include "sbom/reference.h"
#include "verifier/engine/blindness.h"
#include "verifier/engine/examine.h"
#include "verifier/engine/product.h"
#include "verifier/engine/sidecars.h"
#include "verifier/engine/version.h"

namespace assay::engine {
namespace {

ExaminePlan PlanOf(const VerifyRequest& request, DigestSet digests,
                   Scope scope = Scope::kEverything) {
  return {.limits = request.limits,
          .secrets = request.secrets,
          .jobs = request.jobs,
          .digests = digests,
          .scope = scope,
          .interrupted = request.interrupted,
          .confinement = request.unsafe_no_sandbox ? Confinement::kUnsafe
                                                   : Confinement::kProcess};
}

// An SBOM takes from a program's facts what it is linked with, and these come
// first: what is past the limit behind them was not asked for.
void ForgetUnneeded(Survey& survey) {
  for (Node& node : survey.nodes) {
    auto& facts = node.seen.facts;
    const auto end =
        std::find_if(facts.begin(), facts.end(), [](const Fact& fact) {
          return fact.kind == "facts.truncated" && fact.value == "elf";
        });
    const bool may_lack_libraries =
        end == facts.begin() || (end - 1)->kind == "elf.header" ||
        (end - 1)->kind == "elf.interpreter" || (end - 1)->kind == "elf.needed";
    if (end != facts.end() && !may_lack_libraries) {
      facts.erase(end);
    }
  }
}

}  // namespace

Result<MadeSbom> MakeProductSbom(const VerifyRequest& request,
                                 sbom::MakeRequest make) {
  const auto product = OpenProduct(request.product);
  if (!product) {
    return Fail(product.error());
  }
  auto survey = ExamineProduct(
      *product, PlanOf(request, sbom::MadeSbomDigests(), Scope::kComponents));
  if (!survey) {
    return Fail(survey.error());
  }
  ForgetUnneeded(*survey);
  make.tool_version = Version();
  return MadeSbom{sbom::MakeSbom(*survey, ProductDigest(*survey), make),
                  Blindness(*survey)};
}

bool SbomComparison::Agrees() const {
  const auto& all = reconciliation.discrepancies;
  return std::all_of(all.begin(), all.end(),
                     [](const Discrepancy& one) { return one.weight == 0; });
}

Verdict SbomComparison::verdict() const {
  if (!Agrees()) {
    return Verdict::kFail;
  }
  return open.empty() ? Verdict::kPass : Verdict::kInconclusive;
}

Result<SbomComparison> CompareSboms(
    const VerifyRequest& request, const std::vector<std::string>& references) {
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
  comparison.open = Blindness(comparison.survey);
  comparison.reconciliation =
      sbom::Reconcile(comparison.survey, std::move(sidecars->documents));
  for (const std::string& path : references) {
    const auto reference = OpenProduct(path);
    if (!reference) {
      return Fail(reference.error());
    }
    const auto known = ExamineProduct(*reference, PlanOf(request, {}));
    if (!known) {
      return Fail(known.error());
    }
    if (sbom::AddModifiedBuilds(comparison.survey, *known,
                                comparison.reconciliation) == 0) {
      comparison.open.push_back(
          fmt::format("{} has no program that the product has in the same "
                      "version of a package",
                      path));
    }
    for (const std::string& reason : Blindness(*known)) {
      comparison.open.push_back(fmt::format("{}: {}", path, reason));
    }
  }
  return comparison;
}

}  // namespace assay::engine
