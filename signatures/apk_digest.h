// The signature algorithms of APKs, and the digests of an APK's content that
// go with them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "signatures/apk_signing_block.h"
#include "signatures/public_key.h"
#include "verifier/base/bytes.h"
#include "verifier/base/digest.h"

namespace assay::signatures {

// In the order in which Android prefers them, the weakest first.
enum class ApkContentDigest : std::uint8_t {
  kChunkedSha256,
  kVeritySha256,  // fs-verity's tree, with the size of the content
  kChunkedSha512,
};

struct ApkAlgorithm {
  std::uint32_t id = 0;
  std::string_view name = {};
  std::string_view key = {};  // AlgorithmUse::key of the keys that it is for
  DigestAlgorithm digest = DigestAlgorithm::kSha256;
  ApkContentDigest content = ApkContentDigest::kChunkedSha256;
  Padding padding = Padding::kPkcs1;
};

// Null when it is not known.
[[nodiscard]] const ApkAlgorithm* FindApkAlgorithm(std::uint32_t id);

// The signature that Android would check; null when it knows none of them.
[[nodiscard]] const ApkItem* BestSignature(const ApkSigner& signer);

// Over everything but the signing block, with the end record as it was before
// the block came in. Lower-case hex.
[[nodiscard]] std::string ContentDigestOf(ByteView apk, const ApkLayout& layout,
                                          ApkContentDigest kind);

}  // namespace assay::signatures
