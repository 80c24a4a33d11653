// Reading YAML strictly: every surprise is a problem with file, line, column.
#pragma once

#include <yaml-cpp/yaml.h>

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rules/comparison.h"
#include "rules/rule.h"

namespace assay::rules {

// What is wrong with a rule file, and where.
struct Problem {
  std::string file = {};
  Mark mark = {};  // line 0: the file as a whole
  std::string what = {};

  friend bool operator<(const Problem& a, const Problem& b);
};

// "catalog/x/y.yml:12:3: unknown key \"titel\""
[[nodiscard]] std::string TextOf(const Problem& problem);

[[nodiscard]] Mark MarkOf(const YAML::Node& node);

// Collects the problems of one file. Each read of an absent node gives the
// empty value and no problem; Require() says what must be there.
class YamlReader {
 public:
  YamlReader(std::string file, std::vector<Problem>& problems)
      : file_(std::move(file)), problems_(problems) {}

  void Complain(Mark mark, std::string what);
  void Complain(const YAML::Node& node, std::string what);

  // Whether the node is a map; complains about keys that are not `known` or
  // stand there twice.
  bool IsMap(const YAML::Node& node,
             std::initializer_list<std::string_view> known);
  bool IsMap(const YAML::Node& node);  // any keys, none twice
  // Complains about each key that the map lacks.
  void Require(const YAML::Node& map,
               std::initializer_list<std::string_view> keys);

  // The items of a sequence; complains when the node is something else.
  std::vector<YAML::Node> Items(const YAML::Node& node);
  std::string Text(const YAML::Node& node);
  std::vector<std::string> Texts(const YAML::Node& node);  // or a single one
  std::optional<std::uint64_t> Number(const YAML::Node& node);
  bool Flag(const YAML::Node& node);
  // A scalar as ParseComparison() reads it; a list is "in".
  std::optional<Comparison> Test(const YAML::Node& node);

  [[nodiscard]] const std::string& file() const { return file_; }

 private:
  std::string file_;
  std::vector<Problem>& problems_;
};

}  // namespace assay::rules
