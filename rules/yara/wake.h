// Which rules need not be evaluated where none of their strings occurs.
#pragma once

#include "rules/yara/program.h"

namespace assay::yara {

// Whether the condition is false for every content without a string of the
// rule, and without one of the rules that it names. Those are linked before it.
[[nodiscard]] bool HoldsNotWithoutStrings(const Program& program,
                                          const LinkedRule& rule);

}  // namespace assay::yara
