// Android sparse image: the blocks of a partition as raw data, fill patterns
// and blocks that do not matter.
// Layout: AOSP system/core/libsparse/sparse_format.h.
//
// Claims: headers, fill patterns' chunk headers and CRC chunks are metadata,
// raw data and patterns are member bytes.

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "verifier/base/crc32.h"
#include "verifier/formats/coverage.h"
#include "verifier/formats/disks/guest_disk.h"
#include "verifier/formats/format.h"

namespace assay::formats {
namespace {

using disks::GuestDisk;

struct Header {
  Le32 magic;
  Le16 major, minor, header_size, chunk_header_size;
  Le32 block_size, blocks, chunks, checksum;
};
static_assert(sizeof(Header) == 28 && FileStruct<Header>);

struct Chunk {
  Le16 type, reserved;
  Le32 blocks;  // in the output
  Le32 size;    // in the file, with this header
};
static_assert(sizeof(Chunk) == 12 && FileStruct<Chunk>);

constexpr std::uint16_t kRaw = 0xCAC1;
constexpr std::uint16_t kFill = 0xCAC2;
constexpr std::uint16_t kDontCare = 0xCAC3;
constexpr std::uint16_t kCrc = 0xCAC4;

std::optional<Header> ReadHeader(ByteView bytes) {
  const auto header = ReadAt<Header>(bytes, 0);
  if (!header || header->magic != 0xED26FF3A || header->major != 1 ||
      header->header_size < sizeof(Header) ||
      header->chunk_header_size < sizeof(Chunk) || header->block_size == 0 ||
      header->block_size % 4 != 0) {
    return std::nullopt;
  }
  return header;
}

// One chunk and its payload; nothing when it does not fit or its size is not
// what its type needs.
struct Placed {
  Chunk chunk = {};
  Range payload = {};

  [[nodiscard]] std::uint64_t Blocks() const {
    return chunk.type == kCrc ? std::uint64_t{0} : chunk.blocks;
  }
};

std::optional<Placed> ReadChunk(ByteView bytes, const Header& header,
                                std::uint64_t at) {
  const auto chunk = ReadAt<Chunk>(bytes, at);
  if (!chunk || chunk->size < header.chunk_header_size ||
      !Slice(bytes, at, chunk->size)) {
    return std::nullopt;
  }
  const std::uint64_t payload = chunk->size - header.chunk_header_size;
  const std::uint64_t raw = std::uint64_t{chunk->blocks} * header.block_size;
  const bool fits = chunk->type == kRaw        ? payload == raw
                    : chunk->type == kFill     ? payload == sizeof(Le32)
                    : chunk->type == kDontCare ? payload == 0
                    : chunk->type == kCrc      ? payload == sizeof(Le32)
                                               : false;
  if (!fits) {
    return std::nullopt;
  }
  return Placed{*chunk, {at + header.chunk_header_size, payload}};
}

bool Matches(ByteView head) {
  const auto header = ReadHeader(head);
  if (!header) {
    return false;
  }
  const auto first = ReadAt<Le16>(head, header->header_size);
  return header->chunks == 0 || !first || (*first >= kRaw && *first <= kCrc);
}

Result<std::uint64_t> Measure(ByteView bytes) {
  const auto header = ReadHeader(bytes);
  if (!header) {
    return Fail(ErrorCode::kNotThisFormat, "no Android sparse header");
  }
  std::uint64_t at = header->header_size;
  if (at > bytes.size()) {
    return Fail(ErrorCode::kTruncated,
                "android_sparse: the bytes end in the header");
  }
  std::uint64_t blocks = 0;
  for (std::uint32_t i = 0; i < header->chunks; ++i) {
    const auto placed = ReadChunk(bytes, *header, at);
    if (!placed) {
      return Fail(ErrorCode::kTruncated,
                  fmt::format("android_sparse: chunk {} at {} is damaged or "
                              "cut short",
                              i, at));
    }
    at = placed->payload.end();
    blocks += placed->Blocks();
  }
  if (blocks != header->blocks) {
    return Fail(ErrorCode::kMalformed,
                fmt::format("android_sparse: {} blocks are stated, the chunks "
                            "have {}",
                            std::uint32_t{header->blocks}, blocks));
  }
  return at;
}

// A checksum of the output's first `length` bytes.
struct Check {
  std::uint64_t length = 0;
  std::uint32_t expected = 0;
  Range place = {};
};

class Walk {
 public:
  Walk(ByteSource source, const Header& header, ArtifactSink& sink)
      : source_(std::move(source)),
        header_(header),
        sink_(sink),
        disk_(source_, "android_sparse",
              std::uint64_t{header.blocks} * header.block_size) {}

