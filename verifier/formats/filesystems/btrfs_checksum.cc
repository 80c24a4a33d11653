#include "verifier/formats/filesystems/btrfs_checksum.h"

#include <algorithm>
#include <array>
#include <bit>

#include "verifier/base/crc32.h"
#include "verifier/base/digest.h"

namespace assay::formats::btrfs {
namespace {

constexpr std::uint64_t kPrime1 = 0x9E3779B185EBCA87;
constexpr std::uint64_t kPrime2 = 0xC2B2AE3D27D4EB4F;
constexpr std::uint64_t kPrime3 = 0x165667B19E3779F9;
constexpr std::uint64_t kPrime4 = 0x85EBCA77C2B2AE63;
constexpr std::uint64_t kPrime5 = 0x27D4EB2F165667C5;

std::uint64_t Round(std::uint64_t lane, std::uint64_t word) {
  return std::rotl(lane + word * kPrime2, 31) * kPrime1;
}

std::uint64_t Mixed(std::uint64_t hash) {
  hash = (hash ^ hash >> 33U) * kPrime2;
  hash = (hash ^ hash >> 29U) * kPrime3;
  return hash ^ hash >> 32U;
}

// The bytes that do not fill a stripe.
std::uint64_t Tail(std::uint64_t hash, ByteReader reader) {
  while (const auto word = reader.Take<Le64>()) {
    hash ^= Round(0, *word);
    hash = std::rotl(hash, 27) * kPrime1 + kPrime4;
  }
  if (const auto word = reader.Take<Le32>()) {
    hash ^= *word * kPrime1;
    hash = std::rotl(hash, 23) * kPrime2 + kPrime3;
  }
  while (const auto byte = reader.Take<std::uint8_t>()) {
    hash ^= *byte * kPrime5;
    hash = std::rotl(hash, 11) * kPrime1;
  }
  return hash;
}

}  // namespace

std::uint64_t XxHash64(ByteView bytes) {
  using Stripe = std::array<Le64, 4>;
  ByteReader reader(bytes);
  std::uint64_t hash = kPrime5;
  if (bytes.size() >= sizeof(Stripe)) {
    std::array<std::uint64_t, 4> lanes = {kPrime1 + kPrime2, kPrime2, 0,
                                          0 - kPrime1};
    while (const auto stripe = reader.Take<Stripe>()) {
      for (std::size_t i = 0; i < lanes.size(); ++i) {
        lanes.at(i) = Round(lanes.at(i), stripe->at(i));
      }
    }
    hash = std::rotl(lanes[0], 1) + std::rotl(lanes[1], 7) +
           std::rotl(lanes[2], 12) + std::rotl(lanes[3], 18);
    for (const std::uint64_t lane : lanes) {
      hash = (hash ^ Round(0, lane)) * kPrime1 + kPrime4;
    }
  }
  return Mixed(Tail(hash + bytes.size(), reader));
}

std::size_t ChecksumSize(std::uint16_t type) {
  constexpr std::array<std::size_t, 4> kSizes = {4, 8, 32, 32};
  return type < kSizes.size() ? kSizes.at(type) : 0;
}

std::optional<bool> HasChecksum(std::uint16_t type, ByteView bytes,
                                ByteView stored) {
  switch (type) {
    case kCrc32c: {
      const auto value = ReadAt<Le32>(stored, 0);
      return value && *value == Crc32c(bytes);
    }
    case kXxHash64: {
      const auto value = ReadAt<Le64>(stored, 0);
      return value && *value == XxHash64(bytes);
    }
    case kSha256: {
      const auto digest = Sha256Raw(bytes);
      return stored.size() >= digest.size() &&
             std::equal(digest.begin(), digest.end(), stored.begin());
    }
    default:
      return std::nullopt;
  }
}

}  // namespace assay::formats::btrfs
