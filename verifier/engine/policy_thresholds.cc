#include "verifier/engine/policy_thresholds.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "sbom/profile.h"
#include "signatures/scheme.h"
#include "verifier/engine/policy_yaml.h"

namespace assay::engine {
namespace {

constexpr std::array<std::pair<std::string_view, AlgorithmProfile>, 3>
    kProfiles = {{{"cnsa-2.0", AlgorithmProfile::kCnsa20},
                  {"default", AlgorithmProfile::kDefault},
                  {"legacy", AlgorithmProfile::kLegacy}}};

AlgorithmProfile AlgorithmsOf(const YAML::Node& root) {
  const std::string name = TextOf(root, "algorithms", false);
  const auto* const row =
      std::find_if(kProfiles.begin(), kProfiles.end(),
                   [&](const auto& known) { return known.first == name; });
  if (!name.empty() && row == kProfiles.end()) {
    Refuse(root["algorithms"],
           fmt::format("unknown algorithm profile \"{}\"", name));
  }
  return name.empty() ? AlgorithmProfile::kDefault : row->second;
}

Severity LevelOf(const YAML::Node& map, const char* key) {
  const std::string level = TextOf(map, key, true);
  const auto severity = SeverityOf(level);
  if (!severity) {
    Refuse(map[key], fmt::format("unknown severity \"{}\"", level));
  }
  return *severity;
}

// One level for all, or a map of families with "default" among them.
void ReadFailOn(const YAML::Node& root, Policy& policy) {
  const YAML::Node node = root["fail_on"];
  if (!node) {
    return;
  }
  if (!node.IsMap()) {
    policy.fail_on = LevelOf(root, "fail_on");
    return;
  }
  for (const auto& entry : node) {
    const auto family = entry.first.as<std::string>();
    const Severity level = LevelOf(node, family.c_str());
    if (family == "default") {
      policy.fail_on = level;
    } else {
      policy.fail_on_family[family] = level;
    }
  }
}

void ReadSbom(const YAML::Node& sbom, Policy& policy) {
  AllowKeys(sbom, {"required", "profiles", "min_index"});
  policy.sbom_required = ScalarOf<bool>(sbom, "required", false);
  policy.sbom_profiles = ListOf(sbom, "profiles");
  for (const std::string& name : policy.sbom_profiles) {
    if (sbom::FindProfile(name) == nullptr) {
      Refuse(sbom["profiles"], fmt::format("unknown profile \"{}\"", name));
    }
  }
  policy.min_sbom_index =
      static_cast<std::uint32_t>(PercentOf(sbom, "min_index", 0));
}

void ReadManifest(const YAML::Node& manifest, Policy& policy) {
  AllowKeys(manifest, {"signature"});
  const std::string word = TextOf(manifest, "signature", true);
  if (word != "required" && word != "not-required") {
    Refuse(manifest["signature"], R"("required" or "not-required")");
  }
  policy.manifest_must_be_signed = word == "required";
}

void ReadLedger(const YAML::Node& ledger, Policy& policy) {
  AllowKeys(ledger, {"max_unknown", "max_opaque", "max_opaque_bytes",
                     "min_signed", "min_claimed", "min_parsed"});
  policy.max_unknown = PercentOf(ledger, "max_unknown", 100);
  policy.max_opaque = PercentOf(ledger, "max_opaque", 100);
  policy.min_signed = PercentOf(ledger, "min_signed", 0);
  policy.min_claimed = PercentOf(ledger, "min_claimed", 0);
  policy.min_parsed = PercentOf(ledger, "min_parsed", 0);
  if (ledger["max_opaque_bytes"]) {
    // yaml-cpp takes "-1" for the largest number.
    if (TextOf(ledger, "max_opaque_bytes", true).starts_with('-')) {
      Refuse(ledger["max_opaque_bytes"], "must not be negative");
    }
    policy.max_opaque_bytes =
        ScalarOf<std::uint64_t>(ledger, "max_opaque_bytes", 0);
  }
}

}  // namespace

void ReadThresholds(const YAML::Node& root, Policy& policy) {
  ReadFailOn(root, policy);
  if (root["warn_on"]) {
    policy.warn_on = LevelOf(root, "warn_on");
  }
  policy.algorithms = AlgorithmsOf(root);
  policy.derive = ListOf(root, "derive");
  for (const std::string& scheme : policy.derive) {
    if (signatures::FindScheme(scheme) == nullptr) {
      Refuse(root["derive"], fmt::format("unknown scheme \"{}\"", scheme));
    }
  }
  if (const YAML::Node rules = root["rules"]) {
    AllowKeys(rules, {"disable"});
    policy.disabled_rules = ListOf(rules, "disable");
  }
  if (const YAML::Node sbom = root["sbom"]) {
    ReadSbom(sbom, policy);
  }
  if (const YAML::Node manifest = root["manifest"]) {
    ReadManifest(manifest, policy);
  }
  if (const YAML::Node ledger = root["ledger"]) {
    ReadLedger(ledger, policy);
  }
}

}  // namespace assay::engine
