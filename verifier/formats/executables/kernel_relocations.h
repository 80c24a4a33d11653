// The table that follows vmlinux in the payload of an x86 kernel: where the
// decompressor patches the kernel after it has moved it.
// Layout: Linux arch/x86/tools/relocs.c, emit_relocs(): 32-bit little-endian
// words; each list begins with a 0 and holds ascending addresses of the
// kernel's part of the address space.
#pragma once

#include <cstdint>

#include "verifier/base/bytes.h"

namespace assay::formats {

// Whether all of these bytes are such a table.
[[nodiscard]] bool IsKernelRelocations(ByteView bytes);

}  // namespace assay::formats
