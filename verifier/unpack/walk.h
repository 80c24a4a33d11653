// The one pass: from a product's bytes to the tree of everything in it.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "verifier/base/byte_source.h"
#include "verifier/base/digest.h"
#include "verifier/base/file_metadata.h"
#include "verifier/base/limits.h"
#include "verifier/base/secrets.h"
#include "verifier/model/survey.h"
#include "verifier/unpack/fold.h"

namespace assay::unpack {

// One file of a delivery. `open` is called once, when its turn comes.
struct ProductFile {
  std::string name = {};  // relative to the product, '/'-separated
  FileMetadata meta = {};
  std::function<Result<ByteSource>()> open = {};
};

// What is verified: one file, or a directory of files.
struct Product {
  std::string name = {};
  bool directory = false;
  std::vector<ProductFile> files = {};  // exactly one unless a directory
};

// Sees every artifact while its bytes are hot. Called on many threads.
class Examiner {
 public:
  Examiner() = default;
  virtual ~Examiner() = default;
  Examiner(const Examiner&) = delete;
  Examiner& operator=(const Examiner&) = delete;

  // Called before a format looks into the artifact's content; false leaves it
  // closed: nothing inside it becomes an artifact. Examine follows either way.
  [[nodiscard]] virtual bool Begin(const Artifact& /*artifact*/) const {
    return true;
  }
  // `content` is empty for members without content and for containers that
  // passed as a stream. May set the artifact's examination and entropy.
  virtual void Examine(Artifact& artifact, const ByteSource& content,
                       Observations& into) const = 0;
};

struct WalkOptions {
  Limits limits = {};
  Secrets secrets = {};  // to open encrypted parts with
  unsigned jobs = 1;
  DigestSet digests = {DigestAlgorithm::kSha256};
  // May add digests for the members that follow `member` in its container,
  // and for all that is inside them.
  std::function<void(std::string_view member, DigestSet& digests)> plan = {};
  // What, besides the bytes and the names inside it, the examiner's view of an
  // artifact depends on. Content met twice in the same context is unpacked
  // once; unset: all contexts are alike.
  std::function<std::string(std::string_view path)> context = {};
  // False: every copy is unpacked for itself, so that the examiner sees all.
  bool reuse = true;
  // When set, only these addresses and what leads to them are decoded, and
  // every one of them is held at rest for the examiner.
  const std::vector<std::string>* only = nullptr;
  // Becomes true when the user interrupts; the walk then ends early.
  const std::atomic<bool>* interrupted = nullptr;
  std::atomic<std::uint64_t>* progress = nullptr;  // bytes decoded so far
};

// Unpacks all the way down. Never fails: what could not be read is an anomaly
// of the artifact it concerns, and Survey::stopped says why a walk ended
// early. The result depends only on product, limits and `only`: not on jobs.
[[nodiscard]] Survey Walk(const Product& product, const Examiner& examiner,
                          const WalkOptions& options);
// The same, with the inside of content that was met again left out.
[[nodiscard]] FoldedSurvey WalkFolded(const Product& product,
                                      const Examiner& examiner,
                                      const WalkOptions& options);

}  // namespace assay::unpack
