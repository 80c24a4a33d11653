// VERS "lexicographic": the bytes of the text, without normalization.

#include "sbom/versions/orders.h"
#include "sbom/versions/scan.h"

namespace assay::sbom::versions {

int CompareLexicographic(std::string_view a, std::string_view b) {
  return CompareText(a, b);
}

}  // namespace assay::sbom::versions
