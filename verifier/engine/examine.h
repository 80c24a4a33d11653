// The one entry point for everything that touches hostile bytes: it is done in
// a confined child process (confine/worker.h). What comes back are plain
// values.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "rules/rule.h"
#include "verifier/base/digest.h"
#include "verifier/base/limits.h"
#include "verifier/base/secrets.h"
#include "verifier/confine/worker.h"
#include "verifier/engine/walk_cache.h"
#include "verifier/model/survey.h"
#include "verifier/unpack/walk.h"

namespace assay::engine {

// Where the work is done.
enum class Confinement : std::uint8_t {
  kProcess,  // in a confined child process
  kUnsafe,   // in this process: for trusted bytes, or by the user's wish
};

// What is looked for in every artifact.
enum class Scope : std::uint8_t {
  kTree,        // nothing: the tree, with formats and digests
  kSignatures,  // what the signature schemes find
  kComponents,  // what the cataloguers find, and what programs are linked with
  kEverything,
};

struct ExaminePlan {
  Limits limits = {};
  Secrets secrets = {};  // to open encrypted parts with
  unsigned jobs = 1;
  DigestSet digests = {DigestAlgorithm::kSha256};
  const rules::RuleSet* rules = nullptr;  // whose patterns are looked for
  Scope scope = Scope::kEverything;
  const std::atomic<bool>* interrupted = nullptr;
  std::atomic<std::uint64_t>* progress = nullptr;
  Confinement confinement = Confinement::kProcess;
  // Where walks in a confined process are kept; null: nowhere.
  WalkCache* cache = nullptr;
};

// Nothing in the product makes it fail: what could not be read is an anomaly.
// kConfinement when the system offers no confinement.
[[nodiscard]] Result<Survey> ExamineProduct(const unpack::Product& product,
                                            const ExaminePlan& plan);

// The bytes of the artifacts at these addresses, in their order; an artifact
// that is not there or has no content gives an empty optional. Decodes only
// what leads to them. Of a plan counts what is not about speed.
struct FetchedArtifact {
  Artifact artifact = {};
  ByteSource content = {};
  Observations seen = {};  // by all analyses, when they were asked for
};
[[nodiscard]] Result<std::vector<std::optional<FetchedArtifact>>> Fetch(
    const unpack::Product& product, const std::vector<std::string>& paths,
    const ExaminePlan& plan);

// Every artifact with its content, one after the other, for `receiver`.
[[nodiscard]] Result<Survey> Extract(const unpack::Product& product,
                                     confine::Receiver& receiver,
                                     const ExaminePlan& plan);

}  // namespace assay::engine
