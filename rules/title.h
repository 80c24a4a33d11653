// Titles with gaps: "possible account {value} with uid {uid}".
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "rules/matcher.h"

namespace assay::rules {

// The names between braces, in order.
[[nodiscard]] std::vector<std::string> GapsOf(std::string_view title);

// Each gap filled with that field of the witness, escaped and shortened;
// {count} with `count`. A field that the witness lacks becomes "?".
[[nodiscard]] std::string FilledTitle(std::string_view title,
                                      const Witness& witness,
                                      const Artifact& artifact,
                                      std::size_t count);

}  // namespace assay::rules
