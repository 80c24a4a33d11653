// A physical volume of LVM2: a label, metadata as text, and extents that make
// up logical volumes. Those whose extents all lie here become members; of one
// that needs another device, or that is made of other volumes (RAID, thin,
// snapshot), the bytes here stay opaque.
//
// Reference: LVM2, lib/format_text/layout.h, lib/label/label.h, lvm(8).

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "verifier/base/text.h"
#include "verifier/formats/archives/archive_input.h"
#include "verifier/formats/coverage.h"
#include "verifier/formats/disks/lvm2_metadata.h"
#include "verifier/formats/format.h"

namespace assay::formats {
namespace {

using lvm2::Area;
using lvm2::Group;
using lvm2::Label;
using lvm2::LogicalVolume;
using lvm2::Segment;

bool Matches(ByteView head) {
  return lvm2::FindLabel(head).has_value();
}

Result<std::uint64_t> Measure(ByteView bytes) {
  const auto label = lvm2::FindLabel(bytes);
  if (!label) {
    return Fail(ErrorCode::kNotThisFormat, "no LVM2 label");
  }
  if (label->device_size > bytes.size() ||
      label->device_size < label->place.end()) {
    return Fail(ErrorCode::kTruncated,
                fmt::format("lvm2: the device has {} bytes, {} are there",
                            label->device_size, bytes.size()));
  }
  return label->device_size;
}

// Where the bytes of a logical volume lie on this device.
struct Layout {
  std::vector<Extent> extents = {};  // in the volume's order
  std::vector<Range> ours = {};      // all of its bytes that lie here
  std::string problem = {};          // why it is not all there
};

void Append(std::vector<Extent>& extents, const Extent& next) {
  if (!extents.empty() && extents.back().hole == next.hole &&
      (next.hole || extents.back().range.end() == next.range.offset)) {
    extents.back().range.length += next.range.length;
  } else {
    extents.push_back(next);
  }
}

class Mapper {
 public:
  Mapper(const Group& group, const Label& label, std::uint64_t end,
         std::uint64_t most)
      : group_(group), label_(label), end_(end), left_(most) {}

  [[nodiscard]] Layout Map(const LogicalVolume& volume) {
    Layout layout;
    std::uint64_t next = 0;
    for (const Segment& segment : volume.segments) {
      if (segment.start != next) {
        Hinder(layout, fmt::format("its segments leave extent {} out", next));
      }
      next = segment.start + segment.count;
      AddSegment(segment, layout);
    }
    if (volume.segments.empty()) {
      Hinder(layout, "it has no segments");
    }
    return layout;
  }

 private:
  static void Hinder(Layout& layout, std::string why) {
    if (layout.problem.empty()) {
      layout.problem = std::move(why);
    }
  }

  void AddSegment(const Segment& segment, Layout& layout) {
    const std::uint64_t size = segment.count * group_.extent_size;
    if (segment.type == "zero") {
      Append(layout.extents, {{0, size}, true});
      return;
    }
    const std::size_t stripes = segment.stripes.size();
    if (segment.type != "striped" && segment.type != "linear") {
      Hinder(layout, fmt::format("segments of type {} are not supported",
                                 Escaped(segment.type)));
      return;
    }
    if (stripes == 0 || segment.count % stripes != 0) {
      Hinder(layout,
             fmt::format("{} extents in {} stripes", segment.count, stripes));
      return;
    }
    std::vector<Range> columns;
    for (const auto& [name, extent] : segment.stripes) {
      if (const auto column = Place(name, extent, size / stripes, layout)) {
        columns.push_back(*column);
        layout.ours.push_back(*column);
      }
    }
    if (columns.size() == stripes) {
      Interleave(columns, segment.stripe_size, layout);
    }
  }

  // The bytes of one stripe, if this device has them.
  std::optional<Range> Place(const std::string& name, std::uint64_t extent,
                             std::uint64_t length, Layout& layout) const {
    const auto found = group_.volumes.find(name);
    if (found == group_.volumes.end() || found->second.uuid != label_.uuid) {
      Hinder(layout,
             found == group_.volumes.end()
                 ? fmt::format("a part of it is the volume {}", Escaped(name))
                 : fmt::format("a part of it lies on another device, "
                               "{}",
                               Escaped(name)));
      return std::nullopt;
    }
    const std::uint64_t count = length / group_.extent_size;
    const Range range{found->second.first + extent * group_.extent_size,
                      length};
    if (count > found->second.extents ||
        extent > found->second.extents - count || range.offset > end_ ||
        range.length > end_ - range.offset) {
      Hinder(layout, fmt::format("{} bytes at {} lie outside of the device",
                                 range.length, range.offset));
      return std::nullopt;
    }
    return range;
  }

  void Interleave(const std::vector<Range>& columns, std::uint64_t stripe,
                  Layout& layout) {
    if (columns.size() == 1) {
      Append(layout.extents, {columns[0], false});
      return;
    }
    const std::uint64_t length = columns[0].length;
    const std::uint64_t pieces =
        stripe == 0 ? 0 : (length / stripe) * columns.size();
    if (stripe == 0 || length % stripe != 0 || pieces > left_) {
      Hinder(layout,
             fmt::format("stripes of {} bytes over {}", stripe, length));
      return;
    }
    left_ -= pieces;
    for (std::uint64_t at = 0; at < length; at += stripe) {
      for (const Range& column : columns) {
        Append(layout.extents, {{column.offset + at, stripe}, false});
      }
    }
  }

  const Group& group_;
  const Label& label_;
  std::uint64_t end_;
  std::uint64_t left_;  // pieces that stripes may be cut into, of all volumes
};

class Reader {
 public:
  Reader(const ByteSource& source, const Label& label, ArtifactSink& sink)
      : source_(source),
        label_(label),
        sink_(sink),
        end_(std::min(std::max(label.device_size, label.place.end()),
                      source.size())) {}

