// One of the two tables of a GUID partition table: header and entry array.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "verifier/base/bytes.h"

namespace assay::formats::disks {

struct GptHeader {
  std::array<std::uint8_t, 8> signature = {};
  Le32 revision, header_size, header_crc, reserved;
  Le64 my_lba, alternate_lba, first_usable, last_usable;
  std::array<std::uint8_t, 16> disk_guid = {};
  Le64 entries_lba;
  Le32 entry_count, entry_size, entries_crc;
};
static_assert(sizeof(GptHeader) == 92 && FileStruct<GptHeader>);

struct GptEntry {
  std::array<std::uint8_t, 16> type = {};
  std::array<std::uint8_t, 16> unique = {};
  Le64 first_lba, last_lba, attributes;
  std::array<std::uint8_t, 72> name = {};  // UTF-16LE
};
static_assert(sizeof(GptEntry) == 128 && FileStruct<GptEntry>);

struct GptTable {
  GptHeader header = {};
  std::uint64_t sector = 0;  // bytes of a sector: 512 or 4096
  Range place = {};          // of the header
  Range entries = {};        // wholly inside the bytes
  bool entries_intact = false;
};

// The header at sector `lba`, if its checksum and its fields hold.
[[nodiscard]] std::optional<GptHeader> ReadGptHeader(ByteView bytes,
                                                     std::uint64_t lba,
                                                     std::uint64_t sector);
// The same with its entries, if they lie inside the bytes.
[[nodiscard]] std::optional<GptTable> ReadGptTable(ByteView bytes,
                                                   std::uint64_t lba,
                                                   std::uint64_t sector);
// The table in sector 1, for whichever sector size it is found.
[[nodiscard]] std::optional<GptTable> ReadPrimaryGpt(ByteView bytes);
// The table in the last sector, likewise.
[[nodiscard]] std::optional<GptTable> ReadLastGpt(ByteView bytes);

// "c12a7328-f81f-11d2-ba4b-00a0c93ec93b" (UEFI, appendix A).
[[nodiscard]] std::string TextOfGuid(const std::array<std::uint8_t, 16>& guid);

}  // namespace assay::formats::disks
