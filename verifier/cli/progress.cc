#include "verifier/cli/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <utility>

#include "verifier/base/text.h"
#include "verifier/cli/command_line.h"
#include "verifier/cli/console.h"

namespace assay::cli {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

void AddProgress(CLI::App* command, std::string& mode) {
  CLI::Option* option = command->add_option_function<std::string>(
      "--progress",
      [&mode](const std::string& value) {
        mode = value;
        TheConsole().json = value == "json";
      },
      "what the run is doing, on standard error; json: one object a line, "
      "messages too");
  Choices(option, {"auto", "none", "json"}, true);
}

ProgressLine::ProgressLine(const engine::Progress& progress, std::string name,
                           const std::string& mode)
    : progress_(progress), name_(Escaped(name)), start_(steady_clock::now()) {
  if (mode == "json") {
    interval_ = milliseconds(500);
    ShowAsJson("start");
  } else if (mode != "none" && !TheConsole().quiet) {
    const bool terminal = IsTerminal(STDERR_FILENO);
    show_ =
        terminal ? &ProgressLine::ShowOnTerminal : &ProgressLine::ShowAsLine;
    interval_ = milliseconds(terminal ? 200 : 10000);
    if (terminal) {
      ShowOnTerminal();
    }
  }
  if (interval_ > milliseconds(0)) {
    thread_ = std::thread([this] { Show(); });
  }
}

ProgressLine::~ProgressLine() {
  done_ = true;
  if (thread_.joinable()) {
    thread_.join();
    if (show_ == &ProgressLine::ShowOnTerminal) {
      fmt::print(stderr, "\r\033[K");
    }
  }
}

// A new stage is news for programs at once.
void ProgressLine::Show() {
  auto shown = start_;
  const char* stage = progress_.stage.load();
  while (!done_) {
    const auto now = steady_clock::now();
    const char* before = std::exchange(stage, progress_.stage.load());
    const bool turned = show_ == nullptr && stage != before;
    if (turned || now - shown >= interval_) {
      shown = now;
      show_ == nullptr ? ShowAsJson("progress") : (this->*show_)();
    }
    std::this_thread::sleep_for(milliseconds(20));
  }
}

std::int64_t ProgressLine::elapsed_ms() const {
  return std::chrono::duration_cast<milliseconds>(steady_clock::now() - start_)
      .count();
}

std::string ProgressLine::text() const {
  return fmt::format("{}: {}, {:.1f} MB, {:.1f} s", name_,
                     progress_.stage.load(),
                     static_cast<double>(progress_.bytes.load()) / 1e6,
                     static_cast<double>(elapsed_ms()) / 1e3);
}

void ProgressLine::ShowOnTerminal() {
  fmt::print(stderr, "\r\033[K{}", text());
  (void)std::fflush(stderr);
}

void ProgressLine::ShowAsLine() {
  fmt::print(stderr, "assay: {}\n", text());
}

void ProgressLine::ShowAsJson(const char* event) {
  Tell({{"event", event},
        {"product", name_},
        {"stage", progress_.stage.load()},
        {"bytes", progress_.bytes.load()},
        {"elapsed_ms", elapsed_ms()}});
}

}  // namespace assay::cli
