// Cryptographic digests, by libcrypto (which uses the CPU's SHA extensions).
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "verifier/base/bytes.h"

namespace assay {

enum class DigestAlgorithm : std::uint8_t {
  kMd5,
  kSha1,
  kSha256,
  kSha384,
  kSha512,
  kBlake2b512,
};

// "sha256" and the like, as in SBOMs and reports (lower case, no dash).
[[nodiscard]] std::string_view NameOf(DigestAlgorithm algorithm);
// Accepts the spellings of CycloneDX ("SHA-256"), SPDX ("SHA256") and ours.
[[nodiscard]] std::optional<DigestAlgorithm> DigestAlgorithmOf(
    std::string_view name);
[[nodiscard]] std::size_t SizeOf(DigestAlgorithm algorithm);

struct Digest {
  DigestAlgorithm algorithm = DigestAlgorithm::kSha256;
  std::string hex;  // lower case

  friend auto operator<=>(const Digest&, const Digest&) = default;
};

// A set of algorithms, small enough to pass by value.
class DigestSet {
 public:
  DigestSet() = default;
  DigestSet(std::initializer_list<DigestAlgorithm> algorithms) {
    for (const DigestAlgorithm algorithm : algorithms) {
      Insert(algorithm);
    }
  }
  void Insert(DigestAlgorithm algorithm) {
    bits_ |= 1U << static_cast<unsigned>(algorithm);
  }
  void Insert(DigestSet other) { bits_ |= other.bits_; }
  [[nodiscard]] bool Contains(DigestAlgorithm algorithm) const {
    return (bits_ & (1U << static_cast<unsigned>(algorithm))) != 0;
  }
  friend auto operator<=>(const DigestSet&, const DigestSet&) = default;

 private:
  unsigned bits_ = 0;
};

// Computes several digests of one stream in one pass.
class Hasher {
 public:
  explicit Hasher(DigestSet algorithms = {DigestAlgorithm::kSha256});
  ~Hasher();
  Hasher(Hasher&&) noexcept;
  Hasher& operator=(Hasher&&) noexcept;
  Hasher(const Hasher&) = delete;
  Hasher& operator=(const Hasher&) = delete;

  void Update(ByteView bytes);
  // Ends the stream; in the order of DigestAlgorithm, SHA-256 always first.
  [[nodiscard]] std::vector<Digest> Finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

[[nodiscard]] Digest DigestOf(DigestAlgorithm algorithm, ByteView bytes);
[[nodiscard]] std::string Sha256Hex(ByteView bytes);

// The raw digest of a short piece, without an allocation.
[[nodiscard]] std::array<std::uint8_t, 32> Sha256Raw(ByteView bytes);

[[nodiscard]] std::string HexOf(ByteView bytes);
// Nothing unless `hex` is an even number of hexadecimal digits.
[[nodiscard]] std::optional<Bytes> BytesFromHex(std::string_view hex);

}  // namespace assay
