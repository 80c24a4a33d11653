// A line on standard error that says what a long run is doing.
#pragma once

#include <atomic>
#include <string>
#include <thread>

#include "verifier/engine/verify.h"

namespace assay::cli {

// Shows stage, bytes and elapsed time while it lives; nothing at all unless
// standard error is a terminal.
class ProgressLine {
 public:
  ProgressLine(const engine::Progress& progress, std::string name);
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

 private:
  void Show();

  const engine::Progress& progress_;
  std::string name_;
  std::atomic<bool> done_ = false;
  std::thread thread_;
};

}  // namespace assay::cli
