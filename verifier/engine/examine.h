// The one entry point for everything that touches hostile bytes. What comes
// back are plain values: this call may one day cross into a confined process.
#pragma once

#include <atomic>
#include <optional>
#include <string>
#include <vector>

#include "verifier/base/digest.h"
#include "verifier/base/limits.h"
#include "verifier/base/pattern_set.h"
#include "verifier/model/survey.h"
#include "verifier/unpack/walk.h"

namespace assay::engine {

struct ExaminePlan {
  Limits limits = {};
  unsigned jobs = 1;
  DigestSet digests = {DigestAlgorithm::kSha256};
  const PatternSet* patterns = nullptr;  // of the rules; null for none
  // False: only the tree, with formats and digests.
  bool analyse = true;
  const std::atomic<bool>* interrupted = nullptr;
  std::atomic<std::uint64_t>* progress = nullptr;
};

// Nothing in the product makes it fail: what could not be read is an anomaly.
[[nodiscard]] Survey ExamineProduct(const unpack::Product& product,
                                    const ExaminePlan& plan);

// The bytes of the artifacts at these addresses, in their order; an artifact
// that is not there or has no content gives an empty optional. Decodes only
// what leads to them.
struct FetchedArtifact {
  Artifact artifact = {};
  ByteSource content = {};
  Observations seen = {};  // by all analyses, when they were asked for
};
[[nodiscard]] std::vector<std::optional<FetchedArtifact>> Fetch(
    const unpack::Product& product, const std::vector<std::string>& paths,
    const Limits& limits, bool analyse);

}  // namespace assay::engine
