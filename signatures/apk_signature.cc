#include "signatures/apk_signature.h"

#include <fmt/format.h>
#include <openssl/err.h>

#include <algorithm>
#include <map>
#include <utility>

#include "signatures/apk_digest.h"
#include "signatures/apk_lineage.h"
#include "signatures/public_key.h"
#include "signatures/x509.h"
#include "verifier/base/digest.h"
#include "verifier/formats/archives/archive_input.h"
#include "verifier/formats/archives/zip_member.h"

namespace assay::signatures {
namespace {

constexpr std::uint64_t kMaxValue = 4UL << 20U;
constexpr std::uint32_t kProofOfRotation = 0x3ba06f8c;

// What came of one signer.
struct Judged {
  Indication indication = Indication::kIndeterminate;
  std::string sub_indication = {};
  std::string detail = {};
  std::string signer = {};
  std::string key = {};
  std::string public_key = {};
  std::string anchor = {};
  AlgorithmUse algorithm = {};
  TimeModel time = TimeModel::kByScheme;
  std::vector<std::string> steps = {};
  std::vector<std::string> skipped = {};
};

Judged Concluded(Judged judged, Indication indication,
                 std::string_view sub_indication, std::string detail) {
  judged.indication = indication;
  judged.sub_indication = sub_indication;
  judged.detail = std::move(detail);
  return judged;
}

Judged Malformed(Judged judged, std::string detail) {
  return Concluded(std::move(judged), Indication::kTotalFailed,
                   "FORMAT_FAILURE", std::move(detail));
}

bool NamesSameAlgorithms(const ApkSigner& signer) {
  return std::ranges::equal(signer.digests, signer.signatures, {}, &ApkItem::id,
                            &ApkItem::id);
}

// RFC 5280 SubjectPublicKeyInfo as the certificate has it.
Bytes SpkiOf(const X509& certificate) {
  unsigned char* der = nullptr;
  const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(&certificate), &der);
  const std::unique_ptr<unsigned char, decltype([](unsigned char* bytes) {
                          OPENSSL_free(bytes);
                        })>
      held(der);
  return size <= 0 ? Bytes{} : Bytes(der, der + size);
}

class SignerJudge {
 public:
  SignerJudge(ByteView value, const ApkSigner& signer, const Trust& trust)
      : value_(value), signer_(signer), trust_(trust) {}

  // In the order of the specification's "Verification" section.
  Judged Judge() {
    Judged judged;
    if (!signer_.problem.empty()) {
      return Malformed(judged, signer_.problem);
    }
    const ApkItem* signature = BestSignature(signer_);
    if (signature == nullptr) {
      return signer_.signatures.empty()
                 ? Malformed(judged, "a signer without a signature")
                 : Concluded(judged, Indication::kUnsupported, "",
                             fmt::format("signature algorithm {:#x}",
                                         signer_.signatures.front().id));
    }
    const ApkAlgorithm& algorithm = *FindApkAlgorithm(signature->id);
    if (!NamesSameAlgorithms(signer_)) {
      return Malformed(judged, "digests and signatures name other algorithms");
    }
    const X509Ptr certificate =
        signer_.certificates.empty()
            ? nullptr
            : CertificateFromDer(Part(signer_.certificates.front()));
    EVP_PKEY* key = certificate ? X509_get0_pubkey(certificate.get()) : nullptr;
    if (key == nullptr) {
      return Malformed(judged, "no certificate with a key that can be read");
    }
    judged.signer = SubjectNameOf(*certificate);
    judged.key = FingerprintOf(*certificate);
    judged.public_key = FingerprintOf(*key);
    judged.algorithm = UseOf(*key, algorithm.digest);
    if (SpkiOf(*certificate) != CopyOf(Part(signer_.public_key))) {
      return Malformed(judged, "the public key is not that of the certificate");
    }
    if (judged.algorithm.key != algorithm.key) {
      return Malformed(judged, "the algorithm is for another kind of key");
    }
    FindAnchor(*certificate, *key, judged);
    return JudgeValue(*certificate, *key, algorithm, *signature,
                      std::move(judged));
  }

 private:
  [[nodiscard]] ByteView Part(Range range) const {
    return Slice(value_, range.offset, range.length).value_or(ByteView{});
  }

