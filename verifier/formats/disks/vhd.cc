// Microsoft virtual hard disk of type "dynamic" or "differencing".
// Layout: Virtual Hard Disk Image Format Specification 1.0 (2006): a copy of
// the footer, the dynamic disk header, the block allocation table, blocks (a
// bitmap of their sectors in front), the footer.
//
// Blocks of a dynamic disk are read whole, as all readers do; sectors that a
// bitmap leaves out and that hold something are said. What a differencing disk
// leaves out lies in its parent: an opaque member names it, zeros stand for it.
//
// Claims: footers, header, table and bitmaps are metadata, blocks are member
// bytes; what the table does not name is padding or slack.

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <set>
#include <utility>
#include <vector>

#include "verifier/formats/coverage.h"
#include "verifier/formats/disks/guest_disk.h"
#include "verifier/formats/disks/vhd_footer.h"
#include "verifier/formats/format.h"
#include "verifier/formats/utf16_text.h"

namespace assay::formats {
namespace {

using disks::GuestDisk;
using vhd::Footer;
using vhd::kSector;

struct Header {  // "Dynamic Disk Header Format"
  std::array<std::uint8_t, 8> cookie = {};
  Be64 data_offset, table_offset;
  Be32 version, entries, block_size, checksum;
  std::array<std::uint8_t, 16> parent_id = {};
  Be32 parent_time, reserved;
  std::array<std::uint8_t, 512> parent_name = {};  // UTF-16, big-endian
  std::array<std::uint8_t, 448> rest = {};         // locators of the parent
};
static_assert(sizeof(Header) == 1024 && FileStruct<Header>);

constexpr std::uint32_t kUnused = 0xFFFFFFFF;
constexpr std::uint64_t kHeaderChecksumAt = 36;

std::optional<Header> ReadHeader(ByteView bytes, std::uint64_t offset) {
  const auto header = ReadAt<Header>(bytes, offset);
  constexpr std::uint32_t kLargestBlock = 1U << 28U;
  if (!header || AsText(header->cookie) != "cxsparse" ||
      vhd::ChecksumOf(BytesOf(*header), kHeaderChecksumAt) !=
          header->checksum ||
      !std::has_single_bit(std::uint32_t{header->block_size}) ||
      header->block_size < kSector || header->block_size > kLargestBlock) {
    return std::nullopt;
  }
  return header;
}

// Everything that the header names, as far as it is inside the bytes.
struct Layout {
  Footer footer = {};
  Header header = {};
  Range header_place = {};
  Range table = {};
  std::vector<Range> bitmaps = {};  // each with its block behind it
  bool ends_with_footer = false;
  std::uint64_t end = 0;
  bool repeats = false;  // two entries name the same bytes
};

Result<Layout> ReadLayout(ByteView bytes) {
  const auto footer = vhd::ReadFooter(bytes, 0);
  if (!footer || footer->type == Footer::kFixed) {
    return Fail(ErrorCode::kNotThisFormat, "no footer of a dynamic VHD");
  }
  const auto header = ReadHeader(bytes, footer->data_offset);
  if (!header) {
    return Fail(ErrorCode::kTruncated, "vhd: no intact dynamic disk header");
  }
  Layout layout{.footer = *footer, .header = *header};
  layout.header_place = {footer->data_offset, sizeof(Header)};
  layout.table = {header->table_offset,
                  std::uint64_t{header->entries} * sizeof(Be32)};
  if (!Slice(bytes, layout.table.offset, layout.table.length)) {
    return Fail(ErrorCode::kTruncated,
                "vhd: the block allocation table lies past the end");
  }
  layout.end = std::max(layout.header_place.end(), layout.table.end());
  layout.end = (layout.end + kSector - 1) / kSector * kSector;
  const std::uint64_t block = header->block_size;
  const std::uint64_t bits = block / kSector;
  const std::uint64_t bitmap =
      ((bits + 7) / 8 + kSector - 1) / kSector * kSector;
  std::set<std::uint64_t> seen;
  for (std::uint64_t i = 0; i < header->entries; ++i) {
    const std::uint32_t entry =
        *ReadAt<Be32>(bytes, layout.table.offset + i * sizeof(Be32));
    if (entry == kUnused) {
      layout.bitmaps.push_back({});
      continue;
    }
    // Overlapping blocks would hold far more than the bytes can.
    const bool fresh =
        seen.insert(entry).second && (seen.size() - 1) * block <= bytes.size();
    layout.repeats = layout.repeats || !fresh;
    layout.bitmaps.push_back({entry * kSector, fresh ? bitmap : 0});
    layout.end = std::max(layout.end, entry * kSector + bitmap + block);
  }
  layout.end = std::min<std::uint64_t>(layout.end, bytes.size());
  if (const auto last = vhd::ReadFooter(bytes, layout.end)) {
    layout.ends_with_footer = last->id == footer->id;
  }
  layout.end += layout.ends_with_footer ? sizeof(Footer) : 0;
  return layout;
}

// Whether a sector that the bitmap leaves out holds something.
bool HidesSectors(ByteView bitmap, ByteView block) {
  for (std::size_t i = 0; i < block.size() / kSector; ++i) {
    if ((bitmap[i / 8] & (0x80U >> i % 8)) == 0 &&
        !IsZero(block.subspan(i * kSector, kSector))) {
      return true;
    }
  }
  return false;
}

std::string ParentName(const Header& header) {
  Bytes little(header.parent_name.begin(), header.parent_name.end());
  for (std::size_t i = 0; i + 1 < little.size(); i += 2) {
    std::swap(little[i], little[i + 1]);
  }
  return TextOfUtf16UntilNul(little);
}

class Walk {
 public:
  Walk(ByteSource source, const Layout& layout, ArtifactSink& sink)
      : source_(std::move(source)), layout_(layout), sink_(sink) {}

