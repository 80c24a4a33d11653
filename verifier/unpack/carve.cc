#include "verifier/unpack/carve.h"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>

#include "verifier/base/pattern_set.h"
#include "verifier/unpack/partition.h"

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
    for (const formats::Magic& magic :
         format->carve_magics.empty() ? format->magics : format->carve_magics) {
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
  friend bool operator==(const Candidate&, const Candidate&) = default;
};

std::vector<Candidate> CandidatesIn(ByteView bytes) {
  static const Magics kMagics = CompileMagics();
  std::vector<Candidate> candidates;
  for (const PatternHit& hit : kMagics.set.Scan(bytes)) {
    const Magics::Row& row = kMagics.rows[hit.pattern];
    if (hit.offset >= row.offset) {
      candidates.push_back({hit.offset - row.offset, row.rank, row.format});
    }
  }
  std::sort(candidates.begin(), candidates.end());
  candidates.erase(std::unique(candidates.begin(), candidates.end()),
                   candidates.end());
  return candidates;
}

class Carver {
 public:
  explicit Carver(ByteView bytes)
      : bytes_(bytes),
        proofs_left_(256 + bytes.size() / 1024),
        failures_left_(formats::AllFormats().size(),
                       256 + bytes.size() / 65536) {}

  Carving Run() {
    const std::vector<Candidate> candidates = CandidatesIn(bytes_);
    std::uint64_t free_from = 0;
    for (const Candidate& candidate : candidates) {
      if (candidate.offset < free_from) {
        continue;
      }
      if (const auto size = Prove(candidate)) {
        found_.chunks.push_back({{candidate.offset, *size}, candidate.format});
        free_from = candidate.offset + *size;
      }
    }
    AddConflicts(candidates);
    return std::move(found_);
  }

 private:
  // The size of the candidate when it is what it seems.
  std::optional<std::uint64_t> Prove(const Candidate& candidate) {
    const ByteView rest =
        bytes_.subspan(static_cast<std::size_t>(candidate.offset));
    const ByteView head = rest.first(std::min(rest.size(), Input::kPeekLimit));
    if (!candidate.format->matches(head)) {
      return std::nullopt;
    }
    std::size_t& failures_left = failures_left_[candidate.rank - 1];
    if (proofs_left_ == 0 || failures_left == 0) {
      if (!found_.gave_up_at) {
        found_.gave_up_at = candidate.offset;
      }
      return std::nullopt;
    }
    --proofs_left_;
    const auto size = candidate.format->measure(rest);
    const bool proven = size && *size > 0 && *size <= rest.size();
    failures_left -= proven ? 0 : 1;
    return proven ? std::optional(*size) : std::nullopt;
  }

  // Whether unexplained bytes follow the chunk.
  [[nodiscard]] bool LeavesUnexplained(std::size_t chunk) const {
    const std::uint64_t end = found_.chunks[chunk].range.end();
    const std::uint64_t next = chunk + 1 < found_.chunks.size()
                                   ? found_.chunks[chunk + 1].range.offset
                                   : bytes_.size();
    const auto gap = Slice(bytes_, end, next - end);
    return gap && !gap->empty() && !IsFiller(*gap);
  }

  void AddConflicts(const std::vector<Candidate>& candidates) {
    std::vector<CarvedChunk> conflicts;
    auto candidate = candidates.begin();
    for (std::size_t i = 0; i < found_.chunks.size(); ++i) {
      const Range taken = found_.chunks[i].range;
      const bool open = LeavesUnexplained(i);
      for (; candidate != candidates.end() && candidate->offset < taken.end();
           ++candidate) {
        // Members of archives begin like archives.
        const bool itself = candidate->format == found_.chunks[i].format;
        // Compressed blocks inside a chunk are many and dear to prove; one
        // that goes on behind the chunk's end was cut by it, and is damaged
        // there for all to see.
        const bool stream = candidate->format->depth == "payload";
        if (!open || itself || stream || candidate->offset < taken.offset) {
          continue;
        }
        const auto size = Prove(*candidate);
        if (size && candidate->offset + *size > taken.end()) {
          conflicts.push_back(
              {{candidate->offset, *size}, candidate->format, true});
        }
      }
    }
    found_.chunks.insert(found_.chunks.end(), conflicts.begin(),
                         conflicts.end());
    std::stable_sort(found_.chunks.begin(), found_.chunks.end(),
                     [](const CarvedChunk& a, const CarvedChunk& b) {
                       return a.range.offset < b.range.offset;
                     });
  }

  ByteView bytes_;
  std::size_t proofs_left_;
  // By format: a walk over a long broken structure must not begin anew at
  // each of its parts.
  std::vector<std::size_t> failures_left_;
  Carving found_;
};

}  // namespace

Carving Carve(ByteView bytes) {
  return Carver(bytes).Run();
}

}  // namespace assay::unpack
