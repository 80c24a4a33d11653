// Android's "super" partition, which holds dynamic partitions, and the image
// of its metadata alone (super_empty.img). Layout: AOSP
// system/core/fs_mgr/liblp/include/liblp/metadata_format.h.
//
// 4 KiB for boot loaders, the geometry twice, the metadata of each slot, all
// slots once more, then the partitions. The first good slot gives the members;
// a partition that another slot has differently is "slot<number>/<name>".
// Copies that do not agree are reported: which of them counts is up to the
// boot loader.

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "verifier/formats/coverage.h"
#include "verifier/formats/disks/super_metadata.h"
#include "verifier/formats/format.h"

namespace assay::formats {
namespace {

using super::Geometry;
using super::Metadata;
using super::Partition;
using super::Piece;

struct Place {
  Geometry geometry = {};
  std::uint64_t slots_at = 0;
  bool alone = false;    // no partitions, and one copy of everything
  bool primary = false;  // which copies of the geometry are good
  bool backup = false;
};

std::optional<Place> FindGeometry(ByteView bytes) {
  constexpr std::uint64_t kSlots = super::kReserved + 2 * super::kGeometrySize;
  if (const auto alone = super::ReadGeometry(bytes, 0)) {
    return Place{*alone, super::kGeometrySize, true, true, true};
  }
  const auto primary = super::ReadGeometry(bytes, super::kReserved);
  const auto backup =
      super::ReadGeometry(bytes, super::kReserved + super::kGeometrySize);
  if (!primary && !backup) {
    return std::nullopt;
  }
  return Place{primary ? *primary : *backup, kSlots, false, primary.has_value(),
               backup.has_value()};
}

// Where copy `copy` (0 or 1) of slot `slot` lies.
std::uint64_t SlotAt(const Place& place, std::uint64_t copy,
                     std::uint64_t slot) {
  return place.slots_at +
         (copy * place.geometry.slots + slot) * place.geometry.slot_size;
}

// The first good copy of the first slot that has one.
Result<Metadata> FirstMetadata(ByteView bytes, const Place& place) {
  Result<Metadata> found =
      super::ReadMetadata(bytes, place.slots_at, place.geometry.slot_size);
  for (std::uint64_t slot = 0;
       !found && !place.alone && slot < place.geometry.slots; ++slot) {
    for (std::uint64_t copy = 0; !found && copy < 2; ++copy) {
      auto next = super::ReadMetadata(bytes, SlotAt(place, copy, slot),
                                      place.geometry.slot_size);
      if (next) {
        found = std::move(next);
      }
    }
  }
  return found;
}

bool Matches(ByteView head) {
  return FindGeometry(head).has_value();
}

Result<std::uint64_t> Measure(ByteView bytes) {
  const auto place = FindGeometry(bytes);
  if (!place) {
    return Fail(ErrorCode::kNotThisFormat, "no geometry of a super partition");
  }
  const auto metadata = FirstMetadata(bytes, *place);
  if (!metadata) {
    return Fail(metadata.error());
  }
  const std::uint64_t size = place->alone
                                 ? super::kGeometrySize + metadata->size
                                 : metadata->device_size;
  if (size > bytes.size() || size < SlotAt(*place, 0, 0)) {
    return Fail(ErrorCode::kTruncated,
                fmt::format("android_super: {} bytes are stated, {} are there",
                            size, bytes.size()));
  }
  return size;
}

class Reader {
 public:
  Reader(const ByteSource& source, const Place& place, std::uint64_t end,
         ArtifactSink& sink)
      : source_(source), place_(place), end_(end), sink_(sink) {}

  Result<void> Run() {
    ClaimGeometry();
    const std::uint64_t slots = place_.alone ? 1 : place_.geometry.slots;
    for (std::uint64_t slot = 0; slot < slots; ++slot) {
      const auto metadata = ReadSlot(slot);
      if (!metadata) {
        continue;
      }
      if (auto ok = AddPartitions(*metadata, slot); !ok) {
        return ok;
      }
    }
    coverage_.ClaimGaps(source_.bytes().first(static_cast<std::size_t>(end_)),
                        sink_);
    return {};
  }

 private:
  void ClaimGeometry() {
    constexpr std::uint64_t kSize = 52;
    const std::uint64_t first = place_.alone ? 0 : super::kReserved;
    coverage_.ClaimFree({first, kSize}, RegionUse::kMetadata, sink_);
    if (place_.alone) {
      return;
    }
    const std::uint64_t second = first + super::kGeometrySize;
    coverage_.ClaimFree({second, kSize}, RegionUse::kMetadata, sink_);
    if (!place_.primary || !place_.backup) {
      Report("android_super.checksum-mismatch",
             {place_.primary ? second : first, kSize},
             "one of the two copies of the geometry is damaged");
    } else if (CopyOf(*Slice(source_.bytes(), first, kSize)) !=
               CopyOf(*Slice(source_.bytes(), second, kSize))) {
      Report("android_super.ambiguous-copies", {second, kSize},
             "the two copies of the geometry differ");
    }
  }

