#include "verifier/engine/derive.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "verifier/engine/ledger.h"

namespace assay::engine {
namespace {

// More keys than this in one product are not keys.
constexpr std::size_t kMaxKeys = 1000;

// The passed check that reaches each artifact directly.
std::map<ArtifactId, const SignatureCheck*> CheckByArtifact(
    const std::vector<SignatureCheck>& checks) {
  std::map<ArtifactId, const SignatureCheck*> by_artifact;
  for (const SignatureCheck& check : checks) {
    if (check.indication == Indication::kTotalPassed) {
      for (const CoveredRange& cover : check.covers) {
        by_artifact.emplace(cover.artifact, &check);
      }
    }
  }
  return by_artifact;
}

}  // namespace

Derived DeriveAnchors(const Survey& survey, const Policy& policy,
                      const std::vector<SignatureCheck>& checks) {
  Derived derived;
  const bool any =
      std::any_of(survey.nodes.begin(), survey.nodes.end(),
                  [](const Node& node) { return !node.seen.keys.empty(); });
  if (!any) {
    return derived;
  }
  const auto covered = SpreadCoverage(survey, checks);
  const auto by_artifact = CheckByArtifact(checks);
  for (const Node& node : survey.nodes) {
    for (const EmbeddedKey& key : node.seen.keys) {
      const Artifact* holder = &node.artifact;
      if (!CoverageOf(covered[holder->id], key.place) ||
          derived.anchors.size() >= kMaxKeys) {
        continue;
      }
      if (std::find(policy.derive.begin(), policy.derive.end(), key.scheme) ==
          policy.derive.end()) {
        derived.not_allowed.emplace_back(key.scheme);
        continue;
      }
      while (by_artifact.count(holder->id) == 0) {
        holder = &survey.At(holder->parent);
      }
      const SignatureCheck& check = *by_artifact.at(holder->id);
      DerivedAnchor found{.anchor = {.name = fmt::format("{} in {}", key.what,
                                                         node.artifact.path),
                                     .type = key.type,
                                     .key = key.key,
                                     .schemes = {std::string(key.scheme)}},
                          .root = check.anchor};
      found.anchor.derivation = {
          fmt::format("{} passes by anchor {}: {} signature of {}",
                      check.target, check.anchor, check.scheme, check.signer),
          fmt::format("{} carries {} at {}", node.artifact.path, key.what,
                      key.place.offset)};
      derived.anchors.push_back(std::move(found));
    }
  }
  return derived;
}

}  // namespace assay::engine
