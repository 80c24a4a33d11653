#include "verifier/code/machine.h"

namespace assay::code {

const Machine* MachineOf(const MachineKey& key) {
  switch (key.machine) {
    case 3:
      return &kX86_32;
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
