// The physical erase blocks (PEBs) of a UBI image.
// Layout: Linux drivers/mtd/ubi/ubi-media.h.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "verifier/base/bytes.h"
#include "verifier/formats/format.h"

namespace assay::formats::ubi {

// At the start of a PEB: how often it was erased.
struct EraseHeader {
  Be32 magic;  // "UBI#"
  std::uint8_t version = 0;
  std::array<std::uint8_t, 3> unused = {};
  Be64 erasures;
  Be32 volume_header, data, image_sequence;
  std::array<std::uint8_t, 32> reserved = {};
  Be32 crc;
};
static_assert(sizeof(EraseHeader) == 64 && FileStruct<EraseHeader>);

// Which logical erase block (LEB) of which volume the PEB holds.
struct VolumeHeader {
  Be32 magic;  // "UBI!"
  std::uint8_t version = 0, type = 0, copied = 0, compatibility = 0;
  Be32 volume, number, unused, data_size, used_blocks, data_pad, data_crc;
  Be32 unused2;
  Be64 sequence;
  std::array<std::uint8_t, 12> reserved = {};
  Be32 crc;
};
static_assert(sizeof(VolumeHeader) == 64 && FileStruct<VolumeHeader>);

struct Peb {
  Range range = {};
  bool erased = false;  // nothing but 0xff
  bool intact = false;  // its erase header is
  // When it holds a LEB.
  std::optional<VolumeHeader> volume = {};
  bool damaged_volume = false;  // there is a volume header, with a wrong CRC
};

struct Geometry {
  std::uint64_t peb_size = 0;
  std::uint64_t volume_header = 0;  // where it begins in a PEB
  std::uint64_t data = 0;
  std::uint64_t end = 0;  // of the last PEB that counts

  [[nodiscard]] std::uint64_t leb_size() const { return peb_size - data; }
};

[[nodiscard]] std::optional<EraseHeader> EraseHeaderAt(ByteView bytes,
                                                       std::uint64_t at);

// Nothing states the size of a PEB: it is the power of two at whose multiples
// erase headers of this image follow one another best. Nothing when there
// are fewer than two.
[[nodiscard]] std::optional<Geometry> FindGeometry(ByteView bytes);

[[nodiscard]] std::vector<Peb> ReadPebs(ByteView bytes,
                                        const Geometry& geometry);

}  // namespace assay::formats::ubi
