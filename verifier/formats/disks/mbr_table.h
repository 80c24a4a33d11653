// The partition table of a master boot record and of extended boot records.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "verifier/base/bytes.h"

namespace assay::formats::disks {

inline constexpr std::uint64_t kMbrSector = 512;

struct MbrEntry {
  std::uint8_t status = 0;  // 0x80: active
  std::array<std::uint8_t, 3> chs_first = {};
  std::uint8_t type = 0;
  std::array<std::uint8_t, 3> chs_last = {};
  Le32 first, count;  // in sectors

  [[nodiscard]] bool used() const { return type != 0; }
  [[nodiscard]] bool extended() const {
    return type == 0x05 || type == 0x0F || type == 0x85;
  }
  // "The whole disk belongs to a GPT" (UEFI, section 5.2.3).
  [[nodiscard]] bool protective() const { return type == 0xEE; }
};

struct Mbr {
  std::array<std::uint8_t, 440> boot_code = {};
  Le32 disk_signature;
  Le16 copy_protection;
  std::array<MbrEntry, 4> entries = {};
  Le16 signature;

  static constexpr std::uint16_t kSignature = 0xAA55;
};
static_assert(sizeof(Mbr) == kMbrSector && FileStruct<Mbr>);

// The table at `offset`, if the signature is there and every entry is one: a
// known status, and either empty or with a place and a size.
[[nodiscard]] std::optional<Mbr> ReadMbr(ByteView bytes, std::uint64_t offset);

}  // namespace assay::formats::disks
