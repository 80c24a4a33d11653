// A YARA file into rules.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rules/yara/ast.h"

namespace assay::yara {

struct Include {
  std::string name = {};
  Mark mark = {};
};

struct ParsedFile {
  std::vector<Rule> rules = {};
  std::vector<Include> includes = {};
  // The first mistake, which makes the file unusable; "" when there is none.
  std::string problem = {};
  Mark mark = {};
};

// Pure; bounded by the text's length. Rules that use what is not known here
// (modules, external variables) are read and say so in Rule::unsupported.
[[nodiscard]] ParsedFile ParseFile(std::string_view text);

}  // namespace assay::yara
