// The tables of a qcow2 image: header, mapping and reference counts.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "verifier/base/byte_source.h"
#include "verifier/base/result.h"
#include "verifier/formats/disks/guest_disk.h"

namespace assay::formats::qcow2 {

// QEMU docs/interop/qcow2.txt, section "Header"; what follows `snapshots` only
// from version 3 on.
struct Header {
  Be32 magic, version;
  Be64 backing_offset;
  Be32 backing_size, cluster_bits;
  Be64 size;
  Be32 crypt_method, l1_size;
  Be64 l1_offset, refcount_offset;
  Be32 refcount_clusters, snapshot_count;
  Be64 snapshots;
  Be64 incompatible, compatible, autoclear;
  Be32 refcount_order, header_length;
  std::uint8_t compression = 0;
};
inline constexpr std::size_t kHeaderV2 = 72;
inline constexpr std::size_t kHeaderV3 = 104;
static_assert(sizeof(Header) == 105 && FileStruct<Header>);

inline constexpr std::uint64_t kDirty = 1;
inline constexpr std::uint64_t kCorrupt = 2;
inline constexpr std::uint64_t kExternalData = 4;
inline constexpr std::uint64_t kOtherCompression = 8;
inline constexpr std::uint64_t kSubclusters = 16;

struct Snapshot {
  std::string id = {};
  std::string name = {};
  std::uint64_t l1_offset = 0;
  std::uint64_t l1_size = 0;
  std::uint64_t size = 0;  // of the disk then
};

class Image {
 public:
  // kNotThisFormat unless the header's fields agree with each other and with
  // the bytes.
  [[nodiscard]] static Result<Image> Open(ByteSource source);

  [[nodiscard]] const Header& header() const { return header_; }
  [[nodiscard]] const ByteSource& source() const { return source_; }
  [[nodiscard]] std::uint64_t cluster() const { return cluster_; }
  [[nodiscard]] bool uses_zstd() const { return zstd_; }

  // Where the last cluster with a reference ends, inside the bytes.
  [[nodiscard]] std::uint64_t Extent() const;
  // The clusters of the reference counts themselves.
  [[nodiscard]] std::vector<Range> RefcountRanges() const;
  // The snapshot table; `end` gets where it ends.
  [[nodiscard]] std::vector<Snapshot> Snapshots(std::uint64_t& end) const;
  // The disk that an L1 table maps; `tables` gets where the tables lie.
  [[nodiscard]] disks::GuestDisk Map(std::uint64_t l1_offset,
                                     std::uint64_t l1_size, std::uint64_t size,
                                     std::vector<Range>& tables) const;

 private:
  Image(ByteSource source, const Header& header);
  void MapTable(std::uint64_t offset, disks::GuestDisk& disk) const;
  void MapCluster(std::uint64_t entry, std::uint64_t bitmap,
                  disks::GuestDisk& disk) const;

  ByteSource source_;
  Header header_;
  std::uint64_t cluster_ = 0;  // bytes
  bool zstd_ = false;
  bool subclusters_ = false;
};

}  // namespace assay::formats::qcow2
