#include "verifier/formats/filesystems/iso9660_tree.h"

#include <fmt/format.h>

#include <algorithm>

#include "verifier/formats/codecs/block_codec.h"
#include "verifier/formats/utf16_text.h"

namespace assay::formats::iso9660 {
namespace {

constexpr std::uint64_t kDirectoryInode = 1ULL << 63U;
constexpr std::uint64_t kLargestDirectory = 64ULL << 20U;

// Linux fs/isofs/compress.c: 8 bytes of magic, the size, the header's size in
// words, the block size's logarithm; then one more pointer than blocks. A
// block without bytes is zeros.
class ZisofsStream : public ByteStream {
 public:
  ZisofsStream(ByteView packed, const Zisofs& layout)
      : packed_(packed), layout_(layout) {}

  Result<std::size_t> Read(std::span<std::uint8_t> into) override {
    if (at_ == block_.size()) {
      if (auto ok = Next(); !ok) {
        return Fail(ok.error());
      }
    }
    const std::size_t count = std::min(into.size(), block_.size() - at_);
    std::copy_n(block_.begin() + static_cast<std::ptrdiff_t>(at_), count,
                into.begin());
    at_ += count;
    return count;
  }

 private:
  Result<void> Next() {
    block_.clear();
    at_ = 0;
    if (done_ >= layout_.size) {
      return {};
    }
    const std::uint64_t table =
        layout_.header_size + 4 * (done_ >> layout_.block_log);
    const auto start = ReadAt<Le32>(packed_, table);
    const auto end = ReadAt<Le32>(packed_, table + 4);
    const auto bytes =
        start && end && *start <= *end
            ? Slice(packed_, *start, std::uint64_t{*end} - *start)
            : std::nullopt;
    if (!bytes) {
      return Fail(ErrorCode::kMalformed,
                  fmt::format("zisofs: no block at {} of the file", done_));
    }
    const std::uint64_t size =
        std::min(std::uint64_t{1} << layout_.block_log, layout_.size - done_);
    block_.resize(static_cast<std::size_t>(size));
    if (!bytes->empty() && codec_.Decode(*bytes, block_) != block_.size()) {
      block_.clear();
      return Fail(ErrorCode::kMalformed,
                  fmt::format("zisofs: the block at {} does not decode",
                              std::uint32_t{*start}));
    }
    done_ += size;
    return {};
  }

