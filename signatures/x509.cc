#include "signatures/x509.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <map>
#include <string>

#include "signatures/anchor.h"
#include "signatures/x509_revocation.h"
#include "verifier/base/digest.h"
#include "verifier/base/text.h"

namespace assay::signatures {
namespace {

constexpr int kMaxDepth = 10;
// OpenSSL's level 2: 112 bits, which refuses SHA-1, MD5 and RSA under 2048.
constexpr int kAuthLevel = 2;

using StorePtr = std::unique_ptr<X509_STORE, Release<X509_STORE_free>>;
using ContextPtr =
    std::unique_ptr<X509_STORE_CTX, Release<X509_STORE_CTX_free>>;

std::string UpperHex(ByteView bytes) {
  std::string hex = HexOf(bytes);
  std::ranges::transform(hex, hex.begin(), [](char c) {
    return c >= 'a' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return hex;
}

// A PEM file may hold keys and text besides; only certificates and
// revocation lists are taken.
void ReadPem(BIO* bio, AnchorX509& into) {
  STACK_OF(X509_INFO)* all =
      PEM_X509_INFO_read_bio(bio, nullptr, nullptr, nullptr);
  for (int i = 0; i < sk_X509_INFO_num(all); ++i) {
    const X509_INFO* one = sk_X509_INFO_value(all, i);
    if (one->x509 != nullptr && X509_up_ref(one->x509) == 1) {
      into.certificates.emplace_back(one->x509);
    }
    if (one->crl != nullptr && X509_CRL_up_ref(one->crl) == 1) {
      into.crls.emplace_back(one->crl);
    }
  }
  sk_X509_INFO_pop_free(all, X509_INFO_free);
}

struct Words {
  std::string_view sub_indication;
  Indication indication = Indication::kIndeterminate;
};

// EN 319 102-1 section 5.2.6: without a proof of existence, a path that is out
// of its time or revoked leaves the question open.
Words WordsOf(int error) {
  switch (error) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return {"OUT_OF_BOUNDS_NO_POE"};
    case X509_V_ERR_CERT_REVOKED:
      return {"REVOKED_NO_POE"};
    case X509_V_ERR_UNABLE_TO_GET_CRL:
    case X509_V_ERR_CRL_HAS_EXPIRED:
    case X509_V_ERR_CRL_NOT_YET_VALID:
      return {"TRY_LATER"};
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
      return {"NO_CERTIFICATE_CHAIN_FOUND"};
    case X509_V_ERR_EE_KEY_TOO_SMALL:
    case X509_V_ERR_CA_KEY_TOO_SMALL:
    case X509_V_ERR_CA_MD_TOO_WEAK:
      return {"CRYPTO_CONSTRAINTS_FAILURE"};
    default:
      return {"CHAIN_CONSTRAINTS_FAILURE"};
  }
}

bool IsPinned(X509& signer, const AnchorX509& anchor) {
  return std::ranges::any_of(anchor.certificates, [&](const X509Ptr& pin) {
    return X509_cmp(pin.get(), &signer) == 0;
  });
}

StorePtr StoreOf(const AnchorX509& anchor, bool partial, const Trust& trust,
                 const PathRules& rules) {
  StorePtr store(X509_STORE_new());
  X509_VERIFY_PARAM* parameters = X509_STORE_get0_param(store.get());
  if (rules.ignore_time) {
    X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_NO_CHECK_TIME);
  } else {
    X509_VERIFY_PARAM_set_time(
        parameters, static_cast<time_t>(rules.at.value_or(trust.at)));
  }
  X509_VERIFY_PARAM_set_purpose(parameters, X509_PURPOSE_ANY);
  X509_VERIFY_PARAM_set_depth(parameters, kMaxDepth);
  X509_VERIFY_PARAM_set_auth_level(parameters,
                                   trust.legacy_algorithms ? 0 : kAuthLevel);
  if (partial) {
    X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_PARTIAL_CHAIN);
  }
  if (!anchor.crls.empty() && !rules.at) {
    X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_CRL_CHECK);
  }
  for (const X509Ptr& certificate : anchor.certificates) {
    X509_STORE_add_cert(store.get(), certificate.get());
  }
  for (const CrlPtr& crl : anchor.crls) {
    X509_STORE_add_crl(store.get(), crl.get());
  }
  return store;
}

