#include "verifier/cli/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <utility>

#include "verifier/base/text.h"

namespace assay::cli {

using std::chrono::duration_cast;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

ProgressLine::ProgressLine(const engine::Progress& progress, std::string name)
    : progress_(progress), name_(Escaped(name)) {
  if (::isatty(STDERR_FILENO) == 1) {
    thread_ = std::thread([this] { Show(); });
  }
}

ProgressLine::~ProgressLine() {
  done_ = true;
  if (thread_.joinable()) {
    thread_.join();
    fmt::print(stderr, "\r\033[K");
  }
}

void ProgressLine::Show() {
  const auto start = steady_clock::now();
  auto shown = start;
  while (!done_) {
    const auto now = steady_clock::now();
    if (now - shown > milliseconds(200)) {
      shown = now;
      fmt::print(stderr, "\r\033[K{}: {}, {:.1f} MB, {:.1f} s", name_,
                 progress_.stage.load(),
                 static_cast<double>(progress_.bytes.load()) / 1e6,
                 static_cast<double>(
                     duration_cast<milliseconds>(now - start).count()) /
                     1e3);
      (void)std::fflush(stderr);
    }
    std::this_thread::sleep_for(milliseconds(20));
  }
}

}  // namespace assay::cli
