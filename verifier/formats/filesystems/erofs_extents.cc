#include "verifier/formats/filesystems/erofs_extents.h"

#include <fmt/format.h>

#include <algorithm>

#include "verifier/formats/archives/archive_input.h"

namespace assay::formats::erofs {
namespace {

struct MapHeader {
  Le16 reserved, inline_size;  // or an offset in the packed inode
  Le16 advise;
  std::uint8_t algorithms = 0, cluster_bits = 0;
};
static_assert(sizeof(MapHeader) == 8 && FileStruct<MapHeader>);

struct FullIndex {
  Le16 advise, offset;
  Le16 delta0, delta1;  // or the block
};

// MapHeader::advise.
constexpr unsigned kTwoBytes = 0x1;
constexpr unsigned kBig1 = 0x2;
constexpr unsigned kBig2 = 0x4;
constexpr unsigned kInlineTail = 0x8;
constexpr unsigned kInterlaced = 0x10;
constexpr unsigned kFragmentTail = 0x20;
constexpr unsigned kKnownAdvise = 0x3f;

constexpr unsigned kBlockCount = 1U << 11U;  // in the delta of a NonHead
constexpr std::uint64_t kPackBlock = 4;      // ends a pack of compact entries

// One pack of a compact index: entries of some bits, then a block number.
class Pack {
 public:
  Pack(ByteView bytes, unsigned entries, unsigned cluster_bits)
      : bytes_(bytes),
        entries_(entries),
        low_bits_(std::max(cluster_bits, 12U)),
        bits_((static_cast<unsigned>(bytes.size()) -
               static_cast<unsigned>(kPackBlock)) *
              8 / entries) {}

  struct Entry {
    unsigned type = 0;
    unsigned low = 0;
  };
  [[nodiscard]] Entry At(unsigned i) const {
    const std::uint64_t bit = std::uint64_t{i} * bits_;
    const std::uint32_t raw =
        *ReadAt<Le32>(bytes_, bit / 8) >> static_cast<unsigned>(bit % 8);
    return {raw >> low_bits_ & 3U, raw & ((1U << low_bits_) - 1)};
  }
  [[nodiscard]] std::uint32_t block() const {
    return *ReadAt<Le32>(bytes_, bytes_.size() - kPackBlock);
  }
  [[nodiscard]] unsigned entries() const { return entries_; }