  Result<void> Run() {
    coverage_.ClaimFree({0, sizeof(Footer)}, RegionUse::kMetadata, sink_);
    coverage_.ClaimFree(layout_.header_place, RegionUse::kMetadata, sink_);
    coverage_.ClaimFree(layout_.table, RegionUse::kMetadata, sink_);
    ClaimFooter();
    if (layout_.repeats) {
      Report("vhd.overlapping-blocks", layout_.table,
             "two entries name the same bytes");
    }
    if (layout_.footer.type == Footer::kDifferencing) {
      if (auto ok = sink_.AddOpaque(
              {.name = "parent"},
              fmt::format("external parent disk \"{}\", zeros stand for it",
                          ParentName(layout_.header)));
          !ok) {
        return ok;
      }
    }
    GuestDisk disk = Map();
    auto added = disk.Emit({.name = "disk"}, {}, coverage_, sink_);
    if (!added) {
      return added;
    }
    coverage_.ClaimGaps(source_.bytes(), sink_);
    if (disk.damage()) {
      return Fail(*disk.damage());
    }
    return {};
  }

 private:
  void ClaimFooter() {
    if (!layout_.ends_with_footer) {
      Report("vhd.missing-footer", {0, sizeof(Footer)},
             "no footer behind the last block");
      return;
    }
    const Range place{source_.size() - sizeof(Footer), sizeof(Footer)};
    coverage_.ClaimFree(place, RegionUse::kMetadata, sink_);
    const auto last = Slice(source_.bytes(), place.offset, place.length);
    if (AsText(*last) != AsText(BytesOf(layout_.footer))) {
      Report("vhd.ambiguous-footer", place,
             "the footer differs from its copy at the start");
    }
  }

  GuestDisk Map() {
    const std::uint64_t block = layout_.header.block_size;
    GuestDisk disk(source_, "vhd", layout_.footer.size);
    bool hides = false;
    for (const Range& place : layout_.bitmaps) {
      if (place.offset == 0) {
        disk.AddHole(block);
        continue;
      }
      const auto bitmap = Slice(source_.bytes(), place.offset, place.length);
      const auto data = Slice(source_.bytes(), place.end(), block);
      if (place.length == 0 || !bitmap || !data) {
        disk.AddUnknown(block,
                        fmt::format("vhd: the block at {} lies past the end "
                                    "or is named twice",
                                    place.offset));
        continue;
      }
      coverage_.ClaimFree(place, RegionUse::kMetadata, sink_);
      if (layout_.footer.type == Footer::kDifferencing) {
        AddSectors(*bitmap, {place.end(), block}, disk);
      } else {
        hides = hides || HidesSectors(*bitmap, *data);
        disk.AddStored({place.end(), block});
      }
    }
    if (hides) {
      Report("vhd.ambiguous-bitmap", layout_.table,
             "sectors that their block's bitmap leaves out hold data");
    }
    return disk;
  }

  // Sectors whose bit is not set are the parent's.
  static void AddSectors(ByteView bitmap, Range block, GuestDisk& disk) {
    for (std::uint64_t i = 0; i < block.length / kSector; ++i) {
      const std::uint8_t bits = bitmap[static_cast<std::size_t>(i / 8)];
      if ((bits & (0x80U >> i % 8)) != 0) {
        disk.AddStored({block.offset + i * kSector, kSector});
      } else {
        disk.AddHole(kSector);
      }
    }
  }

  void Report(std::string id, Range range, std::string detail) {
    sink_.Report(
        {.id = std::move(id), .range = range, .detail = std::move(detail)});
  }

  ByteSource source_;
  const Layout& layout_;
  ArtifactSink& sink_;
  Coverage coverage_;
};

bool Matches(ByteView head) {
  const auto footer = vhd::ReadFooter(head, 0);
  return footer && footer->type != Footer::kFixed;
}

Result<std::uint64_t> Measure(ByteView bytes) {
  const auto layout = ReadLayout(bytes);
  if (!layout) {
    return Fail(layout.error());
  }
  return layout->end;
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const ByteSource& source = input.source();
  const auto layout = ReadLayout(source.bytes());
  if (!layout) {
    return Fail(layout.error().code == ErrorCode::kNotThisFormat
                    ? ErrorCode::kMalformed
                    : layout.error().code,
                layout.error().what);
  }
  return Walk(*source.Slice({0, layout->end}), *layout, sink).Run();
}

constexpr Magic kMagics[] = {{"conectix", 0}};  // NOLINT: a table

}  // namespace

extern const Format kVhd;
const Format kVhd = {
    .name = "vhd",
    .title = "Dynamic virtual hard disk",
    .reference = "Virtual Hard Disk Image Format Specification 1.0",
    .magics = kMagics,
    .carvable = true,
    .proof = Proof::kChecksum,
    .depth = "members",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
