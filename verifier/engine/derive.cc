#include "verifier/engine/derive.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "verifier/engine/reach.h"

namespace assay::engine {
namespace {

// More keys than this in one product are not keys.
constexpr std::size_t kMaxKeys = 1000;

// What the policy's anchor may not vouch for, a key that leads back to it may
// not vouch for either.
std::vector<std::string> SubjectsOf(const Policy& policy,
                                    const std::string& anchor) {
  const auto found = std::find_if(
      policy.anchors.begin(), policy.anchors.end(),
      [&](const TrustAnchor& known) { return known.name == anchor; });
  return found == policy.anchors.end() ? std::vector<std::string>{}
                                       : found->subjects;
}

}  // namespace

Derived DeriveAnchors(const Survey& survey, const Policy& policy,
                      const std::vector<SignatureCheck>& checks) {
  Derived derived;
  const bool any =
      std::any_of(survey.nodes.begin(), survey.nodes.end(),
                  [](const Node& node) { return !node.seen.keys.empty(); });
  if (!any) {
    return derived;
  }
  const PassedChecks passed(survey, checks);
  for (const Node& node : survey.nodes) {
    for (const EmbeddedKey& key : node.seen.keys) {
      const SignatureCheck* by = passed.Reaching(node.artifact.id, key.place);
      if (by == nullptr || derived.anchors.size() >= kMaxKeys) {
        continue;
      }
      if (std::find(policy.derive.begin(), policy.derive.end(), key.scheme) ==
          policy.derive.end()) {
        derived.not_allowed.emplace_back(key.scheme);
        continue;
      }
      const SignatureCheck& check = *by;
      DerivedAnchor found{
          .anchor = {.name =
                         fmt::format("{} in {}", key.what, node.artifact.path),
                     .type = key.type,
                     .key = key.key,
                     .schemes = {std::string(key.scheme)},
                     .subjects = SubjectsOf(policy, check.anchor)},
          .root = check.anchor};
      found.anchor.derivation = {
          fmt::format("{} passes by anchor {}: {} signature of {}",
                      check.target, check.anchor, check.scheme, check.signer),
          fmt::format("{} carries {} at {}", node.artifact.path, key.what,
                      key.place.offset)};
      derived.anchors.push_back(std::move(found));
    }
  }
  return derived;
}

}  // namespace assay::engine
