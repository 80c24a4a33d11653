// D-Link firmware encrypted by OpenSSL, behind a header "MH01" with a digest
// in hexadecimal.
// Layout: binwalk 3, src/structures/mh01.rs.

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "verifier/formats/format.h"
#include "verifier/formats/part_layout.h"

namespace assay::formats {
namespace {

struct Header {
  Le32 magic, image_size, footer_size, unknown1;
  Le32 magic_again, digest_size, size, unknown2;
};
static_assert(sizeof(Header) == 32 && FileStruct<Header>);

constexpr std::uint32_t kMagic = 0x3130484d;  // "MH01"
constexpr std::uint32_t kLongestDigest = 256;

bool IsDigest(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') ||
           (c >= 'A' && c <= 'F') || c == '\n';
  });
}

std::optional<Header> HeaderOf(ByteView bytes) {
  auto header = ReadAt<Header>(bytes, 0);
  if (!header || header->magic != kMagic || header->magic_again != kMagic ||
      header->digest_size < 32 || header->digest_size > kLongestDigest ||
      header->size == 0) {
    return std::nullopt;
  }
  const auto digest = Slice(bytes, sizeof(Header), header->digest_size);
  return digest && IsDigest(AsText(*digest)) ? header : std::nullopt;
}

std::uint64_t SizeOf(const Header& header) {
  return sizeof(Header) + std::uint64_t{header.digest_size} + header.size;
}

bool Matches(ByteView head) {
  return HeaderOf(head).has_value();
}

Result<std::uint64_t> Measure(ByteView bytes) {
  const auto header = HeaderOf(bytes);
  if (!header) {
    return Fail(ErrorCode::kNotThisFormat, "no MH01 header");
  }
  if (SizeOf(*header) > bytes.size()) {
    return Fail(ErrorCode::kTruncated, "dlink_mh01: the image is cut short");
  }
  return SizeOf(*header);
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const auto header = HeaderOf(input.source().bytes());
  if (!header) {
    return Fail(ErrorCode::kMalformed, "dlink_mh01: no header");
  }
  PartLayout layout(input, "dlink_mh01", sink);
  const std::uint64_t start = sizeof(Header) + header->digest_size;
  layout.Metadata({0, start});
  if (auto ok = layout.AddOpaque("payload", {start, header->size},
                                 "encrypted (OpenSSL)");
      !ok) {
    return ok;
  }
  return layout.Finish(SizeOf(*header));
}

// NOLINTNEXTLINE: a table
constexpr Magic kMagics[] = {{"MH01", 0}};

}  // namespace

extern const Format kDlinkMh01;
const Format kDlinkMh01 = {
    .name = "dlink_mh01",
    .title = "D-Link encrypted firmware (MH01)",
    .reference = "binwalk 3, src/structures/mh01.rs",
    .magics = kMagics,
    .carvable = true,
    .depth = "recognized",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
