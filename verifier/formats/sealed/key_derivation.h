// Keys from passphrases: PBKDF2 (RFC 8018, section 5.2) and Argon2 (RFC 9106),
// with their work bounded, since a hostile header states how much it is.
#pragma once

#include <openssl/types.h>

#include <cstdint>
#include <string_view>
#include <vector>

#include "verifier/base/bytes.h"
#include "verifier/base/limits.h"
#include "verifier/base/result.h"
#include "verifier/base/secrets.h"

namespace assay::formats::sealed {

// The digest that LUKS and dm-crypt know by that name ("sha256"); null when we
// have none.
[[nodiscard]] const EVP_MD* HashNamed(std::string_view name);
// The raw digest; empty when libcrypto refuses.
[[nodiscard]] Bytes HashOf(const EVP_MD* hash, ByteView bytes);

// What all derivations for one container may cost, in bytes that they hash or
// fill: a quarter of what a product may decode to. Argon2 exists to need much
// memory at once; the 1 GiB that cryptsetup asks for at most is 32 times what
// a member may otherwise hold.
class DerivationBudget {
 public:
  explicit DerivationBudget(const Limits& limits)
      : memory_(limits.memory_per_member * 32), left_(limits.unpacked / 4) {}

  // kLimit when `rounds` times `unit` bytes are more than is left.
  [[nodiscard]] Result<void> Charge(std::uint64_t rounds, std::uint64_t unit);
  [[nodiscard]] std::uint64_t memory() const { return memory_; }

 private:
  std::uint64_t memory_;
  std::uint64_t left_;
};

// kUnsupported without iterations, or for a `hash` that is null.
[[nodiscard]] Result<Bytes> Pbkdf2(const EVP_MD* hash, ByteView secret,
                                   ByteView salt, std::uint64_t iterations,
                                   std::size_t size, DerivationBudget& budget);

struct Argon2Cost {
  bool hybrid = true;        // Argon2id; else Argon2i
  std::uint64_t passes = 0;  // over the memory
  std::uint64_t memory = 0;  // in KiB
  std::uint64_t lanes = 0;
};

// kLimit also for more memory than the budget has.
[[nodiscard]] Result<Bytes> Argon2(ByteView secret, ByteView salt,
                                   const Argon2Cost& cost, std::size_t size,
                                   DerivationBudget& budget);

// Everything that may be a passphrase: passwords as they were typed, and key
// files as they are.
[[nodiscard]] std::vector<ByteView> Passphrases(const Secrets& secrets);

}  // namespace assay::formats::sealed
