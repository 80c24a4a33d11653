// UEFI Secure Boot's lists as trust anchors: db, what may boot, and dbx, what
// may not (UEFI Specification 2.10, section 32.6).
#pragma once

#include <string>
#include <vector>

#include "signatures/scheme.h"
#include "signatures/x509.h"
#include "verifier/base/digest.h"
#include "verifier/base/result.h"

namespace assay::signatures {

struct UefiDatabase {
  std::vector<X509Ptr> certificates = {};
  std::vector<Digest> images = {};  // Authenticode digests
  // Of tbsCertificate. The time from which on they are revoked is not looked
  // at: firmware needs a proof of the signing time by a list of its own, dbt.
  std::vector<Digest> tbs = {};
};

// The entries of a kUefiDb anchor that its `fingerprints` allow, or of a
// kUefiDbx anchor. The key is a sequence of signature lists (.esl), such a
// list with its authentication (.auth) or attributes (efivarfs) in front, a
// store of variables that has one (OVMF_VARS.fd), or certificates as they are
// (DER, PEM). Entries of db that nothing is done with are left out; in dbx they
// are an error.
[[nodiscard]] Result<UefiDatabase> DatabaseOf(const TrustAnchor& anchor);

// SHA-256 of certificates and digests as they are, upper-case hex.
[[nodiscard]] std::vector<std::string> FingerprintsOf(
    const UefiDatabase& database);

// The certificates of all anchors of this type, as X.509 anchors of the same
// name, one each. Those of db that are for the signing of kernel modules are
// left out: nothing boots by them (shim, verify_eku()).
[[nodiscard]] std::vector<TrustAnchor> CertificateAnchorsOf(
    const Trust& trust, TrustAnchor::Type type);

// An X.509 anchor of one certificate.
[[nodiscard]] TrustAnchor AnchorOf(X509& certificate, std::string name,
                                   std::vector<std::string> derivation = {});

// Whether `tbs` names the certificate.
[[nodiscard]] bool ListsCertificate(const UefiDatabase& database,
                                    X509& certificate);

}  // namespace assay::signatures
