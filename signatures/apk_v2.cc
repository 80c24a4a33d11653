// APK Signature Scheme v2: everything in the archive but the signing block is
// digested in chunks; each signer signs the digests.
// https://source.android.com/docs/security/features/apksigning/v2

#include "signatures/apk_signature.h"
#include "signatures/apk_signing_block.h"
#include "signatures/scheme.h"

namespace assay::signatures {
namespace {

// What the signers say is there beside v2, so that nobody takes it out.
constexpr std::uint32_t kStrippingProtection = 0xbeeff00d;
constexpr std::uint32_t kSaysV3 = 3;

void CheckStripping(ByteView value, const ApkLayout& layout,
                    const std::vector<ApkSigner>& signers,
                    SignatureCandidate& candidate) {
  for (const ApkSigner& signer : signers) {
    const ApkItem* attribute = signer.Attribute(kStrippingProtection);
    const auto says = attribute == nullptr || attribute->value.length != 4
                          ? std::nullopt
                          : ReadAt<Le32>(value, attribute->value.offset);
    if (says && *says == kSaysV3 && layout.Find(kApkV3Id) == nullptr) {
      candidate.problems.emplace_back(
          "v2 says that a v3 signature is there, and it is not");
      return;
    }
  }
}

bool Find(const Subject& subject, Observations& into) {
  const auto layout = ApkLayoutOf(subject);
  const ApkPair* pair = layout ? layout->Find(kApkV2Id) : nullptr;
  if (pair == nullptr) {
    if (layout && layout->pairs.empty() && !layout->problems.empty()) {
      into.candidates.push_back(BrokenApkCandidate(kApkV2.name, layout->block,
                                                   layout->problems.front()));
    }
    return false;
  }
  const ByteView value =
      *Slice(subject.content, pair->value.offset, pair->value.length);
  const std::vector<ApkSigner> signers = ReadApkSigners(value, false);
  SignatureCandidate candidate =
      ApkCandidate(subject.content, *layout, *pair, signers, kApkV2.name);
  CheckStripping(value, *layout, signers, candidate);
  into.candidates.push_back(std::move(candidate));
  return true;
}

SignatureCheck Verify(const SignatureCandidate& candidate, ByteView,
                      const Trust& trust) {
  SignatureCheck check{.scheme = std::string(kApkV2.name)};
  JudgeApk(candidate, false, trust, check);
  return check;
}

}  // namespace

const SignatureScheme kApkV2 = {
    .name = "apk_v2",
    .title = "APK Signature Scheme v2",
    .reference =
        "https://source.android.com/docs/security/features/"
        "apksigning/v2",
    .reproduce = "apksigner verify --verbose --print-certs {holder}",
    .find = Find,
    .verify = Verify,
};

}  // namespace assay::signatures
