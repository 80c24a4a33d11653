// A tree in which the inside of equal artifacts stands once, and the whole
// tree that it stands for.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "verifier/model/survey.h"

namespace assay::unpack {

struct FoldedSurvey {
  // Places in `survey.nodes`. A copy has no children there: it holds what the
  // original holds.
  struct Copy {
    std::uint64_t copy = 0;
    std::uint64_t original = 0;
  };

  Survey survey = {};
  std::vector<Copy> copies = {};
  // The nodes that their container gives no name: they are called after it,
  // and after the copy in a copy.
  std::vector<std::uint64_t> nameless = {};
};

// Every copy with an inside of its own, all ids set. Nothing when the copies
// are not what they claim to be, or when it were more than `most` nodes.
// Expects nodes that stand depth first.
[[nodiscard]] std::optional<Survey> Unfolded(FoldedSurvey folded,
                                             std::uint64_t most);

}  // namespace assay::unpack
