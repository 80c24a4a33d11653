#include "verifier/code/machine.h"

namespace assay::code {
namespace {

// e_flags: MIPS supplement 4, "ELF Header", and what GNU tools added to it.
const Machine* MipsOf(const MachineKey& key) {
  constexpr std::uint32_t kShort = 0x06000000;  // MIPS16 or microMIPS
  constexpr std::uint32_t kN32 = 0x20;
  constexpr std::uint32_t kAbi = 0xf000;  // not said, or o32
  constexpr std::uint32_t kO32 = 0x1000;
  constexpr std::uint32_t kRelease6 = 0x90000000;  // encoded anew
  const std::uint32_t abi = key.flags & kAbi;
  const bool read = !key.is_64 && (key.flags & (kShort | kN32)) == 0 &&
                    (abi == 0 || abi == kO32) && key.flags < kRelease6;
  return !read ? nullptr : key.big ? &kMipsBig : &kMipsLittle;
}

}  // namespace

const Machine* MachineOf(const MachineKey& key) {
  switch (key.machine) {
    case 3:
      return &kX86_32;
    case 8:
      return MipsOf(key);
    case 62:
      return key.is_64 ? &kX86_64 : nullptr;
    case 40:
      return key.is_64 || key.big ? nullptr : &kArm;
    case 183:
      return key.is_64 && !key.big ? &kArm64 : nullptr;
    default:
      return nullptr;
  }
}

}  // namespace assay::code
