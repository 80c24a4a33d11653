// A dossier arranged for rules: what there is about each artifact, and which
// artifacts have a kind of thing at all.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "rules/rule.h"
#include "verifier/model/dossier.h"

namespace assay::rules {

// A kind of thing that a leaf needs: without it, the leaf is false.
using Key = std::uint32_t;

// Borrows the dossier and the rules.
class Index {
 public:
  Index(const RuleSet& rules, const Dossier& dossier);
  Index(const Index&) = delete;
  Index& operator=(const Index&) = delete;

  [[nodiscard]] const Dossier& dossier() const { return dossier_; }
  [[nodiscard]] const Node& At(ArtifactId id) const {
    return dossier_.survey.nodes[id];
  }
  [[nodiscard]] std::size_t size() const {
    return dossier_.survey.nodes.size();
  }

  // The key of a leaf; nothing for artifact tests, which need none.
  [[nodiscard]] std::optional<Key> KeyOf(const Condition& leaf) const;
  // Artifacts that have things of that key, in order.
  [[nodiscard]] std::span<const ArtifactId> ArtifactsWith(Key key) const;

  // Checks and discrepancies about an artifact. Those about something outside
  // of the product (a file beside it, a component that is nowhere) count as
  // about the product itself, artifact 0.
  [[nodiscard]] std::span<const SignatureCheck* const> ChecksOf(
      ArtifactId id) const;
  [[nodiscard]] std::span<const Discrepancy* const> DiscrepanciesOf(
      ArtifactId id) const;
  [[nodiscard]] Provenance ProvenanceOf(ArtifactId id) const;

 private:
  void AddKeys(const Condition& condition);
  void Note(Key key, ArtifactId artifact);
  void IndexNodes();
  void IndexChecks();
  void IndexDiscrepancies();

  const Dossier& dossier_;
  std::unordered_map<std::string, Key> keys_;  // "fact:account", "check" ...
  std::unordered_map<std::string_view, Key> fact_keys_;
  std::vector<Key> pattern_keys_;  // by pattern; kNoKey: no rule asks
  std::vector<std::vector<ArtifactId>> artifacts_;  // by key
  std::map<ArtifactId, std::vector<const SignatureCheck*>> checks_;
  std::map<ArtifactId, std::vector<const Discrepancy*>> discrepancies_;
  std::vector<Provenance> provenance_;  // by artifact
};

}  // namespace assay::rules
