// A dossier arranged for rules: what there is about each artifact, and which
// artifacts have a kind of thing at all.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
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
  // Behind the product's artifacts stand, with ids of their own, the files that
  // its scripts write: a copy of the script with the file's path and what is
  // said about the text.
  [[nodiscard]] const Node& At(ArtifactId id) const {
    const std::size_t artifacts = dossier_.survey.nodes.size();
    return id < artifacts ? dossier_.survey.nodes[id]
                          : written_[id - artifacts].node;
  }
  [[nodiscard]] std::size_t size() const {
    return dossier_.survey.nodes.size() + written_.size();
  }
  // Where the script writes it from; nothing for what is in the product.
  [[nodiscard]] std::optional<Range> WrittenFrom(ArtifactId id) const;
  // The artifact itself, or the script that writes it.
  [[nodiscard]] ArtifactId HolderOf(ArtifactId id) const;

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
  // Whether RuleSet::regexes[regex] matches the fact's value. Known for all
  // facts of which a rule asks it: each value is scanned once for all rules.
  [[nodiscard]] bool ValueMatches(const Fact& fact, std::uint32_t regex) const;

 private:
  // What rules ask of a kind of fact. A regex for the value has a key of its
  // own: a rule that has one sleeps until some value matches.
  struct Asked {
    std::vector<Key> any = {};
    std::vector<std::pair<std::uint32_t, Key>> regexes = {};
  };

  struct Written {
    Node node = {};
    Range place = {};
  };

  void AddWritten();
  void AddKeys(const Condition& condition);
  void AskFor(const std::string& kind, const Condition& leaf, Key key);
  void Note(Key key, ArtifactId artifact);
  void IndexNodes();
  void IndexFacts(const Node& node, ArtifactId id);
  void ScanValue(const Fact& fact, const Asked& asked, ArtifactId artifact);
  void IndexChecks();
  void IndexDiscrepancies();

  const Dossier& dossier_;
  std::vector<Written> written_;
  const PatternSet* regexes_ = nullptr;
  std::unordered_map<std::string, Key> keys_;  // "fact:account", "check" ...
  std::map<std::string, Asked, std::less<>> asked_;  // by kind of fact
  // Facts whose value some regex matches, with all such regexes.
  std::unordered_map<const Fact*, std::vector<std::uint32_t>> matching_;
  std::vector<Key> pattern_keys_;  // by pattern; kNoKey: no rule asks
  std::vector<std::vector<ArtifactId>> artifacts_;  // by key
  std::map<ArtifactId, std::vector<const SignatureCheck*>> checks_;
  std::map<ArtifactId, std::vector<const Discrepancy*>> discrepancies_;
  std::vector<Provenance> provenance_;  // by artifact
};

}  // namespace assay::rules
