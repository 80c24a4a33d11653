// The last 64 bytes of a partition image with Android verified boot: where
// its vbmeta lie. Layout: AOSP external/avb, libavb/avb_footer.h.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "verifier/base/bytes.h"

namespace assay::formats::avb {

struct Footer {
  Be32 magic, major, minor;
  Be64 original_size, vbmeta_offset, vbmeta_size;
  std::array<std::uint8_t, 28> reserved = {};
};
static_assert(sizeof(Footer) == 64 && FileStruct<Footer>);

inline constexpr std::uint32_t kFooterMagic = 0x41564266;  // "AVBf"

// The footer at the end of `bytes`, if its version is known and what it names
// lies before it, the image before the metadata.
[[nodiscard]] std::optional<Footer> ReadFooter(ByteView bytes);

}  // namespace assay::formats::avb
