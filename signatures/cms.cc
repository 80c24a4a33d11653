#include "signatures/cms.h"

#include <fmt/format.h>
#include <openssl/asn1t.h>
#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "signatures/der.h"
#include "signatures/public_key.h"
#include "signatures/x509.h"
#include "verifier/base/digest.h"

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
  std::string anchor = {};
  std::string detail = {};
  std::vector<std::string> steps = {};
  std::vector<std::string> skipped = {};
  std::optional<UnixTime> made = {};
  AlgorithmUse algorithm = {};
};

void Conclude(Judged& judged, Indication indication,
              std::string_view sub_indication, std::string detail) {
  judged.indication = indication;
  judged.sub_indication = sub_indication;
  judged.detail = std::move(detail);
}

enum class Strength { kStrong, kWeak, kUnknown };

Strength StrengthOf(int digest) {
  switch (digest) {
    case NID_sha224:
    case NID_sha256:
    case NID_sha384:
    case NID_sha512:
    case NID_sha512_256:
    case NID_sha3_224:
    case NID_sha3_256:
    case NID_sha3_384:
    case NID_sha3_512:
      return Strength::kStrong;
    case NID_md5:
    case NID_sha1:
    case NID_ripemd160:
      return Strength::kWeak;
    default:
      return Strength::kUnknown;
  }
}

int NidOf(const X509_ALGOR& algorithm) {
  const ASN1_OBJECT* object = nullptr;
  X509_ALGOR_get0(&object, nullptr, nullptr, &algorithm);
  return OBJ_obj2nid(object);
}

// The digest that a signature algorithm names ("ecdsa-with-SHA256"), or
// NID_undef: RSA and Ed25519 leave it to the SignerInfo or need none.
int DigestNamedBy(const X509_ALGOR& signature) {
  int digest = NID_undef;
  OBJ_find_sigid_algs(NidOf(signature), &digest, nullptr);
  return digest;
}

bool IsKnownSignature(const X509_ALGOR& signature) {
  const int nid = NidOf(signature);
  int digest = NID_undef;
  return nid == NID_rsaEncryption || nid == NID_X9_62_id_ecPublicKey ||
         nid == NID_dsa || OBJ_find_sigid_algs(nid, &digest, nullptr) == 1;
}

// RFC 5652 section 5.3: both attributes are there once, with one value, and
// the content type is the one of the SignedData.
std::string AttributeProblem(CMS_SignerInfo& signer,
                             const ASN1_OBJECT& content_type) {
  for (const int nid : {NID_pkcs9_contentType, NID_pkcs9_messageDigest}) {
    const int first = CMS_signed_get_attr_by_NID(&signer, nid, -1);
    if (first < 0 || CMS_signed_get_attr_by_NID(&signer, nid, first) >= 0) {
      return fmt::format("the signed attribute {} must be there once",
                         OBJ_nid2sn(nid));
    }
    X509_ATTRIBUTE* attribute = CMS_signed_get_attr(&signer, first);
    if (X509_ATTRIBUTE_count(attribute) != 1) {
      return fmt::format("the signed attribute {} must have one value",
                         OBJ_nid2sn(nid));
    }
    if (nid == NID_pkcs9_contentType) {
      const auto* value = static_cast<const ASN1_OBJECT*>(
          X509_ATTRIBUTE_get0_data(attribute, 0, V_ASN1_OBJECT, nullptr));
      if (value == nullptr || OBJ_cmp(value, &content_type) != 0) {
        return "the signed content type is not that of the content";
      }
    }
  }
  return "";
}

// A signature over signed attributes is also one over their encoding as a
// plain content: refuse such a content where no attributes are present.
bool LooksLikeSignedAttributes(ByteView message) {
  constexpr std::array<std::uint8_t, 11> kMessageDigest = {
      0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x04};
  constexpr std::size_t kFarEnough = 64UL << 10U;
  if (message.empty() || message[0] != 0x31) {  // SET OF
    return false;
  }
  const ByteView head = message.first(std::min(message.size(), kFarEnough));
  return std::search(head.begin(), head.end(), kMessageDigest.begin(),
                     kMessageDigest.end()) != head.end();
}

std::optional<DigestAlgorithm> AlgorithmOf(int nid) {
  switch (nid) {
    case NID_md5:
      return DigestAlgorithm::kMd5;
    case NID_sha1:
      return DigestAlgorithm::kSha1;
    case NID_sha256:
      return DigestAlgorithm::kSha256;
    case NID_sha384:
      return DigestAlgorithm::kSha384;
    case NID_sha512:
      return DigestAlgorithm::kSha512;
    default:
      return std::nullopt;
  }
}

