// The artifact tree without judgement: `assay ls`, `assay cat`, `assay unpack`.
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "verifier/base/byte_source.h"
#include "verifier/base/limits.h"
#include "verifier/base/result.h"
#include "verifier/base/secrets.h"
#include "verifier/model/artifact.h"

namespace assay::engine {

struct TreeRequest {
  std::string product = {};
  Limits limits = {};
  Secrets secrets = {};  // to open encrypted parts with
  unsigned jobs = 1;
  bool unsafe_no_sandbox = false;  // read in this process
  const std::atomic<bool>* interrupted = nullptr;
};

struct Tree {
  std::vector<Artifact> artifacts = {};  // depth first
  std::string stopped = {};              // why it is not whole, "" when it is
  std::vector<std::string> notes = {};   // what `unpack` did not write, and why
};

[[nodiscard]] Result<Tree> ListTree(const TreeRequest& request);

// The bytes of one artifact. kUnreadable when there is no such address.
[[nodiscard]] Result<ByteSource> ReadArtifact(const TreeRequest& request,
                                              const std::string& path);

// Writes what is inside below `folder`, which must not exist or be empty: the
// address of an artifact is its path, so that beside a container "x" its
// content lies in the folder "x!". A container that is only ever decoded as a
// stream (the tar inside of a tar.xz) has its folder alone.
// Permission bits (without setuid, setgid and sticky) and times are kept;
// owners are only in the tree. Devices, FIFOs, sockets and links that lead out
// of their container are not created; they stand in the notes. Nothing is
// ever written outside of `folder`. kUnwritable when the disk refuses.
[[nodiscard]] Result<Tree> WriteTree(const TreeRequest& request,
                                     const std::string& folder);

}  // namespace assay::engine
