// X.509 certificates and certificate paths, by libcrypto. Anchors, time and
// constraints are parameters of each call; no error is ever overridden.
#pragma once

#include <openssl/cms.h>
#include <openssl/x509.h>

#include <memory>
#include <optional>
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

// Null when `der` is not exactly one certificate.
[[nodiscard]] X509Ptr CertificateFromDer(ByteView der);
// SHA-256 of the DER encoding, upper-case hex.
[[nodiscard]] std::string FingerprintOf(const X509& certificate);
[[nodiscard]] std::string FingerprintOf(const X509_CRL& list);
// RFC 2253 form, escaped for people.
[[nodiscard]] std::string SubjectNameOf(const X509& certificate);
// Nothing when it is not a time.
[[nodiscard]] std::optional<UnixTime> UnixTimeOf(const ASN1_TIME& time);
// RFC 5280 section 4.2.1.12: the extension is there and names the purpose, a
// dotted OID.
[[nodiscard]] bool HasUsage(X509& certificate, const std::string& purpose);

// What a path must satisfy beyond leading to an anchor. Trust::time goes before
// what is said of time here, but for the paths of time stamps.
struct PathRules {
  // A proven time of the signature, instead of Trust::at. Revocation lists
  // still speak of Trust::at; what they revoke later than this stays good.
  std::optional<UnixTime> at = {};
  // UEFI and Linux do not look at the certificates' times.
  bool ignore_time = false;
  // NID of the extended key usage that the signer must have; 0: none is asked.
  int usage = 0;
  // Whether that usage must be the only one and critical (RFC 3161 section
  // 2.3). The signer's word is then worth nothing once its key may be known.
  bool usage_alone = false;
  // Whether any certificate of an anchor may end a path, self-signed or not.
  bool partial = false;
};

struct PathResult {
  Indication indication = Indication::kIndeterminate;
  std::string sub_indication = {};
  std::string anchor = {};
  std::string detail = {};
  std::vector<std::string> steps = {};
  std::vector<std::string> skipped = {};
  TimeModel time = TimeModel::kByScheme;  // when it passed: what was asked
};

// Whether `signer` is a pinned certificate, or a path leads from it over
// `untrusted` to an anchor. `untrusted` may be null.
[[nodiscard]] PathResult FindPath(X509& signer, STACK_OF(X509) * untrusted,
                                  const Trust& trust,
                                  const PathRules& rules = {});

}  // namespace assay::signatures
