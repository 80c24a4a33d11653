// VMware virtual disk: a sparse extent (monolithicSparse, streamOptimized) or
// a descriptor that names extents in other files.
// Layout: VMware, Virtual Disk Format 5.0 (2011).
//
// Claims: headers, descriptor, grain directory, tables and markers are
// metadata, grains are member bytes; what nothing refers to is padding or
// slack. A descriptor alone is metadata: its extents are files of their own.

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "verifier/base/text.h"
#include "verifier/formats/codecs/block_codec.h"
#include "verifier/formats/coverage.h"
#include "verifier/formats/disks/partition_map.h"
#include "verifier/formats/disks/vmdk_image.h"
#include "verifier/formats/format.h"

namespace assay::formats {
namespace {

using vmdk::kSector;

constexpr std::string_view kDescriptor = "# Disk DescriptorFile";
constexpr std::size_t kLargestDescriptor = 64U << 10U;

// The text of a descriptor, as far as it is text.
std::string_view DescriptorAt(ByteView bytes) {
  const std::string_view text =
      AsText(bytes.first(std::min(bytes.size(), kLargestDescriptor)));
  const auto end = std::find_if(text.begin(), text.end(), [](char letter) {
    return letter != '\n' && letter != '\r' && letter != '\t' &&
           (letter < ' ' || letter == '\x7f');
  });
  return text.substr(0, static_cast<std::size_t>(end - text.begin()));
}

// The value of `key="value"` or `key=value`; empty when there is none.
std::string ValueOf(std::string_view descriptor, std::string_view key) {
  for (const std::string_view line : SplitLines(descriptor)) {
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos ||
        Trim(line.substr(0, equals)) != key) {
      continue;
    }
    std::string_view value = Trim(line.substr(equals + 1));
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
      value = value.substr(1, value.size() - 2);
    }
    return std::string(value);
  }
  return {};
}

bool IsDescriptor(ByteView bytes) {
  const std::string_view text = DescriptorAt(bytes);
  return text.rfind(kDescriptor, 0) == 0 &&
         !ValueOf(text, "createType").empty();
}

Result<void> AddParent(std::string_view descriptor, ArtifactSink& sink) {
  const std::string parent = ValueOf(descriptor, "parentFileNameHint");
  if (parent.empty()) {
    return {};
  }
  return sink.AddOpaque(
      {.name = "parent"},
      fmt::format("external parent disk \"{}\", zeros stand for it", parent));
}

Result<void> UnpackSparse(const ByteSource& whole, ArtifactSink& sink) {
  auto measured = vmdk::ReadLayout(whole);
  if (!measured) {
    return Fail(measured.error().code == ErrorCode::kNotThisFormat
                    ? ErrorCode::kMalformed
                    : measured.error().code,
                measured.error().what);
  }
  vmdk::Layout& layout = *measured;
  const ByteSource source = *whole.Slice({0, layout.end});
  Coverage coverage;
  for (const Range& range : layout.metadata) {
    coverage.ClaimFree(range, RegionUse::kMetadata, sink);
  }
  if (layout.tables_differ) {
    sink.Report({.id = "vmdk.ambiguous-tables",
                 .range = {0, kSector},
                 .detail = "the redundant grain tables differ"});
  }
  if (layout.header.unclean != 0) {
    sink.Report({.id = "vmdk.marked-dirty",
                 .range = {0, kSector},
                 .detail = "the disk was not closed"});
  }
  const Range place = disks::SectorRange(
      layout.header.descriptor_offset, layout.header.descriptor_size, kSector);
  const auto text = Slice(source.bytes(), place.offset, place.length);
  const std::string_view descriptor =
      text ? DescriptorAt(*text) : std::string_view();
  if (auto ok = AddParent(descriptor, sink); !ok) {
    return ok;
  }
  Member member{.name = "disk"};
  const std::string type = ValueOf(descriptor, "createType");
  if (!type.empty()) {
    member.meta.xattrs.emplace_back("vmdk.create-type", type);
  }
  const codecs::BlockCodec codec(codecs::Compression::kZlib);
  auto added = layout.disk.Emit(
      std::move(member),
      [&](unsigned /*method*/, ByteView packed, std::span<std::uint8_t> out) {
        return codec.Decode(packed, out) == out.size();
      },
      coverage, sink);
  if (!added) {
    return added;
  }
  coverage.ClaimGaps(source.bytes(), sink);
  if (layout.disk.damage()) {
    return Fail(*layout.disk.damage());
  }
  return {};
}

bool Matches(ByteView head) {
  return vmdk::ReadHeader(head, 0) || IsDescriptor(head);
}

Result<std::uint64_t> Measure(ByteView bytes) {
  if (IsDescriptor(bytes)) {
    return DescriptorAt(bytes).size();
  }
  const auto layout = vmdk::ReadLayout(ByteSource::Borrow(bytes));
  if (!layout) {
    return Fail(layout.error());
  }
  return layout->end;
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const ByteSource& source = input.source();
  if (!IsDescriptor(source.bytes())) {
    return UnpackSparse(source, sink);
  }
  const std::string_view text = DescriptorAt(source.bytes());
  sink.Claim({0, text.size()}, RegionUse::kMetadata);
  return AddParent(text, sink);
}

constexpr Magic kMagics[] = {{"KDMV", 0},  // NOLINT: a table
                             {kDescriptor, 0}};

}  // namespace

extern const Format kVmdk;
const Format kVmdk = {
    .name = "vmdk",
    .title = "VMware virtual disk",
    .reference = "VMware Virtual Disk Format 5.0",
    .magics = kMagics,
    .carvable = true,
    .depth = "members",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
