// Xiaomi router images, HDR1 and HDR2: blobs with a name, and a signature.
// Layout: OpenWrt firmware-utils, xiaomifw.c (struct xiaomi_header, struct
// xiaomi_blob_header); for HDR2 unblob, handlers/archive/xiaomi/hdr.py.
//
// The CRC covers all behind it, the signature included.

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <string>

#include "verifier/base/crc32.h"
#include "verifier/formats/archives/archive_input.h"
#include "verifier/formats/format.h"
#include "verifier/formats/part_layout.h"

namespace assay::formats {
namespace {

struct Header {
  Le32 magic, signature, crc;
};
static_assert(sizeof(Header) == 12 && FileStruct<Header>);

struct Blob {
  Le32 magic, flash_offset, size;
  Le16 type, unused;
  std::array<std::uint8_t, 32> name = {};
};
static_assert(sizeof(Blob) == 48 && FileStruct<Blob>);

struct SignatureHeader {
  Le32 size;
  std::array<Le32, 3> padding = {};
};
static_assert(sizeof(SignatureHeader) == 16 && FileStruct<SignatureHeader>);

using Offsets = std::array<Le32, 8>;

constexpr std::uint32_t kHdr1 = 0x31524448;
constexpr std::uint32_t kHdr2 = 0x32524448;
constexpr std::uint32_t kBlobMagic = 0x0000babe;
constexpr std::uint64_t kSignature = sizeof(SignatureHeader) + 256;

struct Image {
  Header header = {};
  Offsets offsets = {};
  std::uint64_t headers = 0;  // their size
  [[nodiscard]] std::uint64_t end() const {
    return std::uint64_t{header.signature} + kSignature;
  }
};

std::optional<Image> ImageOf(ByteView bytes) {
  const auto header = ReadAt<Header>(bytes, 0);
  if (!header || (header->magic != kHdr1 && header->magic != kHdr2)) {
    return std::nullopt;
  }
  const std::uint64_t table = header->magic == kHdr1 ? 16 : 48;
  const auto offsets = ReadAt<Offsets>(bytes, table);
  if (!offsets) {
    return std::nullopt;
  }
  Image image{*header, *offsets, table + sizeof(Offsets)};
  std::uint64_t last = image.headers - 1;
  bool ended = false;
  for (const std::uint32_t offset : *offsets) {
    ended = ended || offset == 0;
    if (ended ? offset != 0 : offset <= last || offset >= header->signature) {
      return std::nullopt;
    }
    last = offset;
  }
  const auto first = ReadAt<Blob>(bytes, (*offsets)[0]);
  if ((*offsets)[0] == 0 || (first && first->magic != kBlobMagic)) {
    return std::nullopt;
  }
  return image;
}

bool Matches(ByteView head) {
  return ImageOf(head).has_value();
}

Result<std::uint64_t> Measure(ByteView bytes) {
  const auto image = ImageOf(bytes);
  if (!image) {
    return Fail(ErrorCode::kNotThisFormat, "no HDR1 or HDR2");
  }
  if (image->end() > bytes.size()) {
    return Fail(ErrorCode::kTruncated, "xiaomi_hdr: the image is cut short");
  }
  return image->end();
}

Result<void> AddBlobs(const Image& image, ByteView bytes, PartLayout& layout) {
  for (const std::uint32_t offset : image.offsets) {
    const auto blob = ReadAt<Blob>(bytes, offset);
    if (offset == 0) {
      break;
    }
    if (!blob || blob->magic != kBlobMagic) {
      layout.Damage(ErrorCode::kMalformed,
                    fmt::format("xiaomi_hdr: no blob at {}", offset));
      continue;
    }
    layout.Metadata({offset, sizeof(Blob)});
    if (auto ok = layout.Add(std::string(UntilNul(blob->name)),
                             {offset + sizeof(Blob), blob->size});
        !ok) {
      return ok;
    }
  }
  return {};
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const ByteView bytes = input.source().bytes();
  const auto image = ImageOf(bytes);
  if (!image) {
    return Fail(ErrorCode::kMalformed, "xiaomi_hdr: no header");
  }
  PartLayout layout(input, "xiaomi_hdr", sink);
  layout.EndAt(image->end());
  layout.Metadata({0, image->headers});
  const auto covered =
      Slice(bytes, sizeof(Header), image->end() - sizeof(Header));
  if (!covered) {
    layout.Damage(ErrorCode::kTruncated, "xiaomi_hdr: the image is cut short");
  } else if (const std::uint32_t crc = Crc32Raw(~0U, *covered);
             crc != image->header.crc) {
    layout.Report("crc-mismatch", {0, image->end()},
                  fmt::format("the header says {:08x}, the bytes give {:08x}",
                              std::uint32_t{image->header.crc}, crc));
  }
  const std::uint64_t signature = image->header.signature;
  layout.Metadata({signature, sizeof(SignatureHeader)});
  if (auto ok = AddBlobs(*image, bytes, layout); !ok) {
    return ok;
  }
  if (covered) {
    if (auto ok =
            layout.Add("signature", {signature + sizeof(SignatureHeader),
                                     kSignature - sizeof(SignatureHeader)});
        !ok) {
      return ok;
    }
  }
  return layout.Finish(image->end());
}

constexpr Magic kMagics[] = {{"HDR1", 0}, {"HDR2", 0}};  // NOLINT: a table

}  // namespace

extern const Format kXiaomiHdr;
const Format kXiaomiHdr = {
    .name = "xiaomi_hdr",
    .title = "Xiaomi router firmware (HDR1, HDR2)",
    .reference = "OpenWrt firmware-utils, xiaomifw.c",
    .magics = kMagics,
    .carvable = true,
    .depth = "members",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
