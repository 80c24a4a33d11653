// What this system offers, and what is in force when hostile bytes are read.
// The only place that speaks of the host: reports never do.
#pragma once

#include <string>
#include <vector>

namespace assay::engine {

struct Diagnosis {
  struct Line {
    std::string name = {};
    std::string state = {};
    bool works = true;
    bool needed = false;
  };
  std::vector<Line> host = {};
  std::vector<Line> confined = {};  // tried in a confined child
  std::vector<Line> libraries = {};
  std::vector<Line> contents = {};  // what is looked for, and against what
  // Whether a product can be examined without --unsafe-no-sandbox.
  [[nodiscard]] bool confines() const;
};

[[nodiscard]] Diagnosis Diagnose();

}  // namespace assay::engine
