#include "verifier/formats/disks/lvm2_metadata.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "verifier/base/crc32.h"
#include "verifier/formats/disks/lvm2_config.h"

namespace assay::formats::lvm2 {
namespace {

constexpr std::uint32_t kSeed = 0xf597a6cf;  // of every CRC
constexpr std::uint64_t kLabelSectors = 4;
constexpr std::string_view kType = "LVM2 001";
constexpr std::string_view kAreaMagic = " LVM2 x[5A%r0N*>";
constexpr std::uint64_t kAreaHeader = 512;
constexpr std::size_t kMostAreas = 32;  // that find room in a label
// Of extents, and of bytes in one: products then stay far below 64 bits.
constexpr std::uint64_t kMost = 1ULL << 31U;

struct LabelHeader {
  std::array<std::uint8_t, 8> id = {};
  Le64 sector;
  Le32 crc;
  Le32 content_at;
  std::array<std::uint8_t, 8> type = {};
};
static_assert(sizeof(LabelHeader) == 32 && FileStruct<LabelHeader>);

struct VolumeHeader {
  std::array<std::uint8_t, 32> uuid = {};
  Le64 device_size;
};
static_assert(sizeof(VolumeHeader) == 40 && FileStruct<VolumeHeader>);

struct DiskArea {
  Le64 offset, size;
};
static_assert(sizeof(DiskArea) == 16 && FileStruct<DiskArea>);

struct AreaHeader {
  Le32 crc;
  std::array<std::uint8_t, 16> magic = {};
  Le32 version;
  Le64 start, size;
  // Where the committed text lies.
  Le64 text_at, text_size;
  Le32 text_crc, flags;
};
static_assert(sizeof(AreaHeader) == 64 && FileStruct<AreaHeader>);

// A list that an area of zeros ends.
std::optional<std::vector<Range>> TakeAreas(ByteReader& reader) {
  std::vector<Range> areas;
  while (areas.size() < kMostAreas) {
    const auto area = reader.Take<DiskArea>();
    if (!area) {
      return std::nullopt;
    }
    if (area->offset == 0 && area->size == 0) {
      return areas;
    }
    areas.push_back({area->offset, area->size});
  }
  return std::nullopt;
}

std::optional<Label> LabelAt(ByteView bytes, std::uint64_t number) {
  const auto sector = Slice(bytes, number * kSector, kSector);
  const auto header = sector ? ReadAt<LabelHeader>(*sector, 0) : std::nullopt;
  constexpr std::size_t kChecked = 20;  // behind the CRC
  if (!header || AsText(header->id) != kLabel ||
      AsText(header->type) != kType || header->sector != number ||
      Crc32Raw(kSeed, sector->subspan(kChecked)) != header->crc) {
    return std::nullopt;
  }
  ByteReader reader(*sector);
  const bool moved = reader.Seek(header->content_at);
  const auto volume = moved ? reader.Take<VolumeHeader>() : std::nullopt;
  const auto data = volume ? TakeAreas(reader) : std::nullopt;
  const auto metadata = data ? TakeAreas(reader) : std::nullopt;
  if (!metadata) {
    return std::nullopt;
  }
  return Label{.place = {number * kSector, kSector},
               .uuid = std::string(AsText(volume->uuid)),
               .device_size = volume->device_size,
               .metadata_areas = *metadata};
}

// "abcdef-..." without its dashes.
std::string Plain(std::string text) {
  text.erase(std::remove(text.begin(), text.end(), '-'), text.end());
  return text;
}

std::optional<PhysicalVolume> PhysicalOf(const ConfigNode& node) {
  const auto start = node.Number("pe_start");
  const auto count = node.Number("pe_count");
  if (!start || !count || *start > kMost * kMost / kSector || *count > kMost) {
    return std::nullopt;
  }
  return PhysicalVolume{.uuid = Plain(node.Text("id")),
                        .first = *start * kSector,
                        .extents = *count};
}

std::optional<Segment> SegmentOf(const ConfigNode& node) {
  const auto start = node.Number("start_extent");
  const auto count = node.Number("extent_count");
  if (!start || !count || *start > kMost || *count > kMost) {
    return std::nullopt;
  }
  Segment segment{
      .start = *start,
      .count = *count,
      .type = node.Text("type"),
      .stripe_size =
          std::min(node.Number("stripe_size").value_or(0), kMost / kSector) *
          kSector};
  const ConfigNode* stripes = node.Find("stripes");
  for (std::size_t i = 0; stripes != nullptr && i + 1 < stripes->values.size();
       i += 2) {
    const auto extent = stripes->values[i + 1].number;
    if (!extent || *extent > kMost) {
      return std::nullopt;
    }
    segment.stripes.emplace_back(stripes->values[i].text, *extent);
  }
  return segment;
}

std::optional<LogicalVolume> LogicalOf(const ConfigNode& node) {
  LogicalVolume volume{.name = node.name,
                       .uuid = node.Text("id"),
                       .created = node.Number("creation_time")};
  if (const ConfigNode* status = node.Find("status")) {
    volume.visible = std::any_of(
        status->values.begin(), status->values.end(),
        [](const ConfigValue& value) { return value.text == "VISIBLE"; });
  }
  for (const ConfigNode& child : node.children) {
    if (!child.section || child.name.rfind("segment", 0) != 0) {
      continue;
    }
    const auto segment = SegmentOf(child);
    if (!segment) {
      return std::nullopt;
    }
    volume.segments.push_back(*segment);
  }
  std::stable_sort(
      volume.segments.begin(), volume.segments.end(),
      [](const Segment& a, const Segment& b) { return a.start < b.start; });
  return volume;
}

}  // namespace

std::optional<Label> FindLabel(ByteView bytes) {
  for (std::uint64_t number = 0; number < kLabelSectors; ++number) {
    if (auto label = LabelAt(bytes, number)) {
      return label;
    }
  }
  return std::nullopt;
}

Result<Area> ReadArea(ByteView bytes, Range range) {
  const auto whole = Slice(bytes, range.offset, range.length);
  if (!whole) {
    return Fail(ErrorCode::kTruncated,
                fmt::format("lvm2: the metadata area at {} is not there",
                            range.offset));
  }
  const auto head = Slice(*whole, 0, kAreaHeader);
  const auto header = head ? ReadAt<AreaHeader>(*head, 0) : std::nullopt;
  if (!header || AsText(header->magic) != kAreaMagic || header->version != 1 ||
      Crc32Raw(kSeed, head->subspan(4)) != header->crc ||
      header->start != range.offset || header->size != range.length) {
    return Fail(ErrorCode::kMalformed,
                fmt::format("lvm2: the header of the metadata area at {} is "
                            "damaged",
                            range.offset));
  }
  Area area{.header = {range.offset, kAreaHeader}};
  const std::uint64_t at = header->text_at;
  const std::uint64_t size = header->text_size;
  if (at == 0) {
    return area;
  }
  if (at < kAreaHeader || at >= range.length ||
      size > range.length - kAreaHeader) {
    return Fail(ErrorCode::kMalformed,
                fmt::format("lvm2: text of {} bytes at {} of the metadata area",
                            size, at));
  }
  const std::uint64_t first = std::min(size, range.length - at);
  area.text_at.push_back({range.offset + at, first});
  if (first < size) {
    area.text_at.push_back({range.offset + kAreaHeader, size - first});
  }
  for (const Range& part : area.text_at) {
    area.text += AsText(*Slice(bytes, part.offset, part.length));
  }
  if (Crc32Raw(kSeed, AsBytes(area.text)) != header->text_crc) {
    return Fail(ErrorCode::kMalformed,
                fmt::format("lvm2: the metadata text at {} is damaged",
                            range.offset + at));
  }
  area.text.resize(std::min(area.text.find('\0'), area.text.size()));
  return area;
}

Result<Group> ReadGroup(std::string_view text) {
  const auto root = ParseConfig(text);
  if (!root) {
    return Fail(root.error());
  }
  const auto bad = [](const std::string& what) {
    return Fail(ErrorCode::kMalformed,
                fmt::format("lvm2: {} in the metadata", what));
  };
  const auto section = std::find_if(
      root->children.begin(), root->children.end(), [](const ConfigNode& node) {
        return node.Find("extent_size") != nullptr;
      });
  if (section == root->children.end()) {
    return bad("no volume group");
  }
  const auto extent = section->Number("extent_size");
  if (!extent || *extent == 0 || *extent > kMost / kSector) {
    return bad("no size of extents");
  }
  Group group{.name = section->name,
              .sequence = section->Number("seqno").value_or(0),
              .extent_size = *extent * kSector};
  if (const ConfigNode* volumes = section->Find("physical_volumes")) {
    for (const ConfigNode& node : volumes->children) {
      const auto volume = PhysicalOf(node);
      if (!volume) {
        return bad("a bad physical volume");
      }
      group.volumes.emplace(node.name, *volume);
    }
  }
  if (const ConfigNode* volumes = section->Find("logical_volumes")) {
    for (const ConfigNode& node : volumes->children) {
      auto volume = LogicalOf(node);
      if (!volume) {
        return bad("a bad logical volume");
      }
      group.logical.push_back(std::move(*volume));
    }
  }
  return group;
}

}  // namespace assay::formats::lvm2
