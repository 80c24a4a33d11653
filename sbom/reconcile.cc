#include "sbom/reconcile.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "sbom/claims.h"
#include "sbom/matching.h"
#include "sbom/owners.h"
#include "sbom/packages.h"
#include "sbom/phantoms.h"
#include "sbom/product_index.h"

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
                    .pointer = problem.pointer});
    }
  }
}

void Append(std::vector<Discrepancy> from, std::vector<Discrepancy>& to) {
  to.insert(to.end(), std::make_move_iterator(from.begin()),
            std::make_move_iterator(from.end()));
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
  Append(MatchPackages(held, records, set), found);
  Append(FindUndeclared(held, index, records), found);
  Append(FindPhantoms(held, records, set), found);
  Ownership ownership = FindOwners(index, records, set);
  Append(std::move(ownership.unexplained), found);

  for (const Claim& claim : set.claims) {
    const bool counts = !held[claim.document].embedded && !claim.is_subject &&
                        claim.HasEvidence() && !claim.contradicted;
    result.confirmed += counts ? 1U : 0U;
  }
  result.inventory = std::move(records.inventory);
  result.owners = std::move(ownership.owners);
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
