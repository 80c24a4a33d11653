#include "verifier/formats/sealed/luks_keys.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "verifier/formats/sealed/sector_cipher.h"

namespace assay::formats::luks {
namespace {

constexpr std::uint64_t kSector = 512;

bool Names(const std::vector<std::string>& names, const std::string& id) {
  return std::find(names.begin(), names.end(), id) != names.end();
}

// Each piece of the block as long as the digest, hashed with its number.
void Diffuse(Bytes& block, const EVP_MD* hash) {
  const auto width = static_cast<std::size_t>(EVP_MD_get_size(hash));
  std::uint32_t number = 0;
  for (std::size_t at = 0; at < block.size(); at += width) {
    Bytes piece;
    for (const unsigned shift : {24U, 16U, 8U, 0U}) {
      piece.push_back(static_cast<std::uint8_t>(number >> shift));
    }
    const std::size_t length = std::min(width, block.size() - at);
    const auto from = block.begin() + static_cast<std::ptrdiff_t>(at);
    piece.insert(piece.end(), from, from + static_cast<std::ptrdiff_t>(length));
    const Bytes digest = sealed::HashOf(hash, piece);
    std::copy_n(digest.begin(), std::min(length, digest.size()), from);
    ++number;
  }
}

}  // namespace

Bytes MergeStripes(ByteView material, std::uint64_t key_size,
                   std::uint64_t stripes, const EVP_MD* hash) {
  Bytes block(static_cast<std::size_t>(key_size));
  for (std::uint64_t i = 0; i < stripes; ++i) {
    const auto stripe = Slice(material, i * key_size, key_size);
    if (!stripe) {
      return {};
    }
    std::transform(block.begin(), block.end(), stripe->begin(), block.begin(),
                   [](std::uint8_t a, std::uint8_t b) {
                     return static_cast<std::uint8_t>(a ^ b);
                   });
    if (i + 1 < stripes) {
      Diffuse(block, hash);
    }
  }
  return block;
}

Result<bool> VolumeKeys::Confirms(const KeyDigest& digest, ByteView key) {
  const auto made =
      sealed::Pbkdf2(sealed::HashNamed(digest.hash), key, digest.salt,
                     digest.iterations, digest.digest.size(), budget_);
  if (!made) {
    return Fail(made.error());
  }
  return *made == digest.digest;
}

Result<Bytes> VolumeKeys::Derive(const Keyslot& slot, ByteView secret) {
  const auto size = static_cast<std::size_t>(slot.cipher_key_size);
  if (slot.kdf.type == "pbkdf2") {
    return sealed::Pbkdf2(sealed::HashNamed(slot.kdf.hash), secret,
                          slot.kdf.salt, slot.kdf.iterations, size, budget_);
  }
  if (slot.kdf.type == "argon2id" || slot.kdf.type == "argon2i") {
    return sealed::Argon2(secret, slot.kdf.salt,
                          {.hybrid = slot.kdf.type == "argon2id",
                           .passes = slot.kdf.iterations,
                           .memory = slot.kdf.memory,
                           .lanes = slot.kdf.lanes},
                          size, budget_);
  }
  return Fail(ErrorCode::kUnsupported,
              fmt::format("key derivation {} is not supported", slot.kdf.type));
}

Result<Bytes> VolumeKeys::Unseal(const Keyslot& slot, ByteView secret) {
  const EVP_MD* hash = sealed::HashNamed(slot.split_hash);
  const std::uint64_t size = slot.key_size * slot.stripes;
  const std::uint64_t whole = (size + kSector - 1) / kSector * kSector;
  const auto area = Slice(bytes_, slot.area.offset, whole);
  if (hash == nullptr || !area || whole > slot.area.length) {
    return Fail(ErrorCode::kMalformed,
                fmt::format("keyslot {} has no usable area", slot.id));
  }
  if (auto ok = budget_.Charge(2, whole); !ok) {
    return Fail(ok.error());
  }
  const auto key = Derive(slot, secret);
  if (!key) {
    return Fail(key.error());
  }
  auto cipher = sealed::SectorCipher::Make(slot.cipher, *key);
  if (!cipher) {
    return Fail(cipher.error());
  }
  Bytes material(area->size());
  sealed::SectorStream stream(ByteSource::Borrow(*area), std::move(*cipher),
                              kSector, 0);
  const auto count = stream.Read(material);
  if (!count) {
    return Fail(count.error());
  }
  return MergeStripes(material, slot.key_size, slot.stripes, hash);
}

Result<Bytes> VolumeKeys::TrySlots(const KeyDigest& digest) {
  std::optional<Error> hindrance;
  const auto hinder = [&](const Error& error) {
    if (!hindrance || error.code == ErrorCode::kLimit) {
      hindrance = error;
    }
  };
  for (const ByteView secret : sealed::Passphrases(secrets_)) {
    for (const Keyslot& slot : volume_.keyslots) {
      if (!slot.holds_key || !Names(digest.keyslots, slot.id)) {
        continue;
      }
      auto key = Unseal(slot, secret);
      const auto fits = key ? Confirms(digest, *key) : Fail(key.error());
      if (!fits) {
        hinder(fits.error());
      } else if (*fits) {
        return key;
      }
    }
  }
  return Fail(hindrance.value_or(
      Error{ErrorCode::kUnsupported, "none of the secrets opens it"}));
}

Result<Bytes> VolumeKeys::KeyOf(const Segment& segment) {
  const auto digest = std::find_if(
      volume_.digests.begin(), volume_.digests.end(),
      [&](const KeyDigest& one) { return Names(one.segments, segment.id); });
  if (digest == volume_.digests.end()) {
    return Fail(ErrorCode::kMalformed, "no digest confirms its key");
  }
  // What the user gives may be the volume key itself.
  for (const Bytes& key : secrets_.keys) {
    if (sealed::SectorCipher::Make(segment.cipher, key) &&
        Confirms(*digest, key).value_or(false)) {
      return key;
    }
  }
  return TrySlots(*digest);
}

}  // namespace assay::formats::luks
