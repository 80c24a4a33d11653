// Checks of passwords and signatures that something else can replace or spare.
#pragma once

#include <string>
#include <vector>

#include "verifier/code/questions.h"

namespace assay::code {

// What happens behind a check happens as well without it, or although it
// failed, if something else is so: a file is there, a variable is set. `whole`
// becomes false when a function has more such questions than are looked at.
[[nodiscard]] std::vector<Spared> FindSpared(
    const Body& body, const Trace& trace, Program& program, const Image& image,
    const Questions& questions, bool& whole);

}  // namespace assay::code
