// Sparse files in tar: the pieces that are stored, and the file they make.
// Layout: GNU tar manual, "Storing Sparse Files".
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "verifier/base/byte_source.h"
#include "verifier/base/byte_stream.h"
#include "verifier/base/result.h"
#include "verifier/formats/archives/tar_pax.h"
#include "verifier/formats/format.h"

namespace assay::formats {

struct SparseMap {
  std::vector<SparsePiece> pieces = {};  // ascending, apart, all inside `size`
  std::uint64_t size = 0;                // of the whole file
};

// Pairs of offset and length become a map. kMalformed when they overlap, leave
// the file or do not add up to the `stored` bytes there are.
[[nodiscard]] Result<SparseMap> MakeSparseMap(
    const std::vector<std::uint64_t>& numbers, std::uint64_t size,
    std::uint64_t stored);

// Where the file lies in the bytes that are stored for it, with its holes.
[[nodiscard]] std::vector<Extent> ExtentsOf(const SparseMap& map);

// The old GNU header (type 'S') says how many more blocks of map follow only
// in those blocks; they are read from the input and claimed.
struct OldGnuMap {
  std::vector<std::uint64_t> numbers = {};
  std::uint64_t size = 0;
};
[[nodiscard]] Result<OldGnuMap> ReadOldGnuMap(ByteView header, Input& input,
                                              ArtifactSink& sink);

// Format 1.0: decimal numbers, each ended by a newline, padded to a block: a
// count and that many pairs. Read from the input and claimed. Takes at most
// `stored` bytes.
[[nodiscard]] Result<std::vector<std::uint64_t>> ReadPaxMap(
    std::uint64_t stored, Input& input, ArtifactSink& sink);

// The file, with zeros where nothing is stored. Costs no memory.
class SparseStream : public ByteStream {
 public:
  SparseStream(ByteSource stored, SparseMap map);
  [[nodiscard]] Result<std::size_t> Read(std::span<std::uint8_t> into) override;

 private:
  ByteSource stored_;
  SparseMap map_;
  std::size_t piece_ = 0;   // the first that does not end before position_
  std::uint64_t used_ = 0;  // bytes of stored_ before that piece
  std::uint64_t position_ = 0;
};

}  // namespace assay::formats
