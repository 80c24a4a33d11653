// What a buyer should ask the vendor for, out of everything that weighs.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "verifier/model/report.h"

namespace assay::report::html {

struct Ask {
  std::string about = {};    // what was seen: "possible hidden administrator"
  std::string request = {};  // what would settle it, one or two sentences
  std::string place = {};    // path of the first place, "" for none
  std::size_t more = 0;      // further places of which the same is asked
  std::string finding = {};  // id of the first finding, "" when it is none
  std::string weight = {};   // "critical", "signature" ...
};

// At most `most`, heaviest first, each request once: the fixes of findings,
// then signatures that do not hold and that no finding speaks of, then what
// could not be examined, then an SBOM where none came.
[[nodiscard]] std::vector<Ask> AsksOf(const Report& report, std::size_t most);

}  // namespace assay::report::html
