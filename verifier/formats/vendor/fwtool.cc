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

namespace assay::formats {
namespace {

struct Trailer {
  Be32 magic, crc;
  std::uint8_t type = 0;
  std::array<std::uint8_t, 3> padding = {};
  Be32 size;  // of the block, with this trailer
};
static_assert(sizeof(Trailer) == 16 && FileStruct<Trailer>);

struct MetadataHeader {
  Be32 version, flags;
};
static_assert(sizeof(MetadataHeader) == 8 && FileStruct<MetadataHeader>);

constexpr std::uint32_t kTrailerMagic = 0x46577830;  // "FWx0"
constexpr std::uint8_t kMetadata = 1;                // 0: a signature
constexpr std::size_t kMaxBlocks = 64;

struct Block {
  Trailer trailer = {};
  Range content = {};    // without header and trailer
  Range header = {};     // of metadata
  std::uint64_t at = 0;  // of the trailer
};

// The block whose trailer ends at `end`.
std::optional<Block> BlockBefore(ByteView bytes, std::uint64_t end) {
  if (end < sizeof(Trailer)) {
    return std::nullopt;
  }
  const std::uint64_t at = end - sizeof(Trailer);
  const auto trailer = ReadAt<Trailer>(bytes, at);
  if (!trailer || trailer->magic != kTrailerMagic ||
      trailer->type > kMetadata || !AllAre(trailer->padding, 0) ||
      trailer->size > end) {
    return std::nullopt;
  }
  const std::uint64_t header =
      trailer->type == kMetadata ? sizeof(MetadataHeader) : 0;
  if (trailer->size < sizeof(Trailer) + header) {
    return std::nullopt;
  }
  const std::uint64_t start = end - trailer->size;
  return Block{.trailer = *trailer,
               .content = {start + header, at - start - header},
               .header = {start, header},
               .at = at};
}

// All blocks, in the order of the file.
std::vector<Block> BlocksOf(ByteView bytes) {
  std::vector<Block> blocks;
  std::uint64_t end = bytes.size();
  while (blocks.size() < kMaxBlocks) {
    const auto block = BlockBefore(bytes, end);
    if (!block) {
      break;
    }
    blocks.push_back(*block);
    end = block->header.offset;
  }
  std::reverse(blocks.begin(), blocks.end());
  return blocks;
}

bool MatchesEnd(ByteView bytes) {
  return BlockBefore(bytes, bytes.size()).has_value();
}

std::string NameOf(const Block& block, std::array<std::size_t, 2>& seen) {
  const bool metadata = block.trailer.type == kMetadata;
  const std::size_t number = ++seen.at(block.trailer.type);
  const char* name = metadata ? "metadata.json" : "signature";
  return number == 1 ? name : fmt::format("{}.{}", name, number);
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const ByteView bytes = input.source().bytes();
  const std::vector<Block> blocks = BlocksOf(bytes);
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
  for (const Block& block : blocks) {
    crc = Crc32Raw(crc, *Slice(bytes, covered, block.at - covered));
    covered = block.at;
    if (crc != block.trailer.crc) {
      layout.Report("crc-mismatch", {block.at, sizeof(Trailer)},
                    fmt::format("trailer says {:08x}, the bytes give {:08x}",
                                std::uint32_t{block.trailer.crc}, crc));
    }
    layout.Metadata(block.header);
    layout.Metadata({block.at, sizeof(Trailer)});
    const auto header = ReadAt<MetadataHeader>(bytes, block.header.offset);
    if (block.trailer.type == kMetadata && header && header->version != 0) {
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
