#include "verifier/formats/filesystems/fat_volume.h"

#include <bit>

namespace assay::formats::fat {
namespace {

// Section 3.5: the number of clusters alone decides between 12 and 16 bits.
constexpr std::uint32_t kMost12 = 4084;
constexpr std::uint32_t kMost16 = 65524;
constexpr std::uint32_t kMost32 = 0x0FFFFFF5;
constexpr std::uint64_t kRecord = 32;

bool IsBootSector(const BootSector& boot, ByteView head) {
  const bool jumps =
      (boot.jump[0] == 0xEB && boot.jump[2] == 0x90) || boot.jump[0] == 0xE9;
  const auto signature = ReadAt<Be16>(head, 510);
  return jumps && signature && *signature == 0x55AA &&
         std::has_single_bit(std::uint32_t{boot.sector_size}) &&
         boot.sector_size >= 512 && boot.sector_size <= 4096 &&
         std::has_single_bit(std::uint32_t{boot.sectors_per_cluster}) &&
         boot.reserved_sectors > 0 && (boot.fats == 1 || boot.fats == 2) &&
         (boot.media == 0xF0 || boot.media >= 0xF8);
}

// The labels of FAT12 and FAT16 lie in front of those of FAT32.
std::string LabelOf(ByteView head, unsigned bits) {
  struct Extension {
    std::uint8_t drive = 0, reserved = 0, signature = 0;
    Le32 serial;
    std::array<std::uint8_t, 11> label = {};
  };
  const auto extension = ReadAt<Extension>(head, bits == 32 ? 64 : 36);
  if (!extension || extension->signature != 0x29) {
    return {};
  }
  std::string label(AsText(extension->label));
  label.resize(label.find_last_not_of(std::string_view(" \0", 2)) + 1);
  return label;
}

std::uint64_t TableSize(unsigned bits, std::uint32_t clusters) {
  const std::uint64_t entries = std::uint64_t{clusters} + 2;
  return (entries * bits + 7) / 8;
}

bool SetBits(Volume& volume) {
  const bool wide = volume.boot.fat_sectors16 == 0;
  volume.bits = wide ? 32 : volume.layout.clusters > kMost12 ? 16 : 12;
  if (wide) {
    return volume.layout.clusters <= kMost32 && volume.boot.root_entries == 0 &&
           volume.boot.version == 0 &&
           volume.layout.Holds(volume.boot.root_cluster);
  }
  return volume.layout.clusters <= kMost16 && volume.boot.root_entries > 0;
}

// Entry 0 repeats the media byte, all other bits are set.
bool TableBegins(const Volume& volume, ByteView head) {
  const auto start = ReadAt<Le32>(head, volume.tables.front().offset);
  const std::uint32_t mask = volume.bits == 12   ? 0xFFFU
                             : volume.bits == 16 ? 0xFFFFU
                                                 : 0x0FFFFFFFU;
  return !start ||
         (*start & mask) == ((0x0FFFFF00U | volume.boot.media) & mask);
}

}  // namespace

std::optional<Volume> ReadVolume(ByteView head) {
  const auto boot = ReadAt<BootSector>(head, 0);
  if (!boot || !IsBootSector(*boot, head)) {
    return std::nullopt;
  }
  Volume volume{.boot = *boot};
  volume.sector = boot->sector_size;
  volume.layout.cluster = volume.sector * boot->sectors_per_cluster;
  const std::uint64_t sectors =
      boot->sectors16 != 0 ? boot->sectors16 : boot->sectors32;
  const std::uint64_t table_sectors =
      boot->fat_sectors16 != 0 ? boot->fat_sectors16 : boot->fat_sectors32;
  const std::uint64_t tables = boot->reserved_sectors * volume.sector;
  volume.root = {tables + boot->fats * table_sectors * volume.sector,
                 boot->root_entries * kRecord};
  volume.layout.data =
      volume.root.offset +
      (volume.root.length + volume.sector - 1) / volume.sector * volume.sector;
  volume.size = sectors * volume.sector;
  if (table_sectors == 0 || volume.layout.data >= volume.size) {
    return std::nullopt;
  }
  const std::uint64_t clusters =
      (volume.size - volume.layout.data) / volume.layout.cluster;
  if (clusters == 0 || clusters > kMost32) {
    return std::nullopt;
  }
  volume.layout.clusters = static_cast<std::uint32_t>(clusters);
  if (!SetBits(volume)) {
    return std::nullopt;
  }
  const std::uint64_t used = TableSize(volume.bits, volume.layout.clusters);
  if (used > table_sectors * volume.sector) {
    return std::nullopt;
  }
  for (std::uint64_t i = 0; i < boot->fats; ++i) {
    volume.tables.push_back({tables + i * table_sectors * volume.sector, used});
  }
  // FAT32 may keep only one table up to date (section 3.3, BPB_ExtFlags).
  if (volume.bits == 32 && (boot->flags & 0x80U) != 0) {
    volume.active = boot->flags & 0x0FU;
  }
  if (volume.active >= volume.tables.size() || !TableBegins(volume, head)) {
    return std::nullopt;
  }
  volume.label = LabelOf(head, volume.bits);
  return volume;
}

std::uint32_t EntryOf(const Volume& volume, ByteView bytes,
                      std::uint32_t number) {
  const Range table = volume.tables[volume.active];
  const std::uint64_t bit = std::uint64_t{number} * volume.bits;
  std::uint32_t value = 0;
  std::uint32_t high = 0;  // bits that are set in special values
  if (volume.bits == 32) {
    const auto entry = ReadAt<Le32>(bytes, table.offset + bit / 8);
    value = entry ? *entry & 0x0FFFFFFFU : kFree;
  } else {
    const auto entry = ReadAt<Le16>(bytes, table.offset + bit / 8);
    value = entry ? std::uint32_t{*entry} : kFree;
    if (volume.bits == 12) {
      value = bit % 8 == 0 ? value & 0xFFFU : value >> 4U;
    }
    high = volume.bits == 12 ? 0x0FFFF000U : 0x0FFF0000U;
  }
  const std::uint32_t wide = value | high;
  if (wide == kBad) {
    return kBad;
  }
  return wide > kBad ? ClusterChains::kEnd : value;
}

}  // namespace assay::formats::fat
