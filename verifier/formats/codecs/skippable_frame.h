// Skippable frames, which Zstandard and LZ4 share: magic 0x184D2A50 to
// 0x184D2A5F, a 32-bit length, and bytes that every decoder passes unread
// (RFC 8878, section 3.1.2; LZ4 Frame Format 1.6.3, "Skippable Frames").
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "verifier/formats/format.h"

namespace assay::formats {

// The whole length of the skippable frame that `in` begins with, whether or
// not all of it is there.
[[nodiscard]] std::optional<std::uint64_t> SkippableFrame(ByteView in);

// What follows the skippable frames at the start of `in`; empty when they
// reach to its end.
[[nodiscard]] ByteView AfterSkippableFrames(ByteView in);

// The skippable frames of one stream. Something can hide in them, so those
// that hold more than a number (as pzstd's do) are reported.
class SkippedFrames {
 public:
  // `frame`: with its header.
  void Note(Range frame);
  // Passes the frames that come next and claims them as metadata.
  [[nodiscard]] Result<void> PassLeading(Input& input, ArtifactSink& sink);
  // One anomaly "<format>.skippable-data" when there is something to report;
  // content is looked for in the frames.
  void Report(std::string_view format, ArtifactSink& sink) const;

 private:
  std::uint64_t count_ = 0;
  std::uint64_t bytes_ = 0;
  std::vector<Range> frames_ = {};  // the first ones
};

}  // namespace assay::formats
