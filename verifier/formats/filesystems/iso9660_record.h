// Directory records of ISO 9660 and what the System Use Sharing Protocol and
// Rock Ridge add to them. Layouts: ECMA-119 section 9.1; IEEE P1281
// (SUSP 1.12); IEEE P1282 (RRIP 1.12); zisofs: Linux fs/isofs/compress.c.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "verifier/base/bytes.h"
#include "verifier/base/file_metadata.h"

namespace assay::formats::iso9660 {

inline constexpr std::uint64_t kSector = 2048;

// A number that is stored twice, in both byte orders (ECMA-119 7.3.3).
struct Both32 {
  Le32 little;
  Be32 big;
  [[nodiscard]] bool agrees() const {
    return std::uint32_t{little} == std::uint32_t{big};
  }
};
struct Both16 {
  Le16 little;
  Be16 big;
  [[nodiscard]] bool agrees() const {
    return std::uint16_t{little} == std::uint16_t{big};
  }
};

struct RecordHeader {
  std::uint8_t length = 0, extended_sectors = 0;
  Both32 extent, size;
  std::array<std::uint8_t, 7> time = {};
  std::uint8_t flags = 0, unit_size = 0, gap_size = 0;
  Both16 volume;
  std::uint8_t name_size = 0;
};
static_assert(sizeof(RecordHeader) == 33 && FileStruct<RecordHeader>);

inline constexpr std::uint8_t kDirectory = 2;
inline constexpr std::uint8_t kContinues = 0x80;  // the next record goes on

// Blocks of zlib streams behind a table of their places.
struct Zisofs {
  std::uint64_t header_size = 0;
  unsigned block_log = 0;
  std::uint64_t size = 0;  // decoded
};

// What Rock Ridge says of one record.
struct RockRidge {
  bool present = false;
  std::string name = {};                         // NM
  FileMetadata meta = {};                        // PX, PN, SL, TF
  std::optional<std::uint32_t> child_link = {};  // CL: where it was moved to
  bool relocated = false;                        // RE: stands elsewhere too
  std::optional<Zisofs> zisofs = {};             // ZF
  bool unknown_compression = false;              // ZF or SF of another kind
};

struct Record {
  RecordHeader header = {};
  std::uint64_t at = 0;         // in the image
  std::string identifier = {};  // as stored
  ByteView system_use = {};     // behind the identifier and its padding
};

// The record at `at`; nothing where none can be.
[[nodiscard]] std::optional<Record> RecordAt(ByteView image, std::uint64_t at);

// Reads the fields in `record`'s system use area from `skip` on, following
// continuation areas, each of which is told to `continued`.
[[nodiscard]] RockRidge ReadRockRidge(
    ByteView image, const Record& record, std::uint8_t skip,
    const std::function<void(Range)>& continued);

// The bytes to skip in every system use area, when the root's "." record says
// that the protocol is used (SP).
[[nodiscard]] std::optional<std::uint8_t> SuspSkip(const Record& root_self);

// Seconds since 1970 of the 7-byte form (ECMA-119 9.1.5).
[[nodiscard]] std::optional<std::int64_t> TimeOf(ByteView seven);

}  // namespace assay::formats::iso9660
