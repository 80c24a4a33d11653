// The walls around the process that reads hostile bytes. After Confine() it
// can open no file, socket or program, start no process, and touch no other:
// it lives on the descriptors and the memory that it has.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "verifier/base/result.h"

namespace assay::confine {

struct Bounds {
  std::uint64_t memory = 4ULL << 30U;      // anonymous and writable
  std::uint64_t file_size = 64ULL << 30U;  // of one spill file
};

// Builds with AddressSanitizer or ThreadSanitizer have no walls: their
// run-time libraries reserve terabytes, and open files to say what went wrong.
// They still work in a child process.
[[nodiscard]] bool HasWalls();

// One way. For a process with a single thread; those it starts later are
// inside as well. kConfinement says what the system lacks.
[[nodiscard]] Result<void> Confine(const Bounds& bounds);

// The system call filter refuses quietly what libraries ask for out of habit
// (EACCES, EPERM, ENOTTY), so that they go on without; everything that no
// parser needs ends the process.

struct HostFeature {
  std::string name = {};
  std::string state = {};
  bool works = false;
  bool needed = false;  // without it nothing is examined
};
// What this system offers; opens files, and changes nothing.
[[nodiscard]] std::vector<HostFeature> HostFeatures();

}  // namespace assay::confine
