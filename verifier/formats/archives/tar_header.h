// The 512-byte header of tar: v7, ustar, GNU and star variants.
// Layout: POSIX.1-2017 pax(1), "ustar Interchange Format"; GNU tar manual,
// "Basic Tar Format"; star(5).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "verifier/base/bytes.h"

namespace assay::formats {

inline constexpr std::size_t kTarBlock = 512;

struct TarHeader {
  std::array<std::uint8_t, 100> name = {};
  std::array<std::uint8_t, 8> mode = {};
  std::array<std::uint8_t, 8> uid = {};
  std::array<std::uint8_t, 8> gid = {};
  std::array<std::uint8_t, 12> size = {};
  std::array<std::uint8_t, 12> mtime = {};
  std::array<std::uint8_t, 8> checksum = {};
  std::uint8_t type = 0;
  std::array<std::uint8_t, 100> link = {};
  std::array<std::uint8_t, 8> magic = {};  // and version; v7: no magic
  std::array<std::uint8_t, 32> owner = {};
  std::array<std::uint8_t, 32> group = {};
  std::array<std::uint8_t, 8> device_major = {};
  std::array<std::uint8_t, 8> device_minor = {};
  std::array<std::uint8_t, 155> prefix = {};  // GNU: times, sparse map
  std::array<std::uint8_t, 12> rest = {};
};
static_assert(sizeof(TarHeader) == kTarBlock && FileStruct<TarHeader>);

// "ustar\0" (POSIX) or "ustar  \0" (GNU).
[[nodiscard]] bool IsUstar(const TarHeader& header);
[[nodiscard]] bool IsGnu(const TarHeader& header);

// Whether the stored checksum equals the sum of the header's bytes, taken as
// unsigned (POSIX) or as signed (some old writers). A block of zeros has no
// checksum and fails.
[[nodiscard]] bool HasTarChecksum(const TarHeader& header);

// A number field: octal text or, with the first bit set, a two's complement
// number in base 256 (GNU). Blank is 0. Nothing when it is neither or does
// not fit.
[[nodiscard]] std::optional<std::int64_t> TarNumber(ByteView field);

// A text field up to its first NUL.
[[nodiscard]] std::string_view TarText(ByteView field);

// Prefix and name, joined by '/' where the variant has a prefix.
[[nodiscard]] std::string TarName(const TarHeader& header);

// Checksum right and every field plausible: used to detect, where an error of
// 1 in 2^17 for a sum alone is too much.
[[nodiscard]] bool IsTarHeader(ByteView block);

}  // namespace assay::formats
