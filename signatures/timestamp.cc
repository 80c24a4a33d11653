#include "signatures/timestamp.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ess.h>
#include <openssl/evp.h>
#include <openssl/ts.h>

#include <algorithm>
#include <array>
#include <memory>

#include "signatures/cms.h"
#include "signatures/cms_value.h"
#include "signatures/der.h"
#include "signatures/x509.h"
#include "verifier/base/time.h"

namespace assay::signatures {
namespace {

constexpr std::size_t kMaxProofs = 32;
constexpr std::string_view kTstInfo = "1.2.840.113549.1.9.16.1.4";
constexpr std::string_view kData = "1.2.840.113549.1.7.1";
constexpr char kMicrosoftToken[] = "1.3.6.1.4.1.311.3.3.1";
constexpr char kCadesToken[] = "1.2.840.113549.1.9.16.2.14";
constexpr char kCountersignature[] = "1.2.840.113549.1.9.6";

using ObjectPtr = std::unique_ptr<ASN1_OBJECT, Release<ASN1_OBJECT_free>>;
using CmsPtr = std::unique_ptr<CMS_ContentInfo, Release<CMS_ContentInfo_free>>;
using TstInfoPtr = std::unique_ptr<TS_TST_INFO, Release<TS_TST_INFO_free>>;
using EssPtr =
    std::unique_ptr<ESS_SIGNING_CERT, Release<ESS_SIGNING_CERT_free>>;
using EssV2Ptr =
    std::unique_ptr<ESS_SIGNING_CERT_V2, Release<ESS_SIGNING_CERT_V2_free>>;

// A proof taken apart: the SignedData, what it signs, and the time it states.
struct Proof {
  Bytes message = {};  // as CheckCms reads it
  Bytes content = {};
  CmsRules rules = {};
  std::optional<UnixTime> at = {};
  std::string problem = {};
};

CmsPtr ParseCms(ByteView encoded) {
  const unsigned char* at = encoded.data();
  return CmsPtr(
      d2i_CMS_ContentInfo(nullptr, &at, static_cast<long>(encoded.size())));
}

// The only SignerInfo, with its certificate out of the message set; or null.
CMS_SignerInfo* OnlySignerOf(CMS_ContentInfo* cms) {
  STACK_OF(CMS_SignerInfo)* signers =
      cms == nullptr ? nullptr : CMS_get0_SignerInfos(cms);
  if (sk_CMS_SignerInfo_num(signers) != 1) {
    return nullptr;
  }
  CMS_set1_signers_certs(cms, nullptr, 0);
  return sk_CMS_SignerInfo_value(signers, 0);
}

// RFC 3161 section 2.4.2: the imprint is that of the countersigned value.
std::string ImprintProblem(TS_TST_INFO& info, ByteView value,
                           const Trust& trust) {
  TS_MSG_IMPRINT* imprint = TS_TST_INFO_get_msg_imprint(&info);
  const int digest = NidOf(*TS_MSG_IMPRINT_get_algo(imprint));
  const Strength strength = StrengthOf(digest);
  const EVP_MD* algorithm = EVP_get_digestbynid(digest);
  if (strength == Strength::kUnknown || algorithm == nullptr) {
    return "its imprint is of an algorithm that this version does not know";
  }
  if (strength == Strength::kWeak && !trust.legacy_algorithms) {
    return "its imprint is MD5, SHA-1 or RIPEMD-160";
  }
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> computed = {};
  unsigned int size = 0;
  const ASN1_OCTET_STRING* stated = TS_MSG_IMPRINT_get_msg(imprint);
  if (EVP_Digest(value.data(), value.size(), computed.data(), &size, algorithm,
                 nullptr) != 1 ||
      !std::ranges::equal(
          ByteView(ASN1_STRING_get0_data(stated),
                   static_cast<std::size_t>(ASN1_STRING_length(stated))),
          ByteView(computed).first(size))) {
    return "it is over another signature";
  }
  return "";
}

// RFC 5035: the token names the certificate it is to be verified with.
bool NamesItsSigner(CMS_ContentInfo& cms, CMS_SignerInfo& signer) {
  const auto attribute = [&](int nid) {
    const auto* value =
        static_cast<const ASN1_STRING*>(CMS_signed_get0_data_by_OBJ(
            &signer, OBJ_nid2obj(nid), -3, V_ASN1_SEQUENCE));
    return value == nullptr
               ? ByteView{}
               : ByteView(ASN1_STRING_get0_data(value),
                          static_cast<std::size_t>(ASN1_STRING_length(value)));
  };
  const ByteView first = attribute(NID_id_smime_aa_signingCertificate);
  const ByteView second = attribute(NID_id_smime_aa_signingCertificateV2);
  const unsigned char* at = first.data();
  const EssPtr v1(first.empty()
                      ? nullptr
                      : d2i_ESS_SIGNING_CERT(nullptr, &at,
                                             static_cast<long>(first.size())));
  at = second.data();
  const EssV2Ptr v2(second.empty()
                        ? nullptr
                        : d2i_ESS_SIGNING_CERT_V2(
                              nullptr, &at, static_cast<long>(second.size())));
  X509* certificate = PartsOf(signer).certificate;
  const std::unique_ptr<STACK_OF(X509), decltype([](STACK_OF(X509) * stack) {
                          sk_X509_pop_free(stack, X509_free);
                        })>
      chain(CMS_get1_certs(&cms));
  if (certificate == nullptr || !chain || X509_up_ref(certificate) != 1) {
    return false;
  }
  if (sk_X509_unshift(chain.get(), certificate) <= 0) {
    X509_free(certificate);
    return false;
  }
  return OSSL_ESS_check_signing_certs(v1.get(), v2.get(), chain.get(), 1) == 1;
}

std::string TokenProblem(TS_TST_INFO& info, ByteView value,
                         const Trust& trust) {
  if (TS_TST_INFO_get_version(&info) != 1) {
    return "it is of a version that this version does not know";
  }
  if (TS_TST_INFO_get_ext_by_critical(&info, 1, -1) >= 0) {
    return "it has a critical extension";
  }
  return ImprintProblem(info, value, trust);
}

// RFC 3161 section 2.4.2: a SignedData over a TSTInfo.
Proof ReadToken(ByteView encoded, ByteView value, const Trust& trust) {
  Proof proof{.rules = {.content_type = kTstInfo}};
  auto opened = OpenCms(encoded);
  const auto whole = ReadDer(encoded);
  if (!opened || !opened->octets || whole->whole.size() != encoded.size()) {
    proof.problem = "it is not a SignedData with an enclosed TSTInfo";
    return proof;
  }
  const unsigned char* at = opened->content.data();
  const TstInfoPtr info(
      d2i_TS_TST_INFO(nullptr, &at, static_cast<long>(opened->content.size())));
  if (!info || at != opened->content.data() + opened->content.size()) {
    proof.problem = "its TSTInfo cannot be read";
    return proof;
  }
  proof.problem = TokenProblem(*info, value, trust);
  proof.at = UnixTimeOf(*TS_TST_INFO_get_time(info.get()));
  const CmsPtr cms = ParseCms(opened->detached);
  CMS_SignerInfo* signer = OnlySignerOf(cms.get());
  if (proof.problem.empty() && (signer == nullptr || !proof.at)) {
    proof.problem = "it has not one signer and one time";
  } else if (proof.problem.empty() && !NamesItsSigner(*cms, *signer)) {
    proof.problem = "it does not name the certificate of its signer";
  }
  proof.message = std::move(opened->detached);
  proof.content = std::move(opened->content);
  return proof;
}

void Append(Bytes& to, ByteView bytes) {
  to.insert(to.end(), bytes.begin(), bytes.end());
}

// A SignedData of one SignerInfo, which stands alone in the attribute, and the
// certificates it may need.
Bytes WrapSigner(ByteView signer, const STACK_OF(X509) * enclosed) {
  constexpr std::array<std::uint8_t, 3> kVersion = {kDerInteger, 1, 1};
  constexpr std::array<std::uint8_t, 11> kDataOid = {
      kDerOid, 9, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x01};
  constexpr std::array<std::uint8_t, 11> kSignedData = {
      kDerOid, 9, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x02};
  const auto info = ReadDer(signer);
  if (!info || info->whole.size() != signer.size()) {
    return {};
  }
  DerReader fields(info->content);
  static_cast<void>(fields.Next());  // version
  static_cast<void>(fields.Next());  // signer identifier
  const auto digest = fields.Next(kDerSequence);
  if (!digest) {
    return {};
  }
  Bytes certificates;
  for (int i = 0; i < sk_X509_num(enclosed); ++i) {
    unsigned char* der = nullptr;
    const int size = i2d_X509(sk_X509_value(enclosed, i), &der);
    if (size > 0) {
      Append(certificates, ByteView(der, static_cast<std::size_t>(size)));
    }
    OPENSSL_free(der);
  }
  Bytes data = CopyOf(kVersion);
  Append(data, WriteDer(kDerSet, digest->whole));
  Append(data, WriteDer(kDerSequence, kDataOid));
  Append(data, WriteDer(DerContext(0), certificates));
  Append(data, WriteDer(kDerSet, signer));
  Bytes message = CopyOf(kSignedData);
  Append(message, WriteDer(DerContext(0), WriteDer(kDerSequence, data)));
  return WriteDer(kDerSequence, message);
}

// RFC 5652 section 11.4: a SignerInfo over the value; its signing time counts.
Proof ReadCountersignature(ByteView encoded, ByteView value,
                           const STACK_OF(X509) * enclosed) {
  Proof proof{.message = WrapSigner(encoded, enclosed),
              .content = CopyOf(value),
              .rules = {.content_type = kData, .countersignature = true}};
  const CmsPtr cms = ParseCms(proof.message);
  CMS_SignerInfo* signer = OnlySignerOf(cms.get());
  proof.at = signer == nullptr ? std::nullopt : SigningTimeOf(*signer);
  if (!proof.at) {
    proof.problem = "it is not a SignerInfo with a signing time";
  }
  return proof;
}

void Weigh(Proof proof, std::string_view what, const Trust& trust,
           ProvenTime& into) {
  if (proof.problem.empty() && *proof.at > trust.at) {
    proof.problem =
        fmt::format("it states a time to come, {}", FormatTime(*proof.at));
  }
  SignatureCheck check;
  if (proof.problem.empty()) {
    proof.rules.path = {
        .at = proof.at, .usage = NID_time_stamp, .usage_alone = true};
    CheckCms(proof.message, {.bytes = proof.content}, proof.rules, trust,
             check);
    if (check.indication != Indication::kTotalPassed) {
      proof.problem = fmt::format("{} {}", check.sub_indication, check.detail);
    }
  }
  if (!proof.problem.empty()) {
    into.skipped.push_back(
        fmt::format("{} does not count: {}", what, proof.problem));
    return;
  }
  into.steps.push_back(fmt::format("{} by {} (anchor {}): it existed at {}",
                                   what, check.signer, check.anchor,
                                   FormatTime(*proof.at)));
  into.at = into.at ? std::min(*into.at, *proof.at) : *proof.at;
}

}  // namespace

ProvenTime ProveTime(CMS_SignerInfo& signer, STACK_OF(X509) * enclosed,
                     const Trust& trust) {
  ProvenTime proven;
  const ByteView value = ValueOf(signer);
  std::size_t left = kMaxProofs;
  for (const char* oid : {kMicrosoftToken, kCadesToken, kCountersignature}) {
    for (const Bytes& encoded : UnsignedValuesOf(signer, oid)) {
      if (left == 0) {
        proven.skipped.push_back(
            fmt::format("more than {} time stamps", kMaxProofs));
        return proven;
      }
      --left;
      const bool token = oid != kCountersignature;
      Weigh(token ? ReadToken(encoded, value, trust)
                  : ReadCountersignature(encoded, value, enclosed),
            token ? "the time stamp token" : "the countersignature", trust,
            proven);
    }
  }
  ERR_clear_error();
  return proven;
}

}  // namespace assay::signatures