using UsagePtr =
    std::unique_ptr<EXTENDED_KEY_USAGE, Release<EXTENDED_KEY_USAGE_free>>;

// RFC 5280 section 4.2.1.12; null when the extension is missing or twice.
UsagePtr UsagesOf(X509& certificate, int* critical) {
  return UsagePtr(static_cast<EXTENDED_KEY_USAGE*>(
      X509_get_ext_d2i(&certificate, NID_ext_key_usage, critical, nullptr)));
}

bool Names(const UsagePtr& usages, const ASN1_OBJECT* purpose) {
  for (int i = 0; usages && i < sk_ASN1_OBJECT_num(usages.get()); ++i) {
    if (OBJ_cmp(sk_ASN1_OBJECT_value(usages.get(), i), purpose) == 0) {
      return true;
    }
  }
  return false;
}

bool HasRightUsage(X509& signer, const PathRules& rules) {
  int critical = 0;
  const UsagePtr usages = UsagesOf(signer, &critical);
  return Names(usages, OBJ_nid2obj(rules.usage)) &&
         (!rules.usage_alone ||
          (critical == 1 && sk_ASN1_OBJECT_num(usages.get()) == 1));
}

// A certification authority whose own usages are listed passes on only these,
// as Windows and CA/Browser Forum rules have it; the anchor is beyond question.
const X509* FirstUnfitIssuer(STACK_OF(X509) * chain, const PathRules& rules) {
  for (int i = 1; rules.usage != 0 && i + 1 < sk_X509_num(chain); ++i) {
    X509* issuer = sk_X509_value(chain, i);
    int critical = 0;
    const UsagePtr usages = UsagesOf(*issuer, &critical);
    if (critical != -1 && !Names(usages, OBJ_nid2obj(rules.usage)) &&
        !Names(usages, OBJ_nid2obj(NID_anyExtendedKeyUsage))) {
      return issuer;
    }
  }
  return nullptr;
}

// What is to be said about a path that libcrypto has found.
void Explain(STACK_OF(X509) * chain, const TrustAnchor& anchor,
             const AnchorX509& loaded, const PathRules& rules,
             PathResult& result) {
  for (int i = 1; i < sk_X509_num(chain); ++i) {
    result.steps.push_back(fmt::format(
        "{} is issued by {}", SubjectNameOf(*sk_X509_value(chain, i - 1)),
        SubjectNameOf(*sk_X509_value(chain, i))));
  }
  result.steps.insert(result.steps.end(), anchor.derivation.begin(),
                      anchor.derivation.end());
  result.steps.push_back(fmt::format("{} anchor {}",
                                     anchor.type == TrustAnchor::Type::kX509Pin
                                         ? "pinned by"
                                         : "the path ends in",
                                     anchor.name));
  if (loaded.crls.empty()) {
    result.skipped.emplace_back("revocation: no list of it was given");
  } else {
    result.steps.emplace_back("revocation is checked for the signer");
  }
  if (rules.ignore_time) {
    result.skipped.emplace_back(
        "validity of the certificates: who loads this does not look at it, or "
        "the policy says so");
  }
}

TimeModel TimeAskedBy(const PathRules& rules) {
  if (rules.ignore_time) {
    return TimeModel::kIgnore;
  }
  return rules.at ? TimeModel::kTrustedTimestamp : TimeModel::kNow;
}

