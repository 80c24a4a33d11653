// What a product must satisfy, and whom its user trusts. One YAML file; the
// file's form is documented in verifier/engine/policy.h.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "verifier/base/time.h"
#include "verifier/model/finding.h"
#include "verifier/model/trust.h"

namespace assay {

// "What matches must carry `count` good signatures of these anchors."
struct SignatureRule {
  std::string match = {};  // glob over artifact paths
  std::uint32_t count = 1;
  std::vector<std::string> anchors = {};  // names; empty: any anchor
  // Floor in per cent of the artifact's bytes that these signatures must reach.
  double coverage = 0.0;
  TimeModel time = TimeModel::kByScheme;
};

// "What is older than this no longer counts, however well it is signed."
struct FreshnessRule {
  std::string scheme = {};  // SignatureCheck::scheme; "": any
  std::string match = {};   // glob over paths of what is signed; "": any
  std::optional<std::uint64_t> rollback_index = {};  // at least
  std::string version = {};                          // at least; "": any
  std::optional<UnixTime> date = {};                 // at the earliest
  std::optional<std::uint32_t> max_age = {};  // days from its date to `at`
  bool valid_until_required = false;
};

// An accepted finding.
struct Waiver {
  std::string id = {};
  std::string rule = {};     // rule id
  std::string subject = {};  // glob over Finding::subject
  std::string sha256 = {};   // of the subject, "" for any
  std::string reason = {};
  std::string approver = {};
  UnixTime expires = 0;
};

// Which algorithms may vouch for anything; signatures/profile.h says which.
enum class AlgorithmProfile : std::uint8_t { kCnsa20, kDefault, kLegacy };

struct Policy {
  std::string name = {};
  std::string sha256 = {};  // of the policy file
  std::vector<TrustAnchor> anchors = {};
  std::vector<SignatureRule> signatures = {};
  std::vector<FreshnessRule> freshness = {};
  AlgorithmProfile algorithms = AlgorithmProfile::kDefault;
  // Rules that are not asked, by id or family ("HF-11"); the report says so.
  std::vector<std::string> disabled_rules = {};
  // Schemes whose keys may be taken out of verified parts of the product.
  std::vector<std::string> derive = {};
  // Findings at this severity or above fail the product ...
  Severity fail_on = Severity::kMedium;
  // ... but for these families, which have thresholds of their own.
  std::map<std::string, Severity> fail_on_family = {};
  // What does not fail and weighs at least this much is counted in the reasons.
  std::optional<Severity> warn_on = {};
  bool sbom_required = false;
  // Minimum elements (sbom/profiles) that a delivered SBOM must have.
  std::vector<std::string> sbom_profiles = {};
  std::uint32_t min_sbom_index = 0;  // floor of Scores::index
  bool manifest_must_be_signed = true;
  // Ceilings in per cent of leaf bytes; more makes the verdict inconclusive.
  double max_unknown = 100.0;
  double max_opaque = 100.0;
  std::optional<std::uint64_t> max_opaque_bytes = {};
  // Floors in per cent of leaf bytes: that a signature must reach, that an SBOM
  // or a package record must claim, that a reader must have understood.
  double min_signed = 0.0;
  double min_claimed = 0.0;
  double min_parsed = 0.0;
  std::vector<Waiver> waivers = {};

  [[nodiscard]] Severity ThresholdOf(const std::string& family) const {
    const auto found = fail_on_family.find(family);
    return found == fail_on_family.end() ? fail_on : found->second;
  }
  // Whether SHA-1 and other legacy algorithms may vouch for anything.
  [[nodiscard]] bool legacy_algorithms() const {
    return algorithms == AlgorithmProfile::kLegacy;
  }
};

}  // namespace assay
