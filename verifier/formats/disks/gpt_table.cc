#include "verifier/formats/disks/gpt_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "verifier/base/crc32.h"

namespace assay::formats::disks {
namespace {

constexpr std::array<std::uint64_t, 2> kSectors = {512, 4096};
// Larger entries are allowed by the specification and made by nobody.
constexpr std::uint32_t kLargestEntry = 4096;

bool FieldsHold(const GptHeader& header, std::uint64_t lba) {
  return header.my_lba == lba && header.alternate_lba != lba &&
         header.first_usable <= header.last_usable &&
         header.entry_size >= sizeof(GptEntry) &&
         header.entry_size <= kLargestEntry && header.entry_size % 8 == 0 &&
         header.entry_count > 0;
}

}  // namespace

std::optional<GptHeader> ReadGptHeader(ByteView bytes, std::uint64_t lba,
                                       std::uint64_t sector) {
  if (lba >= bytes.size() / sector) {
    return std::nullopt;
  }
  const auto header = ReadAt<GptHeader>(bytes, lba * sector);
  if (!header || AsText(header->signature) != "EFI PART" ||
      header->header_size < sizeof(GptHeader) || header->header_size > sector) {
    return std::nullopt;
  }
  // The CRC covers the header with its own field counted as 0.
  GptHeader blank = *header;
  const std::uint32_t stored = std::exchange(blank.header_crc, {});
  const auto rest = Slice(bytes, lba * sector + sizeof(GptHeader),
                          header->header_size - sizeof(GptHeader));
  if (!rest || Crc32(*rest, Crc32(BytesOf(blank))) != stored ||
      !FieldsHold(*header, lba)) {
    return std::nullopt;
  }
  return header;
}

std::optional<GptTable> ReadGptTable(ByteView bytes, std::uint64_t lba,
                                     std::uint64_t sector) {
  const auto header = ReadGptHeader(bytes, lba, sector);
  if (!header || header->entries_lba > bytes.size() / sector) {
    return std::nullopt;
  }
  const Range entries{header->entries_lba * sector,
                      std::uint64_t{header->entry_count} * header->entry_size};
  const auto array = Slice(bytes, entries.offset, entries.length);
  if (!array) {
    return std::nullopt;
  }
  return GptTable{.header = *header,
                  .sector = sector,
                  .place = {lba * sector, header->header_size},
                  .entries = entries,
                  .entries_intact = Crc32(*array) == header->entries_crc};
}

std::optional<GptTable> ReadPrimaryGpt(ByteView bytes) {
  for (const std::uint64_t sector : kSectors) {
    if (auto table = ReadGptTable(bytes, 1, sector)) {
      return table;
    }
  }
  return std::nullopt;
}

std::optional<GptTable> ReadLastGpt(ByteView bytes) {
  for (const std::uint64_t sector : kSectors) {
    if (bytes.size() < 2 * sector) {
      continue;
    }
    if (auto table = ReadGptTable(bytes, bytes.size() / sector - 1, sector)) {
      return table;
    }
  }
  return std::nullopt;
}

std::string TextOfGuid(const std::array<std::uint8_t, 16>& guid) {
  // The first three fields are little-endian numbers.
  constexpr std::array<std::size_t, 16> kOrder = {3, 2, 1,  0,  5,  4,  7,  6,
                                                  8, 9, 10, 11, 12, 13, 14, 15};
  std::string text;
  for (std::size_t i = 0; i < kOrder.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) {
      text += '-';
    }
    text += fmt::format("{:02x}", guid.at(kOrder.at(i)));
  }
  return text;
}

}  // namespace assay::formats::disks
