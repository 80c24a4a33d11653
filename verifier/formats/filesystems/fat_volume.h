// The geometry of a FAT volume and its allocation table.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "verifier/base/bytes.h"
#include "verifier/formats/filesystems/cluster_chains.h"

namespace assay::formats::fat {

// Microsoft FAT specification, section 3.1: BIOS parameter block.
struct BootSector {
  std::array<std::uint8_t, 3> jump = {};
  std::array<std::uint8_t, 8> oem = {};
  Le16 sector_size;
  std::uint8_t sectors_per_cluster = 0;
  Le16 reserved_sectors;
  std::uint8_t fats = 0;
  Le16 root_entries, sectors16;
  std::uint8_t media = 0;
  Le16 fat_sectors16, track_sectors, heads;
  Le32 hidden_sectors, sectors32;
  // FAT32 only, section 3.3.
  Le32 fat_sectors32;
  Le16 flags, version;
  Le32 root_cluster;
  Le16 info_sector, backup_sector;
};
static_assert(sizeof(BootSector) == 52 && FileStruct<BootSector>);

inline constexpr std::uint64_t kBootSector = 512;

struct Volume {
  BootSector boot = {};
  unsigned bits = 12;  // of a table entry: 12, 16 or 32
  std::uint64_t sector = 512;
  ClusterLayout layout = {};
  std::vector<Range> tables = {};  // as far as they are used
  std::uint64_t active = 0;        // which of them counts
  Range root = {};                 // FAT12 and FAT16
  std::uint64_t size = 0;          // bytes of the volume
  std::string label = {};          // in the boot sector
};

// The volume whose boot sector begins `head`, if all its fields agree with
// each other and, where it can be seen, with the start of its table.
[[nodiscard]] std::optional<Volume> ReadVolume(ByteView head);

// What an entry of the table says.
inline constexpr std::uint32_t kFree = 0;
inline constexpr std::uint32_t kBad = 0x0FFFFFF7;

// The entry of cluster `number`: the next cluster, kFree, kBad or
// ClusterChains::kEnd; what lies outside of the bytes is free.
[[nodiscard]] std::uint32_t EntryOf(const Volume& volume, ByteView bytes,
                                    std::uint32_t number);

}  // namespace assay::formats::fat
