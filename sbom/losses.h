// What a format cannot carry of a neutral document, so that nothing is dropped
// without a word.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "verifier/model/component.h"

namespace assay::sbom {

class LossTally {
 public:
  void Add(std::string_view what, bool lost);
  // Every field with something in it whose name is not among `carried`. The
  // names are those of the tables in losses.cc; what every format carries
  // stands in none.
  void AddAllBut(std::span<const std::string_view> carried,
                 const Component& component);
  void AddAllBut(std::span<const std::string_view> carried,
                 const SbomDocument& document);
  // A phrase each, sorted: "scope (3)".
  [[nodiscard]] std::vector<std::string> Phrases() const;

 private:
  std::map<std::string, std::size_t> counts_ = {};
};

}  // namespace assay::sbom
