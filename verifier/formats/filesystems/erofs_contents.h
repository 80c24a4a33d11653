// What files of an EROFS image hold, and who owns the bytes it lies in.
#pragma once

#include <cstdint>
#include <optional>

#include "verifier/formats/coverage.h"
#include "verifier/formats/filesystems/erofs_image.h"
#include "verifier/formats/format.h"

namespace assay::formats::erofs {

[[nodiscard]] inline bool IsCompressed(const Inode& inode) {
  return inode.layout == Layout::kCompressedFull ||
         inode.layout == Layout::kCompressedCompact;
}

class Contents {
 public:
  Contents(Image& image, Coverage& coverage, ArtifactSink& sink)
      : image_(image), coverage_(coverage), sink_(sink) {}

  // Reads the inode that holds fragments of files, and long prefixes of
  // attribute names. To be called first.
  [[nodiscard]] Result<void> ReadPacked();
  [[nodiscard]] const ByteSource& packed() const { return packed_; }

  // All of an inode's content at rest; claims it.
  [[nodiscard]] Result<ByteSource> Whole(const Inode& inode, RegionUse use);
  // Claims what a compressed inode occupies. With `as_origin`, when that is
  // one piece of which nobody has spoken for a byte, it is returned instead.
  [[nodiscard]] Result<std::optional<Range>> ClaimExtents(
      const Inode& inode, RegionUse use, bool as_origin = false);

 private:
  Image& image_;
  Coverage& coverage_;
  ArtifactSink& sink_;
  ByteSource packed_;
};

}  // namespace assay::formats::erofs
