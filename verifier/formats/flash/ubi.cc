// UBI images: volumes whose logical erase blocks (LEBs) lie in any order in
// physical ones (PEBs). Layout: Linux drivers/mtd/ubi/ubi-media.h; which of
// two copies counts: drivers/mtd/ubi/attach.c.
//
// Each volume is a member, read in place. A dynamic volume ends with its last
// LEB that is mapped; LEBs before it that are not are zeros there, although
// UBI reads them as 0xff: zeros take no memory, and UBIFS, read by this
// program, takes a block of zeros for an empty one.
//
// Older copies of a LEB, and what PEBs without a LEB hold, are slack.

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "verifier/base/crc32.h"
#include "verifier/formats/coverage.h"
#include "verifier/formats/flash/ubi_pebs.h"
#include "verifier/formats/format.h"

namespace assay::formats {
namespace {

using ubi::Geometry;
using ubi::Peb;
using ubi::VolumeHeader;

struct VolumeRecord {
  Be32 reserved_pebs, alignment, data_pad;
  std::uint8_t type = 0, update_marker = 0;
  Be16 name_length;
  std::array<std::uint8_t, 128> name = {};
  std::uint8_t flags = 0;
  std::array<std::uint8_t, 23> padding = {};
  Be32 crc;
};
static_assert(sizeof(VolumeRecord) == 172 && FileStruct<VolumeRecord>);

constexpr std::uint8_t kStatic = 2;
constexpr std::uint32_t kLayoutVolume = 0x7fffefff;
constexpr std::uint32_t kFastmapVolumes[] = {kLayoutVolume + 1,
                                             kLayoutVolume + 2};
constexpr std::uint64_t kMostVolumes = 128;

using Lebs = std::map<std::uint32_t, const Peb*>;  // by number

class Unpacker {
 public:
  Unpacker(const ByteSource& source, const Geometry& geometry,
           ArtifactSink& sink)
      : source_(source),
        geometry_(geometry),
        sink_(sink),
        pebs_(ubi::ReadPebs(source.bytes(), geometry)) {}

  Result<void> Run() {
    for (const Peb& peb : pebs_) {
      Enter(peb);
    }
    ReadTable();
    for (const auto& [number, lebs] : volumes_) {
      if (number == kLayoutVolume) {
        ClaimTables(lebs);
      } else if (number == kFastmapVolumes[0] || number == kFastmapVolumes[1]) {
        for (const auto& [leb, peb] : lebs) {
          coverage_.ClaimFree(DataOf(*peb), RegionUse::kMetadata, sink_);
        }
      } else if (auto ok = AddVolume(number, lebs); !ok) {
        return ok;
      }
    }
    ClaimRest();
    return {};
  }

 private:
  [[nodiscard]] Range DataOf(const Peb& peb) const {
    return {peb.range.offset + geometry_.data, geometry_.leb_size()};
  }

  [[nodiscard]] ByteView BytesAt(Range range) const {
    return *Slice(source_.bytes(), range.offset, range.length);
  }

  void Report(std::string_view what, Range range, std::string detail) {
    sink_.Report({.id = fmt::format("ubi.{}", what),
                  .range = range,
                  .detail = std::move(detail)});
  }

  [[nodiscard]] bool HoldsDataCrc(const Peb& peb) const {
    const VolumeHeader& header = *peb.volume;
    return Crc32Raw(~0U, BytesAt({DataOf(peb).offset, header.data_size})) ==
           header.data_crc;
  }

  // Of two copies of a LEB the newer counts, unless its copying broke off.
  void Enter(const Peb& peb) {
    if (!peb.intact && !peb.erased) {
      Report("bad-peb", peb.range,
             fmt::format("the erase block at offset {} has no intact header",
                         peb.range.offset));
    }
    if (peb.damaged_volume) {
      Report("crc-mismatch", peb.range,
             fmt::format("the volume header of the erase block at offset {} "
                         "is damaged",
                         peb.range.offset));
    }
    if (!peb.volume) {
      return;
    }
    const Peb*& kept = volumes_[peb.volume->volume][peb.volume->number];
    if (kept == nullptr) {
      kept = &peb;
      return;
    }
    const Peb* newer = &peb;
    const Peb* older = kept;
    if (newer->volume->sequence < older->volume->sequence) {
      std::swap(newer, older);
    }
    const bool same =
        std::ranges::equal(BytesAt(DataOf(*newer)), BytesAt(DataOf(*older)));
    const bool tie = newer->volume->sequence == older->volume->sequence;
    if (newer->volume->copied != 0 && !HoldsDataCrc(*newer)) {
      std::swap(newer, older);
    }
    kept = newer;
    if (!same) {
      Report(tie ? "ambiguous-leb" : "hidden-leb", older->range,
             fmt::format("block {} of volume {} is also at offset {}, with "
                         "other content",
                         std::uint32_t{older->volume->number},
                         std::uint32_t{older->volume->volume},
                         older->range.offset));
    }
  }

