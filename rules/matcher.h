// Whether a condition holds, and by virtue of what.
#pragma once

#include <optional>
#include <vector>

#include "rules/fields.h"
#include "rules/index.h"
#include "rules/rule.h"

namespace assay::rules {

// A thing that made a leaf of a condition true.
struct Witness {
  ArtifactId artifact = 0;
  Thing thing = {};
  const Condition* leaf = nullptr;
};

// The witnesses of one finding; the first is what the finding is about.
using Group = std::vector<Witness>;

struct Match {
  bool holds = false;
  // What could be a finding each: one group per witness of the condition's
  // first part, with what the other parts add. Empty when only the absence of
  // something made the condition hold.
  std::vector<Group> groups = {};
};

// Witnesses that support a group are kept up to this many per condition.
inline constexpr std::size_t kSupport = 8;

class Matcher {
 public:
  Matcher(const RuleSet& rules, const Index& index)
      : rules_(rules), index_(index) {}

  // In the artifact, or in the whole product when there is none.
  [[nodiscard]] Match Find(const Condition& condition,
                           std::optional<ArtifactId> artifact) const;

  // Artifacts outside of which the condition cannot hold, in order.
  [[nodiscard]] std::vector<ArtifactId> Candidates(
      const Condition& condition) const;

 private:
  // Keys of which an artifact must have one; nothing when it needs none.
  [[nodiscard]] std::optional<std::vector<Key>> Necessary(
      const Condition& condition) const;
  [[nodiscard]] Match FindAll(const Condition& condition,
                              std::optional<ArtifactId> artifact) const;
  [[nodiscard]] Match FindSome(const Condition& condition,
                               std::optional<ArtifactId> artifact) const;
  [[nodiscard]] Match FindSameArtifact(
      const Condition& condition, std::optional<ArtifactId> artifact) const;
  [[nodiscard]] Match FindJoin(const Condition& condition,
                               std::optional<ArtifactId> artifact) const;
  [[nodiscard]] Match FindLeaf(const Condition& leaf,
                               std::optional<ArtifactId> artifact) const;
  void AddWitnesses(const Condition& leaf, ArtifactId artifact,
                    std::vector<Group>& into) const;
  [[nodiscard]] bool Passes(const Condition& leaf, const Thing& thing,
                            const Artifact& artifact) const;
  [[nodiscard]] bool PassesTest(const FieldTest& test, const Thing& thing,
                                const Artifact& artifact) const;

  const RuleSet& rules_;
  const Index& index_;
};

}  // namespace assay::rules