  // Android compares certificates and looks at nothing else in them.
  void FindAnchor(X509& certificate, EVP_PKEY& key, Judged& judged) const {
    const PathResult path = FindPath(certificate, nullptr, trust_,
                                     {.ignore_time = true, .partial = true});
    judged.indication = path.indication;
    judged.sub_indication = path.sub_indication;
    judged.detail = path.detail;
    judged.anchor = path.anchor;
    judged.time = path.time;
    judged.steps = path.steps;
    judged.skipped = path.skipped;
    if (path.indication == Indication::kTotalPassed) {
      return;
    }
    const std::string fingerprint = FingerprintOf(key);
    for (const TrustAnchor& anchor : trust_.anchors) {
      const auto keys = anchor.type == TrustAnchor::Type::kRawKey
                            ? KeysOf(anchor)
                            : Result<std::vector<AnchoredKey>>{};
      if (keys && std::ranges::count(*keys, fingerprint,
                                     &AnchoredKey::fingerprint) > 0) {
        judged.indication = Indication::kTotalPassed;
        judged.sub_indication.clear();
        judged.detail.clear();
        judged.key = fingerprint;
        judged.anchor = anchor.name;
        judged.steps = {
            fmt::format("the signer's key is that of anchor {}", anchor.name)};
        return;
      }
    }
  }

  Judged JudgeValue(X509& certificate, EVP_PKEY& key,
                    const ApkAlgorithm& algorithm, const ApkItem& signature,
                    Judged judged) const {
    // A wrong value is wrong, whoever it claims to be of.
    if (!HoldsOverMessage(key, algorithm.digest, Part(signer_.signed_data),
                          Part(signature.value), algorithm.padding)) {
      return Concluded(std::move(judged), Indication::kTotalFailed,
                       "SIG_CRYPTO_FAILURE",
                       "the signature does not match the signed data");
    }
    judged.steps.push_back(
        fmt::format("{} over the signed data", algorithm.name));
    for (const ApkItem& other : signer_.signatures) {
      if (&other != &signature) {
        judged.skipped.push_back(fmt::format(
            "a weaker or unknown signature, algorithm {:#x}", other.id));
      }
    }
    if (const ApkItem* proof = signer_.Attribute(kProofOfRotation)) {
      const ApkLineage lineage =
          CheckApkLineage(Part(proof->value), certificate);
      judged.steps.insert(judged.steps.end(), lineage.steps.begin(),
                          lineage.steps.end());
      if (!lineage.problem.empty()) {
        return Concluded(std::move(judged), Indication::kTotalFailed,
                         "SIG_CRYPTO_FAILURE", lineage.problem);
      }
    }
    const std::string refused = WhyKeyIsRefused(key, trust_.legacy_algorithms);
    return refused.empty() || judged.indication != Indication::kTotalPassed
               ? judged
               : Concluded(std::move(judged), Indication::kIndeterminate,
                           "CRYPTO_CONSTRAINTS_FAILURE", refused);
  }

  ByteView value_;
  const ApkSigner& signer_;
  const Trust& trust_;
};

bool IsKnown(const Judged& judged) {
  return judged.sub_indication != "NO_CERTIFICATE_CHAIN_FOUND";
}

int RankOf(const Judged& judged) {
  switch (judged.indication) {
    case Indication::kTotalFailed:
      return 0;
    case Indication::kUnsupported:
      return 1;
    case Indication::kTotalPassed:
      return 2;
    default:
      return IsKnown(judged) ? 3 : 4;
  }
}

void Summarize(const std::vector<Judged>& all, SignatureCheck& check) {
  const Judged& deciding = *std::ranges::min_element(all, {}, RankOf);
  for (const Judged& judged : all) {
    check.steps.insert(check.steps.end(), judged.steps.begin(),
                       judged.steps.end());
    if (judged.indication == Indication::kTotalPassed &&
        deciding.indication == Indication::kTotalPassed) {
      AddGoodKey(check, {.key = judged.key,
                         .public_key = judged.public_key,
                         .anchor = judged.anchor,
                         .signer = judged.signer,
                         .algorithm = judged.algorithm,
                         .time = judged.time});
    }
  }
  check.indication = deciding.indication;
  check.sub_indication = deciding.sub_indication;
  check.detail = deciding.detail;
  check.signer = deciding.signer;
  check.key = deciding.key;
  check.public_key = deciding.public_key;
  check.anchor = deciding.anchor;
  check.algorithm = deciding.algorithm;
  check.time = deciding.time;
  check.skipped.insert(check.skipped.end(), deciding.skipped.begin(),
                       deciding.skipped.end());
}

// The digest that the signer's best signature goes with, against the content.
class ContentClaims {
 public:
  ContentClaims(ByteView apk, const ApkLayout& layout, ByteView value,
                SignatureCandidate& into)
      : apk_(apk), layout_(layout), value_(value), into_(into) {}

