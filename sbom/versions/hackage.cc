// Haskell: pvp.haskell.org, section 2: numbers between dots in the order of
// lists, so that "1.0" < "1.0.0". Other text: CompareGeneric.

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

int CompareHackage(std::string_view a, std::string_view b) {
  const Fields left(a, ".");
  const Fields right(b, ".");
  if (!AreNumbers(left) || !AreNumbers(right)) {
    return CompareGeneric(a, b);
  }
  return CompareEach(left, right, std::nullopt, CompareNumbers);
}

}  // namespace assay::sbom::versions
