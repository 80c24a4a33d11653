// The clusters of a FAT or exFAT volume: who owns which, where a chain of them
// lies, and files made of them.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "verifier/formats/coverage.h"
#include "verifier/formats/format.h"

namespace assay::formats {

// Clusters are numbered from 2; the first begins at `data`.
struct ClusterLayout {
  std::uint64_t data = 0;
  std::uint64_t cluster = 0;  // bytes of one
  std::uint32_t clusters = 0;

  [[nodiscard]] bool Holds(std::uint32_t number) const {
    return number >= 2 && number - 2 < clusters;
  }
  // Only for numbers that it holds.
  [[nodiscard]] Range PlaceOf(std::uint32_t number) const {
    return {data + std::uint64_t{number - 2} * cluster, cluster};
  }
};

// A chain as far as it could be followed, inside the image.
struct Chain {
  std::vector<Range> extents = {};  // neighbours in one piece
  std::uint64_t length = 0;         // bytes
  std::string problem = {};         // why it ended early
  bool crosses = false;             // it has a cluster of another chain
};

class ClusterChains {
 public:
  // What follows a cluster in its chain; any number the layout does not hold
  // other than kEnd breaks the chain.
  using Next = std::function<std::uint32_t(std::uint32_t)>;
  static constexpr std::uint32_t kEnd = 0xFFFFFFFF;

  ClusterChains(const ByteSource& source, ClusterLayout layout, Next next,
                std::string_view format, ArtifactSink& sink);

  // The chain from `first`, of `most` bytes at most.
  [[nodiscard]] Chain Follow(std::uint32_t first, std::uint64_t most);
  // As many clusters in a row as hold `size` bytes.
  [[nodiscard]] Chain Row(std::uint32_t first, std::uint64_t size);
  // Whether some chain has the cluster.
  [[nodiscard]] bool IsTaken(std::uint32_t number) const;
  // How many clusters lie wholly inside the image.
  [[nodiscard]] std::uint32_t visible() const {
    return static_cast<std::uint32_t>(owners_.size());
  }

  // Gives a file with the first `size` bytes of `chain` to the sink, and
  // `zeros` bytes behind them. Too short a chain is said, and the file is what
  // there is.
  [[nodiscard]] Result<void> AddFile(Member member, Chain chain,
                                     std::uint64_t size, std::uint64_t zeros,
                                     Coverage& coverage);

  void Report(std::string_view what, Range range, std::string detail);

 private:
  // Adds a cluster to the chain; false: the chain ends here.
  bool Take(Chain& chain, std::uint32_t number, std::uint32_t owner);

  const ByteSource& source_;
  ClusterLayout layout_;
  Next next_;
  std::string format_;
  ArtifactSink& sink_;
  std::vector<std::uint32_t> owners_;  // 0: nobody
  std::uint32_t chains_ = 0;
  std::uint64_t crossings_ = 0;  // clusters met that were another chain's
};

}  // namespace assay::formats
