#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <array>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "verifier/base/byte_source.h"
#include "verifier/base/text.h"
#include "verifier/engine/policy.h"
#include "verifier/engine/policy_yaml.h"

namespace assay::engine {
namespace {

// What a policy demands that does not say otherwise.
constexpr std::array<std::pair<std::string_view, std::string_view>, 17>
    kDefaults = {{{"anchors", "[]"},
                  {"signatures", "[]"},
                  {"freshness", "[]"},
                  {"fail_on", "medium"},
                  {"algorithms", "default"},
                  {"derive", "[]"},
                  {"rules.disable", "[]"},
                  {"sbom.required", "false"},
                  {"sbom.profiles", "[]"},
                  {"sbom.min_index", "0"},
                  {"manifest.signature", "required"},
                  {"ledger.max_unknown", "100"},
                  {"ledger.max_opaque", "100"},
                  {"ledger.min_signed", "0"},
                  {"ledger.min_claimed", "0"},
                  {"ledger.min_parsed", "0"},
                  {"waivers", "[]"}}};

constexpr std::size_t kValueColumn = 44;

class Listing {
 public:
  explicit Listing(std::string path) : path_(std::move(path)) {}

  // The policy was loaded before: it is no deeper than its keys are.
  // NOLINTNEXTLINE(misc-no-recursion)
  void Add(const YAML::Node& node, const std::string& key) {
    if (node.IsMap() && node.size() > 0) {
      for (const auto& entry : node) {
        const auto name = entry.first.as<std::string>();
        Add(entry.second, key.empty() ? name : fmt::format("{}.{}", key, name));
      }
    } else if (node.IsSequence() && node.size() > 0) {
      for (std::size_t i = 0; i < node.size(); ++i) {
        Add(node[i], fmt::format("{}[{}]", key, i));
      }
    } else {
      Line(key, node.IsScalar() ? node.Scalar() : "[]",
           fmt::format("{}:{}", path_, node.Mark().line + 1));
    }
    told_.insert(key);
  }

  void AddDefaults() {
    for (const auto& [key, value] : kDefaults) {
      if (told_.count(key) == 0) {
        Line(std::string(key), std::string(value), "default");
      }
    }
  }

  [[nodiscard]] std::string Finish() { return std::move(text_); }

 private:
  void Line(const std::string& key, const std::string& value,
            const std::string& origin) {
    text_ += fmt::format("{:<{}}  # {}\n", key + ": " + Escaped(value),
                         kValueColumn, origin);
  }

  std::string path_;
  std::string text_;
  std::set<std::string, std::less<>> told_;
};

}  // namespace

Result<std::string> ShowPolicy(const std::string& path) {
  if (const auto policy = LoadPolicy(path); !policy) {
    return Fail(policy.error());
  }
  const auto source = ByteSource::MapFile(path);
  if (!source) {
    return Fail(source.error());
  }
  return ReadYaml(path, AsText(source->bytes()), [&](const YAML::Node& root) {
    Listing listing(path);
    listing.Add(root, "");
    listing.AddDefaults();
    return listing.Finish();
  });
}

}  // namespace assay::engine
