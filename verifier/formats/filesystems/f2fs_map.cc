// Where an inode's content lies: addresses in the inode, in direct nodes, and
// in those that two levels of indirect nodes lead to (Linux fs/f2fs/node.c,
// get_node_path).

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "verifier/formats/filesystems/f2fs_volume.h"

namespace assay::formats::f2fs {
namespace {

constexpr std::uint64_t kAddresses = 360;  // in an inode
constexpr std::uint64_t kAddressCount = 923;
constexpr std::uint64_t kNodes = 4052;
constexpr std::uint64_t kPerNode = 1018;
// How many nodes lie above the data, for each of an inode's node numbers.
constexpr std::array<unsigned, 5> kLevels = {1, 1, 2, 2, 3};

class Mapper {
 public:
  Mapper(const Volume& volume, const Inode& inode, const OwnNode& own)
      : volume_(volume),
        inode_(inode),
        own_(own),
        blocks_(inode.size / kBlock + (inode.size % kBlock == 0 ? 0 : 1)),
        cluster_(inode.IsCompressed() ? 1ULL << inode.log_cluster : 1),
        per_node_(kPerNode / cluster_ * cluster_) {}

  Result<std::vector<Run>> Map() {
    const std::uint64_t room =
        kAddressCount - (inode_.extra + inode_.inline_xattr) / 4;
    Addresses(inode_.raw, kAddresses + inode_.extra,
              room / cluster_ * cluster_);
    for (std::size_t i = 0; i < kLevels.size() && at_ < blocks_; ++i) {
      const std::uint32_t node =
          *ReadAt<Le32>(inode_.raw, kNodes + i * sizeof(Le32));
      if (auto ok = Below(node, kLevels.at(i)); !ok) {
        return Fail(ok.error());
      }
    }
    if (at_ < blocks_) {
      return Malformed(
          fmt::format("inode {} states {} bytes", inode_.number, inode_.size));
    }
    return std::move(runs_);
  }

 private:
  struct Open {
    ByteView node;
    unsigned level = 0;  // of its children
    std::uint64_t next = 0;
  };

  [[nodiscard]] std::uint64_t SpanOf(unsigned level) const {
    std::uint64_t span = per_node_;
    for (unsigned i = 1; i < level; ++i) {
      span *= kPerNode;
    }
    return span;
  }

  void Append(std::uint32_t address, std::uint64_t count) {
    count = std::min(count, blocks_ - at_);
    if (count == 0) {
      return;
    }
    const Run next{.at = at_, .address = address, .count = count};
    if (!runs_.empty() && Continues(runs_.back(), next)) {
      runs_.back().count += count;
    } else {
      runs_.push_back(next);
    }
    at_ += count;
  }

  static bool Continues(const Run& run, const Run& next) {
    if (!run.IsData()) {
      return run.address == next.address && next.address != kCompressed;
    }
    return next.IsData() && run.address + run.count == next.address;
  }

  void Addresses(ByteView node, std::uint64_t offset, std::uint64_t count) {
    for (std::uint64_t i = 0; i < count && at_ < blocks_; ++i) {
      Append(*ReadAt<Le32>(node, offset + i * sizeof(Le32)), 1);
    }
  }

  Result<void> Enter(std::uint32_t number, unsigned level,
                     std::vector<Open>& path) {
    if (number == 0) {
      Append(kHole, SpanOf(level));
      return {};
    }
    const auto node = volume_.ReadNode(number, inode_.number);
    if (!node) {
      return Fail(node.error());
    }
    if (!own_(number, volume_.FindNode(number)->block)) {
      return Malformed(
          fmt::format("inode {}: node {} belongs to something "
                      "else",
                      inode_.number, number));
    }
    if (level == 1) {
      Addresses(*node, 0, per_node_);
    } else {
      path.push_back({.node = *node, .level = level - 1});
    }
    return {};
  }

  Result<void> Below(std::uint32_t number, unsigned level) {
    std::vector<Open> path;
    if (auto ok = Enter(number, level, path); !ok) {
      return ok;
    }
    while (!path.empty()) {
      Open& open = path.back();
      if (open.next == kPerNode || at_ >= blocks_) {
        path.pop_back();
        continue;
      }
      const std::uint32_t child =
          *ReadAt<Le32>(open.node, open.next++ * sizeof(Le32));
      if (auto ok = Enter(child, open.level, path); !ok) {
        return ok;
      }
    }
    return {};
  }

  const Volume& volume_;
  const Inode& inode_;
  const OwnNode& own_;
  std::uint64_t blocks_;
  std::uint64_t cluster_;
  std::uint64_t per_node_;
  std::uint64_t at_ = 0;  // the next block of content
  std::vector<Run> runs_;
};

}  // namespace

Result<std::vector<Run>> MapBlocks(const Volume& volume, const Inode& inode,
                                   const OwnNode& own) {
  if (inode.IsCompressed() && inode.log_cluster > 8) {
    return Malformed(fmt::format("inode {} has clusters of 2^{} blocks",
                                 inode.number, inode.log_cluster));
  }
  return Mapper(volume, inode, own).Map();
}

std::uint32_t AddressAt(const std::vector<Run>& runs, std::uint64_t at) {
  const auto after = std::upper_bound(
      runs.begin(), runs.end(), at,
      [](std::uint64_t value, const Run& run) { return value < run.at; });
  if (after == runs.begin()) {
    return kHole;
  }
  const Run& run = *std::prev(after);
  const std::uint64_t index = at - run.at;
  if (index >= run.count) {
    return kHole;
  }
  return run.IsData() ? static_cast<std::uint32_t>(run.address + index)
                      : run.address;
}

}  // namespace assay::formats::f2fs
