// A physical volume of LVM2 and what it says about its volume group.
// Layout: LVM2, lib/format_text/layout.h and lib/label/label.h.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "verifier/base/bytes.h"
#include "verifier/base/result.h"

namespace assay::formats::lvm2 {

inline constexpr std::uint64_t kSector = 512;
inline constexpr std::string_view kLabel = "LABELONE";

struct Label {
  Range place = {};
  std::string uuid = {};  // 32 characters, without dashes
  std::uint64_t device_size = 0;
  std::vector<Range> metadata_areas = {};
};

// The label in one of the first four sectors; its checksum holds.
[[nodiscard]] std::optional<Label> FindLabel(ByteView bytes);

// The metadata that an area holds.
struct Area {
  Range header = {};
  std::vector<Range> text_at = {};  // two when it goes round the area's end
  std::string text = {};            // empty: the volume belongs to no group
};

// kMalformed when a checksum does not hold, kTruncated when the area is not
// wholly there.
[[nodiscard]] Result<Area> ReadArea(ByteView bytes, Range area);

struct PhysicalVolume {
  std::string uuid = {};
  std::uint64_t first = 0;  // byte where its extents begin
  std::uint64_t extents = 0;
};

// Extents of a logical volume, in order of the numbers in it.
struct Segment {
  std::uint64_t start = 0;
  std::uint64_t count = 0;
  std::string type = {};
  std::uint64_t stripe_size = 0;  // in bytes; of more than one stripe
  // Name of a physical volume and the extent there.
  std::vector<std::pair<std::string, std::uint64_t>> stripes = {};
};

struct LogicalVolume {
  std::string name = {};
  std::string uuid = {};
  std::optional<std::uint64_t> created = {};
  bool visible = false;  // else: a part of another one
  std::vector<Segment> segments = {};
};

struct Group {
  std::string name = {};
  std::uint64_t sequence = 0;
  std::uint64_t extent_size = 0;  // in bytes
  std::map<std::string, PhysicalVolume> volumes = {};
  std::vector<LogicalVolume> logical = {};
};

[[nodiscard]] Result<Group> ReadGroup(std::string_view text);

}  // namespace assay::formats::lvm2
