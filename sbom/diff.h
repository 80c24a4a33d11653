// Two documents that describe two releases of one product.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "verifier/model/component.h"

namespace assay::sbom {

enum class ChangeKind : std::uint8_t { kAdded, kRemoved, kChanged };
[[nodiscard]] std::string_view NameOf(ChangeKind kind);  // "added"

struct SbomChange {
  ChangeKind kind = ChangeKind::kChanged;
  std::string component = {};  // name with group or namespace
  std::string type = {};       // of the package URL, or of the component
  std::string field = {};      // "version", "supplier", "licences", "digests"
  std::string before = {};
  std::string after = {};
};

// SbomChange::type of what the documents describe.
inline constexpr std::string_view kSubjectType = "subject";

// The subjects first, whose names may differ. Components pair by package URL
// without version, else by type and name; several of one name pair in order of
// their versions. Sorted by component, then field. Digests are compared where
// the version is the same and both sides have one of an algorithm.
[[nodiscard]] std::vector<SbomChange> DiffSboms(const SbomDocument& before,
                                                const SbomDocument& after);

}  // namespace assay::sbom
