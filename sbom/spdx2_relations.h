// What the relationships of SPDX 2 say of components.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace assay::sbom {

// Clause 11.1, table 68. "A x_OF B" turns round to "B depends on A".
enum class Spdx2Meaning {
  kOther,
  kDescribes,
  kDescribedBy,
  kContains,
  kContainedBy,
  kDependsOn,
  kDependencyOf,
  kNotDelivered,  // A helps to make or test B and is no part of it
  kOptional,
};

// Whether a reference is one of the two words for "nothing" or leads into
// another document.
[[nodiscard]] bool IsElsewhereInSpdx2(std::string_view ref);
// Whether a field says something: neither empty nor one of those words.
[[nodiscard]] bool IsStatedInSpdx2(std::string_view text);

[[nodiscard]] Spdx2Meaning MeaningOfRelation(std::string_view type);

// What the document is about, as its relations say.
struct Spdx2Subjects {
  std::string first = {};
  std::size_t count = 0;

  void Add(const std::string& ref) {
    first = count == 0 ? ref : first;
    count += ref == first && count > 0 ? 0U : 1U;
  }
};

}  // namespace assay::sbom
