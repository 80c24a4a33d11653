// What a product must satisfy, and whom its user trusts. One YAML file; the
// file's form is documented in verifier/engine/policy.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "verifier/base/bytes.h"
#include "verifier/base/time.h"
#include "verifier/model/finding.h"

namespace assay {

// A key or certificate that the user trusts, for which purpose and period.
struct TrustAnchor {
  enum class Type : std::uint8_t {
    kOpenPgpCert,  // one or more OpenPGP certificates
    kX509Ca,       // certificates that may end a path
    kX509Pin,      // exactly these certificates sign
    kMinisignKey,  // minisign public key (Ed25519)
    kSignifyKey,   // signify or usign public key (Ed25519)
  };
  std::string name = {};
  Type type = Type::kOpenPgpCert;
  Bytes key = {};  // file contents, as given
  // Schemes it may be used with (SignatureScheme::name); empty: all of its
  // type.
  std::vector<std::string> schemes = {};
  // Globs over artifact paths and names it may vouch for; empty: all.
  std::vector<std::string> subjects = {};
  // Full fingerprints (upper or lower hex) that are allowed out of `key`;
  // empty: every certificate in it.
  std::vector<std::string> fingerprints = {};
  std::optional<UnixTime> valid_from = {};
  std::optional<UnixTime> valid_until = {};
};

// "What matches must carry `count` good signatures of these anchors."
struct SignatureRule {
  std::string match = {};  // glob over artifact paths
  std::uint32_t count = 1;
  std::vector<std::string> anchors = {};  // names; empty: any anchor
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

struct Policy {
  std::string name = {};
  std::string sha256 = {};  // of the policy file
  std::vector<TrustAnchor> anchors = {};
  std::vector<SignatureRule> signatures = {};
  // Whether SHA-1 and other legacy algorithms may vouch for anything.
  bool legacy_algorithms = false;
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
};

}  // namespace assay
