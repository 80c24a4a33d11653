#include "verifier/formats/executables/kernel_relocations.h"

namespace assay::formats {

bool IsKernelRelocations(ByteView bytes) {
  constexpr std::uint32_t kKernelSpace = 0x80000000;
  constexpr std::size_t kFewest = 64;  // words; kernels have tens of thousands
  constexpr int kMostLists = 3;
  if (bytes.size() % sizeof(Le32) != 0 ||
      bytes.size() / sizeof(Le32) < kFewest) {
    return false;
  }
  ByteReader reader(bytes);
  int lists = 0;
  std::uint32_t last = 0;
  while (const auto word = reader.Take<Le32>()) {
    if (*word == 0) {
      ++lists;
    } else if (lists == 0 || *word < kKernelSpace || *word < last) {
      return false;
    }
    last = *word;
  }
  return lists <= kMostLists;
}

}  // namespace assay::formats
