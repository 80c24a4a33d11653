// Shannon entropy: how random bytes look. Compressed and encrypted data come
// close to 8 bits per byte, machine code stays near 6, text near 4.5.
#pragma once

#include <cstdint>

#include "verifier/base/bytes.h"

namespace assay::facts {

struct EntropyProfile {
  double overall = 0;             // bits per byte, 0 to 8
  double max_block = 0;           // the highest of the whole 4 KiB blocks
  std::uint64_t blocks_over = 0;  // whole blocks above 7.9 bits per byte
};

inline constexpr std::size_t kEntropyBlock = 4096;

// One pass. `max_block` equals `overall` for less than one block.
[[nodiscard]] EntropyProfile EntropyProfileOf(ByteView bytes);
[[nodiscard]] double EntropyOf(ByteView bytes);

}  // namespace assay::facts
