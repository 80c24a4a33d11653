#include "verifier/formats/filesystems/cluster_chains.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace assay::formats {
namespace {

// Clusters of several files are read again at most so often in all: a
// thousand files that share their clusters would be a thousand images.
constexpr std::uint64_t kMostReadings = 4;

std::uint32_t VisibleClusters(const ClusterLayout& layout, std::uint64_t size) {
  const std::uint64_t space = size > layout.data ? size - layout.data : 0;
  return static_cast<std::uint32_t>(
      std::min<std::uint64_t>(layout.clusters, space / layout.cluster));
}

void Extend(Chain& chain, Range piece) {
  chain.length += piece.length;
  if (!chain.extents.empty() && chain.extents.back().end() == piece.offset) {
    chain.extents.back().length += piece.length;
  } else {
    chain.extents.push_back(piece);
  }
}

// What lies behind the file's size is not the file's.
void Cut(Chain& chain, std::uint64_t size) {
  while (chain.length > size) {
    Range& last = chain.extents.back();
    const std::uint64_t over = std::min(chain.length - size, last.length);
    last.length -= over;
    chain.length -= over;
    if (last.length == 0) {
      chain.extents.pop_back();
    }
  }
}

}  // namespace

ClusterChains::ClusterChains(const ByteSource& source, ClusterLayout layout,
                             Next next, std::string_view format,
                             ArtifactSink& sink)
    : source_(source),
      layout_(layout),
      next_(std::move(next)),
      format_(format),
      sink_(sink),
      owners_(VisibleClusters(layout, source.size())) {}

void ClusterChains::Report(std::string_view what, Range range,
                           std::string detail) {
  sink_.Report({.id = fmt::format("{}.{}", format_, what),
                .range = range,
                .detail = std::move(detail)});
}

bool ClusterChains::IsTaken(std::uint32_t number) const {
  return number >= 2 && number - 2 < owners_.size() && owners_[number - 2] != 0;
}

bool ClusterChains::Take(Chain& chain, std::uint32_t number,
                         std::uint32_t owner) {
  if (!layout_.Holds(number)) {
    chain.problem = fmt::format("the chain leads to cluster {:#x}", number);
    return false;
  }
  if (number - 2 >= owners_.size()) {
    chain.problem = fmt::format("cluster {} is past the end", number);
    return false;
  }
  const Range place = layout_.PlaceOf(number);
  std::uint32_t& slot = owners_[number - 2];
  if (slot == owner) {
    chain.problem = fmt::format("the chain comes back to cluster {}", number);
    Report("cyclic-chain", place, chain.problem);
    return false;
  }
  if (slot != 0) {
    // One that enters another's cycle never meets itself.
    if (crossings_++ / kMostReadings >= owners_.size()) {
      chain.problem = "too many clusters are shared";
      return false;
    }
    if (!std::exchange(chain.crosses, true)) {
      Report("overlapping-chains", place,
             fmt::format("cluster {} belongs to two files", number));
    }
  } else {
    slot = owner;
  }
  Extend(chain, place);
  return true;
}

Chain ClusterChains::Follow(std::uint32_t first, std::uint64_t most) {
  Chain chain;
  const std::uint32_t owner = ++chains_;
  std::uint32_t number = first;
  while (number != kEnd && chain.length < most && Take(chain, number, owner)) {
    number = next_(number);
  }
  return chain;
}

Chain ClusterChains::Row(std::uint32_t first, std::uint64_t size) {
  Chain chain;
  const std::uint32_t owner = ++chains_;
  std::uint32_t number = first;
  while (chain.length < size && Take(chain, number, owner)) {
    ++number;
  }
  return chain;
}

Result<void> ClusterChains::AddFile(Member member, Chain chain,
                                    std::uint64_t size, std::uint64_t zeros,
                                    Coverage& coverage) {
  if (chain.length < size || !chain.problem.empty()) {
    Report("size-mismatch", {},
           fmt::format("{} has {} bytes, its clusters {}{}{}", member.name,
                       size, chain.length, chain.problem.empty() ? "" : ": ",
                       chain.problem));
  }
  Cut(chain, size);
  std::vector<Extent> extents;
  extents.reserve(chain.extents.size() + 1);
  for (const Range& extent : chain.extents) {
    extents.push_back({.range = extent});
  }
  if (zeros > 0) {
    extents.push_back({.range = {0, zeros}, .hole = true});
  }
  if (chain.extents.size() == 1 && zeros == 0 &&
      !coverage.Touches(chain.extents[0])) {
    member.origin = chain.extents[0];
    member.stored = true;
    coverage.Add(chain.extents[0]);
  }
  for (const Range& extent : chain.extents) {
    coverage.ClaimFree(extent, RegionUse::kMember, sink_);
  }
  auto content = source_.Gather(extents, sink_.limits().memory_per_member,
                                sink_.limits().member);
  return content ? sink_.Add(std::move(member), std::move(*content))
                 : sink_.AddOpaque(std::move(member), content.error().what);
}

}  // namespace assay::formats
