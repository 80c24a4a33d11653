// The header of a firmware volume. Layout: UEFI Platform Initialization
// Specification 1.8, volume 3, section 3.2.1 "Firmware Volume".
#pragma once

#include <cstdint>
#include <optional>

#include "verifier/formats/firmware/uefi_guid.h"

namespace assay::formats {

struct UefiVolumeHeader {
  std::array<std::uint8_t, 16> zero_vector = {};  // may hold a reset vector
  Guid file_system;
  Le64 length;
  Be32 signature;  // "_FVH"
  Le32 attributes;
  Le16 header_length, checksum, extended_header;
  std::uint8_t reserved = 0, revision = 0;
};
static_assert(sizeof(UefiVolumeHeader) == 56 && FileStruct<UefiVolumeHeader>);

// The length of the volume that `bytes` begin with, which may reach past them:
// its header's check sum holds, and its block map adds up to the length.
[[nodiscard]] std::optional<std::uint64_t> UefiVolumeHeaderLength(
    ByteView bytes);

}  // namespace assay::formats
