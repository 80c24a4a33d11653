// capa's rules as rules: files that others wrote, imported from a user's
// folder. Only what they ask of a file as a whole is translated; the rest is
// named.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rules/rule.h"
#include "rules/yaml_reader.h"

namespace assay::rules {

// The family of every such rule, and how its id begins: "CAPA:<file>:<name>".
inline constexpr std::string_view kCapaFamily = "CAPA";

struct CapaFile {
  std::string name = {};
  std::string text = {};
};

struct CapaRules {
  std::vector<Rule> rules = {};
  std::vector<NotImported> not_imported = {};
};

// Whether the text of a *.yml file is a rule of capa: by its key "rule".
[[nodiscard]] bool IsCapaRule(std::string_view text);

// All rules at once, as they may ask for each other.
[[nodiscard]] CapaRules ImportCapa(const std::vector<CapaFile>& files,
                                   std::vector<Problem>& problems);

}  // namespace assay::rules
