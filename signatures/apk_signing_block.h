// The APK Signing Block: where it lies in an APK, and the signers in it.
// Layout: https://source.android.com/docs/security/features/apksigning/v2,
// v3 and v3-1; all numbers are little-endian, "prefixed" means: by a length
// of four bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "verifier/base/bytes.h"

namespace assay::signatures {

inline constexpr std::uint32_t kApkV2Id = 0x7109871a;
inline constexpr std::uint32_t kApkV3Id = 0xf05368c0;
inline constexpr std::uint32_t kApkV31Id = 0x1b93ad61;
inline constexpr std::uint32_t kApkPaddingId = 0x42726577;

// One id and its value in the block.
struct ApkPair {
  std::uint32_t id = 0;
  Range header = {};  // length and id
  Range value = {};
};

struct ApkLayout {
  Range block = {};
  std::vector<ApkPair> pairs = {};
  Range directory = {};
  Range end = {};  // the end of central directory record
  // Whatever lets two readers see two different archives.
  std::vector<std::string> problems = {};

  [[nodiscard]] const ApkPair* Find(std::uint32_t id) const;
};

// Nothing when `apk` is no zip archive with a signing block.
[[nodiscard]] std::optional<ApkLayout> ReadApkLayout(ByteView apk);

// An algorithm (signatures and digests) or an attribute, with its value.
struct ApkItem {
  std::uint32_t id = 0;
  Range value = {};
};

// A signer; ranges are within the pair's value.
struct ApkSigner {
  Range signed_data = {};
  std::vector<ApkItem> digests = {};
  std::vector<Range> certificates = {};
  std::vector<ApkItem> attributes = {};
  std::vector<ApkItem> signatures = {};
  Range public_key = {};
  // Since version 3.
  std::uint32_t min_sdk = 0;
  std::uint32_t max_sdk = UINT32_MAX;
  // What of the value is there for the format's sake: lengths, signatures,
  // the public key.
  std::vector<Range> framing = {};
  std::string problem = {};  // "" or what does not fit

  [[nodiscard]] const ApkItem* Attribute(std::uint32_t id) const;
};

// `with_sdk`: as versions 3 and 3.1 have them. Stops at a signer with a
// problem.
[[nodiscard]] std::vector<ApkSigner> ReadApkSigners(ByteView value,
                                                    bool with_sdk);

// Reads what prefixed fields lie in a part of some bytes; keeps offsets within
// the whole. A failed read moves nothing.
class PrefixedReader {
 public:
  PrefixedReader(ByteView whole, Range part)
      : whole_(whole), at_(part.offset), end_(part.end()) {}

  [[nodiscard]] bool empty() const { return at_ == end_; }
  [[nodiscard]] std::uint64_t at() const { return at_; }
  [[nodiscard]] Range rest() const { return {at_, end_ - at_}; }
  [[nodiscard]] std::optional<std::uint32_t> TakeNumber();
  // The field behind a length, without it.
  [[nodiscard]] std::optional<Range> TakePrefixed();

 private:
  ByteView whole_;
  std::uint64_t at_;
  std::uint64_t end_;
};

}  // namespace assay::signatures
