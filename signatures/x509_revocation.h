// Revocation of a certificate whose signature has a proven time.
#pragma once

#include <string>
#include <string_view>

#include "signatures/x509.h"

namespace assay::signatures {

struct RevocationProblem {
  std::string_view sub_indication = {};  // "" when there is none
  std::string detail = {};
};

// RFC 5280 section 6.3, by the lists of `issuer` that hold at `now`: libcrypto
// asks for lists that held at the proven time, and for no revocation at all.
// A revocation later than `rules.at` leaves the signature good. For a time
// stamping unit (rules.usage_alone) only one whose reason says that the key is
// no one else's does (RFC 3161 section 4).
[[nodiscard]] RevocationProblem FindRevocation(X509& signer, X509* issuer,
                                               const AnchorX509& lists,
                                               const PathRules& rules,
                                               UnixTime now);

}  // namespace assay::signatures
