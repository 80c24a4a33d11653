// The registry of fact extractors: one file each, one kind of fact each.
#pragma once

#include <vector>

#include "verifier/model/observations.h"

namespace assay::facts {

#define ASSAY_ENTRY(constant) extern const Analysis constant;
#include "facts_list.inc"
#undef ASSAY_ENTRY

[[nodiscard]] const std::vector<const Analysis*>& AllExtractors();

}  // namespace assay::facts
