// Where the parts of an MCUboot image lie.
// Layout: MCUboot documentation, "Bootloader", "Image format";
// boot/bootutil/include/bootutil/image.h.
#pragma once

#include <cstdint>
#include <vector>

#include "verifier/base/bytes.h"
#include "verifier/base/result.h"

namespace assay::formats {

struct McubootHeader {
  Le32 magic, load_address;
  Le16 header_size, protected_size;
  Le32 image_size, flags;
  std::uint8_t major = 0;
  std::uint8_t minor = 0;
  Le16 revision;
  Le32 build, padding;
};
static_assert(sizeof(McubootHeader) == 32 && FileStruct<McubootHeader>);

inline constexpr std::uint32_t kMcubootEncrypted = 0x04 | 0x08;
inline constexpr std::uint64_t kMcubootAreaSize = 4;  // an area's own header

struct McubootImage {
  McubootHeader header = {};
  std::uint64_t payload_end = 0;
  std::uint64_t protected_end = 0;  // what a digest or signature covers
  std::uint64_t end = 0;            // of the TLVs
};

[[nodiscard]] bool HasMcubootHeader(ByteView head);
// kNotThisFormat, kTruncated or kMalformed when it is none.
[[nodiscard]] Result<McubootImage> McubootImageOf(ByteView bytes);

struct McubootTlv {
  bool is_protected = false;
  std::uint16_t type = 0;
  Range value = {};
};

struct McubootTlvs {
  std::vector<McubootTlv> list = {};  // in the order of the file
  std::vector<Range> headers = {};    // of the areas and of each TLV
  std::vector<Range> damage = {};     // rests of an area that hold no TLV
};
[[nodiscard]] McubootTlvs TlvsOf(ByteView bytes, const McubootImage& image);

}  // namespace assay::formats
