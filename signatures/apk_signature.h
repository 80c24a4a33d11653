// What APK Signature Schemes v2, v3 and v3.1 have in common: candidates made
// of a pair of the signing block, and the judgement of its signers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "signatures/apk_signing_block.h"
#include "signatures/scheme.h"

namespace assay::signatures {

// The layout of the artifact, if it is an APK with a signing block. Cheap for
// everything that does not end like a zip archive.
[[nodiscard]] std::optional<ApkLayout> ApkLayoutOf(const Subject& subject);

// A candidate for one pair: content by digest, signed data signed, framing
// inert. `problems` are the scheme's own; the layout's are added.
[[nodiscard]] SignatureCandidate ApkCandidate(
    ByteView apk, const ApkLayout& layout, const ApkPair& pair,
    const std::vector<ApkSigner>& signers, std::string_view scheme);

// A candidate that can only fail: `place` is where the signature would be.
[[nodiscard]] SignatureCandidate BrokenApkCandidate(std::string_view scheme,
                                                    Range place,
                                                    std::string problem);

// Judges the signers of a pair's value. Android demands that every one of them
// holds; one of an anchor makes the check pass.
void JudgeApk(const SignatureCandidate& candidate, bool with_sdk,
              const Trust& trust, SignatureCheck& check);

}  // namespace assay::signatures