  [[nodiscard]] std::optional<VolumeRecord> RecordAt(
      const Peb& table, std::uint64_t index) const {
    const ByteView bytes = BytesAt(DataOf(table));
    const auto record =
        ReadAt<VolumeRecord>(bytes, index * sizeof(VolumeRecord));
    if (!record) {
      return std::nullopt;
    }
    const ByteView raw = BytesOf(*record);
    return Crc32Raw(~0U, raw.first(raw.size() - 4)) == record->crc
               ? record
               : std::nullopt;
  }

  // The volume table stands twice: in LEB 0 and 1 of the layout volume.
  void ReadTable() {
    const auto layout = volumes_.find(kLayoutVolume);
    const Range head{0, sizeof(ubi::EraseHeader)};
    if (layout == volumes_.end()) {
      Report("no-volume-table", head, "there is no volume table");
      return;
    }
    const auto copy = [&](std::uint32_t number) {
      const auto at = layout->second.find(number);
      return at == layout->second.end() ? nullptr : at->second;
    };
    const Peb* first = copy(0);
    const Peb* second = copy(1);
    if (first == nullptr || second == nullptr) {
      Report("missing-leb", head, "a copy of the volume table is missing");
    }
    std::uint64_t slots = geometry_.leb_size() / sizeof(VolumeRecord);
    slots = std::min(slots, kMostVolumes);
    for (std::uint64_t i = 0; i < slots; ++i) {
      auto a = first != nullptr ? RecordAt(*first, i) : std::nullopt;
      auto b = second != nullptr ? RecordAt(*second, i) : std::nullopt;
      const bool differ = a.has_value() != b.has_value() ||
                          (a && !std::ranges::equal(BytesOf(*a), BytesOf(*b)));
      if (first != nullptr && second != nullptr && differ) {
        Report("ambiguous-volume-table", DataOf(*second),
               fmt::format("the two volume tables differ about volume {}", i));
      }
      if (!a && !b) {
        Report("crc-mismatch", head,
               fmt::format("the record of volume {} is damaged", i));
      } else if (const VolumeRecord& record = a ? *a : *b;
                 record.reserved_pebs != 0) {
        AddRecord(static_cast<std::uint32_t>(i), record);
      }
    }
  }

  void AddRecord(std::uint32_t number, const VolumeRecord& record) {
    records_.emplace(number, record);
    volumes_.try_emplace(number);  // it may have no LEB at all
    if (record.update_marker != 0) {
      Report("unfinished-update", {0, sizeof(ubi::EraseHeader)},
             fmt::format("an update of volume {} was not finished", number));
    }
  }

  void ClaimTables(const Lebs& lebs) {
    for (const auto& [number, peb] : lebs) {
      const std::uint64_t size =
          std::min(geometry_.leb_size() / sizeof(VolumeRecord), kMostVolumes) *
          sizeof(VolumeRecord);
      if (number < 2) {
        coverage_.ClaimFree({DataOf(*peb).offset, size}, RegionUse::kMetadata,
                            sink_);
      } else {
        Report("bad-leb", peb->range,
               fmt::format("the layout volume has a block {}", number));
      }
    }
  }

  // The name in the table, or one of our own.
  std::string NameOf(std::uint32_t number, const VolumeRecord* record) {
    if (record == nullptr) {
      return fmt::format("volume{}", number);
    }
    if (record->name_length == 0U ||
        record->name_length > record->name.size()) {
      Report("bad-name", {0, sizeof(ubi::EraseHeader)},
             fmt::format("the name of volume {} has {} bytes", number,
                         std::uint16_t{record->name_length}));
      return fmt::format("volume{}", number);
    }
    std::string name(AsText(ByteView(record->name).first(record->name_length)));
    if (!names_.insert(name).second) {
      Report("ambiguous-name", {0, sizeof(ubi::EraseHeader)},
             fmt::format("two volumes are named \"{}\"", name));
    }
    return name;
  }

  Result<void> AddVolume(std::uint32_t number, const Lebs& lebs) {
    const auto found = records_.find(number);
    const VolumeRecord* record =
        found == records_.end() ? nullptr : &found->second;
    Member member{.name = NameOf(number, record)};
    if (record == nullptr) {
      Report("unlisted-volume", lebs.begin()->second->range,
             fmt::format("volume {} is not in the volume table", number));
    }
    const std::uint64_t most = record != nullptr
                                   ? std::uint64_t{record->reserved_pebs}
                                   : 16 * pebs_.size();
    const bool is_static = record != nullptr
                               ? record->type == kStatic
                               : lebs.begin()->second->volume->type == kStatic;
    std::vector<Extent> extents;
    std::uint64_t next = 0;
    for (const auto& [leb, peb] : lebs) {
      if (leb >= most || (peb->volume->type == kStatic) != is_static) {
        Report("bad-leb", peb->range,
               fmt::format("volume {} cannot have the block {} at offset {}",
                           number, leb, peb->range.offset));
        continue;
      }
      if (leb > next) {
        Skip(number, is_static, leb - next, *peb, extents);
      }
      extents.push_back({.range = ContentOf(*peb, is_static)});
      next = leb + 1ULL;
    }
    if (is_static && !lebs.empty() &&
        next != lebs.begin()->second->volume->used_blocks) {
      Report(
          "size-mismatch", lebs.begin()->second->range,
          fmt::format("volume {} states {} blocks, {} are there", number,
                      std::uint32_t{lebs.begin()->second->volume->used_blocks},
                      next));
    }
    return Add(std::move(member), extents);
  }

