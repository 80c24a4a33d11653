// Microsoft virtual hard disk, version 2.
// Layout: MS-VHDX (2023), sections 2.2 to 2.6.
//
// A log that was not replayed is said: the disk is then read as its tables
// are, which may be older than what a virtual machine would see. Blocks that a
// parent holds are zeros; an opaque member stands for the parent.
//
// Claims: identifier, headers, region tables, block table, metadata items and
// an active log are metadata, payload blocks are member bytes; all else is
// padding or slack.

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "verifier/formats/coverage.h"
#include "verifier/formats/disks/guest_disk.h"
#include "verifier/formats/disks/vhdx_image.h"
#include "verifier/formats/format.h"

namespace assay::formats {
namespace {

using disks::GuestDisk;
using vhdx::Image;

// Section 2.5.1.1: states of a payload block.
constexpr std::uint64_t kFullyPresent = 6;
constexpr std::uint64_t kPartlyPresent = 7;
constexpr std::uint64_t kStateBits = 7;
constexpr std::uint64_t kOffsetBits = ~((1ULL << 20U) - 1);

std::uint64_t EntryCount(const Image& image) {
  const std::uint64_t blocks =
      (image.size + image.block_size - 1) / image.block_size;
  return blocks == 0 ? 0 : blocks + (blocks - 1) / image.ChunkRatio();
}

// Entry `index` of the table; nothing past its end.
std::optional<std::uint64_t> EntryOf(const Image& image, ByteView bytes,
                                     std::uint64_t index) {
  if (index >= image.bat.length / sizeof(Le64)) {
    return std::nullopt;
  }
  return ReadAt<Le64>(bytes, image.bat.offset + index * sizeof(Le64));
}

std::uint64_t EndOf(const Image& image, ByteView bytes) {
  std::uint64_t end = std::max(image.bat.end(), image.metadata.end());
  end = std::max(end, vhdx::kRegions.back() + vhdx::kTableSize);
  const std::uint64_t log = image.header.log_offset;
  if (Slice(bytes, log, image.header.log_length)) {
    end = std::max(end, log + image.header.log_length);
  }
  const std::uint64_t count =
      std::min(EntryCount(image), image.bat.length / sizeof(Le64));
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto entry = EntryOf(image, bytes, i);
    const std::uint64_t offset = entry ? *entry & kOffsetBits : 0;
    if (entry && (*entry & kStateBits) >= kFullyPresent &&
        offset < bytes.size()) {
      end = std::max(end, offset + image.block_size);
    }
  }
  return std::min<std::uint64_t>(end, bytes.size());
}

class Walk {
 public:
  Walk(ByteSource source, const Image& image, ArtifactSink& sink)
      : source_(std::move(source)), image_(image), sink_(sink) {}

  Result<void> Run() {
    ClaimMetadata();
    ReportState();
    if (image_.has_parent) {
      if (auto ok = sink_.AddOpaque(
              {.name = "parent"},
              "external parent disk, zeros stand for its blocks");
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
    if (image_.HasLog()) {
      return Fail(ErrorCode::kUnsupported, "vhdx: the log was not replayed");
    }
    return {};
  }

 private:
  void Claim(Range range) {
    if (Slice(source_.bytes(), range.offset, range.length)) {
      coverage_.ClaimFree(range, RegionUse::kMetadata, sink_);
    }
  }

  void Report(std::string id, Range range, std::string detail) {
    sink_.Report(
        {.id = std::move(id), .range = range, .detail = std::move(detail)});
  }

  void ClaimMetadata() {
    Claim({0, vhdx::kIdentifier});
    for (const std::uint64_t at : vhdx::kHeaders) {
      Claim({at, vhdx::kHeaderSize});
    }
    for (const std::uint64_t at : vhdx::kRegions) {
      Claim({at, vhdx::kTableSize});
    }
    Claim({image_.metadata.offset,
           std::min(image_.metadata.length, vhdx::kTableSize)});
    for (const Range& item : image_.items) {
      Claim(item);
    }
    if (image_.HasLog()) {
      Claim({image_.header.log_offset, image_.header.log_length});
    }
    Claim({image_.bat.offset,
           std::min(EntryCount(image_), image_.bat.length / sizeof(Le64)) *
               sizeof(Le64)});
  }

  void ReportState() {
    if (image_.one_header) {
      Report("vhdx.header-crc-mismatch",
             {vhdx::kHeaders[0], 2 * vhdx::kTableSize},
             "only one of the two headers is intact");
    }
    if (image_.one_table) {
      Report("vhdx.region-crc-mismatch",
             {vhdx::kRegions[0], 2 * vhdx::kTableSize},
             "only one of the two region tables is intact");
    }
    if (image_.tables_differ) {
      Report("vhdx.ambiguous-regions",
             {vhdx::kRegions[0], 2 * vhdx::kTableSize},
             "the two region tables differ");
    }
    if (image_.HasLog()) {
      Report("vhdx.unreplayed-log",
             {image_.header.log_offset, image_.header.log_length},
             "the disk was not closed; its log holds newer metadata");
    }
  }

  GuestDisk Map() {
    GuestDisk disk(source_, "vhdx", image_.size);
    const std::uint64_t ratio = image_.ChunkRatio();
    std::set<std::uint64_t> seen;
    for (std::uint64_t i = 0; disk.length() < disk.size(); ++i) {
      const auto entry = EntryOf(image_, source_.bytes(), i + i / ratio);
      if (!entry) {
        disk.AddUnknown(disk.size() - disk.length(),
                        "vhdx: the block table is too short");
        break;
      }
      const std::uint64_t state = *entry & kStateBits;
      const std::uint64_t offset = *entry & kOffsetBits;
      if (state < kFullyPresent) {
        disk.AddHole(image_.block_size);
      } else if (state == kPartlyPresent) {
        disk.AddUnknown(image_.block_size,
                        fmt::format("vhdx: the block at {} is only partly "
                                    "there, its parent has the rest",
                                    offset));
      } else if (!seen.insert(offset).second) {
        disk.AddUnknown(
            image_.block_size,
            fmt::format("vhdx: the block at {} is named twice", offset));
      } else {
        disk.AddStored({offset, image_.block_size});
      }
    }
    return disk;
  }

  ByteSource source_;
  const Image& image_;
  ArtifactSink& sink_;
  Coverage coverage_;
};

bool Matches(ByteView head) {
  // Either header may be the damaged one; the second is out of sight here.
  const auto identifier = Slice(head, 0, 8);
  return identifier && AsText(*identifier) == "vhdxfile";
}

Result<std::uint64_t> Measure(ByteView bytes) {
  const auto image = vhdx::ReadImage(bytes);
  if (!image) {
    return Fail(image.error());
  }
  return EndOf(*image, bytes);
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const ByteSource& source = input.source();
  const auto image = vhdx::ReadImage(source.bytes());
  if (!image) {
    return Fail(image.error().code == ErrorCode::kNotThisFormat
                    ? ErrorCode::kMalformed
                    : image.error().code,
                image.error().what);
  }
  return Walk(*source.Slice({0, EndOf(*image, source.bytes())}), *image, sink)
      .Run();
}

constexpr Magic kMagics[] = {{"vhdxfile", 0}};  // NOLINT: a table

}  // namespace

extern const Format kVhdx;
const Format kVhdx = {
    .name = "vhdx",
    .title = "Virtual hard disk, version 2",
    .reference = "MS-VHDX, section 2",
    .magics = kMagics,
    .carvable = true,
    .depth = "members",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