  ByteView packed_;
  Zisofs layout_;
  codecs::BlockCodec codec_{codecs::Compression::kZlib};
  Bytes block_;
  std::size_t at_ = 0;
  std::uint64_t done_ = 0;
};

}  // namespace

IsoTree::IsoTree(const ByteSource& source, const Record& root, bool joliet,
                 Coverage& coverage, ArtifactSink& sink)
    : source_(source),
      root_(root),
      joliet_(joliet),
      coverage_(coverage),
      sink_(sink) {
  const auto self = RecordAt(
      source.bytes(), std::uint64_t{root.header.extent.little} * kSector);
  if (self && !joliet) {
    skip_ = SuspSkip(*self);
  }
}

std::uint64_t IsoTree::root() const {
  return kDirectoryInode | root_.header.extent.little;
}

RockRidge IsoTree::RidgeOf(const Record& record) {
  if (!skip_) {
    return {};
  }
  return ReadRockRidge(source_.bytes(), record, *skip_, [this](Range range) {
    coverage_.ClaimFree(range, RegionUse::kMetadata, sink_);
  });
}

TreeNode IsoTree::NodeOf(const Record& record, const RockRidge& ridge,
                         FileType plain) const {
  TreeNode node;
  node.meta = ridge.meta;
  if (!ridge.present) {
    node.meta.type = plain;
  }
  if (!node.meta.mtime) {
    node.meta.mtime = TimeOf(record.header.time);
  }
  return node;
}

Result<TreeNode> IsoTree::Load(std::uint64_t inode) {
  if ((inode & kDirectoryInode) == 0) {
    const File& file = files_.at(inode);
    return NodeOf(file.record, file.ridge, FileType::kRegular);
  }
  const std::uint64_t at = (inode & ~kDirectoryInode) * kSector;
  const auto self = RecordAt(source_.bytes(), at);
  if (!self) {
    return Fail(ErrorCode::kMalformed,
                fmt::format("iso9660: no directory at {}", at));
  }
  TreeNode node = NodeOf(*self, RidgeOf(*self), FileType::kDirectory);
  node.meta.type = FileType::kDirectory;
  return node;
}

Result<std::vector<Record>> IsoTree::Records(std::uint32_t block) {
  const ByteView image = source_.bytes();
  const std::uint64_t start = std::uint64_t{block} * kSector;
  const auto self = RecordAt(image, start);
  if (!self) {
    return Fail(ErrorCode::kMalformed,
                fmt::format("iso9660: no directory at {}", start));
  }
  const std::uint64_t size = self->header.size.little;
  if (!Slice(image, start, size) || size > kLargestDirectory) {
    return Fail(
        ErrorCode::kTruncated,
        fmt::format("iso9660: the directory at {} has {} bytes", start, size));
  }
  coverage_.ClaimFree({start, size}, RegionUse::kMetadata, sink_);
  std::vector<Record> records;
  std::uint64_t at = start + self->header.length;  // behind "."
  while (at < start + size) {
    const auto record =
        RecordAt(image.first(static_cast<std::size_t>(start + size)), at);
    if (!record) {  // records do not cross sectors
      at += kSector - at % kSector;
      continue;
    }
    at += record->header.length;
    records.push_back(*record);
  }
  if (!records.empty()) {
    records.erase(records.begin());  // ".."
  }
  return records;
}

Result<void> IsoTree::List(std::uint64_t inode, std::uint64_t most,
                           std::vector<TreeEntry>& entries) {
  const auto records =
      Records(static_cast<std::uint32_t>(inode & ~kDirectoryInode));
  if (!records) {
    return Fail(records.error());
  }
  continued_ = nullptr;
  for (const Record& record : *records) {
    if (entries.size() >= most) {
      return Fail(ErrorCode::kLimit, "iso9660: too many entries");
    }
    AddRecord(record, entries);
  }
  return {};
}

void IsoTree::CheckOrders(const Record& record) {
  if (!record.header.extent.agrees() || !record.header.size.agrees()) {
    sink_.Report({.id = "iso9660.ambiguous-record",
                  .range = {record.at, record.header.length},
                  .detail = fmt::format(
                      "block {} and size {} in one byte order, {} and {} in "
                      "the other",
                      std::uint32_t{record.header.extent.little},
                      std::uint32_t{record.header.size.little},
                      std::uint32_t{record.header.extent.big},
                      std::uint32_t{record.header.size.big})});
  }
}

void IsoTree::AddRecord(const Record& record, std::vector<TreeEntry>& entries) {
  CheckOrders(record);
  RockRidge ridge = RidgeOf(record);
  if (ridge.relocated) {
    return;  // listed where it belongs, by its child link
  }
  const std::string name = NameOf(record, ridge);
  const bool folder = (record.header.flags & kDirectory) != 0;
  if (folder || ridge.child_link) {
    const std::uint32_t block =
        ridge.child_link.value_or(record.header.extent.little);
    entries.push_back({name, kDirectoryInode | block, FileType::kDirectory});
    continued_ = nullptr;
    return;
  }
  const std::uint64_t first = (std::uint64_t{record.header.extent.little} +
                               record.header.extended_sectors) *
                              kSector;
  const Extent extent{{first, record.header.size.little}};
  const bool goes_on = (record.header.flags & kContinues) != 0;
  if (continued_ != nullptr) {
    File& file = files_.at(continued_at_);
    AppendExtent(file.extents, extent);
    file.size += extent.range.length;
    continued_ = goes_on ? &file : nullptr;
    return;
  }
  File& file = files_[record.at];
  file = {.record = record,
          .extents = {extent},
          .size = extent.range.length,
          .ridge = std::move(ridge)};
  continued_ = goes_on ? &file : nullptr;
  continued_at_ = record.at;
  entries.push_back({name, record.at});
}

std::string IsoTree::NameOf(const Record& record,
                            const RockRidge& ridge) const {
  if (!ridge.name.empty()) {
    return ridge.name;
  }
  std::string name =
      joliet_ ? TextOfUtf16Be(AsBytes(record.identifier)) : record.identifier;
  // ECMA-119 7.5: every file has a version; the first one says nothing.
  if (name.size() > 2 && name.compare(name.size() - 2, 2, ";1") == 0) {
    name.resize(name.size() - 2);
    if (name.back() == '.') {
      name.pop_back();
    }
  }
  return name;
}

Result<void> IsoTree::AddFile(std::uint64_t inode, Member member) {
  const File& file = files_.at(inode);
  const FilePlace place{file.record.header.extent.little, file.size};
  const bool known = known_ != nullptr && known_->count(place) != 0;
  places_.insert(place);
  if (known || (known_ != nullptr && file.size == 0)) {
    return {};
  }
  if (known_ != nullptr) {
    sink_.Report({.id = "iso9660.unlisted-file",
                  .range = {file.record.at, file.record.header.length},
                  .detail = "a file that only one of the hierarchies lists"});
  }
  const RecordHeader& header = file.record.header;
  if (header.unit_size != 0 || file.ridge.unknown_compression) {
    const Range stated = file.extents.front().range;
    if (Slice(source_.bytes(), stated.offset, stated.length)) {
      member.origin = stated;
    }
    return sink_.AddOpaque(std::move(member),
                           "interleaved, sparse or of unknown compression");
  }
  if (!file.ridge.zisofs) {
    return AddExtents(source_, file.extents, std::move(member), "iso9660",
                      Sharing::kAllowed, coverage_, sink_);
  }
  const auto packed = source_.Slice(file.extents.front().range);
  if (!packed) {
    return sink_.AddOpaque(std::move(member), packed.error().what);
  }
  coverage_.ClaimFree(file.extents.front().range, RegionUse::kMember, sink_);
  ZisofsStream stream(packed->bytes(), *file.ridge.zisofs);
  return sink_.AddStream(std::move(member), stream);
}

}  // namespace assay::formats::iso9660
