#include "verifier/formats/filesystems/squashfs_legacy_image.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace assay::formats::squashfs_legacy {
namespace {

using codecs::Compression;
using squashfs::Malformed;

constexpr std::uint32_t kLargestBlock = 1U << 20U;

// As vendors wrote it; the byte order is that of the fields, which need not
// be that of the magic.
bool IsMagic(ByteView bytes) {
  constexpr std::array<std::string_view, 8> kMagics = {
      "sqsh", "hsqs", "sqlz", "zlqs", "shsq", "qshs", "tqsh", "hsqt"};
  const auto magic = Slice(bytes, 0, 4);
  return magic && std::find(kMagics.begin(), kMagics.end(), AsText(*magic)) !=
                      kMagics.end();
}

// Layout 1 ends behind the root inode, layout 2 behind the fragment table.
Super ReadOld(const Bits& bits) {
  Super super{.inodes = bits.Get32(32),
              .mkfs_time = bits.Get32(312),
              .flags = bits.Get32(288, 8),
              .uids = bits.Get32(296, 8),
              .gids = bits.Get32(304, 8),
              .root_inode = bits.Get(344, 64)};
  super.major = bits.Get32(224, 16);
  super.minor = bits.Get32(240, 16);
  if (super.major == 3) {
    super.length = 119;
    super.block_size = bits.Get32(408);
    super.fragments = bits.Get32(440);
    super.bytes_used = bits.Get(504, 64);
    super.uid_table = bits.Get(568, 64);
    super.gid_table = bits.Get(632, 64);
    super.inode_table = bits.Get(696, 64);
    super.directory_table = bits.Get(760, 64);
    super.fragment_table = bits.Get(824, 64);
    super.lookup_table = bits.Get(888, 64);
    return super;
  }
  super.length = super.major == 1 ? 51 : 63;
  super.block_size = super.major == 1 ? bits.Get32(256, 16) : bits.Get32(408);
  super.bytes_used = bits.Get(64, 32);
  super.uid_table = bits.Get(96, 32);
  super.gid_table = bits.Get(128, 32);
  super.inode_table = bits.Get(160, 32);
  super.directory_table = bits.Get(192, 32);
  super.fragments = super.major == 1 ? 0 : bits.Get32(440);
  super.fragment_table = super.major == 1 ? super.uid_table : bits.Get(472, 32);
  super.lookup_table = ~0ULL;
  return super;
}

Super ReadFour(const Bits& bits) {
  return Super{.major = 4,
               .minor = bits.Get32(240, 16),
               .length = 96,
               .inodes = bits.Get32(32),
               .mkfs_time = bits.Get32(64),
               .block_size = bits.Get32(96),
               .fragments = bits.Get32(128),
               .flags = bits.Get32(192, 16),
               .compression = bits.Get32(160, 16),
               .uids = bits.Get32(208, 16),
               .root_inode = bits.Get(256, 64),
               .bytes_used = bits.Get(320, 64),
               .uid_table = bits.Get(384, 64),
               .inode_table = bits.Get(512, 64),
               .directory_table = bits.Get(576, 64),
               .fragment_table = bits.Get(640, 64),
               .lookup_table = bits.Get(704, 64),
               .xattr_table = bits.Get(448, 64)};
}

bool IsSound(const Super& super, std::uint32_t block_log) {
  const bool ordered = super.length <= super.inode_table &&
                       super.inode_table < super.directory_table &&
                       super.directory_table < super.bytes_used &&
                       super.uid_table < super.bytes_used &&
                       super.uid_table >= super.directory_table;
  const std::uint64_t root = super.inode_table + (super.root_inode >> 16U);
  return ordered && super.block_size >= 4096 &&
         super.block_size <= kLargestBlock && block_log <= 20 &&
         super.block_size == 1U << block_log && super.inodes > 0 &&
         super.uids > 0 && super.minor <= 9 && root < super.directory_table &&
         (super.root_inode & 0xffffU) < kMetadataBlock;
}

}  // namespace

