#include "rules/capa_reader.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>
#include <utility>

#include "rules/condition_reader.h"
#include "verifier/base/text.h"

namespace assay::rules {
namespace {

using Kind = CapaNode::Kind;

constexpr std::string_view kOrMore = " or more";
// Aliases of YAML can make a small text a large tree.
constexpr std::size_t kMostNodes = 4096;

// "Process Injection [T1055.001]" -> "T1055.001"
std::string TechniqueIn(std::string_view text) {
  const std::size_t open = text.rfind("[T");
  const std::size_t close = text.find(']', open);
  return open == std::string_view::npos || close == std::string_view::npos
             ? std::string()
             : std::string(text.substr(open + 1, close - open - 1));
}

class RuleReader {
 public:
  explicit RuleReader(YamlReader& reader) : reader_(reader) {}

  void Read(const YAML::Node& root) {
    const YAML::Node rule = root.IsMap() ? root["rule"] : YAML::Node();
    if (!rule || !rule.IsMap() || !rule["meta"] || !rule["meta"].IsMap()) {
      reader_.Complain(root,
                       "a rule of capa has \"rule:\" with \"meta:\" and "
                       "\"features:\" below");
      return;
    }
    ReadMeta(rule["meta"]);
    const YAML::Node features = rule["features"];
    if (!features || !features.IsSequence() || features.size() != 1) {
      reader_.Complain(features ? features : rule,
                       "\"features:\" is a list of one statement: put the "
                       "features below \"- and:\" or \"- or:\"");
      return;
    }
    rule_.features = ReadNode(features[0], 1);
  }

  CapaRule rule_;

 private:
  void ReadMeta(const YAML::Node& meta) {
    rule_.mark = MarkOf(meta);
    rule_.name = reader_.Text(meta["name"]);
    rule_.space = reader_.Text(meta["namespace"]);
    rule_.description = reader_.Text(meta["description"]);
    rule_.library = meta["lib"] && reader_.Flag(meta["lib"]);
    if (rule_.name.empty()) {
      reader_.Complain(meta, "the rule has no name: add \"name:\" to its meta");
    }
    const YAML::Node scopes = meta["scopes"];
    if (scopes && scopes.IsMap()) {
      rule_.scope = reader_.Text(scopes["static"]);
    } else if (meta["scope"]) {
      rule_.scope = reader_.Text(meta["scope"]);
    } else {
      reader_.Complain(meta,
                       "the rule has no scope: add \"scopes:\" with "
                       "\"static: file\" to its meta");
    }
    const YAML::Node attack = meta["att&ck"];
    for (const std::string& line :
         attack ? reader_.Texts(attack) : std::vector<std::string>()) {
      if (std::string technique = TechniqueIn(line); !technique.empty()) {
        rule_.attack.push_back(std::move(technique));
      }
    }
  }

  // NOLINTNEXTLINE(misc-no-recursion): bounded by kConditionDepth.
  CapaNode ReadNode(const YAML::Node& node, std::uint32_t depth) {
    CapaNode read{.kind = Kind::kOther, .mark = MarkOf(node)};
    if (depth > kConditionDepth || ++nodes_ > kMostNodes) {
      reader_.Complain(node, "too many features, or nested too deep");
      return read;
    }
    const auto entry = KeyOf(node);
    if (!entry) {
      return read;
    }
    const std::string& key = entry->first;
    const YAML::Node& body = entry->second;
    const auto count = CountOf(key);
    constexpr std::array<std::pair<std::string_view, Kind>, 4> kStatements = {
        {{"and", Kind::kAll},
         {"or", Kind::kAtLeast},
         {"not", Kind::kNone},
         {"optional", Kind::kOptional}}};
    const auto* const statement =
        std::find_if(kStatements.begin(), kStatements.end(),
                     [&](const auto& one) { return one.first == key; });
    if (statement != kStatements.end()) {
      read.kind = statement->second;
      ReadChildren(body, depth, read);
    } else if (count) {
      read.kind = *count == 0 ? Kind::kOptional : Kind::kAtLeast;
      read.at_least = *count;
      ReadChildren(body, depth, read);
    } else if (!body.IsScalar()) {
      read.value = fmt::format("asks for \"{}\"", Escaped(key));
    } else {
      read.kind = key == "match" ? Kind::kMatch : Kind::kFeature;
      read.key = key;
      read.value = WithoutDescription(key, body.Scalar());
    }
    return read;
  }

  // The one key of a statement or feature; a description may stand beside it.
  std::optional<std::pair<std::string, YAML::Node>> KeyOf(
      const YAML::Node& node) {
    std::optional<std::pair<std::string, YAML::Node>> found;
    bool more = false;
    if (node.IsMap()) {
      for (const auto& entry : node) {
        const std::string key = reader_.Text(entry.first);
        if (key != "description") {
          more = found.has_value();
          found = found ? found : std::optional(std::pair(key, entry.second));
        }
      }
    }
    if (!found || more) {
      reader_.Complain(node,
                       "a statement or feature has one key: begin each "
                       "with \"- \"");
      return std::nullopt;
    }
    return found;
  }

  // NOLINTNEXTLINE(misc-no-recursion): bounded by kConditionDepth.
  void ReadChildren(const YAML::Node& list, std::uint32_t depth,
                    CapaNode& into) {
    for (const YAML::Node& item : reader_.Items(list)) {
      const bool described =
          item.IsMap() && item.size() == 1 && item["description"];
      if (!described) {
        into.of.push_back(ReadNode(item, depth + 1));
      }
    }
    if (into.of.empty()) {
      reader_.Complain(into.mark,
                       "a statement over nothing: name the features "
                       "below it");
    }
  }

  // "2 or more"
  static std::optional<std::uint32_t> CountOf(std::string_view key) {
    if (key.size() <= kOrMore.size() ||
        key.substr(key.size() - kOrMore.size()) != kOrMore) {
      return std::nullopt;
    }
    const auto number = NumberOf(key.substr(0, key.size() - kOrMore.size()));
    return number && *number <= kMostNodes
               ? std::optional(static_cast<std::uint32_t>(*number))
               : std::nullopt;
  }

  // "name = what it is": of all but strings, which are taken as they stand.
  static std::string WithoutDescription(std::string_view key,
                                        std::string_view value) {
    return std::string(key == "string" ? value
                                       : value.substr(0, value.find(" = ")));
  }

  YamlReader& reader_;
  std::size_t nodes_ = 0;
};

}  // namespace

std::optional<CapaRule> ReadCapaRule(std::string_view text,
                                     YamlReader& reader) {
  std::vector<Problem> seen;
  YamlReader own(reader.file(), seen);
  RuleReader rule(own);
  try {
    rule.Read(YAML::Load(std::string(text)));
  } catch (const YAML::Exception& error) {
    own.Complain({static_cast<std::uint32_t>(error.mark.line) + 1,
                  static_cast<std::uint32_t>(error.mark.column) + 1},
                 error.msg);
  }
  for (Problem& problem : seen) {
    reader.Complain(problem.mark, std::move(problem.what));
  }
  if (!seen.empty()) {
    return std::nullopt;
  }
  rule.rule_.file = reader.file();
  return std::move(rule.rule_);
}

}  // namespace assay::rules
