#include "verifier/formats/archives/tar_sparse.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "verifier/formats/archives/archive_input.h"
#include "verifier/formats/archives/tar_header.h"

namespace assay::formats {
namespace {

constexpr std::size_t kMaxPieces = 1U << 20U;

struct StoredPiece {
  std::array<std::uint8_t, 12> offset = {};
  std::array<std::uint8_t, 12> length = {};
};

struct OldGnuHeader {
  std::array<std::uint8_t, 386> before = {};
  std::array<StoredPiece, 4> pieces = {};
  std::uint8_t extended = 0;
  std::array<std::uint8_t, 12> size = {};
  std::array<std::uint8_t, 17> after = {};
};
static_assert(sizeof(OldGnuHeader) == kTarBlock && FileStruct<OldGnuHeader>);

struct OldGnuExtension {
  std::array<StoredPiece, 21> pieces = {};
  std::uint8_t extended = 0;
  std::array<std::uint8_t, 7> after = {};
};
static_assert(sizeof(OldGnuExtension) == kTarBlock &&
              FileStruct<OldGnuExtension>);

Result<void> Append(std::span<const StoredPiece> pieces,
                    std::vector<std::uint64_t>& numbers) {
  for (const StoredPiece& piece : pieces) {
    const auto offset = TarNumber(piece.offset);
    const auto length = TarNumber(piece.length);
    if (!offset || !length || *offset < 0 || *length < 0) {
      return Fail(ErrorCode::kMalformed, "a sparse map holds a bad number");
    }
    if (piece.offset[0] == 0 && piece.length[0] == 0) {
      return {};  // an unused slot ends the map
    }
    numbers.push_back(static_cast<std::uint64_t>(*offset));
    numbers.push_back(static_cast<std::uint64_t>(*length));
  }
  return {};
}

Result<void> TooMany() {
  return Fail(ErrorCode::kLimit,
              fmt::format("a sparse map of more than {} pieces", kMaxPieces));
}

}  // namespace

Result<SparseMap> MakeSparseMap(const std::vector<std::uint64_t>& numbers,
                                std::uint64_t size, std::uint64_t stored) {
  if (numbers.size() % 2 != 0) {
    return Fail(ErrorCode::kMalformed, "a sparse map ends within a pair");
  }
  SparseMap map{.size = size};
  std::uint64_t end = 0;
  for (std::size_t i = 0; i < numbers.size(); i += 2) {
    const SparsePiece piece{numbers[i], numbers[i + 1]};
    if (piece.offset < end || piece.offset > size ||
        piece.length > size - piece.offset || piece.length > stored) {
      return Fail(ErrorCode::kMalformed,
                  fmt::format("sparse piece {}+{} does not fit a file of {} "
                              "bytes, {} of them stored",
                              piece.offset, piece.length, size, stored));
    }
    end = piece.offset + piece.length;
    stored -= piece.length;
    if (piece.length > 0) {
      map.pieces.push_back(piece);
    }
  }
  if (stored != 0) {
    return Fail(ErrorCode::kMalformed,
                fmt::format("{} stored bytes are in no sparse piece", stored));
  }
  return map;
}

Result<OldGnuMap> ReadOldGnuMap(ByteView header, Input& input,
                                ArtifactSink& sink) {
  const auto first = ReadAt<OldGnuHeader>(header, 0);
  const auto size = first ? TarNumber(first->size) : std::nullopt;
  if (!size || *size < 0) {
    return Fail(ErrorCode::kMalformed, "a sparse file has no size");
  }
  OldGnuMap map{.size = static_cast<std::uint64_t>(*size)};
  if (auto ok = Append(first->pieces, map.numbers); !ok) {
    return Fail(ok.error());
  }
  bool extended = first->extended != 0;
  while (extended) {
    const Range range{input.position(), kTarBlock};
    std::array<std::uint8_t, kTarBlock> block = {};
    const auto whole = ReadWhole(input, block, "sparse map");
    if (!whole) {
      return Fail(whole.error());
    }
    if (!*whole) {
      return Fail(ErrorCode::kTruncated, "the input ends in a sparse map");
    }
    sink.Claim(range, RegionUse::kMetadata);
    const auto more = ReadAt<OldGnuExtension>(block, 0);
    if (auto ok = Append(more->pieces, map.numbers); !ok) {
      return Fail(ok.error());
    }
    if (map.numbers.size() > 2 * kMaxPieces) {
      return Fail(TooMany().error());
    }
    extended = more->extended != 0;
  }
  return map;
}

Result<std::vector<std::uint64_t>> ReadPaxMap(std::uint64_t stored,
                                              Input& input,
                                              ArtifactSink& sink) {
  std::vector<std::uint64_t> numbers;
  std::optional<std::uint64_t> wanted;
  std::string digits;
  const std::uint64_t start = input.position();
  while (!wanted || numbers.size() < *wanted) {
    std::array<std::uint8_t, kTarBlock> block = {};
    const std::uint64_t used = input.position() - start;
    const auto whole = stored - used < block.size()
                           ? Result<bool>(false)
                           : ReadWhole(input, block, "sparse map");
    if (!whole) {
      return Fail(whole.error());
    }
    if (!*whole) {
      return Fail(ErrorCode::kMalformed, "a sparse map does not end");
    }
    for (const char c : AsText(block)) {
      if (wanted && numbers.size() == *wanted) {
        break;  // the rest of the block is filler
      }
      if (c != '\n') {
        digits.push_back(c);
      }
      const auto number =
          c == '\n' ? FieldNumber(digits, 10) : std::optional<std::uint64_t>(0);
      if (!number || digits.size() > 20) {
        return Fail(ErrorCode::kMalformed, "a sparse map holds a bad number");
      }
      if (c == '\n') {
        if (!wanted && *number > kMaxPieces) {
          return Fail(TooMany().error());
        }
        if (wanted) {
          numbers.push_back(*number);
        } else {
          wanted = 2 * *number;
        }
        digits.clear();
      }
    }
  }
  sink.Claim({start, input.position() - start}, RegionUse::kMetadata);
  return numbers;
}

std::vector<Extent> ExtentsOf(const SparseMap& map) {
  std::vector<Extent> extents;
  std::uint64_t at = 0;
  std::uint64_t used = 0;
  for (const SparsePiece& piece : map.pieces) {
    extents.push_back({.range = {0, piece.offset - at}, .hole = true});
    extents.push_back({.range = {used, piece.length}});
    used += piece.length;
    at = piece.offset + piece.length;
  }
  extents.push_back({.range = {0, map.size - at}, .hole = true});
  return extents;
}

SparseStream::SparseStream(ByteSource stored, SparseMap map)
    : stored_(std::move(stored)), map_(std::move(map)) {}

Result<std::size_t> SparseStream::Read(std::span<std::uint8_t> into) {
  std::size_t filled = 0;
  while (filled < into.size() && position_ < map_.size) {
    std::span<std::uint8_t> rest = into.subspan(filled);
    const bool last = piece_ == map_.pieces.size();
    const SparsePiece piece =
        last ? SparsePiece{map_.size, 0} : map_.pieces[piece_];
    const bool hole = position_ < piece.offset;
    const std::uint64_t end = hole ? piece.offset : piece.offset + piece.length;
    const auto count = static_cast<std::size_t>(
        std::min<std::uint64_t>(rest.size(), end - position_));
    if (hole) {
      std::fill_n(rest.begin(), count, std::uint8_t{0});
    } else {
      const auto bytes =
          stored_.Slice({used_ + (position_ - piece.offset), count});
      if (!bytes) {
        return Fail(bytes.error());
      }
      std::copy_n(bytes->bytes().begin(), count, rest.begin());
    }
    filled += count;
    position_ += count;
    if (!hole && position_ == end) {
      used_ += piece.length;
      ++piece_;
    }
  }
  return filled;
}

}  // namespace assay::formats