// What libcrypto does not ask of a path that it has found.
void JudgeFound(STACK_OF(X509) * chain, const TrustAnchor& anchor,
                const AnchorX509& loaded, const Trust& trust,
                const PathRules& rules, PathResult& result) {
  X509& signer = *sk_X509_value(chain, 0);
  X509* issuer = sk_X509_num(chain) > 1 ? sk_X509_value(chain, 1) : nullptr;
  result.sub_indication = "CHAIN_CONSTRAINTS_FAILURE";
  if (rules.usage != 0 && !HasRightUsage(signer, rules)) {
    result.detail =
        fmt::format("the signer's certificate is not for {}{}",
                    OBJ_nid2ln(rules.usage), rules.usage_alone ? " alone" : "");
    return;
  }
  if (const X509* unfit = FirstUnfitIssuer(chain, rules)) {
    result.detail = fmt::format("{} does not certify for {}",
                                SubjectNameOf(*unfit), OBJ_nid2ln(rules.usage));
    return;
  }
  const RevocationProblem revoked =
      rules.at && !loaded.crls.empty()
          ? FindRevocation(signer, issuer, loaded, rules, trust.at)
          : RevocationProblem{};
  result.sub_indication = revoked.sub_indication;
  result.detail = revoked.detail;
  if (revoked.sub_indication.empty()) {
    result.indication = Indication::kTotalPassed;
    result.time = TimeAskedBy(rules);
    Explain(chain, anchor, loaded, rules, result);
  }
}

// The rules as the policy's time model has them.
PathRules Governed(PathRules rules, TimeModel time) {
  if (rules.usage_alone) {
    return rules;
  }
  if (time == TimeModel::kIgnore) {
    rules.ignore_time = true;
  } else if (time == TimeModel::kNow) {
    rules.ignore_time = false;
    rules.at.reset();
  }
  return rules;
}

PathResult PathTo(const TrustAnchor& anchor, const AnchorX509& loaded,
                  X509& signer, STACK_OF(X509) * untrusted, const Trust& trust,
                  const PathRules& rules) {
  PathResult result{.anchor = anchor.name};
  const bool pin = anchor.type == TrustAnchor::Type::kX509Pin;
  if (pin && !IsPinned(signer, loaded)) {
    result.sub_indication = "NO_CERTIFICATE_CHAIN_FOUND";
    result.detail = "the certificate is not the pinned one";
    return result;
  }
  const StorePtr store = StoreOf(loaded, pin || rules.partial, trust, rules);
  const ContextPtr context(X509_STORE_CTX_new());
  if (!store || !context ||
      X509_STORE_CTX_init(context.get(), store.get(), &signer,
                          pin ? nullptr : untrusted) != 1) {
    result.sub_indication = "POLICY_PROCESSING_ERROR";
    result.detail = "libcrypto could not be set up";
    return result;
  }
  if (X509_verify_cert(context.get()) == 1) {
    JudgeFound(X509_STORE_CTX_get0_chain(context.get()), anchor, loaded, trust,
               rules, result);
  } else {
    const int error = X509_STORE_CTX_get_error(context.get());
    const Words words = WordsOf(error);
    const X509* at = X509_STORE_CTX_get_current_cert(context.get());
    result.indication = words.indication;
    result.sub_indication = words.sub_indication;
    result.detail =
        fmt::format("{}: {}", at == nullptr ? "" : SubjectNameOf(*at),
                    X509_verify_cert_error_string(error));
  }
  ERR_clear_error();
  return result;
}

// The same few anchors are asked of each of thousands of modules, and decoding
// a key costs libcrypto more than using it: each thread keeps some.
X509Ptr AnchorFromDer(const Bytes& der) {
  constexpr std::size_t kMostKept = 32;
  thread_local std::map<std::string, X509Ptr, std::less<>> kept;
  auto at = kept.find(AsText(der));
  if (at == kept.end()) {
    if (kept.size() >= kMostKept) {
      kept.clear();
    }
    at = kept.emplace(AsText(der), CertificateFromDer(der)).first;
  }
  X509* certificate = at->second.get();
  return certificate != nullptr && X509_up_ref(certificate) == 1
             ? X509Ptr(certificate)
             : nullptr;
}

}  // namespace

