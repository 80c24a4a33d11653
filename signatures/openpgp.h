// OpenPGP signatures judged by librnp, in process. The only door to librnp:
// its types and its global state end here. See openpgp_packets.h for framing.
// librnp 0.16 writes remarks about refused signatures to standard error and
// offers no way to stop it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "signatures/openpgp_packets.h"
#include "signatures/scheme.h"
#include "verifier/base/bytes.h"
#include "verifier/base/result.h"
#include "verifier/model/policy.h"
#include "verifier/model/signature.h"

namespace assay::signatures {

// What the signature packets must be: RFC 9580 section 5.2.1.
enum class SignedForm {
  kDetached,     // type 0x00 (binary) or 0x01 (text, any line ends)
  kBinary,       // type 0x00 only
  kClearsigned,  // type 0x01 only
};

// Judges every signature of `packets` (binary, see Dearmor) over `message`
// with the OpenPGP certificates of `trust` and nothing else. One step per
// signature. TOTAL-PASSED when at least one signature by an anchor's key
// holds and none by such a key is bad; good_keys then names the certificates'
// fingerprints. A signature counts only when its key could sign at the time
// it was made and is neither expired nor revoked at Trust::at, for there is
// no proof that the time it claims is true.
[[nodiscard]] SignatureCheck CheckOpenPgp(std::string_view scheme,
                                          ByteView packets, ByteView message,
                                          const Trust& trust, SignedForm form);

// Makes librnp open its random device, which it then keeps.
void WarmUpOpenPgp();

// The certificates of a kOpenPgpCert anchor that its `fingerprints` allow.
// They borrow from `keyring`, which is anchor.key or its decoded armour.
struct AnchorCertificates {
  ByteSource keyring;
  std::vector<Certificate> certificates = {};
};
[[nodiscard]] Result<AnchorCertificates> CertificatesOf(
    const TrustAnchor& anchor);

}  // namespace assay::signatures
