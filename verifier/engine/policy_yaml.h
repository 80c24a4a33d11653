// The few ways in which the user's own YAML is read: policies, exceptions.
// Whatever is wrong throws a PolicyError, which ReadYaml alone catches.
#pragma once

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "verifier/base/result.h"
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

// What `read` makes of the text; kConfig names file, line and column.
template <typename Read>
[[nodiscard]] auto ReadYaml(const std::string& path, std::string_view text,
                            Read read) -> Result<decltype(read(YAML::Node()))> {
  const auto refuse = [&](const YAML::Mark& mark, const std::string& what) {
    return Fail(ErrorCode::kConfig,
                fmt::format("{}:{}:{}: {}", path, mark.line + 1,
                            mark.column + 1, what));
  };
  try {
    return read(YAML::Load(std::string(text)));
  } catch (const PolicyError& error) {
    return refuse(error.mark, error.what);
  } catch (const YAML::Exception& error) {
    return refuse(error.mark, error.msg);
  }
}

}  // namespace assay::engine
