#include "signatures/x509_revocation.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <limits>

#include "verifier/base/time.h"

namespace assay::signatures {
namespace {

// Lists with a critical extension have a scope that is not read here.
bool Holds(X509_CRL& list, X509& signer, X509& issuer, UnixTime now) {
  const ASN1_TIME* next = X509_CRL_get0_nextUpdate(&list);
  const auto from = UnixTimeOf(*X509_CRL_get0_lastUpdate(&list));
  const auto until = next == nullptr ? std::nullopt : UnixTimeOf(*next);
  EVP_PKEY* key = X509_get0_pubkey(&issuer);
  return X509_NAME_cmp(X509_CRL_get_issuer(&list),
                       X509_get_issuer_name(&signer)) == 0 &&
         from && *from <= now &&
         (next == nullptr || (until && now <= *until)) &&
         X509_CRL_get_ext_by_critical(&list, 1, -1) < 0 &&
         (X509_get_key_usage(&issuer) & KU_CRL_SIGN) != 0 && key != nullptr &&
         X509_CRL_verify(&list, key) == 1;
}

template <auto destroy, typename T>
std::unique_ptr<T, Release<destroy>> ExtensionOf(const X509_REVOKED& entry,
                                                 int nid) {
  return std::unique_ptr<T, Release<destroy>>(
      static_cast<T*>(X509_REVOKED_get_ext_d2i(&entry, nid, nullptr, nullptr)));
}

// The day from which on the certificate vouches for nothing: of the entry, or
// of its invalidity date, which may lie before (RFC 5280 section 5.3.2).
UnixTime RevokedFrom(const X509_REVOKED& entry) {
  constexpr UnixTime kEver = std::numeric_limits<UnixTime>::min();
  const UnixTime listed =
      UnixTimeOf(*X509_REVOKED_get0_revocationDate(&entry)).value_or(kEver);
  const auto invalid =
      ExtensionOf<ASN1_GENERALIZEDTIME_free, ASN1_GENERALIZEDTIME>(
          entry, NID_invalidity_date);
  return invalid ? std::min(listed, UnixTimeOf(*invalid).value_or(kEver))
                 : listed;
}

bool KeyMayBeKnown(const X509_REVOKED& entry) {
  const auto reason =
      ExtensionOf<ASN1_ENUMERATED_free, ASN1_ENUMERATED>(entry, NID_crl_reason);
  const long value = reason ? ASN1_ENUMERATED_get(reason.get()) : -1;
  return value != CRL_REASON_UNSPECIFIED &&
         value != CRL_REASON_AFFILIATION_CHANGED &&
         value != CRL_REASON_SUPERSEDED &&
         value != CRL_REASON_CESSATION_OF_OPERATION;
}

}  // namespace

RevocationProblem FindRevocation(X509& signer, X509* issuer,
                                 const AnchorX509& lists,
                                 const PathRules& rules, UnixTime now) {
  bool covered = false;
  for (const CrlPtr& list : lists.crls) {
    X509_REVOKED* entry = nullptr;
    if (issuer == nullptr || !Holds(*list, signer, *issuer, now)) {
      continue;
    }
    covered = true;
    if (X509_CRL_get0_by_cert(list.get(), &entry, &signer) != 1) {
      continue;
    }
    const UnixTime from = RevokedFrom(*entry);
    if (from <= rules.at.value_or(now) ||
        (rules.usage_alone && KeyMayBeKnown(*entry))) {
      return {"REVOKED_NO_POE",
              fmt::format("{}: revoked since {}", SubjectNameOf(signer),
                          FormatTime(from))};
    }
  }
  ERR_clear_error();
  return covered ? RevocationProblem{}
                 : RevocationProblem{"TRY_LATER",
                                     "no revocation list of the signer's "
                                     "issuer holds at the time of the check"};
}

}  // namespace assay::signatures