  void Skip(std::uint32_t number, bool is_static, std::uint64_t count,
            const Peb& next, std::vector<Extent>& extents) {
    if (is_static) {
      Report("missing-leb", next.range,
             fmt::format("{} blocks of the static volume {} are missing", count,
                         number));
    }
    const std::uint64_t size =
        geometry_.leb_size() - std::uint64_t{next.volume->data_pad};
    extents.push_back({.range = {0, count * size}, .hole = true});
  }

  // What of a LEB is the volume's.
  Range ContentOf(const Peb& peb, bool is_static) {
    const VolumeHeader& header = *peb.volume;
    Range content = DataOf(peb);
    if (!is_static) {
      content.length -= header.data_pad;
      return content;
    }
    content.length = header.data_size;
    if (!HoldsDataCrc(peb)) {
      Report("data-crc-mismatch", content,
             fmt::format("block {} of volume {} at offset {} is damaged",
                         std::uint32_t{header.number},
                         std::uint32_t{header.volume}, peb.range.offset));
    }
    return content;
  }

  Result<void> Add(Member member, const std::vector<Extent>& extents) {
    auto content = source_.Gather(extents, sink_.limits().memory_per_member,
                                  sink_.limits().member);
    if (content && extents.size() == 1) {
      member.origin = extents.front().range;
      member.stored = true;
      coverage_.Add(extents.front().range);
    } else {
      for (const Extent& extent : extents) {
        if (!extent.hole) {
          coverage_.ClaimFree(extent.range, RegionUse::kMember, sink_);
        }
      }
    }
    return content ? sink_.Add(std::move(member), std::move(*content))
                   : sink_.AddOpaque(std::move(member), content.error().what);
  }

  // Headers, and what is left: erased flash and filler, or slack.
  void ClaimRest() {
    for (const Peb& peb : pebs_) {
      const std::uint64_t at = peb.range.offset;
      if (peb.intact) {
        coverage_.ClaimFree({at, sizeof(ubi::EraseHeader)},
                            RegionUse::kMetadata, sink_);
      }
      if (peb.volume) {
        coverage_.ClaimFree(
            {at + geometry_.volume_header, sizeof(VolumeHeader)},
            RegionUse::kMetadata, sink_);
      }
    }
    coverage_.ClaimGaps(
        source_.bytes().first(static_cast<std::size_t>(geometry_.end)), sink_);
  }

  const ByteSource& source_;
  Geometry geometry_;
  ArtifactSink& sink_;
  std::vector<Peb> pebs_;
  std::map<std::uint32_t, Lebs> volumes_;
  std::map<std::uint32_t, VolumeRecord> records_;
  std::set<std::string> names_;
  Coverage coverage_;
};

bool Matches(ByteView head) {
  return ubi::EraseHeaderAt(head, 0).has_value();
}

Result<std::uint64_t> Measure(ByteView bytes) {
  if (!Matches(bytes)) {
    return Fail(ErrorCode::kNotThisFormat, "no UBI erase header");
  }
  const auto geometry = ubi::FindGeometry(bytes);
  if (!geometry) {
    return Fail(ErrorCode::kTruncated, "UBI: only one erase block");
  }
  return geometry->end;
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const ByteSource& source = input.source();
  const auto geometry = ubi::FindGeometry(source.bytes());
  if (!geometry) {
    return Fail(ErrorCode::kTruncated,
                "UBI: fewer than two erase blocks are there");
  }
  if (auto ok = Unpacker(source, *geometry, sink).Run(); !ok) {
    return ok;
  }
  if (geometry->end % geometry->peb_size != 0) {
    return Fail(
        ErrorCode::kTruncated,
        fmt::format("UBI: the erase block at offset {} is cut off",
                    geometry->end - geometry->end % geometry->peb_size));
  }
  return {};
}

constexpr Magic kMagics[] = {{"UBI#", 0}};  // NOLINT: a table

}  // namespace

extern const Format kUbi;
const Format kUbi = {
    .name = "ubi",
    .title = "UBI image",
    .reference = "Linux drivers/mtd/ubi/ubi-media.h",
    .magics = kMagics,
    .carvable = true,
    .proof = Proof::kChecksum,
    .depth = "members",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
