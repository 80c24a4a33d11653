#include "verifier/formats/boot/sunxi_checksum.h"

namespace assay::formats {

std::uint32_t SunxiChecksum(ByteView image, std::uint64_t at) {
  std::uint32_t sum = 0x5F0A6C39;
  ByteReader reader(image);
  while (const auto word = reader.Take<Le32>()) {
    if (reader.consumed() != at + sizeof(Le32)) {
      sum += *word;
    }
  }
  return sum;
}

}  // namespace assay::formats
