// What is known of each place of a report, so that two reports can be compared.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "verifier/model/comparison.h"

namespace assay::engine {

// How much it gives to an attacker, and what the report says of it: null for
// neither.
struct Mark {
  std::uint32_t weight = 0;
  const Finding* finding = nullptr;
  const SignatureCheck* check = nullptr;
};

// By kind and value.
using Marks = std::map<std::pair<std::string, std::string>, Mark>;

// The marks of the places of one report, which must live as long.
class Places {
 public:
  explicit Places(const Report& report);

  [[nodiscard]] const Marks& At(ArtifactId id) const { return marks_.at(id); }
  // Of the product as a whole.
  [[nodiscard]] const Marks& all() const { return all_; }
  // What a file does, by kind and value, whatever else is said of it.
  [[nodiscard]] std::vector<Marks::key_type> TraitsAt(ArtifactId id) const;

 private:
  void Add(ArtifactId id, std::string kind, std::string value, Mark mark);
  [[nodiscard]] ArtifactId IdOf(const std::string& path) const;
  void AddFinding(const Finding& finding);
  void AddCheck(const SignatureCheck& check);
  void AddState(const Artifact& artifact);
  void AddComponent(const Component& component);

  std::vector<Marks> marks_;  // by artifact
  Marks all_;
  std::unordered_map<std::string, ArtifactId> ids_;  // by path
};

// What only one side has, heaviest first.
[[nodiscard]] std::vector<Change> ChangesOf(const Marks& before,
                                            const Marks& now);

}  // namespace assay::engine
