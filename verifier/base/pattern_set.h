// Many byte patterns, found in one pass (Hyperscan).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "verifier/base/bytes.h"
#include "verifier/base/result.h"

namespace assay {

struct Pattern {
  enum class Kind : std::uint8_t {
    kLiteral,  // exactly these bytes
    kRegex,    // Hyperscan's subset of PCRE, over bytes; '.' matches all
    kHex,      // "7f 45 ?? 46": hex bytes, ?? for any one byte
  };
  Kind kind = Kind::kLiteral;
  std::string text = {};
  bool caseless = false;
  // Whether Scan() says where and how often. Without, there is at most one hit
  // of the pattern, at offset 0 with length 0; a regex then compiles and scans
  // many times faster.
  bool located = true;
  // Of a pattern that is not located: whether its hit has at least the end of
  // the match that ends first, as its offset.
  bool ends = false;
  // A regex that may also be found where it does not match: its compiler then
  // takes more. Never located.
  bool approximate = false;
};

struct PatternHit {
  std::uint32_t pattern = 0;  // index of the pattern in the set
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
  friend auto operator<=>(const PatternHit&, const PatternHit&) = default;
};

// Immutable after compiling; Scan may run on many threads at once.
class PatternSet {
 public:
  // Of each pattern, Scan keeps the first `hits_per_pattern` hits.
  // kConfig names the first pattern that Hyperscan refuses, and why.
  [[nodiscard]] static Result<PatternSet> Compile(
      const std::vector<Pattern>& patterns,
      std::uint32_t hits_per_pattern = kHitsPerPattern);

  // Whether Compile takes the pattern and Scan can say where it stands.
  [[nodiscard]] static Result<void> Check(const Pattern& pattern);

  PatternSet(PatternSet&&) noexcept;
  PatternSet& operator=(PatternSet&&) noexcept;
  ~PatternSet();

  // Hits in order of offset, then pattern.
  [[nodiscard]] std::vector<PatternHit> Scan(ByteView bytes) const;

  [[nodiscard]] std::size_t size() const;
  [[nodiscard]] static std::string LibraryVersion();

  static constexpr std::uint32_t kHitsPerPattern = 64;
  static constexpr std::uint32_t kAllHits = 0xFFFFFFFF;

 private:
  struct State;
  explicit PatternSet(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace assay
