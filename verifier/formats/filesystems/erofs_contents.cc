#include "verifier/formats/filesystems/erofs_contents.h"

#include <utility>

#include "verifier/formats/filesystems/erofs_file.h"

namespace assay::formats::erofs {

Result<void> Contents::ReadPacked() {
  const Super& super = image_.super();
  if (image_.Has(kFragments) && super.packed_nid != 0) {
    std::optional<Error> odd;
    const auto inode = image_.ReadInode(super.packed_nid, odd);
    auto content = inode ? Whole(*inode, RegionUse::kMember)
                         : Result<ByteSource>(Fail(inode.error()));
    if (!content) {
      return Fail(content.error());
    }
    packed_ = std::move(*content);
  }
  if (!image_.Has(kPrefixes) || super.prefix_count == 0) {
    return {};
  }
  const ByteSource& place = packed_.size() > 0 ? packed_ : image_.source();
  auto prefixes = ReadPrefixes(place.bytes(),
                               std::uint64_t{super.prefix_start} * sizeof(Le32),
                               super.prefix_count);
  if (!prefixes) {
    return Fail(prefixes.error());
  }
  image_.set_prefixes(std::move(*prefixes));
  return {};
}

Result<ByteSource> Contents::Whole(const Inode& inode, RegionUse use) {
  const Limits& limits = sink_.limits();
  if (!IsCompressed(inode)) {
    const auto extents = image_.Extents(inode);
    if (!extents) {
      return Fail(extents.error());
    }
    for (const Extent& extent : *extents) {
      if (!extent.hole) {
        coverage_.ClaimFree(extent.range, use, sink_);
      }
    }
    return image_.source().Gather(*extents, limits.memory_per_member,
                                  limits.member);
  }
  if (const auto claimed = ClaimExtents(inode, use); !claimed) {
    return Fail(claimed.error());
  }
  Spool spool(limits.memory_per_member, limits.member);
  CompressedStream stream(image_, inode, packed_);
  Bytes buffer(64U << 10U);
  while (true) {
    const auto count = stream.Read(buffer);
    if (!count) {
      return Fail(count.error());
    }
    if (*count == 0) {
      return spool.Finish();
    }
    if (auto ok = spool.Append(ByteView(buffer).first(*count)); !ok) {
      return Fail(ok.error());
    }
  }
}

Result<std::optional<Range>> Contents::ClaimExtents(const Inode& inode,
                                                    RegionUse use,
                                                    bool as_origin) {
  auto reader = ExtentReader::Open(image_, inode);
  if (!reader) {
    return Fail(reader.error());
  }
  coverage_.ClaimFree(reader->metadata(), RegionUse::kMetadata, sink_);
  std::optional<Range> piece;
  while (true) {
    const auto next = reader->Next();
    if (!next || !*next) {
      break;  // the stream meets the same damage
    }
    const CompressedExtent& extent = **next;
    const Range range = extent.stored;
    if (extent.coding == Coding::kFragment ||
        !Slice(image_.source().bytes(), range.offset, range.length)) {
      continue;
    }
    if (piece && piece->end() == range.offset) {
      piece->length += range.length;
      continue;
    }
    if (piece) {
      coverage_.ClaimFree(*piece, use, sink_);
      as_origin = false;
    }
    piece = range;
  }
  if (piece && as_origin && !coverage_.Touches(*piece)) {
    coverage_.Add(*piece);
    return piece;
  }
  if (piece) {
    coverage_.ClaimFree(*piece, use, sink_);
  }
  return std::optional<Range>();
}

}  // namespace assay::formats::erofs
