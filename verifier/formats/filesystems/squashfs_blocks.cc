#include "verifier/formats/filesystems/squashfs_blocks.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace assay::formats::squashfs {
namespace {

using codecs::Compression;

// Linux fs/squashfs/squashfs_fs.h, *_COMPRESSION.
std::optional<Compression> CompressionOf(std::uint16_t id) {
  constexpr std::array<Compression, 6> kById = {
      Compression::kZlib, Compression::kLzma, Compression::kLzo,
      Compression::kXz,   Compression::kLz4,  Compression::kZstd};
  return id >= 1 && id <= kById.size() ? std::optional(kById.at(id - 1U))
                                       : std::nullopt;
}

bool TablesLieInside(const Super& super) {
  const auto inside = [&](std::uint64_t table) {
    return table >= sizeof(Super) && table < super.bytes_used;
  };
  const auto absent_or_inside = [&](std::uint64_t table) {
    return table == kNoTable || inside(table);
  };
  return inside(super.inode_table) && inside(super.directory_table) &&
         inside(super.id_table) && absent_or_inside(super.xattr_table) &&
         absent_or_inside(super.fragment_table) &&
         absent_or_inside(super.export_table);
}

}  // namespace

bool HasSuper(ByteView head) {
  const auto super = ReadAt<Super>(head, 0);
  return super && super->magic == 0x68737173U && super->major == 4 &&
         super->minor == 0 && super->block_log >= 12 &&
         super->block_log <= 20 &&
         super->block_size == 1U << super->block_log &&
         super->compression >= 1 && super->compression <= 6 && super->ids > 0 &&
         TablesLieInside(*super);
}

tl::unexpected<Error> Malformed(std::string_view what) {
  return Fail(ErrorCode::kMalformed, fmt::format("squashfs: {}", what));
}

Result<Image> Image::Open(const ByteSource& source, const Limits& limits,
                          std::function<void(Range)> visited) {
  if (!HasSuper(source.bytes())) {
    return Fail(ErrorCode::kNotThisFormat, "no SquashFS 4.0 super block");
  }
  Image image;
  image.super_ = *ReadAt<Super>(source.bytes(), 0);
  const std::uint64_t size = image.super_.bytes_used;
  if (size > source.size()) {
    return Fail(ErrorCode::kTruncated,
                fmt::format("squashfs: the super block states {} bytes, {} "
                            "are there",
                            size, source.size()));
  }
  image.source_ = *source.Slice({0, size});
  image.visited_ = std::move(visited);
  image.work_left_ = limits.unpacked;
  const auto compression = CompressionOf(image.super_.compression);
  if (!compression) {
    return Fail(ErrorCode::kUnsupported,
                fmt::format("squashfs: compression {}",
                            std::uint16_t{image.super_.compression}));
  }
  image.codec_.emplace(*compression);
  return image;
}

Result<std::size_t> Image::Decode(Range at, bool plain,
                                  std::span<std::uint8_t> into) {
  const auto stored = Slice(source_.bytes(), at.offset, at.length);
  if (!stored || stored->empty()) {
    return Malformed(fmt::format("a block of {} bytes at {} lies outside",
                                 at.length, at.offset));
  }
  if (into.size() > work_left_) {
    return Fail(ErrorCode::kLimit, "squashfs: too many blocks to decode");
  }
  work_left_ -= into.size();
  if (plain) {
    if (stored->size() > into.size()) {
      return Malformed(fmt::format("the block at {} is too long", at.offset));
    }
    std::copy(stored->begin(), stored->end(), into.begin());
    return stored->size();
  }
  const auto size = codec_->Decode(*stored, into);
  if (!size || *size == 0) {
    return Malformed(fmt::format("the block at {} does not decode", at.offset));
  }
  return *size;
}

