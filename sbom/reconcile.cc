#include "sbom/reconcile.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "sbom/absences.h"
#include "sbom/attributes.h"
#include "sbom/change_logs.h"
#include "sbom/claims.h"
#include "sbom/coverage.h"
#include "sbom/edge_claims.h"
#include "sbom/editions.h"
#include "sbom/hidden.h"
#include "sbom/matching.h"
#include "sbom/owners.h"
#include "sbom/packages.h"
#include "sbom/phantoms.h"
#include "sbom/product_index.h"
#include "sbom/scores.h"
#include "sbom/self_check.h"

namespace assay::sbom {
namespace {

void AddEmbedded(const Survey& survey, std::vector<HeldDocument>& documents) {
  const std::size_t given = documents.size();
  for (const Node& node : survey.nodes) {
    const bool known =
        std::any_of(documents.begin(),
                    documents.begin() + static_cast<std::ptrdiff_t>(given),
                    [&](const HeldDocument& held) {
                      return held.artifact == node.artifact.id;
                    });
    for (const SbomDocument& document : node.seen.documents) {
      if (!known) {
        documents.push_back(
            {node.artifact.path, node.artifact.id, true, document});
      }
    }
  }
}

void AddMalformed(const std::vector<HeldDocument>& documents,
                  std::vector<Discrepancy>& to) {
  for (const HeldDocument& held : documents) {
    for (const SbomProblem& problem : held.document.problems) {
      to.push_back({.kind = DiscrepancyKind::kMalformed,
                    .component = problem.rule,
                    .artifact = held.artifact,
                    .claimed = problem.detail,
                    .document = held.holder,
                    .pointer = problem.pointer,
                    .minor = !problem.violation});
    }
  }
}

void Append(std::vector<Discrepancy> from, std::vector<Discrepancy>& to) {
  to.insert(to.end(), std::make_move_iterator(from.begin()),
            std::make_move_iterator(from.end()));
}

bool HasVendor(const std::vector<HeldDocument>& documents) {
  return std::any_of(documents.begin(), documents.end(),
                     [](const HeldDocument& held) { return !held.embedded; });
}

// What documents say against themselves, each other and the product's time.
void AddDocumentChecks(const ProductIndex& index, const ClaimSet& set,
                       Reconciliation& result) {
  const auto& held = result.documents;
  Append(FindSelfContradictions(held, set), result.discrepancies);
  Append(FindImplausible(held, set), result.discrepancies);
  Append(FindDocumentMismatches(held), result.discrepancies);
  Append(FindNewerThanDocument(held, index), result.discrepancies);
}

}  // namespace

Reconciliation Reconcile(const Survey& survey,
                         std::vector<HeldDocument> documents) {
  Reconciliation result{.documents = std::move(documents)};
  AddEmbedded(survey, result.documents);
  const auto& held = result.documents;
  auto& found = result.discrepancies;

  const ProductIndex index(survey);
  PackageRecords records = CollectPackages(index);
  ClaimSet set = MatchClaims(held, index);
  AddMalformed(held, found);
  Append(std::move(set.mismatches), found);
  Append(std::move(records.mismatches), found);
  Append(HoldAgainstChangeLogs(index, records), found);
  Append(MatchPackages(held, records, set), found);
  Append(FindHidden(held, index, records, set), found);
  Append(FindUndeclared(held, index, records), found);
  Append(FindPhantoms(held, records, set), found);
  Append(FindAbsences(index, records, set), found);
  Ownership ownership = FindOwners(index, records, set);
  Append(std::move(ownership.unexplained), found);
  AttributeCheck attributes = CheckAttributes(held, records, set);
  Append(std::move(attributes.mismatches), found);
  EdgeCheck edges = CheckEdges(held, index, records, set);
  Append(std::move(edges.mismatches), found);
  AddDocumentChecks(index, set, result);
  Coverage coverage = MeasureCoverage(index);
  if (HasVendor(held)) {
    Append(std::move(coverage.opaque), found);
  }

  Weigh(index, found);
  for (const Claim& claim : set.claims) {
    const bool counts = !held[claim.document].embedded && !claim.is_subject &&
                        claim.IsConfirmed();
    result.confirmed += counts ? 1U : 0U;
  }
  result.owners = std::move(ownership.owners);
  result.scores =
      ScoresOf(index, records, set, {attributes, edges, coverage}, result);
  result.inventory = std::move(records.inventory);
  return result;
}

DigestSet PlannedDigests(const std::vector<HeldDocument>& documents) {
  DigestSet set;
  const auto add = [&](const Component& component) {
    for (const Digest& digest : component.digests) {
      set.Insert(digest.algorithm);
    }
  };
  for (const HeldDocument& held : documents) {
    if (held.document.subject) {
      add(*held.document.subject);
    }
    for (const Component& component : held.document.components) {
      add(component);
    }
  }
  return set;
}

}  // namespace assay::sbom