// The content's digest, kept or computed; "" when neither is possible.
Bytes DigestOfContent(int nid, const CmsContent& content) {
  if (content.digests != nullptr) {
    const auto algorithm = AlgorithmOf(nid);
    const auto kept = std::ranges::find_if(
        *content.digests,
        [&](const Digest& one) { return one.algorithm == algorithm; });
    return kept == content.digests->end()
               ? Bytes{}
               : BytesFromHex(kept->hex).value_or(Bytes{});
  }
  Bytes value(EVP_MAX_MD_SIZE);
  unsigned int size = 0;
  const EVP_MD* digest = EVP_get_digestbynid(nid);
  if (digest == nullptr ||
      EVP_Digest(content.bytes.data(), content.bytes.size(), value.data(),
                 &size, digest, nullptr) != 1) {
    return {};
  }
  value.resize(size);
  return value;
}

// RFC 5652 section 5.4, without signed attributes: the signature is over the
// content's digest.
bool HoldsOverContent(CMS_SignerInfo& signer, X509& certificate,
                      const X509_ALGOR& digest, const X509_ALGOR& algorithm,
                      const CmsContent& content) {
  const ASN1_OCTET_STRING* value = CMS_SignerInfo_get0_signature(&signer);
  const ByteView signature(ASN1_STRING_get0_data(value),
                           static_cast<std::size_t>(ASN1_STRING_length(value)));
  EVP_PKEY* key = X509_get0_pubkey(&certificate);
  const auto known = AlgorithmOf(NidOf(digest));
  const Padding padding =
      NidOf(algorithm) == NID_rsassaPss ? Padding::kPss : Padding::kPkcs1;
  if (key == nullptr || !known) {
    return false;
  }
  if (content.digests == nullptr) {
    const bool whole = EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519 ||
                       EVP_PKEY_get_base_id(key) == EVP_PKEY_ED448;
    return HoldsOverMessage(*key, whole ? std::nullopt : known, content.bytes,
                            signature, padding);
  }
  return HoldsOverDigest(
      *key, {*known, HexOf(DigestOfContent(NidOf(digest), content))}, signature,
      padding);
}

bool NamesDigest(CMS_SignerInfo& signer, ByteView digest) {
  const ASN1_OBJECT* type = OBJ_nid2obj(NID_pkcs9_messageDigest);
  const auto* named = static_cast<const ASN1_OCTET_STRING*>(
      CMS_signed_get0_data_by_OBJ(&signer, type, -3, V_ASN1_OCTET_STRING));
  return named != nullptr &&
         std::ranges::equal(
             ByteView(ASN1_STRING_get0_data(named),
                      static_cast<std::size_t>(ASN1_STRING_length(named))),
             digest);
}

void JudgeValue(CMS_SignerInfo& signer, X509& certificate,
                const X509_ALGOR& digest, const X509_ALGOR& algorithm,
                const CmsContent& content, Judged& judged) {
  const Bytes value = DigestOfContent(NidOf(digest), content);
  if (value.empty()) {
    Conclude(judged, Indication::kUnsupported, "",
             "the digest that the signature is over was not computed");
  } else if (CMS_signed_get_attr_count(&signer) < 0) {
    if (!HoldsOverContent(signer, certificate, digest, algorithm, content)) {
      Conclude(judged, Indication::kTotalFailed, "SIG_CRYPTO_FAILURE",
               "the signature does not match the content");
    }
  } else if (!NamesDigest(signer, value)) {
    Conclude(judged, Indication::kTotalFailed, "HASH_FAILURE",
             fmt::format("the signed digest is not that of the content, {}",
                         HexOf(value)));
  } else if (CMS_SignerInfo_verify(&signer) != 1) {
    Conclude(judged, Indication::kTotalFailed, "SIG_CRYPTO_FAILURE",
             "the signature does not match the signed attributes");
  }
  ERR_clear_error();
}

// Signing time, section 11.3: claimed, never relied on.
std::optional<UnixTime> SigningTimeOf(CMS_SignerInfo& signer) {
  const int at = CMS_signed_get_attr_by_NID(&signer, NID_pkcs9_signingTime, -1);
  X509_ATTRIBUTE* attribute =
      at < 0 ? nullptr : CMS_signed_get_attr(&signer, at);
  const ASN1_TYPE* value =
      attribute == nullptr ? nullptr : X509_ATTRIBUTE_get0_type(attribute, 0);
  if (value == nullptr || (value->type != V_ASN1_UTCTIME &&
                           value->type != V_ASN1_GENERALIZEDTIME)) {
    return std::nullopt;
  }
  const std::unique_ptr<ASN1_TIME, Release<ASN1_TIME_free>> epoch(
      ASN1_TIME_set(nullptr, 0));
  int days = 0;
  int seconds = 0;
  if (ASN1_TIME_diff(&days, &seconds, epoch.get(), value->value.asn1_string) !=
      1) {
    return std::nullopt;
  }
  return UnixTime{days} * 86400 + seconds;
}

