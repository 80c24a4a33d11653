// Writes artifacts to a folder as they come. Every step of every path is
// opened below the folder by the kernel itself (openat2 with RESOLVE_BENEATH
// and RESOLVE_NO_SYMLINKS), so that no name and no link can lead out of it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "verifier/base/result.h"
#include "verifier/confine/worker.h"

namespace assay::engine {

class DiskWriter : public confine::Receiver {
 public:
  // `folder` exists and is empty. kUnwritable when it cannot be opened, or the
  // kernel has no openat2.
  [[nodiscard]] static Result<std::unique_ptr<DiskWriter>> Open(
      const std::string& folder);
  ~DiskWriter() override;

  void Begin(const Node& node, bool content) override;
  void Append(ByteView piece) override;
  void End() override;
  void Drop() override;

  // Sets the times of folders. What was not written, one line each; or
  // kUnwritable when the disk refused (full, read-only).
  [[nodiscard]] Result<std::vector<std::string>> Finish();

 private:
  struct State;
  explicit DiskWriter(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace assay::engine
