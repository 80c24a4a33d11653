// X.509 certificates and certificate paths, by libcrypto. Anchors, time and
// constraints are parameters of each call; no error is ever overridden.
#pragma once

#include <openssl/cms.h>
#include <openssl/x509.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "signatures/scheme.h"
#include "verifier/base/result.h"

namespace assay::signatures {

template <auto destroy>
struct Release {
  template <typename T>
  void operator()(T* object) const {
    destroy(object);
  }
};
using X509Ptr = std::unique_ptr<X509, Release<X509_free>>;
using CrlPtr = std::unique_ptr<X509_CRL, Release<X509_CRL_free>>;
using BioPtr = std::unique_ptr<BIO, Release<BIO_free_all>>;

// The certificates of a kX509Ca or kX509Pin anchor that its `fingerprints`
// allow, and the revocation lists beside them. PEM (any number) or one DER
// certificate.
struct AnchorX509 {
  std::vector<X509Ptr> certificates = {};
  std::vector<CrlPtr> crls = {};
};
[[nodiscard]] Result<AnchorX509> CertificatesOfX509(const TrustAnchor& anchor);

// SHA-256 of the DER encoding, upper-case hex.
[[nodiscard]] std::string FingerprintOf(const X509& certificate);
// RFC 2253 form, escaped for people.
[[nodiscard]] std::string SubjectNameOf(const X509& certificate);
// "" or why this key must not vouch for anything: modulus under 2048 bits
// (unless legacy) or over 16384, or an algorithm that is not known.
[[nodiscard]] std::string WhyKeyIsRefused(X509& certificate,
                                          bool legacy_algorithms);

struct PathResult {
  Indication indication = Indication::kIndeterminate;
  std::string sub_indication = {};
  std::string anchor = {};
  std::string detail = {};
  std::vector<std::string> steps = {};
};

// Whether `signer` is a pinned certificate, or a path leads from it over
// `untrusted` to an anchor, at Trust::at. `untrusted` may be null.
[[nodiscard]] PathResult FindPath(X509& signer, STACK_OF(X509) * untrusted,
                                  const Trust& trust);

}  // namespace assay::signatures
