// X.509 certificates and CMS signatures made in process, for tests only.
#pragma once

#include <openssl/cms.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "signatures/x509.h"
#include "verifier/base/bytes.h"
#include "verifier/base/time.h"
#include "verifier/model/policy.h"

namespace assay::signatures::testing {

inline constexpr UnixTime kCertBorn = 1'700'000'000;
inline constexpr UnixTime kCertNow = kCertBorn + 100 * 86400;

struct Identity {
  std::shared_ptr<EVP_PKEY> key = {};
  std::shared_ptr<X509> certificate = {};
};

struct IssueOptions {
  std::shared_ptr<EVP_PKEY> key = {};  // to certify; null: a new one
  UnixTime from = kCertBorn;
  UnixTime until = kCertBorn + 365 * 86400;
  std::string usage = "critical,digitalSignature";
  std::string purpose = {};  // extended key usage; "": none
  bool ca = false;
  int rsa_bits = 0;  // 0: an EC key on P-256
  int rsa_exponent = 65537;
  bool explicit_curve = false;  // its numbers instead of its name
};

// Self-signed when `issuer` is null. Aborts when libcrypto refuses.
[[nodiscard]] Identity Issue(std::string_view name, const Identity* issuer,
                             const IssueOptions& options = {});
[[nodiscard]] Identity IssueCa(std::string_view name,
                               const Identity* issuer = nullptr);
[[nodiscard]] std::string Pem(const Identity& identity);
// A revocation list of `issuer` that names `revoked`, in PEM; of all time
// that the certificates have. A negative reason is left out.
struct RevocationOptions {
  UnixTime at = kCertBorn;
  int reason = -1;
  UnixTime listed = kCertBorn;
};
[[nodiscard]] std::string RevocationList(const Identity& issuer,
                                         const Identity& revoked,
                                         const RevocationOptions& options = {});
// Of bytes by SHA-256 and the key alone, without a certificate's envelope.
[[nodiscard]] Bytes SignRaw(const Identity& identity, ByteView message);
[[nodiscard]] TrustAnchor X509Anchor(
    const Identity& identity,
    TrustAnchor::Type type = TrustAnchor::Type::kX509Ca);

struct CmsOptions {
  const EVP_MD* digest = EVP_sha256();
  unsigned flags = 0;  // CMS_NOATTR, CMS_NOCERTS
  std::vector<Identity> enclosed = {};
  std::string type = {};  // of the content, a dotted OID; "": data
  bool attached = false;
  std::optional<UnixTime> made = {};  // signing time; none: now
  // What is done to the structure after it was signed.
  std::function<void(CMS_ContentInfo*)> afterwards = {};
};
[[nodiscard]] Bytes SignCms(const std::vector<Identity>& signers,
                            ByteView message, const CmsOptions& options = {});

}  // namespace assay::signatures::testing
