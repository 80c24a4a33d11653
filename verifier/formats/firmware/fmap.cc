// Flash maps ("FMAP"): a table, anywhere in an image of flash, that names the
// areas of the whole image. Layout: flashmap project, lib/fmap.h, struct fmap;
// coreboot and ChromeOS firmware carry one.
//
// Areas lie in one another. An area without others inside is a member, named by
// the areas around it ("WP_RO/COREBOOT"); one with others inside is a
// directory, and what they leave of it is a gap.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "verifier/formats/coverage.h"
#include "verifier/formats/firmware/filler.h"
#include "verifier/formats/format.h"

namespace assay::formats {
namespace {

constexpr std::string_view kSignature = "__FMAP__";
constexpr std::uint64_t kAlignment = 64;  // where readers look for the table
constexpr std::uint64_t kLargestImage = 1ULL << 30U;
constexpr std::size_t kMostAreas = 1024;

struct Header {
  std::array<std::uint8_t, 8> signature = {};
  std::uint8_t major = 0, minor = 0;
  Le64 base;
  Le32 size;
  std::array<std::uint8_t, 32> name = {};
  Le16 areas;
};
static_assert(sizeof(Header) == 56 && FileStruct<Header>);

struct AreaEntry {
  Le32 offset, size;
  std::array<std::uint8_t, 32> name = {};
  Le16 flags;
};
static_assert(sizeof(AreaEntry) == 42 && FileStruct<AreaEntry>);

struct Area {
  std::string name = {};
  Range range = {};
  std::uint16_t flags = 0;
  bool has_areas = false;
};

struct Map {
  Header header = {};
  Range table = {};
};

std::string NameOf(ByteView field) {
  const std::string_view text = AsText(field);
  return std::string(text.substr(0, text.find('\0')));
}

// The table at `at`, if it speaks for exactly these bytes.
std::optional<Map> MapAt(ByteView image, std::uint64_t at) {
  const auto header = ReadAt<Header>(image, at);
  if (!header || AsText(header->signature) != kSignature ||
      header->major != 1 || header->size != image.size() ||
      header->areas == 0 || header->areas > kMostAreas) {
    return std::nullopt;
  }
  const Range table{at, sizeof(Header) + header->areas * sizeof(AreaEntry)};
  return Slice(image, table.offset, table.length)
             ? std::optional(Map{*header, table})
             : std::nullopt;
}

std::optional<Map> FindMap(ByteView image) {
  if (image.size() % kAlignment != 0 || image.size() > kLargestImage) {
    return std::nullopt;
  }
  for (std::uint64_t at = 0; at < image.size(); at += kAlignment) {
    if (image[static_cast<std::size_t>(at)] == '_') {
      if (const auto map = MapAt(image, at)) {
        return map;
      }
    }
  }
  return std::nullopt;
}

class Flash {
 public:
  Flash(const ByteSource& source, const Map& map, ArtifactSink& sink)
      : source_(source), bytes_(source.bytes()), map_(map), sink_(sink) {}

  Result<void> Unpack() {
    ReadAreas();
    for (const Area& area : areas_) {
      if (auto ok = Add(area); !ok) {
        return ok;
      }
    }
    coverage_.ClaimFree(map_.table, RegionUse::kMetadata, sink_);
    ClaimGaps();
    return {};
  }

 private:
  void Report(std::string id, Range range, std::string detail) {
    sink_.Report({std::move(id), range, std::move(detail)});
  }

  // Outer areas come first; of two with the same range the one listed first.
  void ReadAreas() {
    for (std::uint64_t i = 0; i < map_.header.areas; ++i) {
      const auto entry = ReadAt<AreaEntry>(
          bytes_, map_.table.offset + sizeof(Header) + i * sizeof(AreaEntry));
      const Range range{entry->offset, entry->size};
      const std::string name = NameOf(entry->name);
      if (!Slice(bytes_, range.offset, range.length)) {
        Report("fmap.size-mismatch", map_.table,
               fmt::format("area {} of {} bytes at {} ends past the image",
                           name, range.length, range.offset));
        continue;
      }
      // An area of everything holds the map as well: no member, or it would
      // be read like this image again and again.
      areas_.push_back(
          {name, range, entry->flags, range.length == bytes_.size()});
    }
    std::stable_sort(areas_.begin(), areas_.end(),
                     [](const Area& a, const Area& b) {
                       return a.range.offset != b.range.offset
                                  ? a.range.offset < b.range.offset
                                  : a.range.length > b.range.length;
                     });
    NestAreas();
  }

  // Gives each area the names of those around it.
  void NestAreas() {
    std::vector<std::size_t> around;
    for (std::size_t i = 0; i < areas_.size(); ++i) {
      Area& area = areas_[i];
      while (!around.empty() &&
             areas_[around.back()].range.end() <= area.range.offset) {
        around.pop_back();
      }
      if (area.range.length == 0) {
        continue;
      }
      if (!around.empty()) {
        Area& outer = areas_[around.back()];
        if (area.range.end() > outer.range.end()) {
          Report(
              "fmap.overlapping-areas", area.range,
              fmt::format("area {} lies partly in {}", area.name, outer.name));
        }
        outer.has_areas = true;
        area.name = outer.name + "/" + area.name;
      }
      around.push_back(i);
    }
  }

  Result<void> Add(const Area& area) {
    Member member{.name = area.name};
    member.meta.xattrs.emplace_back("fmap.flags",
                                    fmt::format("{:#06x}", area.flags));
    if (area.has_areas) {
      member.meta.type = FileType::kDirectory;
      return sink_.AddEmpty(std::move(member));
    }
    const auto content = source_.Slice(area.range);
    if (!content) {
      return Fail(content.error());
    }
    if (!coverage_.Touches(area.range)) {
      member.origin = area.range;
      member.stored = true;
    } else {
      coverage_.ClaimFree(area.range, RegionUse::kMember, sink_);
    }
    coverage_.Add(area.range);
    return sink_.Add(std::move(member), *content);
  }

  // What no area without others inside covers.
  void ClaimGaps() {
    std::vector<Range> taken;
    for (const Area& area : areas_) {
      if (!area.has_areas) {
        taken.push_back(area.range);
      }
    }
    taken.push_back(map_.table);
    std::sort(taken.begin(), taken.end());
    std::uint64_t at = 0;
    for (const Range& range : taken) {
      if (range.offset > at) {
        ClaimFiller(bytes_, {at, range.offset - at}, sink_);
      }
      at = std::max(at, range.end());
    }
    ClaimFiller(bytes_, {at, bytes_.size() - at}, sink_);
  }

  const ByteSource& source_;
  const ByteView bytes_;
  const Map& map_;
  ArtifactSink& sink_;
  std::vector<Area> areas_;
  Coverage coverage_;
};

bool MatchesEnd(ByteView bytes) {
  return FindMap(bytes).has_value();
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const ByteSource& source = input.source();
  const auto map = FindMap(source.bytes());
  if (!map) {
    return Fail(ErrorCode::kMalformed, "no flash map of all the bytes");
  }
  if (auto ok = Flash(source, *map, sink).Unpack(); !ok) {
    return ok;
  }
  return input.Skip(source.size());
}

}  // namespace

extern const Format kFmap;
const Format kFmap = {
    .name = "fmap",
    .title = "flash image with a map",
    .reference = "flashmap, lib/fmap.h, struct fmap",
    .depth = "members",
    .matches_end = MatchesEnd,
    .unpack = Unpack,
};

}  // namespace assay::formats
