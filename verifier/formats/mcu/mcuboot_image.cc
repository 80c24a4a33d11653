#include "verifier/formats/mcu/mcuboot_image.h"

namespace assay::formats {
namespace {

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
constexpr std::uint32_t kKnownFlags = 0xFFFF;

bool IsPlausible(const McubootHeader& header) {
  return header.magic == kImageMagic &&
         header.header_size >= sizeof(McubootHeader) && header.image_size > 0 &&
         header.padding == 0 && (header.flags & ~kKnownFlags) == 0;
}

void ReadArea(ByteView bytes, Range area, bool is_protected,
              McubootTlvs& into) {
  into.headers.push_back({area.offset, sizeof(TlvArea)});
  std::uint64_t at = area.offset + sizeof(TlvArea);
  while (at < area.end()) {
    const auto tlv = ReadAt<Tlv>(bytes, at);
    if (!tlv || area.end() - at < sizeof(Tlv) ||
        tlv->size > area.end() - at - sizeof(Tlv)) {
      into.damage.push_back({at, area.end() - at});
      return;
    }
    into.headers.push_back({at, sizeof(Tlv)});
    const Range value{at + sizeof(Tlv), tlv->size};
    into.list.push_back({is_protected, tlv->type, value});
    at = value.end();
  }
}

}  // namespace

bool HasMcubootHeader(ByteView head) {
  const auto header = ReadAt<McubootHeader>(head, 0);
  return header && IsPlausible(*header);
}

Result<McubootImage> McubootImageOf(ByteView bytes) {
  const auto header = ReadAt<McubootHeader>(bytes, 0);
  if (!header || !IsPlausible(*header)) {
    return Fail(ErrorCode::kNotThisFormat, "no MCUboot header");
  }
  McubootImage layout{
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

McubootTlvs TlvsOf(ByteView bytes, const McubootImage& image) {
  McubootTlvs tlvs;
  if (image.header.protected_size > 0) {
    ReadArea(bytes, {image.payload_end, image.header.protected_size}, true,
             tlvs);
  }
  ReadArea(bytes, {image.protected_end, image.end - image.protected_end}, false,
           tlvs);
  return tlvs;
}

}  // namespace assay::formats
