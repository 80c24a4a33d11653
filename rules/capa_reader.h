// The text of a capa rule, before it is known whether it can be evaluated.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/rule.h"
#include "rules/yaml_reader.h"

namespace assay::rules {

// A node of a rule's tree of features.
struct CapaNode {
  enum class Kind : std::uint8_t {
    kAll,       // and
    kAtLeast,   // or, "N or more"
    kNone,      // not
    kOptional,  // optional, "0 or more": adds nothing to the question
    kFeature,
    kMatch,  // another rule, or any of a namespace
    kOther,  // what this version does not ask
  };
  Kind kind = Kind::kAll;
  std::uint32_t at_least = 1;
  std::vector<CapaNode> of = {};
  std::string key = {};    // kFeature
  std::string value = {};  // kFeature, kMatch; kOther: why
  Mark mark = {};
};

struct CapaRule {
  std::string file = {};
  std::string name = {};
  std::string space = {};  // its namespace: "anti-analysis/packer"
  std::string description = {};
  std::vector<std::string> attack = {};
  bool library = false;  // only there for other rules
  std::string scope = {};
  CapaNode features = {};
  Mark mark = {};
};

// Nothing when the text has mistakes, which the reader has then told.
[[nodiscard]] std::optional<CapaRule> ReadCapaRule(std::string_view text,
                                                   YamlReader& reader);

}  // namespace assay::rules
