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
#include "verifier/formats/part_layout.h"

namespace assay::formats {
namespace {

struct Header {
  Le32 magic, load_address;
  Le16 header_size, protected_size;
  Le32 image_size, flags;
  std::uint8_t major = 0;
  std::uint8_t minor = 0;
  Le16 revision;
  Le32 build, padding;
};
static_assert(sizeof(Header) == 32 && FileStruct<Header>);

struct TlvArea {
  Le16 magic, size;  // with this
};
static_assert(sizeof(TlvArea) == 4 && FileStruct<TlvArea>);

struct Tlv {
  Le16 type, size;
};
static_assert(sizeof(Tlv) == 4 && FileStruct<Tlv>);

constexpr std::uint32_t kImageMagic = 0x96f3b83d;
constexpr std::uint16_t kTlvMagic = 0x6907;
constexpr std::uint16_t kProtectedMagic = 0x6908;
constexpr std::uint32_t kEncrypted = 0x04 | 0x08;
constexpr std::uint32_t kKnownFlags = 0xFFFF;
constexpr std::string_view kTrailerMagic(
    "\x77\xc2\x95\xf3\x60\xd2\xef\x7f\x35\x52\x50\x0f\x2c\xb6\x79\x80", 16);
constexpr std::uint64_t kMaxTrailer = 4096;

struct Layout {
  Header header = {};
  std::uint64_t payload_end = 0;
  std::uint64_t protected_end = 0;
  std::uint64_t end = 0;  // of the TLVs
};

bool IsPlausible(const Header& header) {
  return header.magic == kImageMagic && header.header_size >= sizeof(Header) &&
         header.image_size > 0 && header.padding == 0 &&
         (header.flags & ~kKnownFlags) == 0;
}

Result<Layout> LayoutOf(ByteView bytes) {
  const auto header = ReadAt<Header>(bytes, 0);
  if (!header || !IsPlausible(*header)) {
    return Fail(ErrorCode::kNotThisFormat, "no MCUboot header");
  }
  Layout layout{
      .header = *header,
      .payload_end = std::uint64_t{header->header_size} + header->image_size};
  layout.protected_end = layout.payload_end + header->protected_size;
  if (layout.protected_end > bytes.size()) {
    return Fail(ErrorCode::kTruncated, "mcuboot: the payload is cut short");
  }
  if (header->protected_size > 0) {
    const auto area = ReadAt<TlvArea>(bytes, layout.payload_end);
    if (!area || area->magic != kProtectedMagic ||
        area->size != header->protected_size) {
      return Fail(ErrorCode::kMalformed,
                  "mcuboot: no protected TLVs where the header says");
    }
  }
  const auto area = ReadAt<TlvArea>(bytes, layout.protected_end);
  if (!area || area->size > bytes.size() - layout.protected_end) {
    return Fail(ErrorCode::kTruncated, "mcuboot: the TLVs are cut short");
  }
  if (area->magic != kTlvMagic || area->size < sizeof(TlvArea)) {
    return Fail(ErrorCode::kMalformed, "mcuboot: no TLVs behind the payload");
  }
  layout.end = layout.protected_end + area->size;
  return layout;
}

// A slot of a flash ends with a trailer that tells the boot loader what to do.
// It is at the end of the input, behind erased flash.
bool HasTrailer(ByteView bytes, const Layout& layout) {
  if (bytes.size() < layout.end + kTrailerMagic.size() ||
      AsText(bytes.last(kTrailerMagic.size())) != kTrailerMagic) {
    return false;
  }
  const ByteView between = bytes.subspan(static_cast<std::size_t>(layout.end));
  const ByteView erased = between.first(
      between.size() - std::min<std::size_t>(between.size(), kMaxTrailer));
  return AllAre(erased, 0xFF) || AllAre(erased, 0);
}

std::uint64_t EndOf(ByteView bytes, const Layout& layout) {
  return HasTrailer(bytes, layout) ? bytes.size() : layout.end;
}

bool Matches(ByteView head) {
  const auto header = ReadAt<Header>(head, 0);
  return header && IsPlausible(*header);
}

Result<std::uint64_t> Measure(ByteView bytes) {
  const auto layout = LayoutOf(bytes);
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
  Reader(ByteView bytes, const Layout& image, PartLayout& layout)
      : bytes_(bytes), image_(image), layout_(layout) {}

  Result<void> ReadArea(Range area, std::string_view prefix) {
    layout_.Metadata({area.offset, sizeof(TlvArea)});
    std::uint64_t at = area.offset + sizeof(TlvArea);
    while (at < area.end()) {
      const auto tlv = ReadAt<Tlv>(bytes_, at);
      if (!tlv || area.end() - at < sizeof(Tlv) ||
          tlv->size > area.end() - at - sizeof(Tlv)) {
        layout_.Report("size-mismatch", {at, area.end() - at},
                       fmt::format("the TLV at {} ends past its area", at));
        return {};
      }
      layout_.Metadata({at, sizeof(Tlv)});
      const Range value{at + sizeof(Tlv), tlv->size};
      CheckDigest(tlv->type, value);
      if (auto ok = layout_.Add(Name(prefix, tlv->type), value); !ok) {
        return ok;
      }
      at = value.end();
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
    if ((image_.header.flags & kEncrypted) != 0) {
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
  const Layout& image_;
  PartLayout& layout_;
  std::map<std::string, std::uint64_t> seen_;
  std::map<std::uint16_t, std::string> digests_;
  bool has_digest_ = false;
};

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const ByteView bytes = input.source().bytes();
  const auto image = LayoutOf(bytes);
  if (!image) {
    return Fail(image.error().code == ErrorCode::kNotThisFormat
                    ? ErrorCode::kMalformed
                    : image.error().code,
                image.error().what);
  }
  PartLayout layout(input, "mcuboot", sink);
  layout.Metadata({0, sizeof(Header)});
  const Range payload{image->header.header_size, image->header.image_size};
  auto added = (image->header.flags & kEncrypted) != 0
                   ? layout.AddOpaque("payload", payload, "encrypted")
                   : layout.Add("payload", payload);
  if (!added) {
    return added;
  }
  Reader reader(bytes, *image, layout);
  if (image->header.protected_size > 0) {
    if (auto ok = reader.ReadArea(
            {image->payload_end, image->header.protected_size}, "protected");
        !ok) {
      return ok;
    }
  }
  if (auto ok = reader.ReadArea(
          {image->protected_end, image->end - image->protected_end}, "tlv");
      !ok) {
    return ok;
  }
  if (!reader.has_digest()) {
    layout.Report("no-digest", {image->protected_end, sizeof(TlvArea)},
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
