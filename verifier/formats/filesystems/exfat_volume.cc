#include "verifier/formats/filesystems/exfat_volume.h"

#include <algorithm>
#include <limits>

#include "verifier/formats/coverage.h"

namespace assay::formats::exfat {
namespace {

constexpr std::uint32_t kMostClusters = 0xFFFFFFF5;
constexpr std::uint64_t kLargestVolume = 1ULL << 62U;

// Figure 1 of the specification: a rotating sum.
std::uint32_t Rotated(std::uint32_t sum, std::uint8_t byte) {
  return (sum << 31U | sum >> 1U) + byte;
}

bool FieldsHold(const BootSector& boot) {
  if (AsText(boot.name) != "EXFAT   " || !IsZero(boot.zeros) ||
      boot.jump[0] != 0xEB || boot.sector_shift < 9 || boot.sector_shift > 12 ||
      boot.cluster_shift > 25 - boot.sector_shift ||
      (boot.fats != 1 && boot.fats != 2) || boot.revision >> 8U != 1 ||
      boot.sectors > kLargestVolume >> boot.sector_shift) {
    return false;
  }
  const std::uint64_t entries = std::uint64_t{boot.clusters} + 2;
  const std::uint64_t table = std::uint64_t{boot.fat_length}
                              << boot.sector_shift;
  const std::uint64_t heap = std::uint64_t{boot.clusters} << boot.cluster_shift;
  return boot.fat_offset >= 2 * kBootSectors && boot.clusters > 0 &&
         boot.clusters <= kMostClusters && entries * sizeof(Le32) <= table &&
         boot.heap_offset >=
             boot.fat_offset + std::uint64_t{boot.fats} * boot.fat_length &&
         boot.heap_offset <= boot.sectors &&
         heap <= boot.sectors - boot.heap_offset && boot.root >= 2 &&
         boot.root - 2 < boot.clusters;
}

}  // namespace

std::optional<Volume> ReadVolume(ByteView head) {
  const auto boot = ReadAt<BootSector>(head, 0);
  const auto signature = ReadAt<Be16>(head, 510);
  if (!boot || !signature || *signature != 0x55AA || !FieldsHold(*boot)) {
    return std::nullopt;
  }
  Volume volume{.boot = *boot, .sector = 1ULL << boot->sector_shift};
  volume.layout = {.data = boot->heap_offset * volume.sector,
                   .cluster = volume.sector << boot->cluster_shift,
                   .clusters = boot->clusters};
  volume.size = boot->sectors * volume.sector;
  for (std::uint64_t i = 0; i < boot->fats; ++i) {
    volume.tables.push_back(
        {(boot->fat_offset + i * boot->fat_length) * volume.sector,
         (std::uint64_t{boot->clusters} + 2) * sizeof(Le32)});
  }
  volume.active = boot->fats == 2 ? boot->flags & 1U : 0;
  return volume;
}

bool ChecksumHolds(ByteView region, std::uint64_t sector) {
  constexpr std::size_t kFlags = 106;  // two bytes that change when mounted
  constexpr std::size_t kPercent = 112;
  const auto covered = Slice(region, 0, (kBootSectors - 1) * sector);
  const auto stored = Slice(region, (kBootSectors - 1) * sector, sector);
  if (!covered || !stored) {
    return false;
  }
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < covered->size(); ++i) {
    if (i != kFlags && i != kFlags + 1 && i != kPercent) {
      sum = Rotated(sum, (*covered)[i]);
    }
  }
  ByteReader reader(*stored);
  while (const auto copy = reader.Take<Le32>()) {
    if (*copy != sum) {
      return false;
    }
  }
  return true;
}

std::uint32_t NextOf(const Volume& volume, ByteView bytes,
                     std::uint32_t number) {
  const auto entry =
      ReadAt<Le32>(bytes, volume.tables[volume.active].offset +
                              std::uint64_t{number} * sizeof(Le32));
  return entry ? std::uint32_t{*entry} : 0;
}

UpCase ReadUpCase(ByteView table) {
  constexpr std::size_t kUnits = 65536;
  constexpr std::uint16_t kIdentity = 0xFFFF;  // and how many units
  UpCase upper(kUnits);
  for (std::size_t i = 0; i < kUnits; ++i) {
    upper[i] = static_cast<std::uint16_t>(i);
  }
  ByteReader reader(table);
  std::size_t at = 0;
  while (at < kUnits) {
    const auto unit = reader.Take<Le16>();
    if (!unit) {
      break;
    }
    const auto count =
        *unit == kIdentity ? reader.Take<Le16>() : std::optional<Le16>();
    if (count) {
      at += *count;
    } else {
      upper[at] = *unit;
      ++at;
    }
  }
  return upper;
}

std::uint32_t UpCaseChecksum(ByteView table) {
  std::uint32_t sum = 0;
  for (const std::uint8_t byte : table) {
    sum = Rotated(sum, byte);
  }
  return sum;
}

}  // namespace assay::formats::exfat
