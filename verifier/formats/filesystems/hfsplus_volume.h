// The lower half of reading an HFS Plus volume: header, forks and their
// extents. Layout: Apple Technical Note TN1150, "HFS Plus Volume Format".
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "verifier/base/byte_source.h"
#include "verifier/base/bytes.h"
#include "verifier/base/result.h"

namespace assay::formats::hfsplus {

inline constexpr std::uint64_t kHeaderAt = 1024;

struct ExtentDescriptor {
  Be32 start, count;  // in allocation blocks
};
using ExtentRecord = std::array<ExtentDescriptor, 8>;

struct ForkData {
  Be64 size;
  Be32 clump, blocks;
  ExtentRecord extents = {};
};
static_assert(sizeof(ForkData) == 80 && FileStruct<ForkData>);

struct Header {
  Be16 signature, version;
  Be32 attributes, last_mounted, journal_block;
  Be32 created, modified, backed_up, checked;
  Be32 files, folders, block_size, blocks, free_blocks, next_block;
  Be32 resource_clump, data_clump, next_id, writes;
  Be64 encodings;
  std::array<Be32, 8> finder = {};
  ForkData allocation = {}, extents = {}, catalog = {}, attributes_file = {},
           startup = {};

  static constexpr std::uint32_t kJournaled = 1U << 13U;
};
static_assert(sizeof(Header) == 512 && FileStruct<Header>);

// Catalog node IDs of what the header describes (TN1150, "Catalog File").
enum ReservedId : std::uint32_t {
  kRootParent = 1,
  kRootFolder = 2,
  kExtentsFile = 3,
  kCatalogFile = 4,
  kBadBlocks = 5,
  kAllocationFile = 6,
  kStartupFile = 7,
  kAttributesFile = 8,
};

enum ForkType : std::uint8_t { kDataFork = 0, kResourceFork = 0xFF };

// The header in the first bytes of a volume, unless it contradicts itself.
[[nodiscard]] std::optional<Header> Recognize(ByteView head);

[[nodiscard]] tl::unexpected<Error> Malformed(std::string_view what);

// Seconds since 1904 as seconds since 1970.
[[nodiscard]] std::int64_t UnixTime(std::uint32_t time);

class Volume {
 public:
  // `source` is the whole volume, or what there is of it.
  Volume(ByteSource source, const Header& header)
      : source_(std::move(source)), header_(header) {}

  [[nodiscard]] const ByteSource& source() const { return source_; }
  [[nodiscard]] const Header& header() const { return header_; }
  [[nodiscard]] std::uint64_t block_size() const { return header_.block_size; }
  [[nodiscard]] std::uint64_t size() const {
    return std::uint64_t{header_.blocks} * header_.block_size;
  }

  // What the extents overflow file adds to forks of more than eight extents.
  void AddOverflow(std::uint32_t file, std::uint8_t fork, std::uint32_t start,
                   const ExtentRecord& extents);
  // Where the fork lies, in whole blocks. kMalformed when its extents leave
  // the volume or are fewer than it states.
  [[nodiscard]] Result<std::vector<Extent>> Map(std::uint32_t file,
                                                std::uint8_t fork,
                                                const ForkData& data) const;
  // All of a fork, at most `most` bytes.
  [[nodiscard]] Result<ByteSource> Read(std::span<const Extent> extents,
                                        std::uint64_t size,
                                        std::uint64_t most) const;

 private:
  // Appends one record; returns how many blocks it has, nothing when one lies
  // outside.
  [[nodiscard]] std::optional<std::uint64_t> Append(
      const ExtentRecord& record, std::uint64_t left,
      std::vector<Extent>& extents) const;

  ByteSource source_;
  Header header_;
  std::map<std::pair<std::uint32_t, std::uint8_t>,
           std::map<std::uint32_t, ExtentRecord>>
      overflow_ = {};
};

}  // namespace assay::formats::hfsplus
