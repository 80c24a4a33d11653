// Attributes of a claim against those of the package that shows it.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "sbom/claims.h"
#include "sbom/packages.h"

namespace assay::sbom {

// Attributes that could be compared, and those of them that agree.
struct Tally {
  std::uint64_t compared = 0;
  std::uint64_t agreed = 0;
};

struct AttributeCheck {
  Tally producers = {};
  Tally licences = {};
  std::vector<Discrepancy> mismatches = {};  // kProducerMismatch, ...
};

// Whether two ways to name a maker can mean the same: they share a word (mail
// addresses count) other than "Ltd", "Maintainers" and the like, or one is the
// initials of the other. An empty name agrees with an empty one only.
[[nodiscard]] bool ProducersAgree(std::string_view a, std::string_view b);

enum class LicenceRelation { kAgree, kDiffer, kIncomparable };

// Whether who meets the claimed licence meets the recorded one. Incomparable:
// what is no SPDX expression, or holds names such as "BSD" or "custom" that may
// mean several licences. "GPL-2+" and "GPL-2.0-or-later" are one.
[[nodiscard]] LicenceRelation CompareLicences(
    const std::vector<std::string>& claimed,
    const std::vector<std::string>& recorded);

// For each vendor's claim that names the package by the record's own kind of
// package URL: its supplier or manufacturer and its licences, where both sides
// give them.
[[nodiscard]] AttributeCheck CheckAttributes(
    const std::vector<HeldDocument>& documents, const PackageRecords& records,
    const ClaimSet& set);

}  // namespace assay::sbom
