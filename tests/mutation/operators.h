// One way each to make a truthful SBOM, or a product, a lie.
#pragma once

#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "tests/mutation/product.h"

namespace assay::mutation {

// A product, the SBOM that comes with it, and what is beside them.
struct Case {
  Product product = {};
  HeldDocument document = {};
  std::vector<HeldDocument> others = {};  // found inside the product
  std::optional<Survey> reference = {};
  // What was touched: name of a package, or path.
  std::string touched = {};
};

struct Operator {
  const char* code = "";
  DiscrepancyKind kind = DiscrepancyKind::kUndeclared;
  const char* what = "";
  // Other kinds that the same change brings about.
  std::vector<DiscrepancyKind> along = {};
  // False when the product has nothing that it could be applied to.
  bool (*apply)(Case& one, std::mt19937& random) = nullptr;
};

[[nodiscard]] const std::vector<Operator>& AllOperators();

}  // namespace assay::mutation
