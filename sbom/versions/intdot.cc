// VERS "intdot": numbers between dots, up to the first byte that is neither a
// digit nor a dot.

#include "sbom/versions/orders.h"
#include "sbom/versions/scan.h"

namespace assay::sbom::versions {
namespace {

std::string_view NumbersOf(std::string_view text) {
  const std::size_t end = text.find_first_not_of("0123456789.");
  return text.substr(0, end);
}

}  // namespace

int CompareIntdot(std::string_view a, std::string_view b) {
  return CompareEach(Fields(NumbersOf(a), "."), Fields(NumbersOf(b), "."), "0",
                     CompareNumbers);
}

}  // namespace assay::sbom::versions
