// What instructions of x86 do, by their names.
#pragma once

#include <Zydis/Zydis.h>

#include "verifier/code/operation.h"

namespace assay::code {

struct Mapped {
  Does does = Does::kOther;
  Condition condition = Condition::kOther;
  bool extends = false;
};

[[nodiscard]] Mapped Map(const ZydisDecodedInstruction& instruction);

}  // namespace assay::code
