// Buffalo firmware, encrypted with a key that follows from its header.
// Layout: OpenWrt firmware-utils, buffalo-lib.h and buffalo-enc.c ("start",
// seed, then length and bytes of product, version and image, and a sum).

#include <array>
#include <cstdint>

#include "verifier/formats/format.h"
#include "verifier/formats/part_layout.h"

namespace assay::formats {
namespace {

struct Header {
  std::uint64_t payload = 0;  // where it begins
  std::uint64_t size = 0;     // of the payload
};

constexpr std::array<std::uint8_t, 6> kStart = {'s', 't', 'a', 'r', 't', 0};
constexpr std::uint32_t kLongestProduct = 32;
constexpr std::uint32_t kLongestVersion = 8;

std::optional<Header> HeaderOf(ByteView bytes) {
  ByteReader reader(bytes);
  const auto start = reader.Take<std::array<std::uint8_t, 6>>();
  const auto seed = reader.Take<std::uint8_t>();
  if (start != kStart || !seed) {
    return std::nullopt;
  }
  for (const std::uint32_t longest : {kLongestProduct, kLongestVersion}) {
    const auto length = reader.Take<Be32>();
    if (!length || *length == 0 || *length > longest || !reader.Skip(*length)) {
      return std::nullopt;
    }
  }
  const auto size = reader.Take<Be32>();
  if (!size || *size == 0 || *size > (1U << 30U)) {
    return std::nullopt;
  }
  return Header{reader.consumed(), *size};
}

std::uint64_t SizeOf(const Header& header) {
  return header.payload + header.size + sizeof(Be32);
}

bool Matches(ByteView head) {
  return HeaderOf(head).has_value();
}

Result<std::uint64_t> Measure(ByteView bytes) {
  const auto header = HeaderOf(bytes);
  if (!header) {
    return Fail(ErrorCode::kNotThisFormat, "no Buffalo header");
  }
  if (SizeOf(*header) > bytes.size()) {
    return Fail(ErrorCode::kTruncated, "buffalo_enc: the image is cut short");
  }
  return SizeOf(*header);
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const auto header = HeaderOf(input.source().bytes());
  if (!header) {
    return Fail(ErrorCode::kMalformed, "buffalo_enc: no header");
  }
  PartLayout layout(input, "buffalo_enc", sink);
  layout.Metadata({0, header->payload});
  layout.Metadata({header->payload + header->size, sizeof(Be32)});
  if (auto ok = layout.AddOpaque("payload", {header->payload, header->size},
                                 "encrypted");
      !ok) {
    return ok;
  }
  if (SizeOf(*header) > input.source().size()) {
    layout.Damage(ErrorCode::kTruncated, "buffalo_enc: the sum is missing");
  }
  return layout.Finish(SizeOf(*header));
}

// NOLINTNEXTLINE: a table
constexpr Magic kMagics[] = {{std::string_view("start\0", 6), 0}};

}  // namespace

extern const Format kBuffaloEnc;
const Format kBuffaloEnc = {
    .name = "buffalo_enc",
    .title = "Buffalo encrypted firmware",
    .reference = "OpenWrt firmware-utils, buffalo-lib.h",
    .magics = kMagics,
    .carvable = true,
    .depth = "recognized",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
