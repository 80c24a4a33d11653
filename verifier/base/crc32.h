// The CRCs of boot, archive and file system formats. They catch accidents,
// never an adversary.
#pragma once

#include <cstdint>

#include "verifier/base/bytes.h"

namespace assay {

// CRC-32 of IEEE 802.3 (zlib's polynomial). `start` is the CRC of the bytes
// before these.
[[nodiscard]] std::uint32_t Crc32(ByteView bytes, std::uint32_t start = 0);

// One step of a reflected CRC: `state` goes in and comes out as it is, without
// being inverted, which is how file systems seed and chain it.
[[nodiscard]] std::uint32_t Crc32Raw(std::uint32_t state, ByteView bytes);
// The same for the polynomial of Castagnoli (RFC 3720), used by ext4, XFS,
// btrfs and F2FS.
[[nodiscard]] std::uint32_t Crc32cRaw(std::uint32_t state, ByteView bytes);
// CRC-32C as iSCSI has it: inverted before and after.
[[nodiscard]] inline std::uint32_t Crc32c(ByteView bytes) {
  return ~Crc32cRaw(~0U, bytes);
}

// CRC-16 of the polynomial 0x8005, reflected ("ARC"): ext group descriptors.
[[nodiscard]] std::uint16_t Crc16Arc(std::uint16_t state, ByteView bytes);
// CRC-16 of the polynomial 0x1021, not reflected (ECMA-167, XMODEM): UDF, MCU
// boot loaders.
[[nodiscard]] std::uint16_t Crc16Ccitt(std::uint16_t state, ByteView bytes);

}  // namespace assay
