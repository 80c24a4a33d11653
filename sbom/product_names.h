// Whether names and versions from different sources speak of the same product.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>

#include "sbom/packages.h"
#include "sbom/versions.h"

namespace assay::sbom {

// Lower case, letters and digits alone: "Xz-Utils" -> "xzutils".
[[nodiscard]] std::string PlainName(std::string_view name);

// The same product: equal as plain names, to the package or to its source,
// or to the package's name up to a '-' ("dropbear-bin" is "dropbear").
[[nodiscard]] bool IsProductOf(const Package& package,
                               std::string_view product);

// Names that may speak of the same product, wide enough that others surely do
// not: one begins with the other, or at least half of the shorter one occurs in
// the other ("libssl3" and "openssl"). A leading "lib" counts for nothing.
[[nodiscard]] bool MayBeSame(std::string_view a, std::string_view b);

// Many names that are asked about many products.
class ProductNames {
 public:
  void Add(std::string_view name) { names_.insert(PlainName(name)); }
  // Whether one of the names MayBeSame() as the product. After half a
  // million comparisons, which no honest product needs, only names that begin
  // alike are: what is hidden among too many names is still found.
  [[nodiscard]] bool MayHold(std::string_view product);

 private:
  std::set<std::string> names_ = {};          // plain
  std::map<std::string, bool> answers_ = {};  // by plain product
  std::size_t compared_ = 0;
};

// Whether the versions can belong to the same upstream release: equal under
// `order`, different in packaging alone, or one is the other with fewer parts.
[[nodiscard]] bool VersionsAgree(VersionOrder order, std::string_view a,
                                 std::string_view b);

}  // namespace assay::sbom
