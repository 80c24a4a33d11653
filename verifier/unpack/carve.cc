#include "verifier/unpack/carve.h"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>

#include "verifier/base/pattern_set.h"

namespace assay::unpack {
namespace {

// Magic bytes of every carvable format, ready to scan.
struct Magics {
  struct Row {
    const formats::Format* format = nullptr;
    std::uint64_t offset = 0;
    std::size_t rank = 0;  // order of detection
  };
  std::vector<Row> rows;
  PatternSet set;
};

Magics CompileMagics() {
  std::vector<Magics::Row> rows;
  std::vector<Pattern> patterns;
  std::size_t rank = 0;
  for (const formats::Format* format : formats::AllFormats()) {
    ++rank;
    if (!format->carvable) {
      continue;
    }
    for (const formats::Magic& magic : format->carve_magics.empty()
                                           ? format->magics
                                           : format->carve_magics) {
      rows.push_back({format, magic.offset, rank});
      patterns.push_back(
          {Pattern::Kind::kLiteral, std::string(magic.bytes), false});
    }
  }
  auto set = PatternSet::Compile(patterns, PatternSet::kAllHits);
  if (!set) {
    throw std::logic_error(set.error().what);
  }
  return {std::move(rows), std::move(*set)};
}

struct Candidate {
  std::uint64_t offset = 0;
  std::size_t rank = 0;
  const formats::Format* format = nullptr;
  friend bool operator<(const Candidate& a, const Candidate& b) {
    return std::pair(a.offset, a.rank) < std::pair(b.offset, b.rank);
  }
};

// A flat image of a hostile vendor may hold a magic at every offset; each
// proof costs time, so their number is bounded by the size.
std::size_t MostProofs(ByteView bytes) {
  return 256 + bytes.size() / 1024;
}

}  // namespace

std::vector<CarvedChunk> Carve(ByteView bytes) {
  static const Magics kMagics = CompileMagics();
  std::vector<Candidate> candidates;
  for (const PatternHit& hit : kMagics.set.Scan(bytes)) {
    const Magics::Row& row = kMagics.rows[hit.pattern];
    if (hit.offset >= row.offset) {
      candidates.push_back({hit.offset - row.offset, row.rank, row.format});
    }
  }
  std::sort(candidates.begin(), candidates.end());
  std::vector<CarvedChunk> chunks;
  std::uint64_t free_from = 0;
  std::size_t proofs = MostProofs(bytes);
  for (const Candidate& candidate : candidates) {
    if (candidate.offset < free_from) {
      continue;
    }
    const ByteView rest =
        bytes.subspan(static_cast<std::size_t>(candidate.offset));
    const ByteView head = rest.first(std::min(rest.size(), Input::kPeekLimit));
    if (!candidate.format->matches(head) || proofs-- == 0) {
      continue;
    }
    const auto size = candidate.format->measure(rest);
    if (size && *size > 0 && *size <= rest.size()) {
      chunks.push_back({{candidate.offset, *size}, candidate.format});
      free_from = candidate.offset + *size;
    }
  }
  return chunks;
}

}  // namespace assay::unpack