  void Add(const ApkSigner& signer) {
    const ApkItem* best = BestSignature(signer);
    const auto stated =
        best == nullptr
            ? signer.digests.end()
            : std::ranges::find(signer.digests, best->id, &ApkItem::id);
    if (stated == signer.digests.end()) {
      return;  // the judgement says so
    }
    const ApkContentDigest kind = FindApkAlgorithm(best->id)->content;
    auto [known, fresh] = found_.try_emplace(kind);
    if (fresh) {
      known->second = ContentDigestOf(apk_, layout_, kind);
    }
    const DigestAlgorithm algorithm = kind == ApkContentDigest::kChunkedSha512
                                          ? DigestAlgorithm::kSha512
                                          : DigestAlgorithm::kSha256;
    const Digest expected{algorithm, HexOf(*Slice(value_, stated->value.offset,
                                                  stated->value.length))};
    for (const auto& [range, what] :
         {std::pair{Range{0, layout_.block.offset}, "zip members"},
          std::pair{layout_.directory, "central directory"},
          std::pair{layout_.end, "end of central directory"}}) {
      into_.ranges.push_back({range, Coverage::kByDigest, what, expected,
                              Digest{algorithm, known->second}});
    }
  }

 private:
  ByteView apk_;
  const ApkLayout& layout_;
  ByteView value_;
  SignatureCandidate& into_;
  std::map<ApkContentDigest, std::string> found_;
};

// Sizes and magic of the block, and its padding if it is that.
void ClaimFraming(ByteView apk, const ApkLayout& layout,
                  SignatureCandidate& candidate) {
  const auto inert = [&](Range range) {
    candidate.ranges.push_back(
        {range, Coverage::kUncoveredInert, "signing block"});
  };
  inert({layout.block.offset, 8});
  inert({layout.block.end() - 24, 24});
  for (const ApkPair& pair : layout.pairs) {
    const auto value = Slice(apk, pair.value.offset, pair.value.length);
    if (pair.id == kApkPaddingId && value && formats::AllAre(*value, 0)) {
      inert({pair.header.offset, pair.header.length + pair.value.length});
    }
  }
}

}  // namespace

std::optional<ApkLayout> ApkLayoutOf(const Subject& subject) {
  return formats::LooksLikeZip(subject.content) ||
                 subject.artifact.name.ends_with(".apk")
             ? ReadApkLayout(subject.content)
             : std::nullopt;
}

SignatureCandidate ApkCandidate(ByteView apk, const ApkLayout& layout,
                                const ApkPair& pair,
                                const std::vector<ApkSigner>& signers,
                                std::string_view scheme) {
  const ByteView value =
      Slice(apk, pair.value.offset, pair.value.length).value_or(ByteView{});
  SignatureCandidate candidate{
      .scheme = scheme,
      .place = {pair.header.offset, pair.header.length + pair.value.length},
      .problems = layout.problems};
  if (value.size() > kMaxValue) {
    candidate.problems.emplace_back("the signers take more than 4 MiB");
    return candidate;
  }
  candidate.signature = CopyOf(value);
  ClaimFraming(apk, layout, candidate);
  const auto claim = [&](Range range, Coverage coverage, const char* what) {
    candidate.ranges.push_back(
        {{pair.value.offset + range.offset, range.length}, coverage, what});
  };
  candidate.ranges.push_back(
      {pair.header, Coverage::kUncoveredInert, "signing block"});
  ContentClaims claims(apk, layout, value, candidate);
  for (const ApkSigner& signer : signers) {
    if (!signer.problem.empty()) {
      continue;  // its ranges mean nothing; the check fails
    }
    claims.Add(signer);
    claim(signer.signed_data, Coverage::kSigned, "signed data");
    for (const Range& range : signer.framing) {
      claim(range, Coverage::kUncoveredInert, "signature");
    }
  }
  return candidate;
}

SignatureCandidate BrokenApkCandidate(std::string_view scheme, Range place,
                                      std::string problem) {
  SignatureCandidate candidate{.scheme = scheme, .place = place};
  candidate.problems.push_back(std::move(problem));
  return candidate;
}

void JudgeApk(const SignatureCandidate& candidate, bool with_sdk,
              const Trust& trust, SignatureCheck& check) {
  if (!candidate.problems.empty()) {
    check.indication = Indication::kTotalFailed;
    check.sub_indication = "FORMAT_FAILURE";
    check.detail = candidate.problems.front();
    return;
  }
  std::vector<Judged> all;
  for (const ApkSigner& signer :
       ReadApkSigners(candidate.signature, with_sdk)) {
    all.push_back(SignerJudge(candidate.signature, signer, trust).Judge());
    if (with_sdk && signer.problem.empty()) {
      all.back().steps.push_back(fmt::format("for SDK versions {} to {}",
                                             signer.min_sdk, signer.max_sdk));
    }
  }
  ERR_clear_error();
  Summarize(all, check);
}

}  // namespace assay::signatures
