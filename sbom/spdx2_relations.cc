// Specification: SPDX 2.3, clause 11.1, table 68.

#include "sbom/spdx2_relations.h"

#include <array>
#include <utility>

namespace assay::sbom {

using Meaning = Spdx2Meaning;

bool IsElsewhereInSpdx2(std::string_view ref) {
  return ref == "NONE" || ref == "NOASSERTION" ||
         ref.substr(0, 11) == "DocumentRef";
}

bool IsStatedInSpdx2(std::string_view text) {
  return !text.empty() && text != "NONE" && text != "NOASSERTION";
}

Meaning MeaningOfRelation(std::string_view type) {
  constexpr std::array<std::pair<std::string_view, Meaning>, 14> kMeanings = {
      {{"DESCRIBES", Meaning::kDescribes},
       {"DESCRIBED_BY", Meaning::kDescribedBy},
       {"CONTAINS", Meaning::kContains},
       {"CONTAINED_BY", Meaning::kContainedBy},
       {"DEPENDS_ON", Meaning::kDependsOn},
       {"DEPENDENCY_OF", Meaning::kDependencyOf},
       {"RUNTIME_DEPENDENCY_OF", Meaning::kDependencyOf},
       {"BUILD_DEPENDENCY_OF", Meaning::kNotDelivered},
       {"BUILD_TOOL_OF", Meaning::kNotDelivered},
       {"DEV_DEPENDENCY_OF", Meaning::kNotDelivered},
       {"DEV_TOOL_OF", Meaning::kNotDelivered},
       {"TEST_DEPENDENCY_OF", Meaning::kNotDelivered},
       {"TEST_TOOL_OF", Meaning::kNotDelivered},
       {"OPTIONAL_DEPENDENCY_OF", Meaning::kOptional}}};
  for (const auto& [name, meaning] : kMeanings) {
    if (name == type) {
      return meaning;
    }
  }
  return Meaning::kOther;
}

}  // namespace assay::sbom
