// From passphrases to the key of a LUKS volume (LUKS1 on-disk format 1.2.3,
// section 4.3; LUKS2 keeps the procedure).
#pragma once

#include "verifier/base/bytes.h"
#include "verifier/base/result.h"
#include "verifier/base/secrets.h"
#include "verifier/formats/sealed/key_derivation.h"
#include "verifier/formats/sealed/luks_volume.h"

namespace assay::formats::luks {

// The key that a keyslot's `material` (decrypted) was split from: all stripes,
// each diffused by `hash` (section 2.4 of the same, "anti-forensic splitter").
[[nodiscard]] Bytes MergeStripes(ByteView material, std::uint64_t key_size,
                                 std::uint64_t stripes, const EVP_MD* hash);

class VolumeKeys {
 public:
  // All of these outlive the object.
  VolumeKeys(ByteView bytes, const Volume& volume, const Secrets& secrets,
             const Limits& limits)
      : bytes_(bytes), volume_(volume), secrets_(secrets), budget_(limits) {}

  // The key of the segment, which its digest confirms; else why there is none,
  // in words that follow "encrypted": the most telling of all reasons met.
  [[nodiscard]] Result<Bytes> KeyOf(const Segment& segment);

 private:
  [[nodiscard]] Result<bool> Confirms(const KeyDigest& digest, ByteView key);
  [[nodiscard]] Result<Bytes> Derive(const Keyslot& slot, ByteView secret);
  [[nodiscard]] Result<Bytes> Unseal(const Keyslot& slot, ByteView secret);
  [[nodiscard]] Result<Bytes> TrySlots(const KeyDigest& digest);

  ByteView bytes_;
  const Volume& volume_;
  const Secrets& secrets_;
  sealed::DerivationBudget budget_;
};

}  // namespace assay::formats::luks
