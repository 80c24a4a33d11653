// Runs a scheme the way the engine does: find, then verify.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "signatures/scheme.h"

namespace assay::signatures::testing {

inline std::vector<SignatureCandidate> FindAll(const SignatureScheme& scheme,
                                               std::string name,
                                               ByteView content) {
  Artifact artifact;
  artifact.name = std::move(name);
  const Limits limits;
  Observations seen;
  static_cast<void>(scheme.find(
      Subject{.artifact = artifact, .content = content, .limits = limits},
      seen));
  return std::move(seen.candidates);
}

struct Situation {
  std::vector<TrustAnchor> anchors = {};
  UnixTime at = 0;
  bool legacy = false;
  TimeModel time = TimeModel::kByScheme;
};

// The check of the first candidate; NONE when there is none.
inline SignatureCheck Check(const SignatureScheme& scheme, std::string name,
                            ByteView signature, ByteView message,
                            const Situation& situation) {
  const auto candidates = FindAll(scheme, std::move(name), signature);
  if (candidates.empty()) {
    return {.indication = Indication::kNone};
  }
  const Trust trust{.anchors = situation.anchors,
                    .at = situation.at,
                    .legacy_algorithms = situation.legacy,
                    .time = situation.time};
  return scheme.verify(candidates.front(), message, trust);
}

inline std::vector<std::string> GoodKeys(const SignatureCheck& check) {
  std::vector<std::string> keys;
  for (const GoodKey& good : check.good_keys) {
    keys.push_back(good.key);
  }
  return keys;
}

inline std::string Verdict(const SignatureCheck& check) {
  std::string text(NameOf(check.indication));
  return check.sub_indication.empty() ? text
                                      : text + " " + check.sub_indication;
}

}  // namespace assay::signatures::testing
