// Writes artifacts to a folder while they are hot, through libarchive's disk
// writer with every guard that it has.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "verifier/base/result.h"
#include "verifier/unpack/walk.h"

namespace assay::engine {

// To be used by a walk on one thread.
class DiskWriter : public unpack::Examiner {
 public:
  // `folder` exists and is empty.
  explicit DiskWriter(const std::string& folder);
  ~DiskWriter() override;

  void Examine(Artifact& artifact, const ByteSource& content,
               Observations& into) const override;

  // Sets the times of folders. What was not written, one line each; or
  // kUnwritable when the disk refused (full, read-only).
  [[nodiscard]] Result<std::vector<std::string>> Finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace assay::engine
