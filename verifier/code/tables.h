// Tables of names and functions: commands, routes, requests.
#pragma once

#include <vector>

#include "verifier/code/program.h"
#include "verifier/code/study.h"

namespace assay::code {

// Rows at equal distances that have a pointer to a function and one to a text,
// the row's name, at the same places. Only pointers that a loader adjusts are
// known as such: programs at a fixed address tell none.
[[nodiscard]] std::vector<Handler> FindHandlers(const Image& image,
                                                Program& program);

}  // namespace assay::code
