// The confined side of a walk.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <unordered_map>

#include "verifier/confine/worker.h"

namespace assay::confine {

// What an earlier child could not get past.
struct Culprit {
  bool closed = false;  // a format failed in it; otherwise only an analysis
  bool hung = false;
};

// What the parent learnt from earlier children; inherited, never sent.
struct Knowledge {
  std::unordered_map<std::string, Node> finished = {};  // by address
  std::unordered_map<std::string, Culprit> culprits = {};
};

// In memory that both processes share.
struct Control {
  std::atomic<std::uint64_t> progress = 0;  // bytes, for people
  std::atomic<std::uint64_t> beats = 0;     // anything happened
  std::atomic<bool> interrupted = false;
};

struct ChildRequest {
  const Task& task;
  const Knowledge& knowledge;
  bool alone = false;  // one thread; says what it does before it does it
  int frames = -1;
  int broker = -1;
  Control& control;
};

// Closes what it does not need, confines itself, walks, sends, and ends.
[[noreturn]] void RunChild(const ChildRequest& request);

// The steps before the walk, for probes: all descriptors but these two are
// closed, and come to lie at 3 and 4.
[[nodiscard]] Result<void> EnterConfinement(int frames, int broker,
                                            const unpack::WalkOptions& options);

}  // namespace assay::confine