 private:
  ByteView bytes_;
  unsigned entries_, low_bits_, bits_;
};

constexpr unsigned kNonHeadType = 2;

// How many blocks the clusters before `i` of a pack take; nothing when they
// contradict themselves.
std::optional<std::uint64_t> BlocksBefore(const Pack& pack, unsigned i,
                                          bool big) {
  std::uint64_t blocks = big ? 0 : 1;
  auto at = static_cast<int>(i);
  while (at > 0) {
    const Pack::Entry entry = pack.At(static_cast<unsigned>(--at));
    if (entry.type != kNonHeadType) {
      ++blocks;
      continue;
    }
    if (!big) {
      at -= static_cast<int>(entry.low);
      blocks += at >= 0 ? 1 : 0;
    } else if ((entry.low & kBlockCount) != 0) {
      --at;
      blocks += entry.low & ~kBlockCount;
    } else if (entry.low <= 1) {
      return std::nullopt;
    } else {
      at -= static_cast<int>(entry.low) - 2;
    }
  }
  return blocks;
}

}  // namespace

Result<ExtentReader> ExtentReader::Open(const Image& image,
                                        const Inode& inode) {
  constexpr std::uint64_t kWholeFragment = 1ULL << 63U;
  ExtentReader reader(image);
  const ByteView bytes = image.source().bytes();
  reader.size_ = inode.size;
  reader.compact_ = inode.layout == Layout::kCompressedCompact;
  reader.header_ = inode.body + GapTo(8, inode.body);
  reader.index_end_ = reader.header_ + sizeof(MapHeader);
  const auto header = ReadAt<MapHeader>(bytes, reader.header_);
  if (!header) {
    return Malformed(fmt::format("inode {} has no cluster index", inode.nid));
  }
  const std::uint64_t whole = *ReadAt<Le64>(bytes, reader.header_);
  if ((whole & kWholeFragment) != 0) {
    reader.whole_fragment_ = true;
    reader.fragment_ = whole & ~kWholeFragment;
    return reader;
  }
  reader.advise_ = header->advise;
  reader.algorithms_ = header->algorithms;
  reader.inline_size_ = header->inline_size;
  if ((reader.advise_ & kFragmentTail) != 0) {
    reader.fragment_ = *ReadAt<Le32>(bytes, reader.header_);
  }
  reader.cluster_bits_ = image.super().block_bits + (header->cluster_bits & 7U);
  if ((reader.advise_ & ~kKnownAdvise) != 0 ||
      (reader.advise_ & (kInlineTail | kFragmentTail)) ==
          (kInlineTail | kFragmentTail)) {
    return Fail(ErrorCode::kUnsupported,
                fmt::format("erofs: inode {} is compressed with flags {:#x}",
                            inode.nid, reader.advise_));
  }
  if (auto ok = reader.PlaceIndex(); !ok) {
    return Fail(ok.error());
  }
  if (!Slice(bytes, reader.index_, reader.index_end_ - reader.index_)) {
    return Malformed(
        fmt::format("the cluster index of inode {} is cut short", inode.nid));
  }
  return reader;
}

Result<void> ExtentReader::PlaceIndex() {
  const std::uint64_t cluster = 1ULL << cluster_bits_;
  clusters_ = size_ / cluster + (size_ % cluster != 0 ? 1 : 0);
  if (clusters_ > image_->source().size()) {  // each takes 2 bytes at least
    return Malformed("a cluster index lies outside");
  }
  index_ = header_ + sizeof(MapHeader);
  if (!compact_) {
    index_ += 8;
    index_end_ = index_ + clusters_ * sizeof(FullIndex);
    return {};
  }
  if (cluster_bits_ > 14 ||
      ((advise_ & kTwoBytes) != 0 && cluster_bits_ > 12)) {
    return Malformed(fmt::format("clusters of {} bits", cluster_bits_));
  }
  // Entries of 4 bytes up to a multiple of 32, packs of 16 entries of 2 bytes,
  // and the rest again in 4 bytes, two a pack.
  initial_ = std::min((32 - index_ % 32) / 4 & 7U, clusters_);
  if ((advise_ & kTwoBytes) != 0 && initial_ < clusters_) {
    middle_ = (clusters_ - initial_) / 16 * 16;
  }
  const std::uint64_t rest = clusters_ - middle_;
  index_end_ = index_ + middle_ * 2 + (rest + rest % 2) * 4;
  return {};
}

Range ExtentReader::metadata() const {
  return {header_, index_end_ - header_};
}

Result<ExtentReader::Cluster> ExtentReader::Load(std::uint64_t number) const {
  auto cluster = compact_ ? LoadCompact(number) : LoadFull(number);
  if (cluster && cluster->type != Cluster::Type::kNonHead &&
      cluster->offset >= 1ULL << cluster_bits_) {
    return Malformed(fmt::format("cluster {} begins past its end", number));
  }
  return cluster;
}

Result<ExtentReader::Cluster> ExtentReader::LoadFull(
    std::uint64_t number) const {
  const std::uint64_t at = index_ + number * sizeof(FullIndex);
  const auto index = *ReadAt<FullIndex>(image_->source().bytes(), at);
  Cluster cluster{.type = static_cast<Cluster::Type>(index.advise & 3U)};
  if (cluster.type == Cluster::Type::kNonHead) {
    if ((index.delta0 & kBlockCount) != 0) {
      cluster.blocks = index.delta0 & ~kBlockCount;
    }
  } else {
    cluster.offset = index.offset;
    cluster.block = index.delta0 | std::uint32_t{index.delta1} << 16U;
  }
  return cluster;
}

Result<ExtentReader::Cluster> ExtentReader::LoadCompact(
    std::uint64_t number) const {
  const bool two = number >= initial_ && number - initial_ < middle_;
  std::uint64_t at = index_;
  if (number < initial_) {
    at += number * 4;
  } else if (two) {
    at += initial_ * 4 + (number - initial_) * 2;
  } else {
    at += (number - middle_) * 4 + middle_ * 2;
  }
  const unsigned entries = two ? 16 : 2;
  const std::uint64_t entry_size = two ? 2 : 4;
  const std::uint64_t pack_size = entries * entry_size;
  const std::uint64_t start = at / pack_size * pack_size;
  const auto bytes = Slice(image_->source().bytes(), start, pack_size);
  if (!bytes) {
    return Malformed(fmt::format("cluster {} lies outside", number));
  }
  const Pack pack(*bytes, entries, cluster_bits_);
  const auto i = static_cast<unsigned>((at - start) / entry_size);
  const Pack::Entry entry = pack.At(i);
  Cluster cluster{.type = static_cast<Cluster::Type>(entry.type)};
  if (cluster.type == Cluster::Type::kNonHead) {
    if ((entry.low & kBlockCount) != 0) {
      cluster.blocks = entry.low & ~kBlockCount;
    }
    return cluster;
  }
  const auto before = BlocksBefore(pack, i, (advise_ & kBig1) != 0);
  if (!before) {
    return Malformed(fmt::format("the pack of cluster {} is damaged", number));
  }
  cluster.offset = entry.low;
  cluster.block = pack.block() + *before;
  return cluster;
}

Result<Coding> ExtentReader::CodingOf(Cluster::Type type) const {
  if (type == Cluster::Type::kPlain) {
    return (advise_ & kInterlaced) != 0 ? Coding::kInterlaced
                                        : Coding::kShifted;
  }
  const unsigned algorithm =
      type == Cluster::Type::kHead1 ? algorithms_ & 0xfU : algorithms_ >> 4U;
  if (algorithm > static_cast<unsigned>(Coding::kZstd)) {
    return Fail(ErrorCode::kUnsupported,
                fmt::format("erofs: compression {}", algorithm));
  }
  return static_cast<Coding>(algorithm);
}

Result<std::optional<CompressedExtent>> ExtentReader::Next() {
  if (whole_fragment_) {
    if (next_++ > 0 || size_ == 0) {
      return std::nullopt;
    }
    return CompressedExtent{0, size_, {fragment_, size_}, Coding::kFragment};
  }
  if (next_ >= clusters_) {
    return std::nullopt;
  }
  const std::uint64_t number = next_;
  const auto head = ahead_ ? Result<Cluster>(*ahead_) : Load(number);
  if (!head) {
    return Fail(head.error());
  }
  if (head->type == Cluster::Type::kNonHead ||
      (number == 0 && head->offset != 0)) {
    return Malformed("a file begins inside an extent");
  }
  std::uint64_t end = size_;
  std::uint32_t blocks = 0;
  ahead_.reset();
  while (++next_ < clusters_) {
    auto cluster = Load(next_);
    if (!cluster) {
      return Fail(cluster.error());
    }
    if (cluster->type != Cluster::Type::kNonHead) {
      end = (next_ << cluster_bits_) + cluster->offset;
      ahead_ = *cluster;
      break;
    }
    if (next_ == number + 1) {
      blocks = cluster->blocks;
    }
  }
  // A head that begins at the file's end is none.
  const bool last = end >= size_;
  if (last) {
    end = size_;
    next_ = clusters_;
  }
  auto extent = Finish(*head, number, end, last, blocks);
  if (!extent) {
    return Fail(extent.error());
  }
  return std::optional(*extent);
}

Result<CompressedExtent> ExtentReader::Finish(const Cluster& head,
                                              std::uint64_t number,
                                              std::uint64_t end, bool last,
                                              std::uint32_t blocks) const {
  CompressedExtent extent{.offset = (number << cluster_bits_) + head.offset};
  if (end <= extent.offset) {
    return Malformed(fmt::format("cluster {} begins at the end", number));
  }
  extent.length = end - extent.offset;
  if (last && (advise_ & kFragmentTail) != 0) {
    const std::uint64_t high = compact_ ? 0 : head.block << 32U;
    extent.stored = {fragment_ | high, extent.length};
    extent.coding = Coding::kFragment;
    return extent;
  }
  const auto coding = CodingOf(head.type);
  if (!coding) {
    return Fail(coding.error());
  }
  extent.coding = *coding;
  if (last && (advise_ & kInlineTail) != 0) {
    extent.stored = {index_end_, inline_size_};
    return extent;
  }
  const unsigned block_bits = image_->super().block_bits;
  const bool big = head.type == Cluster::Type::kHead1 ? (advise_ & kBig1) != 0
                                                      : (advise_ & kBig2) != 0;
  const bool alone = (number + 1) << cluster_bits_ >= size_;
  std::uint64_t length = 1ULL << cluster_bits_;
  if (big && !alone) {
    length = std::uint64_t{std::max(blocks, 1U)} << block_bits;
  }
  extent.stored = {head.block << block_bits, length};
  return extent;
}

}  // namespace assay::formats::erofs
