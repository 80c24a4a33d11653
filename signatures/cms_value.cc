#include "signatures/cms_value.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>

#include <algorithm>
#include <array>

#include "signatures/public_key.h"
#include "signatures/x509.h"
#include "verifier/base/digest.h"

namespace assay::signatures {
namespace {

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
// the content type is the one of the SignedData. Section 11.4: that of a
// countersignature may be missing, for it countersigns no content.
std::string AttributeProblem(CMS_SignerInfo& signer,
                             const ASN1_OBJECT& content_type,
                             const CmsRules& rules) {
  for (const int nid : {NID_pkcs9_contentType, NID_pkcs9_messageDigest}) {
    const int first = CMS_signed_get_attr_by_NID(&signer, nid, -1);
    if (first < 0 && nid == NID_pkcs9_contentType && rules.countersignature) {
      continue;
    }
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
// content's digest `value`, or over the content itself (RFC 8419 section 3.1).
bool HoldsOverContent(const SignerParts& signer, const CmsContent& content,
                      ByteView value) {
  EVP_PKEY* key = X509_get0_pubkey(signer.certificate);
  const EVP_MD* digest = EVP_get_digestbynid(NidOf(*signer.digest));
  if (key == nullptr || digest == nullptr) {
    return false;
  }
  const Padding padding = NidOf(*signer.algorithm) == NID_rsassaPss
                              ? Padding::kPssAnySalt
                              : Padding::kPkcs1;
  const bool whole = EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519 ||
                     EVP_PKEY_get_base_id(key) == EVP_PKEY_ED448;
  return whole ? content.digests == nullptr &&
                     HoldsOverMessage(*key, std::nullopt, content.bytes,
                                      ValueOf(*signer.info))
               : HoldsOverDigest(*key, *digest, value, ValueOf(*signer.info),
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

}  // namespace

SignerParts PartsOf(CMS_SignerInfo& signer) {
  SignerParts parts{.info = &signer};
  X509_ALGOR* digest = nullptr;
  X509_ALGOR* algorithm = nullptr;
  CMS_SignerInfo_get0_algs(&signer, nullptr, &parts.certificate, &digest,
                           &algorithm);
  parts.digest = digest;
  parts.algorithm = algorithm;
  return parts;
}

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

ByteView ValueOf(CMS_SignerInfo& signer) {
  const ASN1_OCTET_STRING* value = CMS_SignerInfo_get0_signature(&signer);
  return {ASN1_STRING_get0_data(value),
          static_cast<std::size_t>(ASN1_STRING_length(value))};
}

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
  return UnixTimeOf(*value->value.asn1_string);
}

std::vector<Bytes> UnsignedValuesOf(CMS_SignerInfo& signer, const char* type) {
  std::vector<Bytes> values;
  const std::unique_ptr<ASN1_OBJECT, Release<ASN1_OBJECT_free>> object(
      OBJ_txt2obj(type, 1));
  for (int at = CMS_unsigned_get_attr_by_OBJ(&signer, object.get(), -1);
       at >= 0; at = CMS_unsigned_get_attr_by_OBJ(&signer, object.get(), at)) {
    X509_ATTRIBUTE* attribute = CMS_unsigned_get_attr(&signer, at);
    for (int i = 0; i < X509_ATTRIBUTE_count(attribute); ++i) {
      const ASN1_TYPE* value = X509_ATTRIBUTE_get0_type(attribute, i);
      Bytes& encoded = values.emplace_back();
      if (value != nullptr && value->type == V_ASN1_SEQUENCE) {
        const ASN1_STRING* text = value->value.sequence;
        encoded = CopyOf(
            ByteView(ASN1_STRING_get0_data(text),
                     static_cast<std::size_t>(ASN1_STRING_length(text))));
      }
    }
  }
  return values;
}

std::optional<Outcome> AlgorithmProblem(const SignerParts& signer) {
  const int digest = NidOf(*signer.digest);
  if (StrengthOf(digest) == Strength::kUnknown ||
      !IsKnownSignature(*signer.algorithm)) {
    return Outcome{Indication::kUnsupported, "",
                   "an algorithm that this version does not know"};
  }
  const int named = DigestNamedBy(*signer.algorithm);
  if (named != NID_undef && named != digest) {
    return Outcome{Indication::kTotalFailed, "FORMAT_FAILURE",
                   "the signature algorithm names another digest"};
  }
  return std::nullopt;
}

std::optional<Outcome> ClaimProblem(const SignerParts& signer,
                                    const ASN1_OBJECT& type,
                                    const CmsContent& content,
                                    const CmsRules& rules) {
  if (CMS_signed_get_attr_count(signer.info) >= 0) {
    std::string problem = AttributeProblem(*signer.info, type, rules);
    if (!problem.empty()) {
      return Outcome{Indication::kTotalFailed, "FORMAT_FAILURE",
                     std::move(problem)};
    }
  } else if (OBJ_obj2nid(&type) != NID_pkcs7_data ||
             LooksLikeSignedAttributes(content.bytes)) {
    return Outcome{Indication::kTotalFailed, "FORMAT_FAILURE",
                   "a content of this kind needs signed attributes"};
  }
  return std::nullopt;
}

std::optional<Outcome> ValueProblem(const SignerParts& signer,
                                    const CmsContent& content) {
  const Bytes value = DigestOfContent(NidOf(*signer.digest), content);
  std::optional<Outcome> problem;
  if (value.empty()) {
    problem = {Indication::kUnsupported, "",
               "the digest that the signature is over was not computed"};
  } else if (CMS_signed_get_attr_count(signer.info) < 0) {
    if (!HoldsOverContent(signer, content, value)) {
      problem = {Indication::kTotalFailed, "SIG_CRYPTO_FAILURE",
                 "the signature does not match the content"};
    }
  } else if (!NamesDigest(*signer.info, value)) {
    problem = {Indication::kTotalFailed, "HASH_FAILURE",
               fmt::format("the signed digest is not that of the content, {}",
                           HexOf(value))};
  } else if (CMS_SignerInfo_verify(signer.info) != 1) {
    problem = {Indication::kTotalFailed, "SIG_CRYPTO_FAILURE",
               "the signature does not match the signed attributes"};
  }
  ERR_clear_error();
  return problem;
}

}  // namespace assay::signatures