  Result<void> Run() {
    Claim({0, std::min<std::uint64_t>(header_.header_size, source_.size())});
    const bool whole = ReadChunks();
    VerifyChecks();
    auto added = disk_.Emit({.name = "image"}, {}, coverage_, sink_);
    if (!added) {
      return added;
    }
    coverage_.ClaimGaps(source_.bytes(), sink_);
    if (!whole) {
      return Fail(ErrorCode::kTruncated,
                  "android_sparse: a chunk is damaged or cut short");
    }
    return {};
  }

 private:
  void Claim(Range range) {
    coverage_.ClaimFree(range, RegionUse::kMetadata, sink_);
  }

  // False when a chunk cannot be read: the rest is not known then.
  bool ReadChunks() {
    std::uint64_t at = header_.header_size;
    if (at > source_.size()) {
      return false;
    }
    std::uint64_t blocks = 0;
    for (std::uint32_t i = 0; i < header_.chunks; ++i) {
      const auto placed = ReadChunk(source_.bytes(), header_, at);
      if (!placed) {
        return false;
      }
      Claim({at, header_.chunk_header_size});
      AddChunk(*placed);
      at = placed->payload.end();
      blocks += placed->Blocks();
    }
    if (blocks != header_.blocks) {
      sink_.Report(
          {.id = "android_sparse.size-mismatch",
           .range = {0, sizeof(Header)},
           .detail = fmt::format("{} blocks are stated, the chunks "
                                 "have {}",
                                 std::uint32_t{header_.blocks}, blocks)});
    }
    if (header_.checksum != 0) {
      checks_.push_back({disk_.size(), header_.checksum, {0, sizeof(Header)}});
    }
    return true;
  }

  void AddChunk(const Placed& placed) {
    const std::uint64_t length =
        std::uint64_t{placed.chunk.blocks} * header_.block_size;
    if (placed.chunk.type == kRaw) {
      disk_.AddStored(placed.payload);
    } else if (placed.chunk.type == kFill) {
      disk_.AddFill(placed.payload, length);
      coverage_.ClaimFree(placed.payload, RegionUse::kMember, sink_);
    } else if (placed.chunk.type == kDontCare) {
      disk_.AddHole(length);
    } else {
      Claim(placed.payload);
      checks_.push_back({disk_.length(),
                         *ReadAt<Le32>(source_.bytes(), placed.payload.offset),
                         placed.payload});
    }
  }

  // All checksums in one pass over the output, which must be within limits.
  void VerifyChecks() {
    if (checks_.empty() || disk_.size() > sink_.limits().member) {
      return;
    }
    std::size_t next = 0;
    std::uint64_t done = 0;
    std::uint32_t crc = 0;
    const auto compare = [&] {
      for (; next < checks_.size() && checks_[next].length == done; ++next) {
        if (checks_[next].expected != crc) {
          Mismatch(checks_[next], crc);
        }
      }
    };
    compare();
    (void)disk_.ForEach({}, [&](ByteView bytes) {
      while (!bytes.empty() && next < checks_.size()) {
        const std::uint64_t step =
            std::min<std::uint64_t>(bytes.size(), checks_[next].length - done);
        crc = Crc32(bytes.first(static_cast<std::size_t>(step)), crc);
        bytes = bytes.subspan(static_cast<std::size_t>(step));
        done += step;
        compare();
      }
      return next < checks_.size();
    });
  }

  void Mismatch(const Check& check, std::uint32_t crc) {
    sink_.Report({.id = "android_sparse.crc-mismatch",
                  .range = check.place,
                  .detail = fmt::format("of the first {} bytes: {:08x} stated, "
                                        "they give {:08x}",
                                        check.length, check.expected, crc)});
  }

  ByteSource source_;
  const Header& header_;
  ArtifactSink& sink_;
  GuestDisk disk_;
  Coverage coverage_;
  std::vector<Check> checks_;  // by length
};

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const ByteSource& source = input.source();
  const auto header = ReadHeader(source.bytes());
  if (!header) {
    return Fail(ErrorCode::kMalformed, "no Android sparse header");
  }
  const std::uint64_t size = Measure(source.bytes()).value_or(source.size());
  return Walk(*source.Slice({0, size}), *header, sink).Run();
}

constexpr Magic kMagics[] = {{"\x3A\xFF\x26\xED", 0}};  // NOLINT: a table

}  // namespace

extern const Format kAndroidSparse;
const Format kAndroidSparse = {
    .name = "android_sparse",
    .title = "Android sparse image",
    .reference = "AOSP system/core/libsparse/sparse_format.h",
    .magics = kMagics,
    .carvable = true,
    .depth = "members",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
