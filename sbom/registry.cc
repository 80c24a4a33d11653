#include "sbom/registry.h"

namespace assay::sbom {

const std::vector<const SbomReader*>& AllReaders() {
  static const std::vector<const SbomReader*> kAll = {
#define ASSAY_ENTRY(constant) &constant,
#include "sbom_list.inc"
#undef ASSAY_ENTRY
  };
  return kAll;
}

const std::vector<const Analysis*>& AllCataloguers() {
  static const std::vector<const Analysis*> kAll = {
#define ASSAY_ENTRY(constant) &constant,
#include "cataloguers_list.inc"
#undef ASSAY_ENTRY
  };
  return kAll;
}

}  // namespace assay::sbom