// What the SignerInfo claims, before any key is looked for.
bool IsWellFormed(CMS_ContentInfo& cms, CMS_SignerInfo& signer,
                  const CmsContent& content, Judged& judged) {
  const ASN1_OBJECT* type = CMS_get0_eContentType(&cms);
  if (CMS_signed_get_attr_count(&signer) >= 0) {
    const std::string problem = AttributeProblem(signer, *type);
    if (!problem.empty()) {
      Conclude(judged, Indication::kTotalFailed, "FORMAT_FAILURE", problem);
      return false;
    }
    judged.made = SigningTimeOf(signer);
  } else if (OBJ_obj2nid(type) != NID_pkcs7_data ||
             LooksLikeSignedAttributes(content.bytes)) {
    Conclude(judged, Indication::kTotalFailed, "FORMAT_FAILURE",
             "a content of this kind needs signed attributes");
    return false;
  }
  return true;
}

bool HasFitKey(X509& certificate, const Trust& trust, Judged& judged) {
  EVP_PKEY* key = X509_get0_pubkey(&certificate);
  const std::string refused =
      key == nullptr ? "the signer's public key cannot be read"
                     : WhyKeyIsRefused(*key, trust.legacy_algorithms);
  ERR_clear_error();
  if (!refused.empty()) {
    Conclude(judged, Indication::kIndeterminate, "CRYPTO_CONSTRAINTS_FAILURE",
             refused);
    return false;
  }
  // RFC 5280 section 4.2.1.3: absent means any use.
  const std::uint32_t usage = X509_get_key_usage(&certificate);
  if ((usage & (KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION)) == 0) {
    Conclude(judged, Indication::kIndeterminate, "CHAIN_CONSTRAINTS_FAILURE",
             "the certificate's key usage does not allow signatures");
    return false;
  }
  return true;
}

Judged Judge(CMS_ContentInfo& cms, CMS_SignerInfo& signer,
             const CmsContent& content, STACK_OF(X509) * certificates,
             const CmsRules& rules, const Trust& trust) {
  Judged judged;
  X509* certificate = nullptr;
  X509_ALGOR* digest = nullptr;
  X509_ALGOR* algorithm = nullptr;
  CMS_SignerInfo_get0_algs(&signer, nullptr, &certificate, &digest, &algorithm);
  const Strength strength = StrengthOf(NidOf(*digest));
  if (strength == Strength::kUnknown || !IsKnownSignature(*algorithm)) {
    Conclude(judged, Indication::kUnsupported, "",
             "an algorithm that this version does not know");
    return judged;
  }
  if (certificate == nullptr) {
    Conclude(judged, Indication::kIndeterminate, "NO_CERTIFICATE_CHAIN_FOUND",
             "the signer's certificate is neither enclosed nor an anchor");
    return judged;
  }
  judged.signer = SubjectNameOf(*certificate);
  judged.key = FingerprintOf(*certificate);
  const PathResult path =
      FindPath(*certificate, certificates, trust, rules.path);
  judged.anchor = path.anchor;
  judged.steps = path.steps;
  judged.skipped = path.skipped;
  if (EVP_PKEY* key = X509_get0_pubkey(certificate)) {
    judged.algorithm = UseOf(*key, AlgorithmOf(NidOf(*digest)));
  }
  Conclude(judged, path.indication, path.sub_indication, path.detail);
  if (path.sub_indication == "NO_CERTIFICATE_CHAIN_FOUND") {
    return judged;
  }
  const int named = DigestNamedBy(*algorithm);
  if (named != NID_undef && named != NidOf(*digest)) {
    Conclude(judged, Indication::kTotalFailed, "FORMAT_FAILURE",
             "the signature algorithm names another digest");
    return judged;
  }
  if (!IsWellFormed(cms, signer, content, judged) ||
      !HasFitKey(*certificate, trust, judged)) {
    return judged;
  }
  if (strength == Strength::kWeak && !trust.legacy_algorithms) {
    Conclude(judged, Indication::kIndeterminate, "CRYPTO_CONSTRAINTS_FAILURE",
             "MD5, SHA-1 or RIPEMD-160, which the policy does not allow");
    return judged;
  }
  // A path that leaves the question open does not excuse a wrong signature.
  JudgeValue(signer, *certificate, *digest, *algorithm, content, judged);
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
  check.anchor = deciding->anchor;
  check.signed_at = deciding->made;
  check.detail = deciding->detail;
  check.skipped = deciding->skipped;
  check.algorithm = deciding->algorithm;
  if (check.indication != Indication::kTotalPassed) {
    return;
  }
  for (const Judged& judged : all) {
    if (judged.indication == Indication::kTotalPassed &&
        std::ranges::find(check.good_keys, judged.key) ==
            check.good_keys.end()) {
      check.good_keys.push_back(judged.key);
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
