// The trailer and the tables of an Apple disk image (UDIF). Layout:
// newosxbook.com/DMG.html; libdmg-hfsplus, include/dmg/dmg.h.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "verifier/base/bytes.h"
#include "verifier/base/result.h"

namespace assay::formats::dmg {

inline constexpr std::uint64_t kSector = 512;

struct Checksum {
  static constexpr std::uint32_t kCrc32 = 2;
  Be32 type, bits;
  std::array<Be32, 32> value = {};

  [[nodiscard]] std::optional<std::uint32_t> Crc() const {
    return type == kCrc32 ? std::optional<std::uint32_t>(value[0])
                          : std::nullopt;
  }
};

struct Trailer {
  std::array<std::uint8_t, 4> signature = {};
  Be32 version, header_size, flags;
  Be64 running_offset, data_offset, data_length, resource_offset,
      resource_length;
  Be32 segment, segments;
  std::array<std::uint8_t, 16> segment_id = {};
  Checksum data_checksum = {};
  Be64 xml_offset, xml_length;
  std::array<std::uint8_t, 64> reserved1 = {};
  Be64 signature_offset, signature_length;  // of the code signature
  std::array<std::uint8_t, 40> reserved2 = {};
  Checksum master_checksum = {};
  Be32 variant;
  Be64 sectors;
  std::array<std::uint8_t, 12> reserved3 = {};
};
static_assert(sizeof(Trailer) == 512 && FileStruct<Trailer>);

enum ChunkType : std::uint32_t {
  kZero = 0,
  kRaw = 1,
  kIgnored = 2,  // zeros that no checksum counts
  kComment = 0x7FFFFFFE,
  kAdc = 0x80000004,
  kZlib = 0x80000005,
  kBzip2 = 0x80000006,
  kLzfse = 0x80000007,
  kLzma = 0x80000008,  // in the frame of xz
  kEnd = 0xFFFFFFFF,
};

struct Chunk {
  std::uint32_t type = kZero;
  Range place = {};  // in the disk, in bytes
  Range data = {};   // in the image
};

// A "mish" block: one partition, or what lies between them.
struct Table {
  std::string name = {};
  Range place = {};  // in the disk, in bytes
  std::optional<std::uint32_t> crc = {};
  std::vector<Chunk> chunks = {};
};

// The trailer at the end of `bytes`, when all that it states lies in front.
[[nodiscard]] std::optional<Trailer> ReadTrailer(ByteView bytes);

// The tables of the property list, in its order. kMalformed when they cannot
// be read, kUnsupported when there are none in XML.
[[nodiscard]] Result<std::vector<Table>> ReadTables(ByteView bytes,
                                                    const Trailer& trailer);

}  // namespace assay::formats::dmg
