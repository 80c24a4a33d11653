#include "verifier/engine/reach.h"

#include <fmt/format.h>

#include <utility>

#include "verifier/engine/ledger.h"

namespace assay::engine {
namespace {

bool IsWeak(DigestAlgorithm algorithm) {
  return algorithm == DigestAlgorithm::kMd5 ||
         algorithm == DigestAlgorithm::kSha1;
}

// False when the check has failed by it.
bool Take(const ClaimedRange& claim, bool legacy, SignatureCheck& check) {
  if (claim.coverage == Coverage::kByDigest) {
    if (!claim.expected || !claim.found) {
      check.skipped.push_back(
          fmt::format("{}: its digest could not be computed", claim.what));
      return true;
    }
    if (*claim.expected != *claim.found) {
      check.indication = Indication::kTotalFailed;
      check.sub_indication = "HASH_FAILURE";
      check.detail = fmt::format("{}: the signed text says {} {}, found {}",
                                 claim.what, NameOf(claim.expected->algorithm),
                                 claim.expected->hex, claim.found->hex);
      check.good_keys.clear();
      check.covers.clear();
      return false;
    }
    if (IsWeak(claim.expected->algorithm) && !legacy) {
      check.skipped.push_back(
          fmt::format("{}: only {} ties it to the signature", claim.what,
                      NameOf(claim.expected->algorithm)));
      return true;
    }
    check.steps.push_back(
        fmt::format("{} has the signed digest, {} {}", claim.what,
                    NameOf(claim.expected->algorithm), claim.expected->hex));
  }
  if (claim.range.length > 0) {
    check.covers.push_back({check.artifact, claim.range, claim.coverage});
  }
  return true;
}

// What the check covers of one artifact, in order and without overlap.
std::vector<CoveredRange> CoverOf(const SignatureCheck& check,
                                  ArtifactId artifact) {
  std::vector<CoveredRange> ranges;
  for (const CoveredRange& cover : check.covers) {
    if (cover.artifact == artifact) {
      ranges.push_back(cover);
    }
  }
  return Normalised(std::move(ranges));
}

// Digests that nobody signed reach nothing, and can still be wrong.
void RefuseWrongDigests(const SignatureCandidate& candidate,
                        SignatureCheck& check) {
  for (const ClaimedRange& claim : candidate.ranges) {
    if (claim.coverage == Coverage::kByDigest && !Take(claim, true, check)) {
      return;
    }
  }
  check.covers.clear();
}

void TakeAll(const Survey& survey, const Case& one, bool legacy,
             SignatureCheck& check) {
  const SignatureCandidate& candidate = *one.candidate;
  if (!candidate.ranges.empty()) {
    for (const ClaimedRange& claim : candidate.ranges) {
      if (one.artifact != kNoArtifact && !Take(claim, legacy, check)) {
        return;
      }
    }
  } else if (one.detached) {
    check.covers.push_back(
        {*one.target, {0, survey.At(*one.target).size}, Coverage::kSigned});
  } else if (one.artifact != kNoArtifact) {
    check.covers.push_back({one.artifact, candidate.place, Coverage::kSigned});
  }
}

}  // namespace

void Reach(const Survey& survey, const Case& one, bool legacy,
           SignatureCheck& check) {
  if (check.indication == Indication::kDigestOnly) {
    RefuseWrongDigests(*one.candidate, check);
  } else if (check.indication == Indication::kTotalPassed) {
    TakeAll(survey, one, legacy, check);
  }
}

PassedChecks::PassedChecks(const Survey& survey,
                           const std::vector<SignatureCheck>& checks)
    : survey_(survey) {
  for (const SignatureCheck& check : checks) {
    if (check.indication != Indication::kTotalPassed) {
      continue;
    }
    for (const CoveredRange& cover : check.covers) {
      auto& known = by_artifact_[cover.artifact];
      if (known.empty() || known.back() != &check) {
        known.push_back(&check);
      }
    }
  }
}

const SignatureCheck* PassedChecks::Reaching(ArtifactId artifact,
                                             Range range) const {
  while (true) {
    const auto known = by_artifact_.find(artifact);
    if (known != by_artifact_.end()) {
      for (const SignatureCheck* check : known->second) {
        if (CoverageOf(CoverOf(*check, artifact), range)) {
          return check;
        }
      }
    }
    const Artifact& here = survey_.At(artifact);
    if (here.parent == kNoArtifact) {
      return nullptr;
    }
    artifact = here.parent;
    range = here.origin.value_or(Range{0, survey_.At(artifact).size});
  }
}

}  // namespace assay::engine
