// MCUboot images: a header, the payload, and type-length-value areas with its
// digest and signatures.
// Layout: MCUboot documentation, "Bootloader", "Image format" and "Image
// trailer"; boot/bootutil/include/bootutil/image.h.
//
// The hash TLV covers header, payload and protected TLVs: a mismatch is an
// anomaly. Where the payload is encrypted, it covers the plain text, which is
// not here; then the payload is opaque.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "verifier/base/digest.h"
#include "verifier/formats/archives/archive_input.h"
#include "verifier/formats/format.h"
#include "verifier/formats/mcu/mcuboot_image.h"
#include "verifier/formats/part_layout.h"

namespace assay::formats {
namespace {

constexpr std::string_view kTrailerMagic(
    "\x77\xc2\x95\xf3\x60\xd2\xef\x7f\x35\x52\x50\x0f\x2c\xb6\x79\x80", 16);
constexpr std::uint64_t kMaxTrailer = 4096;

// A slot of a flash ends with a trailer that tells the boot loader what to do.
// It is at the end of the input, behind erased flash.
bool HasTrailer(ByteView bytes, const McubootImage& layout) {
  if (bytes.size() < layout.end + kTrailerMagic.size() ||
      AsText(bytes.last(kTrailerMagic.size())) != kTrailerMagic) {
    return false;
  }
  const ByteView between = bytes.subspan(static_cast<std::size_t>(layout.end));
  const ByteView erased = between.first(
      between.size() - std::min<std::size_t>(between.size(), kMaxTrailer));
  return AllAre(erased, 0xFF) || AllAre(erased, 0);
}

std::uint64_t EndOf(ByteView bytes, const McubootImage& layout) {
  return HasTrailer(bytes, layout) ? bytes.size() : layout.end;
}

bool Matches(ByteView head) {
  return HasMcubootHeader(head);
}

Result<std::uint64_t> Measure(ByteView bytes) {
  const auto layout = McubootImageOf(bytes);
  if (!layout) {
    return Fail(layout.error());
  }
  return EndOf(bytes, *layout);
}

std::string_view NameOf(std::uint16_t type) {
  switch (type) {
    case 0x01:
      return "key-hash";
    case 0x02:
      return "public-key";
    case 0x10:
      return "sha256";
    case 0x11:
      return "sha384";
    case 0x12:
      return "sha512";
    case 0x20:
      return "rsa2048-signature";
    case 0x21:
      return "ecdsa224-signature";
    case 0x22:
      return "ecdsa-signature";
    case 0x23:
      return "rsa3072-signature";
    case 0x24:
      return "ed25519-signature";
    case 0x30:
      return "encrypted-key-rsa2048";
    case 0x31:
      return "encrypted-key-kw";
    case 0x32:
      return "encrypted-key-ec256";
    case 0x33:
      return "encrypted-key-x25519";
    case 0x40:
      return "dependency";
    case 0x50:
      return "security-counter";
    case 0x60:
      return "boot-record";
    default:
      return {};
  }
}

class Reader {
 public:
  Reader(ByteView bytes, const McubootImage& image, PartLayout& layout)
      : bytes_(bytes), image_(image), layout_(layout) {}

  Result<void> Read() {
    const McubootTlvs tlvs = TlvsOf(bytes_, image_);
    for (const Range& area : tlvs.headers) {
      layout_.Metadata(area);
    }
    for (const McubootTlv& tlv : tlvs.list) {
      CheckDigest(tlv.type, tlv.value);
      if (auto ok = layout_.Add(
              Name(tlv.is_protected ? "protected" : "tlv", tlv.type),
              tlv.value);
          !ok) {
        return ok;
      }
    }
    for (const Range& rest : tlvs.damage) {
      layout_.Report(
          "size-mismatch", rest,
          fmt::format("the TLV at {} ends past its area", rest.offset));
    }
    return {};
  }

  [[nodiscard]] bool has_digest() const { return has_digest_; }

 private:
  std::string Name(std::string_view prefix, std::uint16_t type) {
    const std::string_view known = NameOf(type);
    std::string name = known.empty() ? fmt::format("{}/{:04x}", prefix, type)
                                     : fmt::format("{}/{}", prefix, known);
    const std::uint64_t number = ++seen_[name];
    return number == 1 ? name : fmt::format("{}.{}", name, number);
  }

  void CheckDigest(std::uint16_t type, Range value) {
    if (type < 0x10 || type > 0x12) {
      return;
    }
    has_digest_ = true;
    if ((image_.header.flags & kMcubootEncrypted) != 0) {
      return;
    }
    const DigestAlgorithm algorithm = type == 0x10   ? DigestAlgorithm::kSha256
                                      : type == 0x11 ? DigestAlgorithm::kSha384
                                                     : DigestAlgorithm::kSha512;
    auto& found = digests_[type];
    if (found.empty()) {
      found = DigestOf(algorithm, *Slice(bytes_, 0, image_.protected_end)).hex;
    }
    const std::string stored =
        HexOf(*Slice(bytes_, value.offset, value.length));
    if (found != stored) {
      layout_.Report("image-checksum-mismatch", value,
                     fmt::format("the {} is stated as {}, the image gives {}",
                                 NameOf(type), stored, found));
    }
  }

  ByteView bytes_;
  const McubootImage& image_;
  PartLayout& layout_;
  std::map<std::string, std::uint64_t> seen_;
  std::map<std::uint16_t, std::string> digests_;
  bool has_digest_ = false;
};

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const ByteView bytes = input.source().bytes();
  const auto image = McubootImageOf(bytes);
  if (!image) {
    return Fail(image.error().code == ErrorCode::kNotThisFormat
                    ? ErrorCode::kMalformed
                    : image.error().code,
                image.error().what);
  }
  PartLayout layout(input, "mcuboot", sink);
  layout.Metadata({0, sizeof(McubootHeader)});
  const Range payload{image->header.header_size, image->header.image_size};
  auto added = (image->header.flags & kMcubootEncrypted) != 0
                   ? layout.AddOpaque("payload", payload, "encrypted")
                   : layout.Add("payload", payload);
  if (!added) {
    return added;
  }
  Reader reader(bytes, *image, layout);
  if (auto ok = reader.Read(); !ok) {
    return ok;
  }
  if (!reader.has_digest()) {
    layout.Report("no-digest", {image->protected_end, kMcubootAreaSize},
                  "no TLV holds a digest of the image");
  }
  const std::uint64_t end = EndOf(bytes, *image);
  if (end > image->end) {
    // Swap info, copy done and image ok, 8 bytes each, and the magic.
    const std::uint64_t trailer = std::min<std::uint64_t>(40, end - image->end);
    layout.Metadata({end - trailer, trailer});
  }
  return layout.Finish(end);
}

constexpr Magic kMagics[] = {{"\x3d\xb8\xf3\x96", 0}};  // NOLINT: a table

}  // namespace

extern const Format kMcuboot;
const Format kMcuboot = {
    .name = "mcuboot",
    .title = "MCUboot image",
    .reference = "MCUboot documentation, \"Bootloader\", \"Image format\"",
    .magics = kMagics,
    .carvable = true,
    .depth = "members",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
