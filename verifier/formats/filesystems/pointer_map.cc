#include "verifier/formats/filesystems/pointer_map.h"

#include <fmt/format.h>

#include <algorithm>

#include "verifier/formats/filesystems/file_tree.h"

namespace assay::formats {
namespace {

class Mapper {
 public:
  Mapper(const PointerMap& map, std::vector<Extent>& extents)
      : map_(map),
        extents_(extents),
        blocks_(map.size / map.block_size +
                (map.size % map.block_size == 0 ? 0 : 1)) {}

  Result<void> Map() {
    std::uint64_t below = 0;  // blocks that a number stands for; 0: data
    for (std::size_t i = 0; i < map_.top.size() && at_ < blocks_; ++i) {
      if (i >= map_.direct) {
        below = std::max<std::uint64_t>(below, 1) * map_.per_block;
      }
      if (auto ok = Number(map_.top[i], below); !ok) {
        return ok;
      }
      if (auto ok = Drain(); !ok) {
        return ok;
      }
    }
    return {};
  }

 private:
  struct Table {
    ByteView bytes;
    std::uint64_t next = 0;
    std::uint64_t below = 0;  // of each number
  };

  Result<void> Drain() {
    while (!open_.empty()) {
      Table& table = open_.back();
      if (table.next == map_.per_block || at_ >= blocks_) {
        open_.pop_back();
        continue;
      }
      const std::uint32_t next = map_.number_at(table.bytes, table.next++);
      if (auto ok = Number(next, table.below); !ok) {
        return ok;
      }
    }
    return {};
  }

  Result<void> Number(std::uint32_t block, std::uint64_t below) {
    if (block == 0) {
      Append({0, 0}, true, std::max<std::uint64_t>(below, 1));
      return {};
    }
    if (block >= map_.blocks) {
      return Fail(ErrorCode::kMalformed,
                  fmt::format("there is no block {}", block));
    }
    if (below == 0) {
      Append({block * map_.block_size, 0}, false, 1);
      return {};
    }
    const auto bytes = map_.follow(block);
    if (!bytes) {
      return Fail(bytes.error());
    }
    const std::uint64_t each = below / map_.per_block;
    open_.push_back({.bytes = *bytes, .below = each == 1 ? 0 : each});
    return {};
  }

  void Append(Range range, bool hole, std::uint64_t count) {
    count = std::min(count, blocks_ - at_);
    range.length = count * map_.block_size;
    AppendExtent(extents_, {range, hole});
    at_ += count;
  }

  const PointerMap& map_;
  std::vector<Extent>& extents_;
  std::uint64_t blocks_;  // of the content
  std::uint64_t at_ = 0;  // the next one
  std::vector<Table> open_;
};

}  // namespace

Result<void> MapPointers(const PointerMap& map, std::vector<Extent>& extents) {
  return Mapper(map, extents).Map();
}

}  // namespace assay::formats
