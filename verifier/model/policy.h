// What a product must satisfy, and whom its user trusts. One YAML file; the
// file's form is documented in verifier/engine/policy.h.
#pragma once

#include <cstdint>
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
  // Findings at this severity or above fail the product.
  Severity fail_on = Severity::kMedium;
  bool sbom_required = false;
  bool manifest_must_be_signed = true;
  // Ceilings in per cent of leaf bytes; more makes the verdict inconclusive.
  double max_unknown = 100.0;
  double max_opaque = 100.0;
  // Floor in per cent of leaf bytes that a signature must reach.
  double min_signed = 0.0;
  std::vector<Waiver> waivers = {};

  // Whether SHA-1 and other legacy algorithms may vouch for anything.
  [[nodiscard]] bool legacy_algorithms() const {
    return algorithms == AlgorithmProfile::kLegacy;
  }
};

}  // namespace assay