  Result<void> Run() {
    coverage_.ClaimFree(label_.place, RegionUse::kMetadata, sink_);
    auto group = ReadAreas();
    Result<void> result;
    if (!group) {
      result = Fail(group.error());
    } else if (*group) {
      result = AddVolumes(**group);
    } else if (label_.metadata_areas.empty()) {
      Report("no-metadata", label_.place,
             "the metadata of its group are on another device only");
    }
    coverage_.ClaimGaps(*Slice(source_.bytes(), 0, end_), sink_);
    return result;
  }

 private:
  void Report(std::string_view what, Range range, std::string detail) {
    sink_.Report({.id = fmt::format("lvm2.{}", what),
                  .range = range,
                  .detail = std::move(detail)});
  }

  // The group that the newest good copy of the metadata describes; nothing
  // when this device belongs to none.
  Result<std::optional<Group>> ReadAreas() {
    std::optional<Group> newest;
    std::optional<Error> error;
    std::optional<std::string> text;
    for (const Range& range : label_.metadata_areas) {
      const auto area = lvm2::ReadArea(Known(), range);
      auto group = area && !area->text.empty()
                       ? lvm2::ReadGroup(area->text).map([](Group read) {
                           return std::optional(std::move(read));
                         })
                   : area ? Result<std::optional<Group>>(std::nullopt)
                          : Fail(area.error());
      if (!group) {
        Report("bad-metadata", {}, group.error().what);
        error = group.error();
        continue;
      }
      ClaimArea(*area);
      if (text && *text != area->text) {
        Report("ambiguous-metadata", area->header,
               "the metadata areas do not say the same");
      }
      text = area->text;
      if (*group && (!newest || (*group)->sequence > newest->sequence)) {
        newest = std::move(*group);
      }
    }
    if (!newest && error) {
      return Fail(*error);
    }
    return newest;
  }

  [[nodiscard]] ByteView Known() const {
    return *Slice(source_.bytes(), 0, end_);
  }

  // Older texts, which stay in the area, are slack.
  void ClaimArea(const Area& area) {
    coverage_.ClaimFree(area.header, RegionUse::kMetadata, sink_);
    for (const Range& range : area.text_at) {
      coverage_.ClaimFree(range, RegionUse::kMetadata, sink_);
    }
  }

  Result<void> AddVolumes(const Group& group) {
    Mapper mapper(group, label_, end_, sink_.limits().entries);
    for (const LogicalVolume& volume : group.logical) {
      Member member{.name =
                        BoundedName(volume.name, "lvm2", label_.place, sink_)};
      member.meta.xattrs = {{"lvm2.group", group.name},
                            {"lvm2.uuid", volume.uuid}};
      if (volume.created && *volume.created <= INT64_MAX) {
        member.meta.mtime = static_cast<std::int64_t>(*volume.created);
      }
      if (auto ok = AddVolume(std::move(member), mapper.Map(volume)); !ok) {
        return ok;
      }
    }
    return {};
  }

  Result<void> AddVolume(Member member, Layout layout) {
    const bool shared = std::any_of(
        layout.ours.begin(), layout.ours.end(),
        [&](const Range& range) { return coverage_.Touches(range); });
    if (shared) {
      Report("overlapping-volumes", {},
             fmt::format("{} has bytes that are not its own alone",
                         Escaped(member.name)));
    }
    if (!layout.problem.empty()) {
      Keep(layout.ours, true);
      return sink_.AddOpaque(std::move(member), std::move(layout.problem));
    }
    const Limits& limits = sink_.limits();
    auto content =
        source_.Gather(layout.extents, limits.memory_per_member, limits.member);
    if (!content) {
      Keep(layout.ours, true);
      return sink_.AddOpaque(std::move(member), content.error().what);
    }
    if (layout.extents.size() == 1 && !layout.extents[0].hole && !shared) {
      member.origin = layout.extents[0].range;
      member.stored = true;
      coverage_.Add(*member.origin);
    } else {
      Keep(layout.ours, false);
    }
    return sink_.Add(std::move(member), std::move(*content));
  }

  void Keep(const std::vector<Range>& ranges, bool opaque) {
    for (const Range& range : ranges) {
      coverage_.ClaimFree(range, RegionUse::kMember, sink_);
      if (opaque) {
        sink_.PassOver(range);
      }
    }
  }

  const ByteSource& source_;
  const Label& label_;
  ArtifactSink& sink_;
  std::uint64_t end_;
  Coverage coverage_;
};

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const ByteSource& source = input.source();
  const auto label = lvm2::FindLabel(source.bytes());
  if (!label) {
    return Fail(ErrorCode::kMalformed, "no LVM2 label");
  }
  if (auto ok = Reader(source, *label, sink).Run(); !ok) {
    return ok;
  }
  const auto end = Measure(source.bytes());
  return end ? input.Skip(*end) : Result<void>(Fail(end.error()));
}

// NOLINTNEXTLINE(*-avoid-c-arrays): a table
constexpr Magic kMagics[] = {{lvm2::kLabel, lvm2::kSector},
                             {lvm2::kLabel, 0},
                             {lvm2::kLabel, 2 * lvm2::kSector},
                             {lvm2::kLabel, 3 * lvm2::kSector}};

}  // namespace

extern const Format kLvm2;
const Format kLvm2 = {
    .name = "lvm2",
    .title = "LVM2 physical volume",
    .reference = "LVM2 lib/format_text/layout.h, lib/label/label.h",
    .magics = kMagics,
    .carvable = true,
    .proof = Proof::kChecksum,
    .depth = "members",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
