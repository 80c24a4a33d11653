#include "verifier/engine/policy_yaml.h"

#include <algorithm>
#include <utility>

namespace assay::engine {

void Refuse(const YAML::Node& at, std::string what) {
  throw PolicyError{at.Mark(), std::move(what)};
}

void AllowKeys(const YAML::Node& map,
               std::initializer_list<std::string_view> allowed) {
  if (!map.IsMap()) {
    Refuse(map, "a map of keys is expected here");
  }
  for (const auto& entry : map) {
    const auto key = entry.first.as<std::string>();
    if (std::find(allowed.begin(), allowed.end(), key) == allowed.end()) {
      Refuse(entry.first, fmt::format("unknown key \"{}\"", key));
    }
  }
}

std::string TextOf(const YAML::Node& map, const char* key, bool required) {
  const YAML::Node node = map[key];
  if (!node) {
    if (required) {
      Refuse(map, fmt::format("\"{}\" is missing", key));
    }
    return {};
  }
  if (!node.IsScalar()) {
    Refuse(node, fmt::format("\"{}\" must be text", key));
  }
  return node.as<std::string>();
}

std::vector<std::string> ListOf(const YAML::Node& map, const char* key) {
  std::vector<std::string> list;
  const YAML::Node node = map[key];
  if (node && !node.IsSequence()) {
    Refuse(node, fmt::format("\"{}\" must be a list", key));
  }
  if (node) {
    for (const YAML::Node& item : node) {
      if (!item.IsScalar()) {
        Refuse(item, fmt::format("\"{}\" must be a list of texts", key));
      }
      list.push_back(item.as<std::string>());
    }
  }
  return list;
}

double PercentOf(const YAML::Node& map, const char* key, double otherwise) {
  const auto value = ScalarOf<double>(map, key, otherwise);
  if (!(value >= 0 && value <= 100)) {
    Refuse(map[key], fmt::format("\"{}\" must lie between 0 and 100", key));
  }
  return value;
}

std::optional<UnixTime> TimeOf(const YAML::Node& map, const char* key) {
  const std::string text = TextOf(map, key, false);
  if (text.empty()) {
    return std::nullopt;
  }
  const auto time = ParseTime(text);
  if (!time) {
    Refuse(map[key], fmt::format("\"{}\" is no RFC 3339 time: {}", key, text));
  }
  return time;
}

YAML::Node Sequence(const YAML::Node& root, const char* key) {
  const YAML::Node node = root[key];
  if (node && !node.IsSequence()) {
    Refuse(node, fmt::format("\"{}\" must be a list", key));
  }
  return node ? node : YAML::Node(YAML::NodeType::Sequence);
}

}  // namespace assay::engine
