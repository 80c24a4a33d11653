// NTFS file records and their attributes.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "verifier/base/byte_source.h"
#include "verifier/base/bytes.h"

namespace assay::formats::ntfs {

// Linux fs/ntfs3/ntfs.h, NTFS_BOOT.
struct BootSector {
  std::array<std::uint8_t, 3> jump = {};
  std::array<std::uint8_t, 8> name = {};
  Le16 sector_size;
  std::uint8_t cluster_code = 0;
  std::array<std::uint8_t, 7> zeros = {};
  std::uint8_t media = 0;
  std::array<std::uint8_t, 18> geometry = {};
  Le64 sectors, mft, mirror;  // the last two in clusters
  std::uint8_t record_code = 0;
};
static_assert(sizeof(BootSector) == 65 && FileStruct<BootSector>);

struct Volume {
  BootSector boot = {};
  std::uint64_t sector = 512;
  std::uint64_t cluster = 4096;  // bytes
  std::uint64_t clusters = 0;
  std::uint64_t record = 1024;  // bytes of a file record
  std::uint64_t size = 0;       // with the backup of the boot sector
};

[[nodiscard]] std::optional<Volume> ReadVolume(ByteView head);

// A stretch of an attribute's clusters.
struct Run {
  std::uint64_t vcn = 0;  // where it is in the attribute
  std::uint64_t count = 0;
  std::uint64_t lcn = 0;  // where it is in the volume
  bool hole = false;
};

inline constexpr std::uint32_t kStandardInformation = 0x10;
inline constexpr std::uint32_t kAttributeList = 0x20;
inline constexpr std::uint32_t kFileName = 0x30;
inline constexpr std::uint32_t kVolumeName = 0x60;
inline constexpr std::uint32_t kData = 0x80;
inline constexpr std::uint32_t kBitmap = 0xB0;
inline constexpr std::uint32_t kReparsePoint = 0xC0;

struct Attribute {
  std::uint32_t type = 0;
  std::string name = {};
  std::uint16_t flags = 0;
  bool resident = true;
  Bytes value = {};  // of a resident one
  // Of one that is not resident; sizes only where it begins (vcn 0).
  std::uint64_t first_vcn = 0;
  std::vector<Run> runs = {};
  std::uint64_t size = 0;
  std::uint64_t initialized = 0;
  unsigned unit_shift = 0;  // clusters of a compression unit, as a power of 2
  bool damaged = false;     // its runs could not be read to their end

  static constexpr std::uint16_t kCompressed = 0x00FF;
  static constexpr std::uint16_t kEncrypted = 0x4000;
};

// A reference to a record: its number and how often it was used before.
struct Reference {
  std::uint64_t number = 0;
  std::uint16_t sequence = 0;
};
[[nodiscard]] Reference ReferenceOf(std::uint64_t raw);

struct Record {
  std::uint16_t sequence = 0;
  std::uint16_t links = 0;
  bool in_use = false;
  bool directory = false;
  bool part = false;  // of the file whose first record is `base`
  Reference base = {};
  std::vector<Attribute> attributes = {};
  std::string problem = {};  // what of it could not be read
};

// The record in `bytes` (exactly one record), its update sequence undone.
// Nothing when it is none, or was torn while being written.
[[nodiscard]] std::optional<Record> ReadRecord(ByteView bytes,
                                               const Volume& volume);

}  // namespace assay::formats::ntfs
