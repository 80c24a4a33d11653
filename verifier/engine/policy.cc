#include "verifier/engine/policy.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <string_view>
#include <utility>

#include "signatures/anchor.h"
#include "signatures/scheme.h"
#include "verifier/base/byte_source.h"
#include "verifier/base/digest.h"
#include "verifier/base/text.h"
#include "verifier/engine/policy_rules.h"
#include "verifier/engine/policy_yaml.h"

namespace assay::engine {
namespace {

constexpr std::array kTypes = {
    TrustAnchor::Type::kOpenPgpCert, TrustAnchor::Type::kX509Ca,
    TrustAnchor::Type::kX509Pin,     TrustAnchor::Type::kMinisignKey,
    TrustAnchor::Type::kSignifyKey,  TrustAnchor::Type::kRawKey,
    TrustAnchor::Type::kSshSigners,  TrustAnchor::Type::kUefiDb,
    TrustAnchor::Type::kUefiDbx,     TrustAnchor::Type::kSbatLevel,
    TrustAnchor::Type::kRevoked};

constexpr std::array<std::pair<std::string_view, AlgorithmProfile>, 3>
    kProfiles = {{{"cnsa-2.0", AlgorithmProfile::kCnsa20},
                  {"default", AlgorithmProfile::kDefault},
                  {"legacy", AlgorithmProfile::kLegacy}}};

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

void ReadThresholds(const YAML::Node& root, Policy& policy) {
  if (const std::string level = TextOf(root, "fail_on", false);
      !level.empty()) {
    const auto severity = SeverityOf(level);
    if (!severity) {
      Refuse(root["fail_on"], fmt::format("unknown severity \"{}\"", level));
    }
    policy.fail_on = *severity;
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
    AllowKeys(sbom, {"required"});
    policy.sbom_required = ScalarOf<bool>(sbom, "required", false);
  }
  if (const YAML::Node manifest = root["manifest"]) {
    AllowKeys(manifest, {"signature"});
    const std::string word = TextOf(manifest, "signature", true);
    if (word != "required" && word != "not-required") {
      Refuse(manifest["signature"], R"("required" or "not-required")");
    }
    policy.manifest_must_be_signed = word == "required";
  }
  if (const YAML::Node ledger = root["ledger"]) {
    AllowKeys(ledger, {"max_unknown", "max_opaque", "min_signed"});
    policy.max_unknown = PercentOf(ledger, "max_unknown", 100);
    policy.max_opaque = PercentOf(ledger, "max_opaque", 100);
    policy.min_signed = PercentOf(ledger, "min_signed", 0);
  }
}

Policy PolicyOf(const YAML::Node& root, const std::string& folder) {
  AllowKeys(root, {"schema", "name", "anchors", "signatures", "freshness",
                   "fail_on", "algorithms", "derive", "rules", "sbom",
                   "manifest", "ledger", "waivers"});
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

std::string PolicyTemplate() {
  return R"(# What the product must satisfy, and whom you trust. Keys and defaults are
# explained in the README, section "Writing a policy".
schema: assay-policy/1
name: my-policy
anchors: []
#  - name: vendor-release
#    type: minisign-key          # openpgp-cert, x509-ca, x509-pin, signify-key
#    file: keys/vendor.pub       # or  key: RWT...
signatures: []
#  - match: "*.bin"              # every product file that must be signed
#    anchors: [vendor-release]
#    count: 1                    # private keys that must have signed
#    coverage: 100               # per cent of its bytes that they must reach
#    time: trusted-timestamp     # or now, ignore; else as the scheme has it
algorithms: default              # cnsa-2.0, default, legacy
derive: []                       # schemes whose keys verified parts may give
fail_on: medium
rules: {disable: []}             # rules or families that are not asked
freshness: []                    # what is too old to count, however signed
#  - scheme: avb                 # and/or  match: "*.img"
#    rollback_index: 7           # or version, date, max_age, valid_until
sbom: {required: false}
manifest: {signature: required}
ledger: {max_unknown: 100, max_opaque: 100, min_signed: 0}
waivers: []
)";
}

}  // namespace assay::engine
