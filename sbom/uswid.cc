// The uSWID wrapper, by which firmware carries its SBOM. There is no standard;
// its layout is in the documentation of python-uswid.

#include <fmt/format.h>
#include <lzma.h>
#include <zlib.h>

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sbom/registry.h"
#include "sbom/swid.h"

namespace assay::sbom {
namespace {

constexpr std::array<std::uint8_t, 16> kMagic = {
    0x53, 0x42, 0x4F, 0x4D, 0xD6, 0xBA, 0x2E, 0xAC,
    0xA3, 0xE6, 0x7A, 0x52, 0xAA, 0xEE, 0x3B, 0xAF};
constexpr std::string_view kReference =
    "python-uswid, README: the uSWID header";
constexpr std::uint8_t kCompressed = 1;  // of Header::flags

struct Header {
  std::array<std::uint8_t, 16> magic;
  std::uint8_t version;
  Le16 header_size;
  Le32 payload_size;
};
static_assert(sizeof(Header) == 23 && FileStruct<Header>);

constexpr std::uint8_t kNewestVersion = 4;

enum class Compression : std::uint8_t { kNone, kZlib, kLzma };
enum class Payload : std::uint8_t { kCoswid, kCycloneDx, kSpdx };

struct Wrapped {
  Bytes content = {};
  Payload what = Payload::kCoswid;
};

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

// Version 1 ends behind the payload's size, 2 adds the flags, 3 the
// compression, 4 the format.
Result<Wrapped> Unwrap(const SbomSource& source) {
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
  if ((extra[0] & kCompressed) == 0) {
    how = Compression::kNone;
  } else if (header->version < 3) {
    how = Compression::kZlib;  // the only one before it was named
  }
  auto content = Unpack(*payload, how);
  if (!content) {
    return Fail(content.error());
  }
  if (HasMagic(*content)) {
    return Fail(ErrorCode::kMalformed, "uSWID inside uSWID");
  }
  if (extra[2] > static_cast<std::uint8_t>(Payload::kSpdx)) {
    return Fail(ErrorCode::kUnsupported, "uSWID: an unknown format inside");
  }
  return Wrapped{std::move(*content), static_cast<Payload>(extra[2])};
}

Result<SbomDocument> Read(const SbomSource& source) {
  const auto wrapped = Unwrap(source);
  if (!wrapped) {
    return Fail(wrapped.error());
  }
  if (wrapped->what != Payload::kCoswid) {
    return ReadSbom(wrapped->content);
  }
  const auto tree = CoswidTree(wrapped->content);
  if (!tree) {
    return Fail(tree.error());
  }
  return ReadSwid(*tree, "uSWID");
}

// What the header has that no version of it has.
std::vector<SbomProblem> CheckHeader(ByteView bytes) {
  std::vector<SbomProblem> problems;
  const auto header = ReadAt<Header>(bytes, 0);
  const auto complain = [&](std::string_view rule, std::string detail,
                            std::uint32_t offset) {
    problems.push_back({.rule = std::string(rule),
                        .detail = std::move(detail),
                        .reference = std::string(kReference),
                        .offset = offset});
  };
  if (header->version > kNewestVersion) {
    complain("sbom.spec-version-unsupported",
             fmt::format("version {} of the header", header->version),
             offsetof(Header, version));
  }
  const auto flags = ReadAt<std::uint8_t>(bytes, sizeof(Header));
  if (header->version > 1 && flags && *flags > kCompressed) {
    complain("sbom.value-unknown", fmt::format("flags 0x{:02x}", *flags),
             sizeof(Header));
  }
  return problems;
}

// Its header's, and for another format inside, that one's.
SchemaCheck Validate(const SbomSource& source) {
  SchemaCheck check{.schema = "uSWID header, own table"};
  const auto wrapped = Unwrap(source);
  if (wrapped && wrapped->what != Payload::kCoswid) {
    if (auto inside = ValidateSbom(wrapped->content)) {
      check = std::move(inside->schema);
    }
  }
  for (SbomProblem& problem : CheckHeader(source.bytes())) {
    check.problems.push_back(std::move(problem));
  }
  return check;
}

bool Identify(const SbomSource& source) {
  return HasMagic(source.bytes());
}

}  // namespace

const SbomReader kUswid = {
    .name = "uswid",
    .title = "uSWID, CoSWID tags in firmware",
    .reference = kReference,
    .identify = Identify,
    .read = Read,
    .validate = Validate,
};

}  // namespace assay::sbom