std::uint64_t Bits::Get(std::uint64_t position, std::uint64_t count) const {
  const std::uint64_t first = position / 8;
  const std::uint64_t before = position % 8;
  const std::uint64_t size = (before + count + 7) / 8;
  const auto raw = Slice(bytes_, first, size);
  if (!raw || size > 8) {
    return 0;
  }
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < raw->size(); ++i) {
    value = value << 8U |
            (*raw)[order_ == ByteOrder::kBig ? i : raw->size() - 1 - i];
  }
  value >>= order_ == ByteOrder::kBig ? size * 8 - before - count : before;
  return count == 64 ? value : value & ((1ULL << count) - 1);
}

std::optional<Super> ReadSuper(ByteView bytes) {
  if (!IsMagic(bytes) || squashfs::HasSuper(bytes)) {
    return std::nullopt;
  }
  for (const ByteOrder order : {ByteOrder::kLittle, ByteOrder::kBig}) {
    const Bits bits(bytes, order);
    const std::uint32_t major = bits.Get32(224, 16);
    if (major < 1 || major > 4) {
      continue;
    }
    Super super = major == 4 ? ReadFour(bits) : ReadOld(bits);
    super.order = order;
    if (bytes.size() >= super.length &&
        IsSound(super, bits.Get32(major == 4 ? 176 : 272, 16))) {
      return super;
    }
  }
  return std::nullopt;
}

std::vector<Method> MethodsFor(const Super& super) {
  constexpr std::array kFour = {Compression::kZlib, Compression::kLzma,
                                Compression::kLzo,  Compression::kXz,
                                Compression::kLz4,  Compression::kZstd};
  constexpr std::uint8_t kPropertiesEnd = 9 * 5 * 5;
  constexpr std::array<std::uint8_t, 3> kWithProperties = {5, 9, 1};
  constexpr std::array<std::uint8_t, 3> kWithout = {0, 4, 8};
  std::vector<Method> methods;
  if (super.major == 4 && super.compression >= 1 &&
      super.compression <= kFour.size()) {
    methods.push_back({.compression = kFour.at(super.compression - 1)});
  }
  methods.push_back({.compression = Compression::kZlib});
  methods.push_back({.compression = Compression::kLzma});
  // Properties and dictionary; the same and a size; properties alone.
  for (const std::uint8_t skip : kWithProperties) {
    methods.push_back({.raw_lzma = true, .skip = skip});
  }
  // Nothing at all, or what only that vendor's kernel knows: the properties
  // are compiled in. 0x5d is what every LZMA encoder takes by default.
  for (const std::uint8_t skip : kWithout) {
    methods.push_back(
        {.raw_lzma = true, .skip = skip, .properties = std::uint8_t{0x5d}});
    for (std::uint8_t i = 0; i < kPropertiesEnd; ++i) {
      methods.push_back({.raw_lzma = true, .skip = skip, .properties = i});
    }
  }
  return methods;
}

void Image::Use(const Method& method) {
  method_ = method;
  codec_.reset();
  if (!method.raw_lzma) {
    codec_.emplace(method.compression);
  }
  for (Decoded& slot : metadata_) {
    slot.at = 0;
  }
  fragment_index_ = squashfs::kNone;
}

std::optional<std::size_t> Image::Unpack(ByteView data,
                                         std::span<std::uint8_t> into) const {
  if (codec_) {
    return codec_->Decode(data, into);
  }
  // The first byte of LZMA data themselves is always 0.
  if (data.size() <= method_.skip || data[method_.skip] != 0) {
    return std::nullopt;
  }
  return codecs::DecodeRawLzma(method_.properties.value_or(data[0]),
                               kLargestBlock, data.subspan(method_.skip), into);
}

Result<std::size_t> Image::Decode(Range at, bool plain,
                                  std::span<std::uint8_t> into) {
  const auto data = Slice(source_.bytes(), at.offset, at.length);
  if (!data) {
    return Malformed(fmt::format("the block at {} is cut off", at.offset));
  }
  if (into.size() > work_left_) {
    return Fail(ErrorCode::kLimit, "squashfs: too many blocks to decode");
  }
  work_left_ -= into.size();
  if (plain) {
    if (data->size() > into.size()) {
      return Malformed(fmt::format("the block at {} is too large", at.offset));
    }
    std::copy(data->begin(), data->end(), into.begin());
    return data->size();
  }
  const auto size = Unpack(*data, into);
  if (!size) {
    return Malformed(fmt::format("the block at {} is damaged", at.offset));
  }
  return *size;
}

