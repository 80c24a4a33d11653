// Flash of Intel chipsets, which begins with a descriptor. Layout: the
// chipsets' SPI programming guides ("Flash Descriptor"), as coreboot's
// util/ifdtool/ifdtool.h has it.
//
// The regions that the descriptor names are members: "bios", "me", "gbe" ...;
// what no region covers is a gap.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "verifier/formats/archives/archive_input.h"
#include "verifier/formats/firmware/filler.h"
#include "verifier/formats/format.h"

namespace assay::formats {
namespace {

constexpr std::uint64_t kPage = 4096;  // of region bounds, and the descriptor
constexpr std::uint64_t kSignatureAt = 16;
constexpr std::uint32_t kSignature = 0x0ff0a55a;
constexpr std::size_t kMostRegions = 16;
constexpr auto kNames = std::to_array<std::string_view>(
    {"descriptor", "bios", "me", "gbe", "platform-data", "device-expansion",
     "bios2", "region7", "ec", "device-expansion2", "innovation-engine",
     "10gbe0", "10gbe1", "region13", "region14", "ptt"});

struct DescriptorMap {
  Le32 signature, flmap0, flmap1, flmap2;
};
static_assert(sizeof(DescriptorMap) == 16 && FileStruct<DescriptorMap>);

struct Region {
  std::string_view name = {};
  Range range = {};
};

// Regions in order of their place; none without a descriptor.
std::vector<Region> RegionsOf(ByteView head) {
  const auto map = ReadAt<DescriptorMap>(head, kSignatureAt);
  if (!map || map->signature != kSignature || head.size() < kPage) {
    return {};
  }
  const std::uint64_t regions = (map->flmap0 >> 16U & 0xffU) << 4U;
  const std::uint64_t masters = (map->flmap1 & 0xffU) << 4U;
  const std::uint64_t components = (map->flmap0 & 0xffU) << 4U;
  if (regions < kSignatureAt + sizeof(DescriptorMap) || components == 0 ||
      masters == 0) {
    return {};
  }
  // Chipsets before the 100 series have fewer regions; their masters follow.
  const std::uint64_t room =
      masters > regions ? (masters - regions) / sizeof(Le32) : kMostRegions;
  std::vector<Region> found;
  for (std::uint64_t i = 0; i < std::min<std::uint64_t>(room, kMostRegions);
       ++i) {
    const auto bounds = ReadAt<Le32>(head, regions + i * sizeof(Le32));
    if (!bounds) {
      return {};
    }
    const std::uint64_t base = (*bounds & 0x7fffU) * kPage;
    const std::uint64_t limit = ((*bounds >> 16U & 0x7fffU) + 1) * kPage;
    if (base < limit && *bounds != 0 && *bounds != 0xffffffff) {
      found.push_back({kNames.at(i), {base, limit - base}});
    } else if (i == 0 && *bounds == 0) {
      found.push_back({kNames[0], {0, kPage}});
    }
  }
  std::stable_sort(
      found.begin(), found.end(),
      [](const Region& a, const Region& b) { return a.range < b.range; });
  return found;
}

std::uint64_t EndOf(const std::vector<Region>& regions) {
  std::uint64_t end = 0;
  for (const Region& region : regions) {
    end = std::max(end, region.range.end());
  }
  return end;
}

bool Overlap(const std::vector<Region>& regions) {
  std::uint64_t at = 0;
  return std::any_of(regions.begin(), regions.end(), [&](const Region& region) {
    const bool inside = region.range.offset < at;
    at = std::max(at, region.range.end());
    return inside;
  });
}

// The descriptor stands first, and something follows it.
bool Matches(ByteView head) {
  const auto regions = RegionsOf(head);
  return regions.size() >= 2 && regions[0].range.offset == 0 &&
         regions[0].name == kNames[0] && !Overlap(regions) &&
         head.size() > kPage;
}

Result<std::uint64_t> Measure(ByteView bytes) {
  if (!Matches(bytes)) {
    return Fail(ErrorCode::kNotThisFormat, "no flash descriptor");
  }
  const std::uint64_t end = EndOf(RegionsOf(bytes));
  if (end > bytes.size()) {
    return Fail(ErrorCode::kTruncated,
                fmt::format("intel_ifd: regions end at {}, the input at {}",
                            end, bytes.size()));
  }
  return end;
}

Result<void> AddRegion(const ByteSource& source, const Region& region,
                       ArtifactSink& sink) {
  const ByteView bytes =
      *Slice(source.bytes(), region.range.offset, region.range.length);
  if (region.name == kNames[0]) {
    // Settings fill the descriptor; nobody reads past them.
    sink.Claim(region.range, RegionUse::kMetadata);
    return {};
  }
  if (IsBlank(bytes)) {
    sink.Claim(region.range, RegionUse::kPadding);
    return {};
  }
  const auto content = source.Slice(region.range);
  if (!content) {
    return Fail(content.error());
  }
  return sink.Add({.name = std::string(region.name),
                   .origin = region.range,
                   .stored = true},
                  *content);
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const ByteSource& source = input.source();
  if (!Matches(source.bytes())) {
    return Fail(ErrorCode::kMalformed, "no flash descriptor");
  }
  const auto regions = RegionsOf(source.bytes());
  std::uint64_t at = 0;
  for (const Region& region : regions) {
    if (region.range.end() > source.size()) {
      return Fail(ErrorCode::kTruncated,
                  fmt::format("region {} ends at {}, the input at {}",
                              region.name, region.range.end(), source.size()));
    }
    ClaimFiller(source.bytes(), {at, region.range.offset - at}, sink);
    if (auto ok = AddRegion(source, region, sink); !ok) {
      return ok;
    }
    at = region.range.end();
  }
  return input.Skip(at);
}

constexpr Magic kMagics[] = {{"\x5a\xa5\xf0\x0f", kSignatureAt}};  // NOLINT

}  // namespace

extern const Format kIntelIfd;
const Format kIntelIfd = {
    .name = "intel_ifd",
    .title = "Intel flash image",
    .reference = "Intel SPI Programming Guide, Flash Descriptor",
    .magics = kMagics,
    .carvable = true,
    .depth = "members",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
