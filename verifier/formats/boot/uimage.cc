// U-Boot legacy image ("uImage"): a 64-byte big-endian header and its data.
// Layout: struct legacy_img_hdr in U-Boot's include/image.h. Images of type
// "multi" (4) and "script" (6) begin their data with a list of big-endian
// sizes, ended by 0; each part is padded to 4 bytes.
//
// The CRCs only catch accidents; anyone can recompute them. An intact uImage
// says nothing about its origin: that is the business of signatures/.

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "verifier/base/crc32.h"
#include "verifier/formats/format.h"

namespace assay::formats {
namespace {

struct Header {
  Be32 magic, header_crc, time, data_size, load_address, entry_point, data_crc;
  std::uint8_t os = 0, arch = 0, type = 0, compression = 0;
  std::array<std::uint8_t, 32> name = {};  // NUL-padded; a full name has none
};
static_assert(sizeof(Header) == 64 && FileStruct<Header>);

constexpr std::uint8_t kMulti = 4;
constexpr std::uint8_t kScript = 6;
constexpr std::size_t kMaxParts = 64;

std::optional<Header> IntactHeader(ByteView bytes) {
  auto header = ReadAt<Header>(bytes, 0);
  if (!header) {
    return std::nullopt;
  }
  // The CRC covers the header with its own field counted as 0.
  Header blank = *header;
  const std::uint32_t stored = std::exchange(blank.header_crc, {});
  if (Crc32(BytesOf(blank)) != stored) {
    return std::nullopt;
  }
  return header;
}

bool Matches(ByteView head) {
  return IntactHeader(head).has_value();
}

Result<std::uint64_t> Measure(ByteView bytes) {
  const auto header = IntactHeader(bytes);
  if (!header) {
    return Fail(ErrorCode::kNotThisFormat, "no intact uImage header");
  }
  const std::uint64_t size = sizeof(Header) + std::uint64_t{header->data_size};
  if (size > bytes.size()) {
    return Fail(ErrorCode::kTruncated, "uImage data end past the input");
  }
  return size;
}

// The sizes of the parts of a multi-file image; empty when it has none.
std::vector<std::uint64_t> PartSizes(ByteView data) {
  std::vector<std::uint64_t> sizes;
  ByteReader reader(data);
  while (sizes.size() < kMaxParts) {
    const auto size = reader.Take<Be32>();
    if (!size) {
      return {};
    }
    if (*size == 0) {
      return sizes;
    }
    sizes.push_back(*size);
  }
  return {};
}

Result<void> AddParts(const ByteSource& data,
                      const std::vector<std::uint64_t>& sizes,
                      ArtifactSink& sink) {
  std::uint64_t at = 4 * (sizes.size() + 1);
  sink.Claim({sizeof(Header), at}, RegionUse::kMetadata);
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    const auto part = data.Slice({at, sizes[i]});
    if (!part) {
      return Fail(ErrorCode::kTruncated,
                  fmt::format("part {} of the multi-file uImage: {}", i,
                              part.error().what));
    }
    const Range origin{sizeof(Header) + at, sizes[i]};
    if (auto ok = sink.Add({.name = fmt::format("part{}", i),
                            .origin = origin,
                            .stored = true},
                           *part);
        !ok) {
      return ok;
    }
    at += sizes[i];
    const std::uint64_t padding = (4 - at % 4) % 4;
    if (padding > 0 && at + padding <= data.size()) {
      sink.Claim({sizeof(Header) + at, padding}, RegionUse::kPadding);
      at += padding;
    }
  }
  return {};
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const auto head = input.Take(sizeof(Header));
  if (!head) {
    return Fail(head.error());
  }
  const auto header = IntactHeader(head->bytes());
  if (!header) {
    return Fail(ErrorCode::kMalformed, "the uImage header's CRC is wrong");
  }
  sink.Claim({0, sizeof(Header)}, RegionUse::kMetadata);
  const auto data = input.Take(header->data_size);
  if (!data) {
    return Fail(data.error());
  }
  const std::uint32_t crc = Crc32(data->bytes());
  if (crc != header->data_crc) {
    sink.Report({.id = "uimage.data-crc-mismatch",
                 .range = {sizeof(Header), data->size()},
                 .detail = fmt::format("header says {:08x}, data give {:08x}",
                                       std::uint32_t{header->data_crc}, crc)});
  }
  if (header->type == kMulti || header->type == kScript) {
    const auto sizes = PartSizes(data->bytes());
    if (!sizes.empty()) {
      return AddParts(*data, sizes, sink);
    }
  }
  return sink.Add({.name = "data",
                   .origin = Range{sizeof(Header), data->size()},
                   .stored = true},
                  *data);
}

constexpr Magic kMagics[] = {{"\x27\x05\x19\x56", 0}};  // NOLINT: a table

}  // namespace

extern const Format kUimage;
const Format kUimage = {
    .name = "uimage",
    .title = "U-Boot legacy image",
    .reference = "U-Boot include/image.h, struct legacy_img_hdr",
    .magics = kMagics,
    .carvable = true,
    .depth = "members",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
    .random_access = false,
};

}  // namespace assay::formats
