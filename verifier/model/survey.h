// Everything that reading the bytes of a product gave: the result of the one
// pass, before any judgement.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "verifier/model/observations.h"

namespace assay {

struct Survey {
  std::vector<Node> nodes = {};     // depth first; nodes[i].artifact.id == i
  std::uint64_t decoded_bytes = 0;  // content of all artifacts together
  // Why the pass ended early, "" when it did not: a product-wide limit or an
  // interrupt. What was read until then is here.
  std::string stopped = {};
  // Whether a clock decided what is in it: an artifact was given up because
  // its examination made no progress.
  bool wall_clock = false;

  [[nodiscard]] const Artifact& At(ArtifactId id) const {
    return nodes.at(id).artifact;
  }
};

}  // namespace assay
