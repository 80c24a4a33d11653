// The few ways in which policy files are read. Whatever is wrong throws a
// PolicyError, which LoadPolicy alone catches.
#pragma once

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "verifier/base/time.h"

namespace assay::engine {

// The first thing wrong with the file.
struct PolicyError {
  YAML::Mark mark;
  std::string what;
};

[[noreturn]] void Refuse(const YAML::Node& at, std::string what);

// Refuses what is no map, and keys that are not among these.
void AllowKeys(const YAML::Node& map,
               std::initializer_list<std::string_view> allowed);

// "" when an optional key is missing.
[[nodiscard]] std::string TextOf(const YAML::Node& map, const char* key,
                                 bool required);
[[nodiscard]] std::vector<std::string> ListOf(const YAML::Node& map,
                                              const char* key);
// An empty sequence when the key is missing.
[[nodiscard]] YAML::Node Sequence(const YAML::Node& root, const char* key);
// From 0 to 100.
[[nodiscard]] double PercentOf(const YAML::Node& map, const char* key,
                               double otherwise);
// RFC 3339.
[[nodiscard]] std::optional<UnixTime> TimeOf(const YAML::Node& map,
                                             const char* key);

template <typename T>
[[nodiscard]] T ScalarOf(const YAML::Node& map, const char* key, T otherwise) {
  const YAML::Node node = map[key];
  if (!node) {
    return otherwise;
  }
  try {
    return node.as<T>();
  } catch (const YAML::Exception&) {
    Refuse(node, fmt::format("\"{}\" has the wrong type", key));
  }
}

}  // namespace assay::engine
