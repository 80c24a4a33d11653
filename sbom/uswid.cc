// The uSWID wrapper, by which firmware carries its SBOM. There is no standard;
// its layout is in the documentation of python-uswid.

#include <fmt/format.h>
#include <lzma.h>
#include <zlib.h>

#include <array>
#include <string>
#include <string_view>

#include "sbom/registry.h"
#include "sbom/swid.h"

namespace assay::sbom {
namespace {

constexpr std::array<std::uint8_t, 16> kMagic = {
    0x53, 0x42, 0x4F, 0x4D, 0xD6, 0xBA, 0x2E, 0xAC,
    0xA3, 0xE6, 0x7A, 0x52, 0xAA, 0xEE, 0x3B, 0xAF};
constexpr std::uint8_t kCompressed = 1;  // of Header::flags

struct Header {
  std::array<std::uint8_t, 16> magic;
  std::uint8_t version;
  Le16 header_size;
  Le32 payload_size;
};
static_assert(sizeof(Header) == 23 && FileStruct<Header>);

enum class Compression : std::uint8_t { kNone, kZlib, kLzma };
enum class Payload : std::uint8_t { kCoswid, kCycloneDx, kSpdx };

bool HasMagic(ByteView bytes) {
  const auto header = ReadAt<Header>(bytes, 0);
  return header && header->magic == kMagic;
}

// Room for what honest text packs to, whatever a header says.
Bytes RoomFor(ByteView packed) {
  constexpr std::size_t kRatio = 1200;
  constexpr std::size_t kLeast = 4096;
  return Bytes(packed.size() < kMaxSbomBytes / kRatio
                   ? packed.size() * kRatio + kLeast
                   : kMaxSbomBytes);
}

Result<Bytes> Inflate(ByteView packed) {
  Bytes content = RoomFor(packed);
  auto size = static_cast<uLongf>(content.size());
  if (uncompress(content.data(), &size, packed.data(),
                 static_cast<uLong>(packed.size())) != Z_OK) {
    return Fail(ErrorCode::kMalformed, "uSWID: its zlib payload is damaged");
  }
  content.resize(size);
  return content;
}

// Both the older container and that of xz.
Result<Bytes> UnpackLzma(ByteView packed) {
  Bytes content = RoomFor(packed);
  lzma_stream stream = LZMA_STREAM_INIT;
  if (lzma_auto_decoder(&stream, kMaxSbomBytes, 0) != LZMA_OK) {
    return Fail(ErrorCode::kInternal, "liblzma gives no decoder");
  }
  stream.next_in = packed.data();
  stream.avail_in = packed.size();
  stream.next_out = content.data();
  stream.avail_out = content.size();
  const lzma_ret result = lzma_code(&stream, LZMA_FINISH);
  const std::size_t size = stream.total_out;
  lzma_end(&stream);
  if (result != LZMA_STREAM_END) {
    return Fail(ErrorCode::kMalformed, "uSWID: its LZMA payload is damaged");
  }
  content.resize(size);
  return content;
}

Result<Bytes> Unpack(ByteView packed, Compression how) {
  switch (how) {
    case Compression::kNone:
      return CopyOf(packed);
    case Compression::kZlib:
      return Inflate(packed);
    case Compression::kLzma:
      return UnpackLzma(packed);
  }
  return Fail(ErrorCode::kUnsupported, "uSWID: an unknown compression");
}

Result<SbomDocument> ReadPayload(ByteView content, Payload what) {
  if (HasMagic(content)) {
    return Fail(ErrorCode::kMalformed, "uSWID inside uSWID");
  }
  if (what != Payload::kCoswid) {
    return ReadSbom(content);
  }
  const auto tree = CoswidTree(content);
  if (!tree) {
    return Fail(tree.error());
  }
  return ReadSwid(*tree, "uSWID");
}

// Version 1 ends behind the payload's size, 2 adds the flags, 3 the
// compression, 4 the format.
Result<SbomDocument> Read(const SbomSource& source) {
  ByteReader reader(source.bytes());
  const auto header = reader.Take<Header>();
  std::array<std::uint8_t, 3> extra = {0, 0, 0};  // flags, compression, format
  for (std::size_t i = 0; i < extra.size() && i + 1 < header->version; ++i) {
    extra.at(i) = reader.Take<std::uint8_t>().value_or(0);
  }
  const auto payload =
      Slice(source.bytes(), header->header_size, header->payload_size);
  if (header->version == 0 || header->header_size < reader.consumed() ||
      !payload) {
    return Fail(
        ErrorCode::kTruncated,
        fmt::format("uSWID: a payload of {} bytes at byte {} does not "
                    "fit in {}",
                    std::uint32_t{header->payload_size},
                    std::uint16_t{header->header_size}, source.bytes().size()));
  }
  Compression how = static_cast<Compression>(extra[1]);
  if (extra[0] != kCompressed) {
    how = Compression::kNone;
  } else if (header->version < 3) {
    how = Compression::kZlib;  // the only one before it was named
  }
  const auto content = Unpack(*payload, how);
  if (!content) {
    return Fail(content.error());
  }
  return ReadPayload(*content, static_cast<Payload>(extra[2]));
}

bool Identify(const SbomSource& source) {
  return HasMagic(source.bytes());
}

}  // namespace

const SbomReader kUswid = {
    .name = "uswid",
    .title = "uSWID, CoSWID tags in firmware",
    .reference = "python-uswid, README: the uSWID header",
    .identify = Identify,
    .read = Read,
};

}  // namespace assay::sbom
