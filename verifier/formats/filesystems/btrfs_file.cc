#include "verifier/formats/filesystems/btrfs_file.h"

#include <fmt/format.h>
#include <zstd.h>

#include <algorithm>

#include "verifier/formats/codecs/block_codec.h"

namespace assay::formats::btrfs {
namespace {

constexpr std::uint64_t kMostDecoded = 1UL << 20U;  // Btrfs writes 128 KiB

struct StoredExtent {
  Le64 generation, decoded;
  std::uint8_t packing, encryption;
  Le16 encoding;
  std::uint8_t type;
};
static_assert(sizeof(StoredExtent) == 21);
struct StoredPlace {  // follows it unless the content does
  Le64 address, length, skip, used;
};
enum ExtentType : std::uint8_t { kInline, kRegular, kReserved };

// LZO in segments, each with its length in front. No length crosses the end
// of a sector.
std::optional<std::size_t> DecodeLzo(ByteView in, std::uint64_t sector,
                                     std::span<std::uint8_t> out) {
  const codecs::BlockCodec codec(codecs::Compression::kLzo);
  const auto total = ReadAt<Le32>(in, 0);
  if (!total || *total > in.size()) {
    return std::nullopt;
  }
  std::size_t made = 0;
  std::uint64_t at = sizeof(Le32);
  while (at < *total && made < out.size()) {
    const std::uint64_t room = sector - at % sector;
    if (room < sizeof(Le32)) {
      at += room;
    }
    const auto length = ReadAt<Le32>(in, at);
    at += sizeof(Le32);
    const auto segment = length ? Slice(in, at, *length) : std::nullopt;
    if (!segment) {
      return std::nullopt;
    }
    const auto rest = out.subspan(made);
    const auto count = codec.Decode(
        *segment, rest.first(std::min<std::size_t>(rest.size(), sector)));
    if (!count) {
      return std::nullopt;
    }
    made += *count;
    at += *length;
  }
  return made;
}

std::optional<std::size_t> Decode(Packing packing, ByteView in,
                                  std::uint64_t sector,
                                  std::span<std::uint8_t> out) {
  switch (packing) {
    case Packing::kZlib:
      return codecs::BlockCodec(codecs::Compression::kZlib).Decode(in, out);
    case Packing::kLzo:
      return DecodeLzo(in, sector, out);
    case Packing::kZstd: {
      // The rest of the last sector is none of the decoder's business.
      const std::size_t size =
          ZSTD_findFrameCompressedSize(in.data(), in.size());
      return ZSTD_isError(size) != 0
                 ? std::nullopt
                 : codecs::BlockCodec(codecs::Compression::kZstd)
                       .Decode(in.first(size), out);
    }
    case Packing::kNone:
      break;
  }
  return std::nullopt;
}

Result<Piece> PieceOf(const Volume& volume, const Item& item) {
  const auto damaged = [&](std::string_view why) {
    return Malformed(fmt::format("inode {}: {}", item.key.object, why));
  };
  const auto stored = ReadAt<StoredExtent>(item.data, 0);
  if (!stored || stored->type > kReserved ||
      stored->packing > static_cast<std::uint8_t>(Packing::kZstd) ||
      item.key.offset > ~0ULL / 4) {
    return damaged("an extent is damaged");
  }
  if (stored->encryption != 0 || stored->encoding != 0) {
    return Fail(ErrorCode::kUnsupported, "encrypted");
  }
  Piece piece{.at = item.key.offset,
              .packing = static_cast<Packing>(stored->packing),
              .decoded = stored->decoded};
  if (stored->type == kInline) {
    const std::uint64_t size = item.data.size() - sizeof(StoredExtent);
    const bool plain = piece.packing == Packing::kNone;
    piece.length = piece.decoded;
    piece.in_tree = true;
    piece.places.push_back({item.offset + sizeof(StoredExtent), size});
    return piece.decoded > kMostDecoded || (plain && size < piece.decoded)
               ? damaged("content in the tree is cut short")
               : Result<Piece>(std::move(piece));
  }
  const auto place = ReadAt<StoredPlace>(item.data, sizeof(StoredExtent));
  if (!place || place->used > ~0ULL / 4 || place->skip > ~0ULL / 4) {
    return damaged("an extent is damaged");
  }
  piece.length = place->used;
  const bool packed = piece.packing != Packing::kNone;
  if (place->address == 0 || stored->type == kReserved) {
    piece.packing = Packing::kNone;
    return piece;
  }
  if (packed && (piece.decoded > kMostDecoded || place->length > kMostDecoded ||
                 place->skip > piece.decoded ||
                 piece.length > piece.decoded - place->skip)) {
    return damaged("a compressed extent contradicts itself");
  }
  if (!packed && (place->skip > place->length ||
                  piece.length > place->length - place->skip)) {
    return damaged("an extent contradicts itself");
  }
  piece.skip = packed ? std::uint64_t{place->skip} : 0;
  piece.places =
      packed ? volume.Places(place->address, place->length)
             : volume.Places(place->address + place->skip, piece.length);
  if (piece.places.empty()) {
    return Fail(ErrorCode::kUnsupported, "on another device");
  }
  return piece;
}

}  // namespace

Result<std::vector<Piece>> ReadPieces(Volume& volume, const Root& root,
                                      std::uint64_t inode) {
  std::vector<Piece> pieces;
  std::optional<Error> problem;
  const auto read = volume.ForEach(
      root, {inode, kExtentData, 0}, {inode, kExtentData, ~0ULL},
      [&](const Item& item) {
        auto piece = PieceOf(volume, item);
        if (!piece) {
          problem = piece.error();
        } else if (!pieces.empty() &&
                   piece->at < pieces.back().at + pieces.back().length) {
          problem =
              Error{ErrorCode::kMalformed,
                    fmt::format("btrfs: inode {}: extents overlap", inode)};
        } else if (piece->length > 0) {
          pieces.push_back(std::move(*piece));
        }
        return !problem;
      });
  if (!read || problem) {
    return Fail(read ? *problem : read.error());
  }
  return pieces;
}

Result<std::size_t> FileStream::Read(std::span<std::uint8_t> into) {
  std::size_t filled = 0;
  while (filled < into.size() && at_ < size_ && !error_) {
    const auto rest = into.subspan(filled);
    const auto count = Some(rest.first(static_cast<std::size_t>(
        std::min<std::uint64_t>(rest.size(), size_ - at_))));
    if (!count) {
      error_ = count.error();
      break;
    }
    filled += *count;
    at_ += *count;
  }
  if (filled == 0 && error_) {
    return Fail(*error_);
  }
  return filled;
}

Result<std::size_t> FileStream::Some(std::span<std::uint8_t> into) {
  while (next_ < pieces_.size() &&
         pieces_[next_].at + pieces_[next_].length <= at_) {
    ++next_;
  }
  const bool within = next_ < pieces_.size() && pieces_[next_].at <= at_;
  const std::uint64_t left =
      within                   ? pieces_[next_].at + pieces_[next_].length - at_
      : next_ < pieces_.size() ? pieces_[next_].at - at_
                               : size_ - at_;
  const auto count =
      static_cast<std::size_t>(std::min<std::uint64_t>(into.size(), left));
  const auto out = into.first(count);
  if (!within || pieces_[next_].places.empty()) {
    std::fill(out.begin(), out.end(), std::uint8_t{0});
    return count;
  }
  const Piece& piece = pieces_[next_];
  std::optional<ByteView> bytes;
  if (piece.packing == Packing::kNone) {
    bytes = Slice(volume_.source().bytes(),
                  piece.places.front().offset + (at_ - piece.at), count);
  } else {
    if (loaded_ != next_) {
      if (auto ok = Load(piece); !ok) {
        return Fail(ok.error());
      }
      loaded_ = next_;
    }
    bytes = Slice(buffer_, piece.skip + (at_ - piece.at), count);
  }
  if (!bytes) {
    return Fail(ErrorCode::kTruncated,
                fmt::format("btrfs: the content at {} is not there",
                            piece.places.front().offset));
  }
  std::copy(bytes->begin(), bytes->end(), out.begin());
  return count;
}

Result<void> FileStream::Load(const Piece& piece) {
  const Range place = piece.places.front();
  const auto in = Slice(volume_.source().bytes(), place.offset, place.length);
  if (!in) {
    return Fail(ErrorCode::kTruncated,
                fmt::format("btrfs: the extent at {} lies behind the end",
                            place.offset));
  }
  buffer_.assign(static_cast<std::size_t>(piece.decoded), 0);
  if (!Decode(piece.packing, *in, volume_.super().sector_size, buffer_)) {
    return Malformed(
        fmt::format("the compressed extent at {} is damaged", place.offset));
  }
  return {};
}

}  // namespace assay::formats::btrfs
