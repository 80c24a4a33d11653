// What a long run is doing, on standard error.
#pragma once

#include <CLI/CLI.hpp>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <thread>

#include "verifier/engine/verify.h"

namespace assay::cli {

// Adds --progress; "json" makes all messages of the program objects.
void AddProgress(CLI::App* command, std::string& mode);

// Shows stage, bytes and elapsed time while it lives.
//   auto  on a terminal a line that changes, from the start on; elsewhere a
//         line every ten seconds. Nothing with --quiet
//   none  nothing
//   json  {"event": "start" | "progress", "product", "stage", "bytes",
//         "elapsed_ms"}: at the start, whenever the stage changes, and every
//         half second
class ProgressLine {
 public:
  ProgressLine(const engine::Progress& progress, std::string name,
               const std::string& mode);
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

 private:
  void Show();
  void ShowOnTerminal();
  void ShowAsLine();
  void ShowAsJson(const char* event);
  [[nodiscard]] std::int64_t elapsed_ms() const;
  [[nodiscard]] std::string text() const;

  const engine::Progress& progress_;
  std::string name_;
  std::chrono::steady_clock::time_point start_;
  void (ProgressLine::*show_)() = nullptr;
  std::chrono::milliseconds interval_ = {};
  std::atomic<bool> done_ = false;
  std::thread thread_;
};

}  // namespace assay::cli
