#include "verifier/cli/precompiled.h"

#include <cstddef>
#include <cstdint>

// A compiler takes minutes for an array of some megabytes, an assembler none.
__asm__(
    ".pushsection .rodata\n"
    ".balign 64\n"
    ".global assay_patterns\n"
    "assay_patterns: .incbin \"" ASSAY_PATTERNS
    "\"\n"
    ".global assay_patterns_size\n"
    ".balign 8\n"
    "assay_patterns_size: .quad . - assay_patterns\n"
    ".popsection\n");

extern "C" const std::uint8_t assay_patterns[];
extern "C" const std::uint64_t assay_patterns_size;

namespace assay::cli {

ByteView PrecompiledPatterns() {
  return {static_cast<const std::uint8_t*>(assay_patterns),
          static_cast<std::size_t>(assay_patterns_size)};
}

}  // namespace assay::cli
