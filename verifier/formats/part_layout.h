// How most wrappers are unpacked: parts at stated places of bytes at rest,
// given out as they are, with the rest accounted for.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "verifier/base/byte_source.h"
#include "verifier/formats/coverage.h"
#include "verifier/formats/format.h"

namespace assay::formats {

class PartLayout {
 public:
  // All of these outlive the layout; `format` begins the anomalies' ids.
  PartLayout(Input& input, std::string_view format, ArtifactSink& sink)
      : input_(input),
        format_(format),
        sink_(sink),
        end_(input.source().size()) {}

  // Where the format says that it ends: nothing behind it is taken for a part.
  void EndAt(std::uint64_t end) { end_ = std::min(end, end_); }

  // Claims what is free of `range`, as far as it lies in the input.
  void Claim(Range range, RegionUse use);
  void Metadata(Range range) { Claim(range, RegionUse::kMetadata); }

  // A member that is stored at `range`. One that shares bytes with what came
  // before is an anomaly "<format>.overlapping-parts"; one that does not lie
  // wholly in it is opaque, and Finish then fails with kTruncated.
  [[nodiscard]] Result<void> Add(std::string name, Range range);
  [[nodiscard]] Result<void> Add(Member member, Range range);
  // The same for bytes that cannot be decoded.
  [[nodiscard]] Result<void> AddOpaque(std::string name, Range range,
                                       std::string why);

  // Reports the anomaly "<format>.<what>".
  void Report(std::string_view what, Range range, std::string detail);
  // What Finish is to return when nothing went wrong before.
  void Damage(ErrorCode code, std::string what);

  // Claims the gaps of [0, end): filler of zeros or 0xFF as padding, anything
  // else as slack; passes them all.
  [[nodiscard]] Result<void> Finish(std::uint64_t end);

 private:
  // Whether the range was taken; false when it lies outside.
  [[nodiscard]] bool Place(Member& member, Range range);

  Input& input_;
  std::string_view format_;
  ArtifactSink& sink_;
  Coverage coverage_;
  std::uint64_t end_;
  std::optional<Error> damage_;
};

// The text in a fixed-width field, up to its first NUL.
[[nodiscard]] std::string_view UntilNul(ByteView field);

// Whether a fixed-width field holds printable ASCII, padded with NUL.
[[nodiscard]] bool IsPrintableField(ByteView field);

}  // namespace assay::formats
