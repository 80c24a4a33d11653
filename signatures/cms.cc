#include "signatures/cms.h"

#include <fmt/format.h>
#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "signatures/cms_value.h"
#include "signatures/public_key.h"
#include "signatures/timestamp.h"
#include "signatures/x509.h"

namespace assay::signatures {
namespace {

constexpr int kMaxSigners = 32;

using ObjectPtr = std::unique_ptr<ASN1_OBJECT, Release<ASN1_OBJECT_free>>;
using CmsPtr = std::unique_ptr<CMS_ContentInfo, Release<CMS_ContentInfo_free>>;

struct FreeCertificates {
  void operator()(STACK_OF(X509) * stack) const {
    sk_X509_pop_free(stack, X509_free);
  }
};
using CertificatesPtr = std::unique_ptr<STACK_OF(X509), FreeCertificates>;

struct Judged {
  Indication indication = Indication::kIndeterminate;
  std::string sub_indication = {};
  std::string signer = {};
  std::string key = {};
  std::string public_key = {};
  std::string anchor = {};
  std::string detail = {};
  std::vector<std::string> steps = {};
  std::vector<std::string> skipped = {};
  std::optional<UnixTime> made = {};
  std::optional<UnixTime> proven = {};
  TimeModel time = TimeModel::kByScheme;
  AlgorithmUse algorithm = {};
};

void Conclude(Judged& judged, const Outcome& outcome) {
  judged.indication = outcome.indication;
  judged.sub_indication = outcome.sub_indication;
  judged.detail = outcome.detail;
}

std::optional<Outcome> KeyProblem(X509& certificate, const Trust& trust) {
  EVP_PKEY* key = X509_get0_pubkey(&certificate);
  std::string refused = key == nullptr
                            ? "the signer's public key cannot be read"
                            : WhyKeyIsRefused(*key, trust.legacy_algorithms);
  ERR_clear_error();
  if (!refused.empty()) {
    return Outcome{Indication::kIndeterminate, "CRYPTO_CONSTRAINTS_FAILURE",
                   std::move(refused)};
  }
  // RFC 5280 section 4.2.1.3: absent means any use.
  const std::uint32_t usage = X509_get_key_usage(&certificate);
  if ((usage & (KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION)) == 0) {
    return Outcome{Indication::kIndeterminate, "CHAIN_CONSTRAINTS_FAILURE",
                   "the certificate's key usage does not allow signatures"};
  }
  return std::nullopt;
}

// The time for which the path is asked: a proven one where the rules look for
// it. A signer for "lifetime signing" waives it: its signatures end with its
// certificate (Microsoft, "Time Stamping Authenticode Signatures").
PathRules RulesOfPath(const SignerParts& signer, STACK_OF(X509) * certificates,
                      const CmsRules& rules, const Trust& trust,
                      Judged& judged) {
  PathRules path = rules.path;
  if (!rules.timestamps) {
    return path;
  }
  const ProvenTime proven = ProveTime(*signer.info, certificates, trust);
  judged.steps = proven.steps;
  judged.skipped = proven.skipped;
  judged.made = proven.at ? proven.at : judged.made;
  judged.proven = proven.at;
  if (proven.at && HasUsage(*signer.certificate, kLifetimeSigning)) {
    judged.steps.emplace_back(
        "lifetime signing: the time stamp does not outlive the certificate");
  } else if (proven.at) {
    path.at = proven.at;
  }
  return path;
}

Judged Judge(CMS_ContentInfo& cms, CMS_SignerInfo& signer,
             const CmsContent& content, STACK_OF(X509) * certificates,
             const CmsRules& rules, const Trust& trust) {
  Judged judged;
  const SignerParts parts = PartsOf(signer);
  const auto odd = AlgorithmProblem(parts);
  if (odd && odd->indication == Indication::kUnsupported) {
    Conclude(judged, *odd);
    return judged;
  }
  if (parts.certificate == nullptr) {
    Conclude(judged, {Indication::kIndeterminate, "NO_CERTIFICATE_CHAIN_FOUND",
                      "the signer's certificate is neither enclosed nor an "
                      "anchor"});
    return judged;
  }
  judged.signer = SubjectNameOf(*parts.certificate);
  judged.key = FingerprintOf(*parts.certificate);
  judged.made = SigningTimeOf(signer);
  const int digest = NidOf(*parts.digest);
  if (EVP_PKEY* key = X509_get0_pubkey(parts.certificate)) {
    judged.public_key = FingerprintOf(*key);
    judged.algorithm = UseOf(*key, AlgorithmOf(digest));
  }
  const PathResult path =
      FindPath(*parts.certificate, certificates, trust,
               RulesOfPath(parts, certificates, rules, trust, judged));
  judged.anchor = path.anchor;
  judged.time = path.time;
  judged.steps.insert(judged.steps.end(), path.steps.begin(), path.steps.end());
  judged.skipped.insert(judged.skipped.end(), path.skipped.begin(),
                        path.skipped.end());
  Conclude(judged, {path.indication, path.sub_indication, path.detail});
  if (path.sub_indication == "NO_CERTIFICATE_CHAIN_FOUND") {
    return judged;
  }
  // A path that leaves the question open does not excuse a wrong signature.
  std::optional<Outcome> problem = odd;
  if (!problem) {
    problem = ClaimProblem(parts, *CMS_get0_eContentType(&cms), content, rules);
  }
  if (!problem) {
    problem = KeyProblem(*parts.certificate, trust);
  }
  if (!problem && StrengthOf(digest) == Strength::kWeak &&
      !trust.legacy_algorithms) {
    problem = {Indication::kIndeterminate, "CRYPTO_CONSTRAINTS_FAILURE",
               "MD5, SHA-1 or RIPEMD-160, which the policy does not allow"};
  }
  if (!problem) {
    problem = ValueProblem(parts, content);
  }
  if (problem) {
    Conclude(judged, *problem);
  }
  return judged;
}

int RankOf(const Judged& judged) {
  switch (judged.indication) {
    case Indication::kTotalFailed:
      return 0;
    case Indication::kTotalPassed:
      return 1;
    case Indication::kUnsupported:
      return 3;
    default:
      return judged.sub_indication == "NO_CERTIFICATE_CHAIN_FOUND" ? 4 : 2;
  }
}

void Summarize(const std::vector<Judged>& all, SignatureCheck& check) {
  const Judged* deciding = &all.front();
  for (const Judged& judged : all) {
    check.steps.insert(check.steps.end(), judged.steps.begin(),
                       judged.steps.end());
    check.steps.push_back(
        fmt::format("the signature by {} {}",
                    judged.signer.empty() ? "an unknown signer" : judged.signer,
                    judged.indication == Indication::kTotalPassed
                        ? "holds"
                        : fmt::format("does not pass: {}", judged.detail)));
    if (RankOf(judged) < RankOf(*deciding)) {
      deciding = &judged;
    }
  }
  check.indication = deciding->indication;
  check.sub_indication = deciding->sub_indication;
  check.signer = deciding->signer;
  check.key = deciding->key;
  check.public_key = deciding->public_key;
  check.anchor = deciding->anchor;
  check.signed_at = deciding->made;
  check.proven_at = deciding->proven;
  check.time = deciding->time;
  check.detail = deciding->detail;
  check.skipped = deciding->skipped;
  check.algorithm = deciding->algorithm;
  if (check.indication != Indication::kTotalPassed) {
    return;
  }
  for (const Judged& judged : all) {
    if (judged.indication == Indication::kTotalPassed) {
      AddGoodKey(check, {.key = judged.key,
                         .public_key = judged.public_key,
                         .anchor = judged.anchor,
                         .signer = judged.signer,
                         .algorithm = judged.algorithm,
                         .proven_at = judged.proven,
                         .time = judged.time});
    }
  }
}

// Pinned signers need not be enclosed.
CertificatesPtr AnchorCertificatesOf(const Trust& trust) {
  CertificatesPtr stack(sk_X509_new_null());
  for (const TrustAnchor& anchor : trust.anchors) {
    if (anchor.type != TrustAnchor::Type::kX509Pin) {
      continue;
    }
    if (auto loaded = CertificatesOfX509(anchor)) {
      for (X509Ptr& certificate : loaded->certificates) {
        if (sk_X509_push(stack.get(), certificate.get()) > 0) {
          static_cast<void>(certificate.release());
        }
      }
    }
  }
  return stack;
}

void Fail(SignatureCheck& check, Indication indication,
          std::string_view sub_indication, std::string detail) {
  check.indication = indication;
  check.sub_indication = sub_indication;
  check.detail = std::move(detail);
}

// "" or why the message is not one that the rules allow.
std::string ShapeProblem(CMS_ContentInfo& cms, const CmsRules& rules) {
  STACK_OF(CMS_SignerInfo)* signers = CMS_get0_SignerInfos(&cms);
  for (int i = 0; rules.bare && i < sk_CMS_SignerInfo_num(signers); ++i) {
    if (CMS_signed_get_attr_count(sk_CMS_SignerInfo_value(signers, i)) >= 0) {
      return "signed attributes, which have no place here";
    }
  }
  if (rules.content_type.empty()) {
    return "";
  }
  const ObjectPtr wanted(
      OBJ_txt2obj(std::string(rules.content_type).c_str(), 1));
  return wanted && OBJ_cmp(wanted.get(), CMS_get0_eContentType(&cms)) == 0
             ? ""
             : fmt::format("the content's type is not {}", rules.content_type);
}

}  // namespace

void CheckCms(ByteView encoded, const CmsContent& content,
              const CmsRules& rules, const Trust& trust,
              SignatureCheck& check) {
  const unsigned char* at = encoded.data();
  const CmsPtr cms(
      d2i_CMS_ContentInfo(nullptr, &at, static_cast<long>(encoded.size())));
  if (!cms || at != encoded.data() + encoded.size()) {
    Fail(check, Indication::kTotalFailed, "FORMAT_FAILURE",
         cms ? "bytes stand after the CMS structure" : "not a CMS structure");
    return;
  }
  if (OBJ_obj2nid(CMS_get0_type(cms.get())) != NID_pkcs7_signed) {
    Fail(check, Indication::kUnsupported, "", "not a CMS SignedData");
    return;
  }
  ASN1_OCTET_STRING** enclosed_content = CMS_get0_content(cms.get());
  if (enclosed_content != nullptr && *enclosed_content != nullptr) {
    Fail(check, Indication::kUnsupported, "",
         "the CMS encloses its content instead of standing beside it");
    return;
  }
  if (const std::string problem = ShapeProblem(*cms, rules); !problem.empty()) {
    Fail(check, Indication::kTotalFailed, "FORMAT_FAILURE", problem);
    return;
  }
  STACK_OF(CMS_SignerInfo)* signers = CMS_get0_SignerInfos(cms.get());
  const int count = sk_CMS_SignerInfo_num(signers);
  if (count <= 0 || count > kMaxSigners) {
    Fail(check, Indication::kTotalFailed, "FORMAT_FAILURE",
         fmt::format("{} signers; 1 to {} are read", std::max(count, 0),
                     kMaxSigners));
    return;
  }
  const CertificatesPtr extra = AnchorCertificatesOf(trust);
  CMS_set1_signers_certs(cms.get(), extra.get(), 0);
  const CertificatesPtr enclosed(CMS_get1_certs(cms.get()));
  std::vector<Judged> all;
  for (int i = 0; i < count; ++i) {
    all.push_back(Judge(*cms, *sk_CMS_SignerInfo_value(signers, i), content,
                        enclosed.get(), rules, trust));
  }
  Summarize(all, check);
}

}  // namespace assay::signatures
