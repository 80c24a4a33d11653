#include "verifier/base/crc32.h"

#include <libdeflate.h>

namespace assay {

std::uint32_t Crc32(ByteView bytes, std::uint32_t start) {
  return libdeflate_crc32(start, bytes.data(), bytes.size());
}

}  // namespace assay
