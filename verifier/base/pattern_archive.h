// Hyperscan databases that were compiled when the program was built. What
// PatternSet compiles is looked for here first; rules and banners take half a
// second to compile and some milliseconds to load.
#pragma once

#include <optional>
#include <string>

#include "verifier/base/bytes.h"

namespace assay::pattern_archive {

// Takes an archive that Recorded() gave; it is borrowed for good. To be called
// before the first pattern is compiled, from one thread. An archive that is not
// as it should be holds nothing.
void Use(ByteView archive);

// From now on PatternSet compiles for every machine of the architecture, and
// what it compiles is kept.
void StartRecording();
[[nodiscard]] bool IsRecording();
[[nodiscard]] Bytes Recorded();

// By the digest of library, expressions and flags. For PatternSet alone.
void Keep(const std::string& digest, Bytes serialized);
[[nodiscard]] std::optional<ByteView> Find(const std::string& digest);

// How many databases of this process came from the archive, and how many had to
// be compiled. Count is for PatternSet alone; thread-safe.
struct Uses {
  std::size_t taken = 0;
  std::size_t compiled = 0;
};
void Count(bool taken);
[[nodiscard]] Uses CountedUses();

}  // namespace assay::pattern_archive
