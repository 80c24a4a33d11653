#include "verifier/formats/filesystems/udf_space.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "verifier/formats/filesystems/udf_file.h"

namespace assay::formats::udf {
namespace {

struct BitmapHead {  // 4/14.12; the bits follow, 1 for a free block
  Tag tag;
  Le32 bits, bytes;
};
static_assert(sizeof(BitmapHead) == 24 && FileStruct<BitmapHead>);

// The map of the partition with that descriptor in which its blocks lie.
std::optional<std::uint16_t> MapOf(const Volume& volume, std::uint16_t number) {
  for (std::size_t i = 0; i < volume.maps().size(); ++i) {
    const PartitionMap& map = volume.maps()[i];
    if (map.number == number && (map.kind == PartitionMap::Kind::kPlain ||
                                 map.kind == PartitionMap::Kind::kSparable)) {
      return static_cast<std::uint16_t>(i);
    }
  }
  return std::nullopt;
}

// Where a bitmap lies; it is recorded in one piece.
std::optional<Range> BitmapAt(const Volume& volume, std::uint16_t map,
                              const ShortAd& ad) {
  const std::uint64_t length = ad.length & kLengthMask;
  const auto place =
      length == 0 ? std::nullopt : volume.Locate({map, ad.block});
  const auto tag = place ? TagAt(volume.bytes(), place->offset) : std::nullopt;
  const auto head =
      tag ? ReadAt<BitmapHead>(volume.bytes(), place->offset) : std::nullopt;
  if (!head || head->tag.id != kSpaceBitmap) {
    return std::nullopt;
  }
  const std::uint64_t whole = sizeof(BitmapHead) + head->bytes;
  const bool fits = whole <= std::min(length, place->length) &&
                    Slice(volume.bytes(), place->offset, whole) &&
                    std::uint64_t{head->bits} <= std::uint64_t{head->bytes} * 8;
  return fits ? std::optional(Range{place->offset, whole}) : std::nullopt;
}

void NoteTables(Volume& volume, std::uint16_t map, const ShortAd& ad) {
  const std::uint64_t length = ad.length & kLengthMask;
  const auto place =
      length == 0 ? std::nullopt : volume.Locate({map, ad.block});
  const auto tag = place ? TagAt(volume.bytes(), place->offset) : std::nullopt;
  const auto ads = ReadAt<Le32>(volume.bytes(), place ? place->offset + 36 : 0);
  if (tag && tag->id == kUnallocatedEntry && ads) {
    volume.NoteTable(
        {place->offset, std::min<std::uint64_t>(40 + *ads, place->length)});
  }
}

// How many blocks of a partition are used and said to be free.
std::uint64_t CountWrong(const Volume& volume, const PartitionMap& map,
                         Range bitmap, const std::vector<Range>& gaps) {
  const ByteView bits =
      *Slice(volume.bytes(), bitmap.offset + sizeof(BitmapHead),
             bitmap.length - sizeof(BitmapHead));
  const std::uint64_t block = volume.block_size();
  const std::uint64_t count = std::min<std::uint64_t>(
      map.blocks.length, std::uint64_t{bits.size()} * 8);
  std::uint64_t wrong = 0;
  auto gap = gaps.begin();
  for (std::uint64_t i = 0; i < count; ++i) {
    const Range place{(map.blocks.offset + i) * block, block};
    while (gap != gaps.end() && gap->end() < place.end()) {
      ++gap;
    }
    const bool is_free = gap != gaps.end() && gap->offset <= place.offset;
    const bool said_free =
        (bits[static_cast<std::size_t>(i / 8)] >> i % 8 & 1U) != 0;
    if (said_free && !is_free && place.end() <= volume.source().size()) {
      ++wrong;
    }
  }
  return wrong;
}

// Claims a block of a mirror; false when it is none.
bool ClaimCopy(const Volume& volume, Address at, Range copy, Coverage& coverage,
               ArtifactSink& sink) {
  const auto main = volume.Locate(at);
  const auto here = Slice(volume.bytes(), copy.offset, copy.length);
  if (!here || (main && main->offset == copy.offset)) {
    return true;  // not there, or the same block
  }
  const auto there =
      main ? Slice(volume.bytes(), main->offset, copy.length) : std::nullopt;
  if (!there || AsText(*there) != AsText(*here)) {
    return false;
  }
  coverage.ClaimFree(
      copy, IsZero(*here) ? RegionUse::kPadding : RegionUse::kMetadata, sink);
  return true;
}

}  // namespace

void NoteFreeSpace(Volume& volume) {
  const std::vector<FreeSpace> spaces = volume.free_space();
  for (const FreeSpace& space : spaces) {
    const auto map = MapOf(volume, space.partition);
    if (!map) {
      continue;
    }
    for (const ShortAd& ad : space.bitmaps) {
      if (const auto place = BitmapAt(volume, *map, ad)) {
        volume.NoteTable(*place);
      }
    }
    for (const ShortAd& ad : space.tables) {
      NoteTables(volume, *map, ad);
    }
  }
}

void CompareBitmaps(const Volume& volume, const Coverage& coverage,
                    ArtifactSink& sink) {
  const std::vector<Range> gaps = coverage.Gaps(volume.source().size());
  for (const FreeSpace& space : volume.free_space()) {
    const auto map = MapOf(volume, space.partition);
    if (!map || volume.maps()[*map].kind != PartitionMap::Kind::kPlain) {
      continue;
    }
    for (const ShortAd& ad : space.bitmaps) {
      const auto place = BitmapAt(volume, *map, ad);
      const std::uint64_t wrong =
          place ? CountWrong(volume, volume.maps()[*map], *place, gaps) : 0;
      if (wrong != 0) {
        sink.Report({.id = "udf.bitmap-mismatch",
                     .range = *place,
                     .detail = fmt::format(
                         "{} blocks in use are said to be free", wrong)});
      }
    }
  }
}

void ClaimMirrors(const Volume& volume, Coverage& coverage,
                  ArtifactSink& sink) {
  const std::uint64_t block = volume.block_size();
  for (std::size_t i = 0; i < volume.maps().size(); ++i) {
    std::uint64_t differing = 0;
    Address at{static_cast<std::uint16_t>(i), 0};
    for (const Extent& extent : volume.maps()[i].mirror) {
      std::uint64_t done = extent.hole ? extent.range.length : 0;
      at.block += static_cast<std::uint32_t>(done / block);
      for (; done < extent.range.length; done += block, ++at.block) {
        const Range copy{extent.range.offset + done,
                         std::min(block, extent.range.length - done)};
        differing += ClaimCopy(volume, at, copy, coverage, sink) ? 0U : 1U;
      }
    }
    if (differing != 0) {
      sink.Report({.id = "udf.mirror-mismatch",
                   .detail = fmt::format(
                       "{} blocks of the metadata mirror differ", differing)});
    }
  }
}

}  // namespace assay::formats::udf
