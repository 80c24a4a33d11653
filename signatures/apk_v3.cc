// APK Signature Scheme v3 and v3.1: v2's digests, a range of SDK versions for
// each signer, and a proof of which certificates the signer had before. v3.1
// is for the devices that know it; v3 in the same block stays for the others.
// https://source.android.com/docs/security/features/apksigning/v3-1

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "signatures/apk_signature.h"
#include "signatures/apk_signing_block.h"
#include "signatures/scheme.h"

namespace assay::signatures {
namespace {

// In v3: from this SDK version on, v3.1 signs. So that nobody takes it out.
constexpr std::uint32_t kRotationMinSdk = 0x559f8b02;

// Android takes the one signer whose range it lies in.
void CheckRanges(std::vector<ApkSigner> signers,
                 SignatureCandidate& candidate) {
  std::ranges::sort(signers, {}, &ApkSigner::min_sdk);
  for (std::size_t i = 1; i < signers.size(); ++i) {
    if (signers[i].min_sdk != std::uint64_t{signers[i - 1].max_sdk} + 1) {
      candidate.problems.push_back(
          fmt::format("the signers' SDK versions overlap or leave a gap at {}",
                      signers[i].min_sdk));
    }
  }
}

void CheckStripping(ByteView apk, ByteView value, const ApkLayout& layout,
                    const std::vector<ApkSigner>& signers,
                    SignatureCandidate& candidate) {
  const ApkPair* newer = layout.Find(kApkV31Id);
  const auto newer_value =
      newer == nullptr ? std::nullopt
                       : Slice(apk, newer->value.offset, newer->value.length);
  const std::vector<ApkSigner> newer_signers =
      newer_value ? ReadApkSigners(*newer_value, true)
                  : std::vector<ApkSigner>{};
  for (const ApkSigner& signer : signers) {
    const ApkItem* attribute = signer.Attribute(kRotationMinSdk);
    const auto from = attribute == nullptr || attribute->value.length != 4
                          ? std::nullopt
                          : ReadAt<Le32>(value, attribute->value.offset);
    if (from && std::ranges::none_of(newer_signers, [&](const ApkSigner& one) {
          return one.problem.empty() && one.min_sdk == *from;
        })) {
      candidate.problems.push_back(fmt::format(
          "v3 says that v3.1 signs from SDK version {} on, and it does not",
          +*from));
    }
  }
}

void AddPair(const Subject& subject, const ApkLayout& layout,
             const ApkPair& pair, Observations& into) {
  const ByteView value =
      *Slice(subject.content, pair.value.offset, pair.value.length);
  const std::vector<ApkSigner> signers = ReadApkSigners(value, true);
  SignatureCandidate candidate =
      ApkCandidate(subject.content, layout, pair, signers, kApkV3.name);
  CheckRanges(signers, candidate);
  if (pair.id == kApkV3Id) {
    CheckStripping(subject.content, value, layout, signers, candidate);
  } else if (layout.Find(kApkV3Id) == nullptr) {
    candidate.problems.emplace_back("v3.1 without the v3 it stands beside");
  }
  into.candidates.push_back(std::move(candidate));
}

bool Find(const Subject& subject, Observations& into) {
  const auto layout = ApkLayoutOf(subject);
  bool any = false;
  for (const std::uint32_t id : {kApkV3Id, kApkV31Id}) {
    const ApkPair* pair = layout ? layout->Find(id) : nullptr;
    if (pair != nullptr) {
      AddPair(subject, *layout, *pair, into);
      any = true;
    }
  }
  return any;
}

SignatureCheck Verify(const SignatureCandidate& candidate, ByteView,
                      const Trust& trust) {
  SignatureCheck check{.scheme = std::string(kApkV3.name)};
  JudgeApk(candidate, true, trust, check);
  return check;
}

}  // namespace

const SignatureScheme kApkV3 = {
    .name = "apk_v3",
    .title = "APK Signature Scheme v3 and v3.1",
    .reference =
        "https://source.android.com/docs/security/features/"
        "apksigning/v3-1",
    .reproduce = "apksigner verify --verbose --print-certs {holder}",
    .find = Find,
    .verify = Verify,
};

}  // namespace assay::signatures
