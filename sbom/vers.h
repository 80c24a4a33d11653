// VERS, version range specifiers: package-url/vers-spec, clause 5 and "How to
// parse and validate VERS".
//
//   vers:npm/>=1.2.0|<2.0.0|!=1.4.1
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sbom/versions.h"
#include "verifier/base/result.h"

namespace assay::sbom {

enum class Comparator {
  kEqual,
  kNotEqual,
  kLess,
  kLessOrEqual,
  kGreater,
  kGreaterOrEqual,
};

struct VersConstraint {
  Comparator comparator = Comparator::kEqual;
  std::string version = {};  // decoded

  friend bool operator==(const VersConstraint&,
                         const VersConstraint&) = default;
};

struct Vers {
  std::string scheme = {};  // lower case, "npm"
  bool any = false;         // "*": every version, and no constraints
  std::vector<VersConstraint> constraints = {};

  friend bool operator==(const Vers&, const Vers&) = default;
};

// Only the canonical text: encoded as ToString does it, sorted, each version
// once, comparators in an order that the validation rules allow. kMalformed
// names what is not so.
[[nodiscard]] Result<Vers> ParseVers(std::string_view text);

// Also text that a tolerant reader understands: spaces, empty constraints, a
// leading '=' and any order; the constraints come back sorted by version. It
// need not pass CheckVers.
[[nodiscard]] Result<Vers> ReadVers(std::string_view text);

// "VERS validation rules": sorted, no version twice, comparators that
// alternate, "all" and "none" alone with "*". Schemes reserved by the
// specification have no order and pass unsorted; "invalid" never passes.
[[nodiscard]] Result<void> CheckVers(const Vers& vers);

// Sorts the constraints by version; those of one version keep their order.
void SortConstraints(Vers& vers);

// "Simplifying constraints": the shortest range with the same meaning that
// the procedure finds. For sorted constraints.
void Simplify(Vers& vers);

// Canonical text, without sorting or simplifying.
[[nodiscard]] std::string ToString(const Vers& vers);

// "Checking if a version is contained within a range". For sorted constraints.
[[nodiscard]] bool Contains(const Vers& vers, std::string_view version);

// Whether the version meets every constraint: how native notations combine
// those of one alternative.
[[nodiscard]] bool MeetsAll(VersionOrder order,
                            const std::vector<VersConstraint>& constraints,
                            std::string_view version);

}  // namespace assay::sbom
