// TRX: Broadcom's image of kernel, root file system and the like.
// Layout: OpenWrt firmware-utils, otrx.c (struct trx_header); version 2 has a
// fourth offset.
//
// The CRC covers all behind it.

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <vector>

#include "verifier/base/crc32.h"
#include "verifier/formats/format.h"
#include "verifier/formats/part_layout.h"

namespace assay::formats {
namespace {

struct Header {
  Le32 magic, length, crc;
  Le16 flags, version;
  std::array<Le32, 4> offsets = {};  // the last one only in version 2
};
static_assert(sizeof(Header) == 32 && FileStruct<Header>);

constexpr std::uint32_t kMagic = 0x30524448;  // "HDR0"
constexpr std::uint64_t kCrcFrom = 12;

std::uint64_t HeaderSize(const Header& header) {
  return header.version == 1 ? 28 : 32;
}

std::size_t OffsetCount(const Header& header) {
  return header.version == 1 ? 3 : 4;
}

// A header whose parts lie one behind the other; the offsets of what is not
// there are 0.
std::optional<Header> HeaderOf(ByteView bytes) {
  // Version 1 is shorter, but whatever it holds fills up the struct.
  const auto header = ReadAt<Header>(bytes, 0);
  if (!header || header->magic != kMagic || header->version == 0 ||
      header->version > 2 || header->length < HeaderSize(*header)) {
    return std::nullopt;
  }
  std::uint64_t last = 0;
  for (std::size_t i = 0; i < OffsetCount(*header); ++i) {
    const std::uint32_t offset = header->offsets.at(i);
    if (offset != 0 && (offset < HeaderSize(*header) || offset <= last ||
                        offset >= header->length)) {
      return std::nullopt;
    }
    last = offset != 0 ? offset : last;
  }
  return last != 0 ? header : std::nullopt;
}

bool Matches(ByteView head) {
  return HeaderOf(head).has_value();
}

Result<std::uint64_t> Measure(ByteView bytes) {
  const auto header = HeaderOf(bytes);
  if (!header) {
    return Fail(ErrorCode::kNotThisFormat, "no TRX header");
  }
  if (header->length > bytes.size()) {
    return Fail(ErrorCode::kTruncated, "trx: the image is cut short");
  }
  return std::uint64_t{header->length};
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const ByteView bytes = input.source().bytes();
  const auto header = HeaderOf(bytes);
  if (!header) {
    return Fail(ErrorCode::kMalformed, "trx: no header");
  }
  PartLayout layout(input, "trx", sink);
  layout.Metadata({0, HeaderSize(*header)});
  const auto covered = Slice(bytes, kCrcFrom, header->length - kCrcFrom);
  if (!covered) {
    layout.Damage(ErrorCode::kTruncated,
                  fmt::format("trx: {} bytes are stated, {} are there",
                              std::uint32_t{header->length}, bytes.size()));
  } else if (const std::uint32_t crc = Crc32Raw(~0U, *covered);
             crc != header->crc) {
    layout.Report("crc-mismatch", {0, header->length},
                  fmt::format("the header says {:08x}, the bytes give {:08x}",
                              std::uint32_t{header->crc}, crc));
  }
  const std::size_t count = OffsetCount(*header);
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint32_t offset = header->offsets.at(i);
    if (offset == 0) {
      continue;
    }
    std::uint64_t end = header->length;
    for (std::size_t next = count - 1; next > i; --next) {
      const std::uint32_t start = header->offsets.at(next);
      end = start != 0 ? start : end;
    }
    if (auto ok =
            layout.Add(fmt::format("partition{}", i), {offset, end - offset});
        !ok) {
      return ok;
    }
  }
  return layout.Finish(header->length);
}

constexpr Magic kMagics[] = {{"HDR0", 0}};  // NOLINT: a table

}  // namespace

extern const Format kTrx;
const Format kTrx = {
    .name = "trx",
    .title = "TRX firmware image",
    .reference = "OpenWrt firmware-utils, otrx.c, struct trx_header",
    .magics = kMagics,
    .carvable = true,
    .depth = "members",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
