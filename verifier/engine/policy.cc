#include "verifier/engine/policy.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <string_view>
#include <utility>

#include "signatures/anchor.h"
#include "verifier/base/byte_source.h"
#include "verifier/base/digest.h"
#include "verifier/base/text.h"
#include "verifier/engine/policy_rules.h"
#include "verifier/engine/policy_thresholds.h"
#include "verifier/engine/policy_yaml.h"
#include "verifier/engine/presets.h"

namespace assay::engine {
namespace {

constexpr std::array kTypes = {
    TrustAnchor::Type::kOpenPgpCert, TrustAnchor::Type::kX509Ca,
    TrustAnchor::Type::kX509Pin,     TrustAnchor::Type::kMinisignKey,
    TrustAnchor::Type::kSignifyKey,  TrustAnchor::Type::kRawKey,
    TrustAnchor::Type::kSshSigners,  TrustAnchor::Type::kUefiDb,
    TrustAnchor::Type::kUefiDbx,     TrustAnchor::Type::kSbatLevel,
    TrustAnchor::Type::kRevoked};

Bytes KeyOf(const YAML::Node& node, const std::string& folder) {
  const std::string inline_key = TextOf(node, "key", false);
  const std::string file = TextOf(node, "file", false);
  if (inline_key.empty() == file.empty()) {
    Refuse(node, R"(an anchor has either "key" or "file")");
  }
  if (!inline_key.empty()) {
    return CopyOf(AsBytes(inline_key));
  }
  const std::string path = file.front() == '/' ? file : folder + file;
  const auto source = ByteSource::MapFile(path);
  if (!source) {
    Refuse(node["file"], source.error().what);
  }
  return CopyOf(source->bytes());
}

TrustAnchor AnchorOf(const YAML::Node& node, const std::string& folder) {
  AllowKeys(node, {"name", "type", "key", "file", "fingerprints", "schemes",
                   "subjects", "signers", "valid"});
  TrustAnchor anchor;
  anchor.name = TextOf(node, "name", true);
  const std::string type = TextOf(node, "type", true);
  const auto* const known =
      std::find_if(kTypes.begin(), kTypes.end(),
                   [&](TrustAnchor::Type one) { return NameOf(one) == type; });
  if (known == kTypes.end()) {
    Refuse(node["type"], fmt::format("unknown anchor type \"{}\"", type));
  }
  anchor.type = *known;
  anchor.key = KeyOf(node, folder);
  anchor.from_file = !TextOf(node, "file", false).empty();
  anchor.fingerprints = ListOf(node, "fingerprints");
  anchor.schemes = ListOf(node, "schemes");
  anchor.subjects = ListOf(node, "subjects");
  anchor.signers = ListOf(node, "signers");
  if (const YAML::Node valid = node["valid"]) {
    AllowKeys(valid, {"from", "until"});
    anchor.valid_from = TimeOf(valid, "from");
    anchor.valid_until = TimeOf(valid, "until");
  }
  if (const auto usable = signatures::ValidateAnchor(anchor); !usable) {
    Refuse(node, usable.error().what);
  }
  return anchor;
}

Waiver WaiverOf(const YAML::Node& node) {
  AllowKeys(node, {"id", "rule", "subject", "sha256", "reason", "approver",
                   "expires"});
  Waiver waiver;
  waiver.id = TextOf(node, "id", true);
  waiver.rule = TextOf(node, "rule", true);
  waiver.subject = TextOf(node, "subject", true);
  waiver.sha256 = TextOf(node, "sha256", false);
  waiver.reason = TextOf(node, "reason", true);
  waiver.approver = TextOf(node, "approver", true);
  static_cast<void>(TextOf(node, "expires", true));
  waiver.expires = *TimeOf(node, "expires");
  return waiver;
}

Policy PolicyOf(const YAML::Node& root, const std::string& folder) {
  AllowKeys(root, {"schema", "name", "anchors", "signatures", "freshness",
                   "fail_on", "warn_on", "algorithms", "derive", "rules",
                   "sbom", "manifest", "ledger", "waivers"});
  if (TextOf(root, "schema", true) != "assay-policy/1") {
    Refuse(root["schema"], "the schema must be assay-policy/1");
  }
  Policy policy;
  policy.name = TextOf(root, "name", true);
  for (const YAML::Node& node : Sequence(root, "anchors")) {
    policy.anchors.push_back(AnchorOf(node, folder));
  }
  for (const YAML::Node& node : Sequence(root, "signatures")) {
    policy.signatures.push_back(SignatureRuleOf(node, policy));
  }
  for (const YAML::Node& node : Sequence(root, "freshness")) {
    policy.freshness.push_back(FreshnessRuleOf(node));
  }
  for (const YAML::Node& node : Sequence(root, "waivers")) {
    policy.waivers.push_back(WaiverOf(node));
  }
  ReadThresholds(root, policy);
  return policy;
}

}  // namespace

Result<Policy> LoadPolicy(const std::string& path) {
  const auto source = ByteSource::MapFile(path);
  if (!source) {
    return Fail(source.error());
  }
  const auto slash = path.rfind('/');
  const std::string folder =
      slash == std::string::npos ? "" : path.substr(0, slash + 1);
  auto policy = ReadYaml(path, AsText(source->bytes()), [&](const auto& root) {
    return PolicyOf(root, folder);
  });
  if (policy) {
    policy->sha256 = Sha256Hex(source->bytes());
  }
  return policy;
}

std::string PolicyTemplate(std::string_view preset) {
  const std::string file = std::string(preset) + ".yaml";
  for (const auto& [name, text] : Presets()) {
    if (name == file) {
      return std::string(text);
    }
  }
  return {};
}

std::vector<std::string> PresetNames() {
  std::vector<std::string> names;
  for (const auto& [name, text] : Presets()) {
    names.emplace_back(name.substr(0, name.rfind('.')));
  }
  return names;
}

}  // namespace assay::engine
