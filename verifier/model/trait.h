// What files can do: the facts that two releases are compared by.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "verifier/model/artifact.h"

namespace assay {

// Something that a file does or lets others do: an account, a listener, a
// start-up entry, an import that starts programs.
struct Trait {
  ArtifactId artifact = 0;
  std::string kind = {};   // Fact::kind
  std::string value = {};  // Fact::value
};

// How near it leads to control or data, 1 to 10; 0: it is no trait.
[[nodiscard]] std::uint32_t WeightOf(std::string_view kind,
                                     std::string_view value);

// The least weight of what a report lists (Report::traits).
inline constexpr std::uint32_t kReportedWeight = 4;

}  // namespace assay
