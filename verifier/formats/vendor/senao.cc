// Senao and EnGenius firmware: an image XORed with bytes that follow from a
// word of the header.
// Layout: OpenWrt firmware-utils, mksenaofw.c (img_header, struct
// capwap_header).
//
// The MD5 covers the plain image; it is checked while that is decoded.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>

#include "verifier/base/digest.h"
#include "verifier/formats/archives/archive_input.h"
#include "verifier/formats/format.h"
#include "verifier/formats/part_layout.h"

namespace assay::formats {
namespace {

struct Header {
  Be32 head, vendor, product;
  std::array<std::uint8_t, 16> version = {};
  Be32 type, size, zero;
  std::array<std::uint8_t, 16> md5 = {};
  std::array<std::uint8_t, 32> padding = {};
  Be32 sum, key;
};
static_assert(sizeof(Header) == 96 && FileStruct<Header>);

// In front of the image when the type is "combo".
struct Capwap {
  Be32 mod, sku;
  std::array<Be32, 3> version = {};
  Be32 date;
  std::array<Be32, 3> capwap_version = {};
  Be32 model_size;
};
static_assert(sizeof(Capwap) == 40 && FileStruct<Capwap>);

constexpr std::uint32_t kKey = 0x12345678;
constexpr std::uint32_t kCombo = 0;
constexpr std::uint32_t kLastType = 0x0c;

struct Image {
  Header header = {};
  std::uint64_t start = sizeof(Header);  // of the encoded image
};

std::optional<Image> HeaderOf(ByteView bytes) {
  const auto header = ReadAt<Header>(bytes, 0);
  if (!header || header->key != kKey || header->zero != 0 ||
      header->vendor == 0 || header->product == 0 || header->type > kLastType ||
      header->size == 0 || !IsPrintableField(header->version) ||
      !AllAre(header->padding, 0)) {
    return std::nullopt;
  }
  Image image{.header = *header};
  if (header->type == kCombo) {
    const auto capwap = ReadAt<Capwap>(bytes, sizeof(Header));
    if (!capwap || capwap->model_size > 64) {
      return std::nullopt;
    }
    image.start += sizeof(Capwap) + capwap->model_size;
  }
  return image;
}

std::uint64_t SizeOf(const Image& image) {
  return image.start + image.header.size;
}

class Decoder : public ByteStream {
 public:
  explicit Decoder(ByteView encoded) : encoded_(encoded) {}
  Result<std::size_t> Read(std::span<std::uint8_t> into) override {
    const std::size_t count = std::min(into.size(), encoded_.size() - at_);
    for (std::size_t i = 0; i < count; ++i, ++at_) {
      into[i] = static_cast<std::uint8_t>(encoded_[at_] ^ (kKey >> at_ % 8));
    }
    hasher_.Update(into.first(count));
    return count;
  }
  // Of what was read.
  std::string Md5() {
    for (const Digest& digest : hasher_.Finish()) {
      if (digest.algorithm == DigestAlgorithm::kMd5) {
        return digest.hex;
      }
    }
    return {};
  }
  [[nodiscard]] bool AtEnd() const { return at_ == encoded_.size(); }

 private:
  ByteView encoded_;
  std::size_t at_ = 0;
  Hasher hasher_{{DigestAlgorithm::kMd5}};
};

bool Matches(ByteView head) {
  return HeaderOf(head).has_value();
}

Result<std::uint64_t> Measure(ByteView bytes) {
  const auto header = HeaderOf(bytes);
  if (!header) {
    return Fail(ErrorCode::kNotThisFormat, "no Senao header");
  }
  if (SizeOf(*header) > bytes.size()) {
    return Fail(ErrorCode::kTruncated, "senao: the image is cut short");
  }
  return SizeOf(*header);
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const auto header = HeaderOf(input.source().bytes());
  if (!header) {
    return Fail(ErrorCode::kMalformed, "senao: no header");
  }
  PartLayout layout(input, "senao", sink);
  const ByteView bytes = input.source().bytes();
  layout.Metadata({0, header->start});
  const Range range{header->start, header->header.size};
  const auto encoded = Slice(bytes, range.offset, range.length);
  if (!encoded) {
    layout.Damage(ErrorCode::kTruncated, "senao: the image is cut short");
    return layout.Finish(bytes.size());
  }
  layout.Claim(range, RegionUse::kMember);
  Decoder decoder(*encoded);
  if (auto ok = sink.AddStream({.name = "payload"}, decoder); !ok) {
    return ok;
  }
  if (decoder.AtEnd()) {
    const std::string found = decoder.Md5();
    if (found != HexOf(header->header.md5)) {
      layout.Report("checksum-mismatch", {0, sizeof(Header)},
                    fmt::format("the header's MD5 is {}, the image gives {}",
                                HexOf(header->header.md5), found));
    }
  }
  return layout.Finish(SizeOf(*header));
}

// NOLINTNEXTLINE: a table
constexpr Magic kMagics[] = {{"\x12\x34\x56\x78", 92}};

}  // namespace

extern const Format kSenao;
const Format kSenao = {
    .name = "senao",
    .title = "Senao or EnGenius firmware",
    .reference = "OpenWrt firmware-utils, mksenaofw.c",
    .magics = kMagics,
    .carvable = true,
    .depth = "payload",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