  // The metadata of a slot, from its first good copy.
  std::optional<Metadata> ReadSlot(std::uint64_t slot) {
    std::optional<Metadata> found;
    Bytes first;
    for (std::uint64_t copy = 0; copy < (place_.alone ? 1U : 2U); ++copy) {
      const std::uint64_t at = SlotAt(place_, copy, slot);
      const Range range{at, place_.geometry.slot_size};
      auto read = super::ReadMetadata(source_.bytes(), at, range.length);
      if (!read) {
        ReportBadCopy(range, slot, copy, read.error());
        continue;
      }
      const Range used{at, read->size};
      coverage_.ClaimFree(used, RegionUse::kMetadata, sink_);
      Bytes bytes = CopyOf(*Slice(source_.bytes(), at, read->size));
      if (!found) {
        found = std::move(*read);
        first = std::move(bytes);
      } else if (bytes != first) {
        Report("android_super.ambiguous-copies", used,
               fmt::format("the two copies of slot {} differ", slot));
      }
    }
    return found;
  }

  // A slot that was never written is no damage.
  void ReportBadCopy(Range range, std::uint64_t slot, std::uint64_t copy,
                     const Error& error) {
    const auto bytes = Slice(source_.bytes(), range.offset, range.length);
    if (bytes && slot > 0 && IsZero(*bytes)) {
      return;
    }
    Report("android_super.checksum-mismatch", range,
           fmt::format("copy {} of slot {}: {}", copy, slot, error.what));
  }

  Result<void> AddPartitions(const Metadata& metadata, std::uint64_t slot) {
    Coverage used;  // by the partitions of this slot
    for (const Partition& partition : metadata.partitions) {
      if (++entries_ > sink_.limits().entries) {
        return Fail(ErrorCode::kLimit, "android_super: too many partitions");
      }
      CheckOverlap(partition, used);
      const auto known = partitions_.find(partition.name);
      if (known != partitions_.end() && known->second == partition) {
        continue;
      }
      const std::string name =
          known == partitions_.end()
              ? partition.name
              : fmt::format("slot{}/{}", slot, partition.name);
      partitions_.emplace(partition.name, partition);
      if (auto ok = AddPartition({.name = name}, partition); !ok) {
        return ok;
      }
    }
    return {};
  }

  void CheckOverlap(const Partition& partition, Coverage& used) {
    for (const Piece& piece : partition.pieces) {
      const Range range{piece.offset, piece.length};
      if (piece.zero || piece.device != 0) {
        continue;
      }
      if (used.Touches(range) || range.offset < SlotAt(place_, 2, 0)) {
        Report("android_super.overlapping-partitions", {0, 0},
               fmt::format("{} has {} bytes at {} that are not its own alone",
                           partition.name, range.length, range.offset));
      }
      used.Add(range);
    }
  }

  Result<void> AddPartition(Member member, const Partition& partition) {
    std::vector<Extent> extents;
    for (const Piece& piece : partition.pieces) {
      if (piece.device != 0 && !piece.zero) {
        return sink_.AddOpaque(
            std::move(member),
            fmt::format("on another block device, number {}", piece.device));
      }
      extents.push_back({{piece.offset, piece.length}, piece.zero});
      if (!piece.zero &&
          (piece.offset > end_ || piece.length > end_ - piece.offset)) {
        return sink_.AddOpaque(
            std::move(member),
            fmt::format("{} bytes at {} lie outside of the image", piece.length,
                        piece.offset));
      }
    }
    auto content = source_.Gather(extents, sink_.limits().memory_per_member,
                                  sink_.limits().member);
    if (!content) {
      return content.error().code == ErrorCode::kLimit
                 ? Result<void>(Fail(content.error()))
                 : sink_.AddOpaque(std::move(member), content.error().what);
    }
    if (extents.size() == 1 && !extents[0].hole &&
        !coverage_.Touches(extents[0].range)) {
      member.origin = extents[0].range;
      member.stored = true;
      coverage_.Add(extents[0].range);
    } else {
      for (const Extent& extent : extents) {
        if (!extent.hole) {
          coverage_.ClaimFree(extent.range, RegionUse::kMember, sink_);
        }
      }
    }
    return sink_.Add(std::move(member), std::move(*content));
  }

  void Report(std::string id, Range range, std::string detail) {
    sink_.Report(
        {.id = std::move(id), .range = range, .detail = std::move(detail)});
  }

  const ByteSource& source_;
  const Place& place_;
  std::uint64_t end_;
  ArtifactSink& sink_;
  Coverage coverage_;
  std::map<std::string, Partition> partitions_;  // as they were first met
  std::uint64_t entries_ = 0;
};

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const ByteSource& source = input.source();
  const auto place = FindGeometry(source.bytes());
  if (!place) {
    return Fail(ErrorCode::kMalformed, "no geometry of a super partition");
  }
  const auto end = Measure(source.bytes());
  if (!end) {
    return Fail(end.error());
  }
  if (auto ok = Reader(source, *place, *end, sink).Run(); !ok) {
    return ok;
  }
  return input.Skip(*end);
}

// NOLINTNEXTLINE(*-avoid-c-arrays): a table
constexpr Magic kMagics[] = {{"gDla", super::kReserved},
                             {"gDla", super::kReserved + super::kGeometrySize},
                             {"gDla", 0}};

}  // namespace

extern const Format kAndroidSuper;
const Format kAndroidSuper = {
    .name = "android_super",
    .title = "Android super partition (dynamic partitions)",
    .reference = "AOSP fs_mgr/liblp/include/liblp/metadata_format.h",
    .magics = kMagics,
    .carvable = true,
    .proof = Proof::kChecksum,
    .depth = "members",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
