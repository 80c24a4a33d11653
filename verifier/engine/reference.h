// Reference sets out of packages and trees.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "verifier/base/bytes.h"
#include "verifier/base/result.h"
#include "verifier/engine/verify.h"

namespace assay::engine {

struct ReferenceRequest {
  // Packages, images, or folders of them: each regular file is a publication,
  // all that lies inside of it its originals.
  std::vector<std::string> sources = {};
  // Whose signatures make something an original; and how else to read the
  // sources: context, limits, time ... `product` is ignored.
  VerifyRequest how = {};
  // Takes everything as an original, signed or not.
  bool unsigned_too = false;
};

struct ReferenceResult {
  Bytes set = {};  // see model/reference.h
  std::uint64_t publications = 0;
  std::uint64_t originals = 0;
  // What was left out, and why: "x.deb: no signature of the policy reaches it".
  std::vector<std::string> left_out = {};
};

// Reads every source as CheckSignatures does. What signatures of the policy's
// anchors reach to the last byte is an original; of a source that could not be
// read to its end, what was read. Fails as CheckSignatures does.
[[nodiscard]] Result<ReferenceResult> BuildReference(
    const ReferenceRequest& request);

}  // namespace assay::engine
