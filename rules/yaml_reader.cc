#include "rules/yaml_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <tuple>

#include "verifier/base/text.h"

namespace assay::rules {

bool operator<(const Problem& a, const Problem& b) {
  return std::tie(a.file, a.mark.line, a.mark.column, a.what) <
         std::tie(b.file, b.mark.line, b.mark.column, b.what);
}

std::string TextOf(const Problem& problem) {
  return fmt::format("{}:{}:{}: {}", problem.file, problem.mark.line,
                     problem.mark.column, problem.what);
}

Mark MarkOf(const YAML::Node& node) {
  const YAML::Mark mark = node.Mark();
  if (mark.is_null()) {
    return {};
  }
  return {static_cast<std::uint32_t>(mark.line) + 1,
          static_cast<std::uint32_t>(mark.column) + 1};
}

void YamlReader::Complain(Mark mark, std::string what) {
  problems_.push_back({file_, mark, std::move(what)});
}

void YamlReader::Complain(const YAML::Node& node, std::string what) {
  Complain(MarkOf(node), std::move(what));
}

bool YamlReader::IsMap(const YAML::Node& node) {
  if (!node.IsMap()) {
    Complain(node, "a map was expected");
    return false;
  }
  std::set<std::string> seen;
  for (const auto& entry : node) {
    if (!entry.first.IsScalar()) {
      Complain(entry.first, "a key that is no plain text");
    } else if (!seen.insert(entry.first.Scalar()).second) {
      Complain(entry.first,
               fmt::format("key \"{}\" twice", Escaped(entry.first.Scalar())));
    }
  }
  return true;
}

bool YamlReader::IsMap(const YAML::Node& node,
                       std::initializer_list<std::string_view> known) {
  if (!IsMap(node)) {
    return false;
  }
  for (const auto& entry : node) {
    if (entry.first.IsScalar() &&
        std::find(known.begin(), known.end(), entry.first.Scalar()) ==
            known.end()) {
      Complain(entry.first, fmt::format("unknown key \"{}\"",
                                        Escaped(entry.first.Scalar())));
    }
  }
  return true;
}

void YamlReader::Require(const YAML::Node& map,
                         std::initializer_list<std::string_view> keys) {
  for (const std::string_view key : keys) {
    if (!map[std::string(key)]) {
      Complain(map, fmt::format("key \"{}\" is missing", key));
    }
  }
}

std::vector<YAML::Node> YamlReader::Items(const YAML::Node& node) {
  if (!node) {
    return {};
  }
  if (!node.IsSequence()) {
    Complain(node, "a list was expected");
    return {};
  }
  return {node.begin(), node.end()};
}

std::string YamlReader::Text(const YAML::Node& node) {
  if (!node) {
    return {};
  }
  if (!node.IsScalar()) {
    Complain(node, "a text was expected");
    return {};
  }
  return node.Scalar();
}

std::vector<std::string> YamlReader::Texts(const YAML::Node& node) {
  if (!node) {
    return {};
  }
  if (node.IsScalar()) {
    return {node.Scalar()};
  }
  std::vector<std::string> texts;
  for (const YAML::Node& item : Items(node)) {
    texts.push_back(Text(item));
  }
  return texts;
}

std::optional<std::uint64_t> YamlReader::Number(const YAML::Node& node) {
  if (!node) {
    return std::nullopt;
  }
  const auto number = NumberOf(Text(node));
  if (!number) {
    Complain(node, "a whole number was expected");
  }
  return number;
}

bool YamlReader::Flag(const YAML::Node& node) {
  const std::string text = Text(node);
  if (node && text != "true" && text != "false") {
    Complain(node, "true or false was expected");
  }
  return text == "true";
}

std::optional<Comparison> YamlReader::Test(const YAML::Node& node) {
  if (node.IsSequence()) {
    return Comparison{.op = Comparison::Operator::kIn, .operands = Texts(node)};
  }
  auto comparison = ParseComparison(Text(node));
  if (!comparison) {
    Complain(node, comparison.error().what);
    return std::nullopt;
  }
  return std::move(*comparison);
}

}  // namespace assay::rules