Result<AnchorX509> CertificatesOfX509(const TrustAnchor& anchor) {
  const auto fail = [&](std::string_view why) {
    ERR_clear_error();
    return Fail(ErrorCode::kConfig,
                fmt::format("anchor {}: {}", anchor.name, why));
  };
  if (anchor.key.empty() || anchor.key.size() > kMaxAnchorBytes) {
    return fail("no key material, or more than 64 MiB");
  }
  AnchorX509 loaded;
  if (anchor.key[0] == 0x30) {  // a DER SEQUENCE
    X509Ptr one = AnchorFromDer(anchor.key);
    if (!one) {
      return fail("not one DER certificate");
    }
    loaded.certificates.push_back(std::move(one));
  } else {
    const BioPtr bio(BIO_new_mem_buf(anchor.key.data(),
                                     static_cast<int>(anchor.key.size())));
    ReadPem(bio.get(), loaded);
  }
  if (loaded.certificates.empty()) {
    return fail("no X.509 certificate");
  }
  std::erase_if(loaded.certificates, [&](const X509Ptr& certificate) {
    return !AllowsFingerprint(anchor, FingerprintOf(*certificate));
  });
  ERR_clear_error();
  return loaded;
}

X509Ptr CertificateFromDer(ByteView der) {
  const unsigned char* at = der.data();
  X509Ptr certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  const bool whole = certificate && at == der.data() + der.size();
  ERR_clear_error();
  return whole ? std::move(certificate) : nullptr;
}

std::string FingerprintOf(const X509& certificate) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  if (X509_digest(&certificate, EVP_sha256(), digest, &size) != 1) {
    return "";
  }
  return UpperHex(ByteView(digest, size));
}

std::string FingerprintOf(const X509_CRL& list) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  if (X509_CRL_digest(&list, EVP_sha256(), digest, &size) != 1) {
    return "";
  }
  return UpperHex(ByteView(digest, size));
}

std::string SubjectNameOf(const X509& certificate) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  X509_NAME_print_ex(bio.get(), X509_get_subject_name(&certificate), 0,
                     XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  if (text == nullptr || size <= 0) {
    return "(no subject)";
  }
  return Escaped({text, static_cast<std::size_t>(size)});
}

std::optional<UnixTime> UnixTimeOf(const ASN1_TIME& time) {
  const std::unique_ptr<ASN1_TIME, Release<ASN1_TIME_free>> epoch(
      ASN1_TIME_set(nullptr, 0));
  int days = 0;
  int seconds = 0;
  return ASN1_TIME_diff(&days, &seconds, epoch.get(), &time) == 1
             ? std::optional(UnixTime{days} * 86400 + seconds)
             : std::nullopt;
}

bool HasUsage(X509& certificate, const std::string& purpose) {
  const std::unique_ptr<ASN1_OBJECT, Release<ASN1_OBJECT_free>> object(
      OBJ_txt2obj(purpose.c_str(), 1));
  int critical = 0;
  return object && Names(UsagesOf(certificate, &critical), object.get());
}

PathResult FindPath(X509& signer, STACK_OF(X509) * untrusted,
                    const Trust& trust, const PathRules& rules) {
  const PathRules governed = Governed(rules, trust.time);
  PathResult best{.sub_indication = "NO_CERTIFICATE_CHAIN_FOUND",
                  .detail = "no X.509 anchor applies"};
  for (const TrustAnchor& anchor : trust.anchors) {
    if (anchor.type != TrustAnchor::Type::kX509Ca &&
        anchor.type != TrustAnchor::Type::kX509Pin) {
      continue;
    }
    const auto loaded = CertificatesOfX509(anchor);
    if (!loaded) {
      best.steps.push_back(loaded.error().what);
      continue;
    }
    PathResult result =
        PathTo(anchor, *loaded, signer, untrusted, trust, governed);
    if (result.indication == Indication::kTotalPassed) {
      return result;
    }
    // An anchor that knows the signer says more than one that does not.
    if (best.sub_indication == "NO_CERTIFICATE_CHAIN_FOUND") {
      result.steps = best.steps;
      best = std::move(result);
    }
  }
  if (best.sub_indication == "NO_CERTIFICATE_CHAIN_FOUND") {
    best.anchor.clear();
  }
  return best;
}

}  // namespace assay::signatures
