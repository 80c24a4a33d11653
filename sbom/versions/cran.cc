// CRAN: "Writing R Extensions", 1.1.1, and R's package_version(): numbers
// between '.' or '-'; more of them are newer. Other text: CompareGeneric.

#include "sbom/versions/orders.h"
#include "sbom/versions/scan.h"

namespace assay::sbom::versions {
namespace {

bool AreNumbers(Fields fields) {
  while (const auto field = fields.Next()) {
    if (!IsNumber(*field)) {
      return false;
    }
  }
  return true;
}

}  // namespace

int CompareCran(std::string_view a, std::string_view b) {
  const Fields left(a, ".-");
  const Fields right(b, ".-");
  if (!AreNumbers(left) || !AreNumbers(right)) {
    return CompareGeneric(a, b);
  }
  return CompareEach(left, right, std::nullopt, CompareNumbers);
}

}  // namespace assay::sbom::versions
