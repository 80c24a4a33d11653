// Files of a firmware volume. Layout: UEFI Platform Initialization
// Specification 1.8, volume 3, section 3.2.3 "Firmware File".
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "verifier/formats/firmware/uefi_guid.h"
#include "verifier/formats/format.h"

namespace assay::formats {

struct UefiFileHeader {
  Guid name;
  std::uint8_t header_checksum = 0, data_checksum = 0;
  std::uint8_t type = 0, attributes = 0;
  Le16 size;
  std::uint8_t size_high = 0, state = 0;
};
static_assert(sizeof(UefiFileHeader) == 24 && FileStruct<UefiFileHeader>);

struct UefiFile {
  // The file whose header `bytes` begin with, if its size fits into them.
  [[nodiscard]] static std::optional<UefiFile> At(ByteView bytes);

  // Whether the header's own check sum holds.
  [[nodiscard]] bool HasIntactHeader(ByteView bytes) const;
  // The check sum that the header should state of the data.
  [[nodiscard]] std::uint8_t DataChecksum(ByteView bytes,
                                          bool first_revision) const;
  // Whether flash of that polarity (all bits set when erased) says that the
  // file is there: written wholly, and neither deleted nor replaced.
  [[nodiscard]] bool IsLive(bool erased_ones) const;
  [[nodiscard]] bool IsPad() const;
  [[nodiscard]] bool HasSections() const;

  UefiFileHeader raw = {};
  std::uint64_t header = 0;  // length: 24, or 32 for large files
  std::uint64_t size = 0;    // with the header
};

}  // namespace assay::formats
