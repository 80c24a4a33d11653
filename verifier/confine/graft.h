// Trees from what a child finished before it ended.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "verifier/model/survey.h"

namespace assay::confine {

// What was finished inside an artifact that then could not be read further:
// children in front of their parents, as one thread finishes them.
using Grafts = std::unordered_map<std::string, std::vector<Node>>;

// The numbered tree with what is known about the inside of its culprits,
// numbered depth first.
[[nodiscard]] std::vector<Node> Grafted(std::vector<Node> tree, Grafts grafts);

}  // namespace assay::confine
