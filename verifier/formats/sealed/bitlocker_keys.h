// From what a user knows to the key of a BitLocker volume.
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "verifier/base/bytes.h"
#include "verifier/base/result.h"
#include "verifier/base/secrets.h"
#include "verifier/formats/sealed/bitlocker_volume.h"
#include "verifier/formats/sealed/key_derivation.h"

namespace assay::formats::bitlocker {

// The number that a recovery password ("471207-278498-...": eight groups of
// six digits, each a multiple of 11) stands for; nothing when it is none.
[[nodiscard]] std::optional<Bytes> RecoveryNumber(std::string_view text);

// `digest` hashed 2^20 times with the salt and a counter.
[[nodiscard]] std::array<std::uint8_t, 32> Stretched(
    const std::array<std::uint8_t, 32>& digest, ByteView salt);

// The key in a container that `key` seals; nothing when it is another key.
[[nodiscard]] std::optional<Bytes> Unsealed(ByteView key, ByteView sealed);

class VolumeKeys {
 public:
  // All of these outlive the object.
  VolumeKeys(const Volume& volume, const Secrets& secrets, const Limits& limits)
      : volume_(volume), secrets_(secrets), budget_(limits) {}

  // Whether the volume holds the key to itself.
  [[nodiscard]] bool LiesOpen() const;
  // The key of the sectors, which its seal confirms; else why there is none, in
  // words that follow "encrypted".
  [[nodiscard]] Result<Bytes> Find();

 private:
  [[nodiscard]] std::optional<Bytes> MasterKey(const Protector& protector);
  [[nodiscard]] std::optional<Bytes> FromPassword(const Protector& protector);
  [[nodiscard]] std::optional<Bytes> FromKeyFile(
      const Protector& protector) const;

  const Volume& volume_;
  const Secrets& secrets_;
  sealed::DerivationBudget budget_;
  std::optional<Error> limit_ = {};
};

}  // namespace assay::formats::bitlocker
