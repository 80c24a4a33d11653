// Which bytes of a container are spoken for, so that claims add up without
// overlap even where hostile tables point to the same bytes twice.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "verifier/formats/format.h"

namespace assay::formats {

class Coverage {
 public:
  // Whether any byte of `range` is spoken for.
  [[nodiscard]] bool Touches(Range range) const;
  // From now on `range` is spoken for. Overlap is harmless.
  void Add(Range range);
  // Claims what is free of `range`, and adds it.
  void ClaimFree(Range range, RegionUse use, ArtifactSink& sink);
  // Claims what is free of `bytes`: a gap of zeros, or of erased flash, as
  // padding, any other as slack, and adds it.
  void ClaimGaps(ByteView bytes, ArtifactSink& sink);
  // What is free of [0, end), in order.
  [[nodiscard]] std::vector<Range> Gaps(std::uint64_t end) const;

 private:
  std::map<std::uint64_t, std::uint64_t> taken_;  // start to end, disjoint
};

[[nodiscard]] bool IsZero(ByteView bytes);
// As flash is before it is written: every byte 0xff.
[[nodiscard]] bool IsErased(ByteView bytes);

}  // namespace assay::formats
