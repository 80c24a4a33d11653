// Proofs of when a signature existed, out of the unsigned attributes of its
// SignerInfo: time stamp tokens (RFC 3161) and countersignatures (RFC 5652
// section 11.4), as Authenticode and CAdES have them.
#pragma once

#include <openssl/cms.h>
#include <openssl/x509.h>

#include <optional>
#include <string>
#include <vector>

#include "signatures/scheme.h"

namespace assay::signatures {

struct ProvenTime {
  std::optional<UnixTime> at = {};        // the earliest that is proven
  std::vector<std::string> steps = {};    // who proves it
  std::vector<std::string> skipped = {};  // what proves nothing, and why
};

// Judges every token and countersignature over the signer's value. Each must
// lead to one of the X.509 anchors of `trust`, at the time it states, from a
// certificate that is for time stamping alone; and state no later time than
// Trust::at. `enclosed` are the certificates beside the signer.
[[nodiscard]] ProvenTime ProveTime(CMS_SignerInfo& signer,
                                   STACK_OF(X509) * enclosed,
                                   const Trust& trust);

// The extended key usage that waives time stamps: szOID_KP_LIFETIME_SIGNING.
inline constexpr char kLifetimeSigning[] = "1.3.6.1.4.1.311.10.3.13";

}  // namespace assay::signatures
