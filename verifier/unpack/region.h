// Bytes that no format claims as a whole, and who they belong to then.
#pragma once

#include <cstdint>
#include <vector>

#include "verifier/unpack/carve.h"
#include "verifier/unpack/walker.h"

namespace assay::unpack {

// Gives every byte of a region that no format claims as a whole an owner:
// formats found inside it and filler; what is left becomes an artifact of its
// own, or stays with the file it is part of.
class RegionFiller {
 public:
  enum class Rest : std::uint8_t { kArtifacts, kStays };
  // kChunks: a region without any format in it is left alone.
  enum class When : std::uint8_t { kAlways, kChunks };

  RegionFiller(Sink& sink, const ByteSource& content, Rest rest,
               When when = When::kAlways)
      : sink_(sink), content_(content), rest_(rest), when_(when) {}

  void Fill(Range region);

 private:
  void FillGap(Range gap);
  void AddPart(Range range, const formats::Format* format);
  void AddConflicting(const CarvedChunk& chunk, Range range);

  Sink& sink_;
  const ByteSource& content_;
  Rest rest_;
  When when_;
};

// Says that something other than filler follows the end of a format.
void NoteTrailing(Artifact& artifact, const formats::Format& format,
                  ByteView rest, std::uint64_t offset);

// What a streamed container left over: at rest by now, but at an offset.
void AddTrailing(Sink& sink, const ByteSource& rest, std::uint64_t offset);

}  // namespace assay::unpack