Result<const Image::Decoded*> Image::Metadata(std::uint64_t at) {
  Decoded& slot = metadata_.at((at ^ at >> 8U) % metadata_.size());
  if (slot.at == at && at != 0) {
    return &slot;
  }
  const std::uint64_t header = super_.block_header();
  const auto raw = Slice(source_.bytes(), at, header);
  if (!raw || at < super_.length) {
    return Malformed(fmt::format("no metadata block is at {}", at));
  }
  const std::uint32_t length = bits(*raw).Get32(0, 16);
  // A length of 0 is that of a whole 32 KiB, which no metadata have.
  const Range range{at + header, length & 0x7fffU};
  slot.at = 0;
  slot.bytes.resize(kMetadataBlock);
  const auto size = Decode(range, (length & 0x8000U) != 0, slot.bytes);
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
    if (place.offset >= bytes.size()) {
      return Malformed(fmt::format("the metadata block at {} has no byte {}",
                                   place.block, place.offset));
    }
    const std::size_t count =
        std::min(into.size(), bytes.size() - place.offset);
    std::copy_n(bytes.begin() + place.offset, count, into.begin());
    into = into.subspan(count);
    place.offset += static_cast<std::uint32_t>(count);
    if (place.offset == bytes.size()) {
      place = {(*block)->next, 0};
    }
  }
  return {};
}

Result<void> Image::Data(Range at, bool plain, std::span<std::uint8_t> into) {
  const auto size = Decode(at, plain, into);
  if (!size) {
    return Fail(size.error());
  }
  if (*size != into.size()) {
    return Malformed(
        fmt::format("the data block at {} holds {} bytes instead of {}",
                    at.offset, *size, into.size()));
  }
  return {};
}

Result<Place> Image::TableEntry(std::uint64_t table, std::uint64_t index,
                                std::uint32_t size) {
  const std::uint64_t per_block = kMetadataBlock / size;
  const std::uint64_t pointer = super_.major < 3 ? 4 : 8;
  const std::uint64_t at = index / per_block * pointer;
  const auto raw = table > source_.size()
                       ? std::nullopt
                       : Slice(source_.bytes(), table + at, pointer);
  if (!raw) {
    return Malformed("a table lies outside of the image");
  }
  visited_({table + at, pointer});
  return Place{bits(*raw).Get(0, pointer * 8),
               static_cast<std::uint32_t>(index % per_block * size)};
}

Result<Image::Fragment> Image::FragmentAt(std::uint32_t index) {
  constexpr std::uint32_t kPlain = 1U << 24U;
  const std::uint32_t size = super_.major < 3 ? 8 : 16;
  if (index >= super_.fragments) {
    return Malformed(fmt::format("there is no fragment {}", index));
  }
  auto place = TableEntry(super_.fragment_table, index, size);
  if (!place) {
    return Fail(place.error());
  }
  Bytes raw(size);
  if (auto ok = Read(*place, raw); !ok) {
    return Fail(ok.error());
  }
  const std::uint64_t width = super_.major < 3 ? 32 : 64;
  const std::uint32_t stored = bits(raw).Get32(width);
  return Fragment{{bits(raw).Get(0, width), stored & ~kPlain},
                  (stored & kPlain) != 0};
}

Result<ByteView> Image::FragmentBytes(std::uint32_t index) {
  if (index == fragment_index_) {
    return ByteView(fragment_);
  }
  const auto fragment = FragmentAt(index);
  if (!fragment) {
    return Fail(fragment.error());
  }
  fragment_index_ = squashfs::kNone;
  fragment_.resize(super_.block_size);
  const auto size = Decode(fragment->range, fragment->plain, fragment_);
  if (!size) {
    return Fail(size.error());
  }
  fragment_.resize(*size);
  fragment_index_ = index;
  return ByteView(fragment_);
}

}  // namespace assay::formats::squashfs_legacy
