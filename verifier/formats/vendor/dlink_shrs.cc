// D-Link firmware encrypted with AES-128-CBC ("SHRS"), with its digests and
// signatures in the header.
// Layout: unblob, handlers/archive/dlink/shrs.py (struct dlink_shrs_header).
//
// The encrypted image is opaque; the SHA-512 over it is checked.

#include <fmt/format.h>

#include <array>
#include <cstdint>

#include "verifier/base/digest.h"
#include "verifier/formats/archives/archive_input.h"
#include "verifier/formats/format.h"
#include "verifier/formats/part_layout.h"

namespace assay::formats {
namespace {

struct Header {
  Be32 magic, padded_size, size;
  std::array<std::uint8_t, 16> iv = {};
  std::array<std::uint8_t, 64> keyed_digest = {};      // of plain text and key
  std::array<std::uint8_t, 64> plain_digest = {};      // of the plain text
  std::array<std::uint8_t, 64> encrypted_digest = {};  // of what is here
  std::array<std::uint8_t, 512> unused = {};
  std::array<std::uint8_t, 512> signature1 = {};
  std::array<std::uint8_t, 512> signature2 = {};
};
static_assert(sizeof(Header) == 1756 && FileStruct<Header>);

constexpr std::uint32_t kMagic = 0x53485253;  // "SHRS"
constexpr std::uint64_t kSignatures = 732;

std::optional<Header> HeaderOf(ByteView bytes) {
  auto header = ReadAt<Header>(bytes, 0);
  if (!header || header->magic != kMagic || header->size == 0 ||
      header->size > header->padded_size || header->padded_size % 16 != 0 ||
      !AllAre(header->unused, 0)) {
    return std::nullopt;
  }
  return header;
}

std::uint64_t SizeOf(const Header& header) {
  return sizeof(Header) + std::uint64_t{header.padded_size};
}

bool Matches(ByteView head) {
  return HeaderOf(head).has_value();
}

Result<std::uint64_t> Measure(ByteView bytes) {
  const auto header = HeaderOf(bytes);
  if (!header) {
    return Fail(ErrorCode::kNotThisFormat, "no SHRS header");
  }
  if (SizeOf(*header) > bytes.size()) {
    return Fail(ErrorCode::kTruncated, "dlink_shrs: the image is cut short");
  }
  return SizeOf(*header);
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const auto header = HeaderOf(input.source().bytes());
  if (!header) {
    return Fail(ErrorCode::kMalformed, "dlink_shrs: no header");
  }
  PartLayout layout(input, "dlink_shrs", sink);
  layout.Metadata({0, kSignatures});
  for (const std::uint64_t i : {0U, 1U}) {
    if (auto ok = layout.Add(fmt::format("signature{}", i + 1),
                             {kSignatures + 512 * i, 512});
        !ok) {
      return ok;
    }
  }
  const Range image{sizeof(Header), header->padded_size};
  const auto covered =
      Slice(input.source().bytes(), image.offset, header->size);
  if (covered) {
    const Digest found = DigestOf(DigestAlgorithm::kSha512, *covered);
    if (found.hex != HexOf(header->encrypted_digest)) {
      layout.Report("checksum-mismatch", image,
                    fmt::format("the header's SHA-512 is {}, the image gives "
                                "{}",
                                HexOf(header->encrypted_digest), found.hex));
    }
  }
  if (auto ok = layout.AddOpaque("payload", image, "encrypted (AES-128-CBC)");
      !ok) {
    return ok;
  }
  return layout.Finish(SizeOf(*header));
}

// NOLINTNEXTLINE: a table
constexpr Magic kMagics[] = {{"SHRS", 0}};

}  // namespace

extern const Format kDlinkShrs;
const Format kDlinkShrs = {
    .name = "dlink_shrs",
    .title = "D-Link encrypted firmware (SHRS)",
    .reference = "unblob, handlers/archive/dlink/shrs.py",
    .magics = kMagics,
    .carvable = true,
    .depth = "recognized",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
