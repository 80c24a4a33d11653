#include "verifier/formats/disks/qcow2_image.h"

#include <fmt/format.h>

#include <algorithm>

namespace assay::formats::qcow2 {
namespace {

constexpr std::uint32_t kMagic = 0x514649FB;
constexpr std::uint64_t kOffsetBits = 0x00FFFFFFFFFFFE00;
constexpr std::uint64_t kCompressed = 1ULL << 62U;
constexpr std::uint64_t kZero = 1;
constexpr std::uint64_t kSectorBytes = 512;
constexpr unsigned kSubclustersEach = 32;
// Refuses what would not fit a number of bytes.
constexpr std::uint64_t kLargestDisk = 1ULL << 60U;
constexpr std::size_t kMostSnapshots = 65536;

std::optional<Header> ReadHeader(ByteView bytes) {
  Header header;
  const auto v3 = ReadAt<Header>(bytes, 0);
  if (v3 && v3->version == 3) {
    header = *v3;
    if (header.header_length < kHeaderV3) {
      return std::nullopt;
    }
    if (header.header_length == kHeaderV3) {
      header.compression = 0;
    }
    return header;
  }
  struct Short {
    std::array<std::uint8_t, kHeaderV2> raw = {};
  };
  const auto v2 = ReadAt<Short>(bytes, 0);
  if (!v2) {
    return std::nullopt;
  }
  Bytes padded(sizeof(Header));
  std::copy(v2->raw.begin(), v2->raw.end(), padded.begin());
  header = *ReadAt<Header>(padded, 0);
  if (header.version != 2) {
    return std::nullopt;
  }
  // What version 2 implies.
  header.refcount_order.raw = {0, 0, 0, 4};
  header.header_length.raw = {0, 0, 0, kHeaderV2};
  return header;
}

bool FieldsHold(const Header& header, std::uint64_t available) {
  if (header.magic != kMagic || header.cluster_bits < 9 ||
      header.cluster_bits > 21 || header.crypt_method > 2 ||
      header.refcount_order > 6 || header.size > kLargestDisk) {
    return false;
  }
  const std::uint64_t cluster = 1ULL << header.cluster_bits;
  const std::uint64_t l1 = header.l1_offset;
  const std::uint64_t refcounts = header.refcount_offset;
  return header.header_length <= cluster && l1 % cluster == 0 &&
         refcounts % cluster == 0 && refcounts >= cluster &&
         refcounts < available && header.refcount_clusters > 0 &&
         (header.l1_size == 0 || (l1 >= cluster && l1 < available));
}

}  // namespace

Image::Image(ByteSource source, const Header& header)
    : source_(std::move(source)),
      header_(header),
      cluster_(1ULL << header.cluster_bits),
      zstd_((header.incompatible & kOtherCompression) != 0 &&
            header.compression == 1),
      subclusters_((header.incompatible & kSubclusters) != 0) {}

Result<Image> Image::Open(ByteSource source) {
  const auto header = ReadHeader(source.bytes());
  if (!header || !FieldsHold(*header, source.size())) {
    return Fail(ErrorCode::kNotThisFormat, "no plausible qcow2 header");
  }
  return Image(std::move(source), *header);
}

std::vector<Range> Image::RefcountRanges() const {
  const std::uint64_t table = header_.refcount_offset;
  const std::uint64_t length =
      std::min(header_.refcount_clusters * cluster_, source_.size() - table);
  std::vector<Range> ranges = {{table, length}};
  for (std::uint64_t at = 0; at + sizeof(Be64) <= length; at += sizeof(Be64)) {
    const auto block = ReadAt<Be64>(source_.bytes(), table + at);
    if (block && *block != 0 &&
        Slice(source_.bytes(), *block & kOffsetBits, cluster_)) {
      ranges.push_back({*block & kOffsetBits, cluster_});
    }
  }
  return ranges;
}

std::uint64_t Image::Extent() const {
  const std::uint64_t table = header_.refcount_offset;
  const std::uint64_t bits = 1ULL << header_.refcount_order;
  const std::uint64_t each = cluster_ * 8 / bits;  // counts in one block
  const std::uint64_t clusters = (source_.size() + cluster_ - 1) / cluster_;
  const std::uint64_t blocks = (clusters + each - 1) / each;
  const std::uint64_t stated =
      header_.refcount_clusters * cluster_ / sizeof(Be64);
  std::uint64_t last = 0;
  for (std::uint64_t i = 0; i < std::min(blocks, stated); ++i) {
    const auto entry = ReadAt<Be64>(source_.bytes(), table + i * sizeof(Be64));
    const auto block =
        entry && *entry != 0
            ? Slice(source_.bytes(), *entry & kOffsetBits, cluster_)
            : std::nullopt;
    if (!block) {
      continue;
    }
    const auto used = std::find_if(block->rbegin(), block->rend(),
                                   [](std::uint8_t byte) { return byte != 0; });
    const auto bytes = static_cast<std::uint64_t>(block->rend() - used);
    if (bytes > 0) {
      last = std::max(last, i * each + (bytes * 8 + bits - 1) / bits);
    }
  }
  return last == 0 ? source_.size() : std::min(last * cluster_, source_.size());
}

std::vector<Snapshot> Image::Snapshots(std::uint64_t& end) const {
  struct Record {
    Be64 l1_offset;
    Be32 l1_size;
    Be16 id_size, name_size;
    Be32 seconds, nanoseconds;
    Be64 clock;
    Be32 state_size, extra_size;
  };
  std::vector<Snapshot> snapshots;
  ByteReader reader(source_.bytes());
  end = header_.snapshots;
  bool more = reader.Seek(header_.snapshots);
  while (more &&
         snapshots.size() <
             std::min<std::size_t>(header_.snapshot_count, kMostSnapshots)) {
    const auto record = reader.Take<Record>();
    const auto extra =
        record ? reader.TakeBytes(record->extra_size) : std::nullopt;
    const auto id = extra ? reader.TakeBytes(record->id_size) : std::nullopt;
    const auto name = id ? reader.TakeBytes(record->name_size) : std::nullopt;
    if (!name) {
      break;
    }
    const auto size = ReadAt<Be64>(*extra, sizeof(Be64));
    snapshots.push_back({.id = std::string(AsText(*id)),
                         .name = std::string(AsText(*name)),
                         .l1_offset = record->l1_offset,
                         .l1_size = record->l1_size,
                         .size = size ? *size : header_.size});
    end = reader.consumed();
    more = reader.Align(8);
  }
  return snapshots;
}

disks::GuestDisk Image::Map(std::uint64_t l1_offset, std::uint64_t l1_size,
                            std::uint64_t size,
                            std::vector<Range>& tables) const {
  disks::GuestDisk disk(source_, "qcow2", std::min(size, kLargestDisk));
  const std::uint64_t entry = subclusters_ ? 16 : sizeof(Be64);
  const std::uint64_t reach = cluster_ / entry * cluster_;  // of one L2 table
  std::set<std::uint64_t> seen;
  std::uint64_t i = 0;
  for (; i < l1_size && disk.length() < disk.size(); ++i) {
    const auto place =
        ReadAt<Be64>(source_.bytes(), l1_offset + i * sizeof(Be64));
    if (!place) {
      disk.AddUnknown(disk.size() - disk.length(),
                      "qcow2: the L1 table ends past the image");
      break;
    }
    const std::uint64_t table = *place & kOffsetBits;
    if (table == 0) {
      disk.AddHole(reach);
    } else if (!Slice(source_.bytes(), table, cluster_)) {
      disk.AddUnknown(reach, fmt::format("qcow2: the L2 table at {} lies past "
                                         "the end of the image",
                                         table));
    } else if (table % cluster_ != 0 || !seen.insert(table).second) {
      disk.AddUnknown(reach,
                      fmt::format("qcow2: the L2 table at {} is no cluster "
                                  "or is named twice",
                                  table));
    } else {
      tables.push_back({table, cluster_});
      MapTable(table, disk);
    }
  }
  tables.push_back({l1_offset, i * sizeof(Be64)});
  return disk;
}

void Image::MapTable(std::uint64_t offset, disks::GuestDisk& disk) const {
  const std::uint64_t size = subclusters_ ? 16 : sizeof(Be64);
  for (std::uint64_t at = 0; at < cluster_; at += size) {
    const auto entry = ReadAt<Be64>(source_.bytes(), offset + at);
    const auto bitmap = ReadAt<Be64>(source_.bytes(), offset + at + 8);
    if (!entry || (subclusters_ && !bitmap)) {
      disk.AddUnknown(cluster_, "qcow2: an L2 table ends past the image");
      continue;
    }
    MapCluster(*entry, subclusters_ ? std::uint64_t{*bitmap} : 0, disk);
  }
}

// Section "Cluster mapping". `bitmap` is that of an extended entry.
void Image::MapCluster(std::uint64_t entry, std::uint64_t bitmap,
                       disks::GuestDisk& disk) const {
  if ((entry & kCompressed) != 0) {
    const unsigned shift = 62 - (header_.cluster_bits - 8);
    const std::uint64_t start = entry & ((1ULL << shift) - 1);
    const std::uint64_t sectors = ((entry & (kCompressed - 1)) >> shift) + 1;
    disk.AddPacked({start, sectors * kSectorBytes - start % kSectorBytes},
                   cluster_);
    return;
  }
  const std::uint64_t place = entry & kOffsetBits;
  if (!subclusters_) {
    const bool zero = header_.version >= 3 && (entry & kZero) != 0;
    if (place == 0 || zero) {
      disk.AddHole(cluster_);
    } else {
      disk.AddStored({place, cluster_});
    }
    return;
  }
  const std::uint64_t part = cluster_ / kSubclustersEach;
  for (unsigned i = 0; i < kSubclustersEach; ++i) {
    if (place != 0 && ((bitmap >> i) & 1U) != 0) {
      disk.AddStored({place + i * part, part});
    } else {
      disk.AddHole(part);
    }
  }
}

}  // namespace assay::formats::qcow2
