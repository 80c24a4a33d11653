// The boot region of an exFAT volume and its up-case table.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "verifier/base/bytes.h"
#include "verifier/formats/filesystems/cluster_chains.h"

namespace assay::formats::exfat {

// Microsoft exFAT specification, section 3.1.
struct BootSector {
  std::array<std::uint8_t, 3> jump = {};
  std::array<std::uint8_t, 8> name = {};
  std::array<std::uint8_t, 53> zeros = {};
  Le64 partition_offset, sectors;
  Le32 fat_offset, fat_length, heap_offset, clusters, root, serial;
  Le16 revision, flags;
  std::uint8_t sector_shift = 0, cluster_shift = 0, fats = 0, drive = 0;
  std::uint8_t percent = 0;
};
static_assert(sizeof(BootSector) == 113 && FileStruct<BootSector>);

inline constexpr std::uint64_t kBootSectors = 12;  // of each of two regions

struct Volume {
  BootSector boot = {};
  ClusterLayout layout = {};
  std::uint64_t sector = 512;
  std::vector<Range> tables = {};  // as far as they are used
  std::uint64_t active = 0;
  std::uint64_t size = 0;

  // The first and the second boot region.
  [[nodiscard]] Range BootRegion(std::uint64_t number) const {
    return {number * kBootSectors * sector, kBootSectors * sector};
  }
};

// The volume whose boot sector begins `head`, if all its fields agree.
[[nodiscard]] std::optional<Volume> ReadVolume(ByteView head);

// Whether the last sector of a boot region holds the checksum of the others.
[[nodiscard]] bool ChecksumHolds(ByteView region, std::uint64_t sector);

// What follows a cluster in its chain; ClusterChains::kEnd at its end.
[[nodiscard]] std::uint32_t NextOf(const Volume& volume, ByteView bytes,
                                   std::uint32_t number);

// Section 7.2.5: for every UTF-16 unit its upper case.
using UpCase = std::vector<std::uint16_t>;
[[nodiscard]] UpCase ReadUpCase(ByteView table);
[[nodiscard]] std::uint32_t UpCaseChecksum(ByteView table);

}  // namespace assay::formats::exfat
