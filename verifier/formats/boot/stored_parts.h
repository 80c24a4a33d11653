// An image whose parts lie in it as they are.
#pragma once

#include <string>
#include <string_view>

#include "verifier/formats/coverage.h"
#include "verifier/formats/format.h"

namespace assay::formats {

// Gives parts of one image at rest to a sink. `format` names it in messages.
class StoredParts {
 public:
  StoredParts(const ByteSource& image, std::string_view format,
              ArtifactSink& sink)
      : image_(image), format_(format), sink_(sink) {}

  // Claims what no part has of `range`.
  void Metadata(Range range) {
    coverage_.ClaimFree(range, RegionUse::kMetadata, sink_);
  }
  // Adds a part of which no byte is spoken for, and nothing for an empty one.
  // kTruncated when it ends past the image, kMalformed when it lies on
  // another part.
  [[nodiscard]] Result<void> Add(std::string name, Range range);
  [[nodiscard]] bool Touches(Range range) const {
    return coverage_.Touches(range);
  }
  // Claims what is left of [0, end): padding or slack.
  void Rest(std::uint64_t end);

 private:
  const ByteSource& image_;
  std::string_view format_;
  ArtifactSink& sink_;
  Coverage coverage_;
};

}  // namespace assay::formats
