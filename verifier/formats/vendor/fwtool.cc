// OpenWrt sysupgrade images: whatever the image is, then blocks of metadata
// and signatures, each followed by a trailer that is found from the end.
// Layout: OpenWrt package/system/fwtool/src, fwimage.h (struct fwimage_header,
// struct fwimage_trailer) and fwtool.c.
//
// A trailer's CRC covers all that lies before the trailer, so that it changes
// with the image; it is no signature. What a signature block covers is all
// bytes in front of it.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "verifier/base/crc32.h"
#include "verifier/formats/archives/archive_input.h"
#include "verifier/formats/format.h"
#include "verifier/formats/part_layout.h"
#include "verifier/formats/vendor/fwtool_blocks.h"

namespace assay::formats {
namespace {

bool MatchesEnd(ByteView bytes) {
  return EndsWithFwtoolBlock(bytes);
}

std::string NameOf(const FwtoolBlock& block, std::array<std::size_t, 2>& seen) {
  const bool metadata = block.trailer.type == kFwtoolMetadata;
  const std::size_t number = ++seen.at(block.trailer.type);
  const char* name = metadata ? "metadata.json" : "signature";
  return number == 1 ? name : fmt::format("{}.{}", name, number);
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const ByteView bytes = input.source().bytes();
  const std::vector<FwtoolBlock> blocks = FwtoolBlocksOf(bytes);
  if (blocks.empty()) {
    return Fail(ErrorCode::kMalformed, "fwtool: no trailer at the end");
  }
  PartLayout layout(input, "fwtool", sink);
  if (auto ok = layout.Add("payload", {0, blocks.front().header.offset}); !ok) {
    return ok;
  }
  std::uint32_t crc = ~0U;
  std::uint64_t covered = 0;
  std::array<std::size_t, 2> seen = {};
  for (const FwtoolBlock& block : blocks) {
    crc = Crc32Raw(crc, *Slice(bytes, covered, block.at - covered));
    covered = block.at;
    if (crc != block.trailer.crc) {
      layout.Report("crc-mismatch", {block.at, sizeof(FwtoolTrailer)},
                    fmt::format("trailer says {:08x}, the bytes give {:08x}",
                                std::uint32_t{block.trailer.crc}, crc));
    }
    layout.Metadata(block.header);
    layout.Metadata({block.at, sizeof(FwtoolTrailer)});
    const auto header =
        ReadAt<FwtoolMetadataHeader>(bytes, block.header.offset);
    if (block.trailer.type == kFwtoolMetadata && header &&
        header->version != 0) {
      layout.Report("unknown-version", block.header,
                    fmt::format("metadata of version {}, which fwtool skips",
                                std::uint32_t{header->version}));
    }
    if (auto ok = layout.Add(NameOf(block, seen), block.content); !ok) {
      return ok;
    }
  }
  return layout.Finish(bytes.size());
}

}  // namespace

extern const Format kFwtool;
const Format kFwtool = {
    .name = "fwtool",
    .title = "OpenWrt sysupgrade image with metadata or signature",
    .reference = "OpenWrt package/system/fwtool/src/fwimage.h",
    .depth = "members",
    .matches_end = MatchesEnd,
    .unpack = Unpack,
};

}  // namespace assay::formats
