// Words that a program understands and does not tell.
#pragma once

#include <vector>

#include "verifier/base/bytes.h"
#include "verifier/code/study.h"

namespace assay::facts {

// Whether a text of the program (its help, its usage, its answer to what it
// does not know) names other words that the gate's function compares with, at
// least three in four, but not the gate's. `words` are sorted by function.
[[nodiscard]] bool IsUnlisted(const code::Gate& gate,
                              const std::vector<code::Word>& words,
                              ByteView content);

}  // namespace assay::facts
