#include "sbom/scores.h"

#include <algorithm>
#include <string>

#include "sbom/phantoms.h"

namespace assay::sbom {
namespace {

// What one attribute counts in the fidelity.
constexpr std::uint64_t kVersionCounts = 5;
constexpr std::uint64_t kDigestCounts = 5;
constexpr std::uint64_t kEdgeCounts = 2;
constexpr std::uint64_t kProducerCounts = 2;
constexpr std::uint64_t kLicenceCounts = 1;

bool IsProgram(const ProductIndex& index, const Artifact& artifact) {
  const ArtifactId tree = index.TreeOf(artifact.id);
  return artifact.has_content && artifact.size > 0 && artifact.id != tree &&
         index.IsFileTree(tree) && IsExecutable(artifact);
}

std::uint8_t WeightOf(const Discrepancy& one) {
  switch (one.kind) {
    case DiscrepancyKind::kDigestMismatch:
    case DiscrepancyKind::kRecordMismatch:
    case DiscrepancyKind::kHiddenPackage:
    case DiscrepancyKind::kWrongSubject:
    case DiscrepancyKind::kDocumentMismatch:
      return 10;
    case DiscrepancyKind::kModifiedBuild:
      return 9;
    case DiscrepancyKind::kUnexplainedFile:
      return one.code == "D08" ? 1 : 9;
    case DiscrepancyKind::kUndeclared:
    case DiscrepancyKind::kVersionMismatch:
      return 8;
    case DiscrepancyKind::kSelfContradiction:
    case DiscrepancyKind::kMalformed:
      return 5;
    case DiscrepancyKind::kPhantom:
    case DiscrepancyKind::kMissingFile:
      return 4;
    case DiscrepancyKind::kProducerMismatch:
    case DiscrepancyKind::kEdgeMismatch:
      return 3;
    case DiscrepancyKind::kLicenceMismatch:
    case DiscrepancyKind::kImplausibleContext:
      return 2;
    case DiscrepancyKind::kOpaqueRegion:
      return 1;
  }
  return 0;
}

// The highest index that goes with a discrepancy (section 4.2).
std::uint32_t CapOf(const Discrepancy& one) {
  if (one.minor) {
    return 100;
  }
  switch (one.kind) {
    case DiscrepancyKind::kDigestMismatch:
    case DiscrepancyKind::kRecordMismatch:
    case DiscrepancyKind::kWrongSubject:
    case DiscrepancyKind::kDocumentMismatch:
      return 40;
    case DiscrepancyKind::kHiddenPackage:
    case DiscrepancyKind::kModifiedBuild:
      return 60;
    case DiscrepancyKind::kUnexplainedFile:
      return one.code == "D07" ? 60 : 100;
    default:
      return 100;
  }
}

double ValueOf(const Share& share) {
  return share.whole == 0 ? 1.0
                          : static_cast<double>(share.part) /
                                static_cast<double>(share.whole);
}

void Add(const Tally& tally, std::uint64_t counts, Share& to) {
  to.part += counts * tally.agreed;
  to.whole += counts * tally.compared;
}

// A claim counts as confirmed when anything it nests is.
std::vector<bool> Confirmed(const ClaimSet& set) {
  std::vector<bool> confirmed(set.claims.size(), false);
  for (std::size_t i = 0; i < set.claims.size(); ++i) {
    if (!set.claims[i].IsConfirmed()) {
      continue;
    }
    for (std::size_t at = i; at != kNone && !confirmed[at];
         at = set.claims[at].parent) {
      confirmed[at] = true;
    }
  }
  for (std::size_t i = 0; i < set.claims.size(); ++i) {
    confirmed[i] = confirmed[i] && !set.claims[i].contradicted;
  }
  return confirmed;
}

Share PrecisionOf(const Reconciliation& result, const PackageRecords& records,
                  const ClaimSet& set) {
  Share share;
  const auto confirmed = Confirmed(set);
  const auto wanted = ClaimsToConfirm(result.documents, records, set);
  for (std::size_t i = 0; i < set.claims.size(); ++i) {
    share.whole += wanted[i] ? 1U : 0U;
    share.part += wanted[i] && confirmed[i] ? 1U : 0U;
  }
  return share;
}

bool IsExplained(const Owner& owner, const PackageRecords& records) {
  const std::size_t package = records.listed_by[owner.artifact];
  const bool undeclared = package != kNone &&
                          records.packages[package].declared_by == kNone &&
                          owner.provenance == Provenance::kRecord;
  return owner.provenance != Provenance::kUnexplained && !undeclared;
}

Share FidelityOf(const ClaimSet& set, const Comparisons& comparisons,
                 const std::vector<Discrepancy>& discrepancies) {
  Tally versions;
  Tally digests;
  for (const Claim& claim : set.claims) {
    if (claim.is_file && claim.has_path && !claim.component->digests.empty()) {
      ++digests.compared;
      digests.agreed += claim.contradicted ? 0U : 1U;
    } else if (!claim.is_file && (claim.has_record || claim.has_banner) &&
               !claim.component->version.empty()) {
      ++versions.compared;
    }
  }
  const auto wrong = static_cast<std::uint64_t>(std::count_if(
      discrepancies.begin(), discrepancies.end(), [](const Discrepancy& one) {
        return one.kind == DiscrepancyKind::kVersionMismatch && !one.minor &&
               !one.document.empty();
      }));
  versions.agreed = versions.compared - std::min(wrong, versions.compared);
  Share share;
  Add(versions, kVersionCounts, share);
  Add(digests, kDigestCounts, share);
  Add(comparisons.edges.edges, kEdgeCounts, share);
  Add(comparisons.attributes.producers, kProducerCounts, share);
  Add(comparisons.attributes.licences, kLicenceCounts, share);
  return share;
}

// Per artifact: whether it runs, or something unpacked from it does. A module
// that is compressed and a program with bytes behind it are programs still; a
// folder has no modes, where scripts show by what they are.
std::vector<bool> Runnable(const ProductIndex& index) {
  std::vector<bool> runs(index.size(), false);
  for (ArtifactId id = static_cast<ArtifactId>(index.size()); id-- > 0;) {
    const Node& node = index.survey().nodes[id];
    runs[id] = runs[id] || IsExecutable(node.artifact) ||
               std::any_of(node.seen.facts.begin(), node.seen.facts.end(),
                           [](const Fact& fact) {
                             return fact.kind == "script" ||
                                    fact.kind == "startup" ||
                                    fact.kind == "cron";
                           });
    if (runs[id] && node.artifact.has_content && id != 0) {
      runs[node.artifact.parent] = true;
    }
  }
  return runs;
}

}  // namespace

void Weigh(const ProductIndex& index, std::vector<Discrepancy>& discrepancies) {
  const std::vector<bool> runs = Runnable(index);
  for (Discrepancy& one : discrepancies) {
    one.code = CodeOf(one.kind);
    if (one.kind == DiscrepancyKind::kUnexplainedFile &&
        one.artifact != kNoArtifact && !runs[one.artifact]) {
      one.code = "D08";
    }
    if (one.minor) {
      one.weight = 0;
    } else if (one.weight == 0) {
      one.weight = WeightOf(one);
    }
  }
}

std::optional<Scores> ScoresOf(const ProductIndex& index,
                               const PackageRecords& records,
                               const ClaimSet& set,
                               const Comparisons& comparisons,
                               const Reconciliation& result) {
  const bool any =
      std::any_of(result.documents.begin(), result.documents.end(),
                  [](const HeldDocument& held) { return !held.embedded; });
  if (!any) {
    return std::nullopt;
  }
  Scores scores{.precision = PrecisionOf(result, records, set),
                .fidelity = FidelityOf(set, comparisons, result.discrepancies),
                .coverage = comparisons.coverage.bytes};
  for (const Owner& owner : result.owners) {
    const Artifact& artifact = index.At(owner.artifact);
    if (!IsProgram(index, artifact)) {
      continue;
    }
    const bool explained = IsExplained(owner, records);
    ++scores.recall.whole;
    scores.recall_bytes.whole += artifact.size;
    scores.recall.part += explained ? 1U : 0U;
    scores.recall_bytes.part += explained ? artifact.size : 0U;
  }
  Conclude(result.discrepancies, scores);
  return scores;
}

void Conclude(const std::vector<Discrepancy>& discrepancies, Scores& scores) {
  const double precision = ValueOf(scores.precision);
  const double recall =
      std::min(ValueOf(scores.recall), ValueOf(scores.recall_bytes));
  const double mean = precision + recall == 0.0
                          ? 0.0
                          : 2 * precision * recall / (precision + recall);
  scores.index = static_cast<std::uint32_t>(100 * ValueOf(scores.coverage) *
                                            ValueOf(scores.fidelity) * mean);
  scores.cap = 100;
  scores.capped_by.clear();
  for (const Discrepancy& one : discrepancies) {
    const std::uint32_t cap = CapOf(one);
    scores.cap = std::min(scores.cap, cap);
    if (cap < 100) {
      scores.capped_by.emplace_back(one.code);
    }
  }
  std::sort(scores.capped_by.begin(), scores.capped_by.end());
  scores.capped_by.erase(
      std::unique(scores.capped_by.begin(), scores.capped_by.end()),
      scores.capped_by.end());
  scores.index = std::min(scores.index, scores.cap);
}

}  // namespace assay::sbom
