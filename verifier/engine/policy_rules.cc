#include "verifier/engine/policy_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "signatures/scheme.h"
#include "signatures/signed_list.h"
#include "verifier/engine/policy_yaml.h"

namespace assay::engine {
namespace {

TimeModel TimeModelOf(const YAML::Node& node) {
  constexpr std::array kModels = {TimeModel::kNow, TimeModel::kTrustedTimestamp,
                                  TimeModel::kIgnore};
  const std::string word = TextOf(node, "time", false);
  const auto* const known =
      std::find_if(kModels.begin(), kModels.end(),
                   [&](TimeModel one) { return NameOf(one) == word; });
  if (known != kModels.end()) {
    return *known;
  }
  if (node["time"]) {
    Refuse(node["time"],
           fmt::format("unknown time \"{}\": now, trusted-timestamp or ignore",
                       word));
  }
  return TimeModel::kByScheme;
}

// The chain of an apt archive is no scheme of the registry.
bool IsScheme(std::string_view name) {
  return name == signatures::kAptArchive ||
         signatures::FindScheme(name) != nullptr;
}

template <typename T>
std::optional<T> NumberOf(const YAML::Node& node, const char* key) {
  // yaml-cpp takes "-1" for the largest number.
  if (node[key] && TextOf(node, key, true).starts_with('-')) {
    Refuse(node[key], fmt::format("\"{}\" must not be negative", key));
  }
  return node[key] ? std::optional(ScalarOf<T>(node, key, T{})) : std::nullopt;
}

}  // namespace

SignatureRule SignatureRuleOf(const YAML::Node& node, const Policy& policy) {
  AllowKeys(node, {"match", "anchors", "count", "coverage", "time"});
  SignatureRule rule;
  rule.match = TextOf(node, "match", true);
  rule.count = ScalarOf<std::uint32_t>(node, "count", 1);
  rule.coverage = PercentOf(node, "coverage", 0);
  rule.anchors = ListOf(node, "anchors");
  rule.time = TimeModelOf(node);
  for (const std::string& name : rule.anchors) {
    const bool known = std::any_of(
        policy.anchors.begin(), policy.anchors.end(),
        [&](const TrustAnchor& anchor) { return anchor.name == name; });
    if (!known) {
      Refuse(node["anchors"], fmt::format("unknown anchor \"{}\"", name));
    }
  }
  return rule;
}

FreshnessRule FreshnessRuleOf(const YAML::Node& node) {
  AllowKeys(node, {"scheme", "match", "rollback_index", "version", "date",
                   "max_age", "valid_until"});
  // What is there and says nothing must not pass for a demand.
  for (const auto& entry : node) {
    if (entry.second.IsNull() ||
        (entry.second.IsScalar() && entry.second.Scalar().empty())) {
      Refuse(entry.first,
             fmt::format("\"{}\" is empty", entry.first.as<std::string>()));
    }
  }
  FreshnessRule rule;
  rule.scheme = TextOf(node, "scheme", false);
  rule.match = TextOf(node, "match", false);
  if (rule.scheme.empty() && rule.match.empty()) {
    Refuse(node, R"(a rule of freshness has "scheme" or "match")");
  }
  if (!rule.scheme.empty() && !IsScheme(rule.scheme)) {
    Refuse(node["scheme"], fmt::format("unknown scheme \"{}\"", rule.scheme));
  }
  rule.rollback_index = NumberOf<std::uint64_t>(node, "rollback_index");
  rule.version = TextOf(node, "version", false);
  rule.date = TimeOf(node, "date");
  rule.max_age = NumberOf<std::uint32_t>(node, "max_age");
  if (const std::string word = TextOf(node, "valid_until", false);
      !word.empty()) {
    if (word != "required") {
      Refuse(node["valid_until"], R"("valid_until" can only be "required")");
    }
    rule.valid_until_required = true;
  }
  if (!rule.rollback_index && rule.version.empty() && !rule.date &&
      !rule.max_age && !rule.valid_until_required) {
    Refuse(node, "a rule of freshness demands nothing");
  }
  return rule;
}

}  // namespace assay::engine