Result<const Image::Decoded*> Image::Metadata(std::uint64_t at) {
  // Blocks lie at odd places; what their offsets have in common is at the
  // low end.
  Decoded& slot = metadata_.at((at ^ at >> 8U) % metadata_.size());
  if (slot.at == at && at != 0) {
    return &slot;
  }
  constexpr unsigned kPlain = 0x8000;
  const auto header = ReadAt<Le16>(source_.bytes(), at);
  if (!header || at < sizeof(Super)) {
    return Malformed(fmt::format("no metadata block is at {}", at));
  }
  const unsigned raw = *header;
  const Range range{at + sizeof(Le16), raw & (kPlain - 1)};
  slot.at = 0;
  slot.bytes.resize(kMetadataBlock);
  const auto size = Decode(range, (raw & kPlain) != 0, slot.bytes);
  if (!size) {
    return Fail(size.error());
  }
  slot.bytes.resize(*size);
  slot.at = at;
  slot.next = range.end();
  visited_({at, range.end() - at});
  return &slot;
}

Result<void> Image::Read(Place& place, std::span<std::uint8_t> into) {
  while (!into.empty()) {
    const auto block = Metadata(place.block);
    if (!block) {
      return Fail(block.error());
    }
    const Bytes& bytes = (*block)->bytes;
    if (place.offset > bytes.size()) {
      return Malformed(fmt::format("the metadata block at {} has no byte {}",
                                   place.block, place.offset));
    }
    const std::size_t count =
        std::min(into.size(), bytes.size() - place.offset);
    std::copy_n(bytes.begin() + place.offset, count, into.begin());
    into = into.subspan(count);
    place.offset += static_cast<std::uint32_t>(count);
    if (place.offset == bytes.size() && !into.empty()) {
      place = {(*block)->next, 0};
    }
  }
  return {};
}

Result<std::string> Image::TakeText(Place& place, std::uint32_t length) {
  Bytes text(length);
  if (auto ok = Read(place, text); !ok) {
    return Fail(ok.error());
  }
  return std::string(AsText(text));
}

Result<Place> Image::TableEntry(std::uint64_t table, std::uint64_t index,
                                std::uint32_t size) {
  const std::uint64_t per_block = kMetadataBlock / size;
  const std::uint64_t at = table + index / per_block * sizeof(Le64);
  const auto block =
      table == kNoTable ? std::nullopt : ReadAt<Le64>(source_.bytes(), at);
  if (!block) {
    return Malformed(
        fmt::format("the table at {} has no entry {}", table, index));
  }
  visited_({at, sizeof(Le64)});
  return Place{*block, static_cast<std::uint32_t>(index % per_block) * size};
}

Result<void> Image::Data(std::uint64_t offset, BlockSize size,
                         std::span<std::uint8_t> into) {
  const auto count = Decode({offset, size.stored}, size.plain, into);
  if (!count) {
    return Fail(count.error());
  }
  if (*count != into.size()) {
    return Malformed(fmt::format("the block at {} holds {} bytes instead of {}",
                                 offset, *count, into.size()));
  }
  return {};
}

Result<Image::FragmentEntry> Image::FragmentAt(std::uint32_t index) {
  if (index >= super_.fragments) {
    return Malformed(fmt::format("there is no fragment {}", index));
  }
  auto place = TableEntry(super_.fragment_table, index, sizeof(FragmentEntry));
  if (!place) {
    return Fail(place.error());
  }
  return Take<FragmentEntry>(*place);
}

Result<Range> Image::FragmentRange(std::uint32_t index) {
  const auto entry = FragmentAt(index);
  if (!entry) {
    return Fail(entry.error());
  }
  return Range{entry->start, BlockSize::From(entry->size).stored};
}

Result<ByteView> Image::Fragment(std::uint32_t index) {
  if (fragment_index_ != index) {
    const auto entry = FragmentAt(index);
    if (!entry) {
      return Fail(entry.error());
    }
    const BlockSize size = BlockSize::From(entry->size);
    fragment_index_ = kNone;
    fragment_.resize(super_.block_size);
    const auto count =
        Decode({entry->start, size.stored}, size.plain, fragment_);
    if (!count) {
      return Fail(count.error());
    }
    fragment_.resize(*count);
    fragment_index_ = index;
  }
  return ByteView(fragment_);
}

}  // namespace assay::formats::squashfs
