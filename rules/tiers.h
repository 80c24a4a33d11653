// Of what kinds a rule's evidence is.
#pragma once

#include <cstdint>
#include <set>
#include <string_view>

#include "rules/rule.h"

namespace assay::rules {

// The more kinds agree, the surer a finding.
enum class Tier : std::uint8_t {
  kBytes,      // E1: patterns, addresses, texts
  kStructure,  // E2: file systems, formats, records, scripts
  kSymbols,    // E3: imports, exports, sections of programs
  kCode,       // E4: machine code; no rule of this version reads it
  kRelations,  // E5: signatures, SBOMs, facts of several artifacts
  kChange,     // E6: against another release
};
inline constexpr std::size_t kTiers = 6;

[[nodiscard]] std::string_view NameOf(Tier tier);  // "E1 bytes"

// The tiers of all leaves of the rule's condition. Where something lies is no
// evidence by itself.
[[nodiscard]] std::set<Tier> TiersOf(const Rule& rule);

}  // namespace assay::rules
