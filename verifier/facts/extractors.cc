#include "verifier/facts/extractors.h"

namespace assay::facts {

const std::vector<const Analysis*>& AllExtractors() {
  static const std::vector<const Analysis*> kAll = {
#define ASSAY_ENTRY(constant) &constant,
#include "facts_list.inc"
#undef ASSAY_ENTRY
  };
  return kAll;
}

}  // namespace assay::facts
