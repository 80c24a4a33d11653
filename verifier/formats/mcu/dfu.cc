// USB device firmware: an image and the suffix of the DFU standard.
// Layout: USB Device Class Specification for Device Firmware Upgrade 1.1,
// appendix B; STMicroelectronics UM0391, "DfuSe File Format Specification",
// for the targets and elements that may stand in front of it.

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "verifier/base/crc32.h"
#include "verifier/formats/format.h"
#include "verifier/formats/part_layout.h"

namespace assay::formats {
namespace {

struct Suffix {
  Le16 device, product, vendor, version;
  std::array<std::uint8_t, 3> signature = {};
  std::uint8_t length = 0;
  Le32 crc;  // of all that is in front of it
};
static_assert(sizeof(Suffix) == 16 && FileStruct<Suffix>);

struct Prefix {
  std::array<std::uint8_t, 5> signature = {};
  std::uint8_t version = 0;
  Le32 size;  // of all but the suffix
  std::uint8_t targets = 0;
};
static_assert(sizeof(Prefix) == 11 && FileStruct<Prefix>);

struct Target {
  std::array<std::uint8_t, 6> signature = {};
  std::uint8_t alternate = 0;
  Le32 named;
  std::array<std::uint8_t, 255> name = {};
  Le32 size, elements;
};
static_assert(sizeof(Target) == 274 && FileStruct<Target>);

struct Element {
  Le32 address, size;
};
static_assert(sizeof(Element) == 8 && FileStruct<Element>);

constexpr std::uint16_t kVersion10 = 0x0100;
constexpr std::uint16_t kVersion11 = 0x0110;
constexpr std::uint16_t kVersionSe = 0x011A;

std::optional<Suffix> SuffixOf(ByteView bytes) {
  if (bytes.size() < sizeof(Suffix)) {
    return std::nullopt;
  }
  auto suffix = ReadAt<Suffix>(bytes, bytes.size() - sizeof(Suffix));
  if (!suffix || AsText(suffix->signature) != "UFD" ||
      suffix->length < sizeof(Suffix) || suffix->length > bytes.size() ||
      (suffix->version != kVersion10 && suffix->version != kVersion11 &&
       suffix->version != kVersionSe)) {
    return std::nullopt;
  }
  return suffix;
}

// The header that the boot ROM of NXP's LPC18xx and LPC43xx wants in front (NXP
// UM10503, "Boot image header"); their build adds it after the suffix, whose
// CRC then does not cover it. Here only one without encryption and hash.
constexpr std::uint64_t kLpcHeader = 16;

bool HasLpcHeader(ByteView bytes, const Suffix& suffix) {
  return bytes.size() >= kLpcHeader + sizeof(Suffix) && bytes[0] == 0xDA &&
         bytes[1] == 0xFF &&
         Crc32Raw(~0U, bytes.subspan(kLpcHeader, bytes.size() - kLpcHeader -
                                                     sizeof(Le32))) ==
             suffix.crc;
}

bool MatchesEnd(ByteView bytes) {
  return SuffixOf(bytes).has_value();
}

class DfuSeReader {
 public:
  DfuSeReader(ByteView image, PartLayout& layout, ArtifactSink& sink)
      : image_(image), layout_(layout), sink_(sink) {}

  Result<void> Read(const Prefix& prefix) {
    layout_.Metadata({0, sizeof(Prefix)});
    if (prefix.size != image_.size()) {
      layout_.Report("size-mismatch", {0, sizeof(Prefix)},
                     fmt::format("the prefix states {} bytes, there are {}",
                                 std::uint32_t{prefix.size}, image_.size()));
    }
    at_ = sizeof(Prefix);
    for (unsigned i = 0; i < prefix.targets; ++i) {
      const auto target = ReadAt<Target>(image_, at_);
      if (!target || AsText(target->signature) != "Target") {
        layout_.Damage(ErrorCode::kMalformed,
                       fmt::format("dfu: no target at {}", at_));
        return {};
      }
      layout_.Metadata({at_, sizeof(Target)});
      at_ += sizeof(Target);
      if (auto ok = ReadElements(*target); !ok) {
        return ok;
      }
    }
    return {};
  }

 private:
  Result<void> ReadElements(const Target& target) {
    const std::uint64_t start = at_;
    for (std::uint64_t i = 0; i < target.elements; ++i) {
      const auto element = ReadAt<Element>(image_, at_);
      if (!element || i >= sink_.limits().entries) {
        layout_.Damage(ErrorCode::kTruncated,
                       fmt::format("dfu: no element at {}", at_));
        at_ = image_.size();
        return {};
      }
      layout_.Metadata({at_, sizeof(Element)});
      at_ += sizeof(Element);
      if (auto ok = layout_.Add(NameOf(target, *element), {at_, element->size});
          !ok) {
        return ok;
      }
      if (element->size > image_.size() - at_) {
        at_ = image_.size();
        return {};
      }
      at_ += element->size;
    }
    if (at_ - start != target.size) {
      layout_.Report("size-mismatch", {start - sizeof(Target), sizeof(Target)},
                     fmt::format("the target at {} states {} bytes, its "
                                 "elements take up {}",
                                 start - sizeof(Target),
                                 std::uint32_t{target.size}, at_ - start));
    }
    return {};
  }

  std::string NameOf(const Target& target, const Element& element) {
    std::string name = fmt::format("alt{}/0x{:08x}", target.alternate,
                                   std::uint32_t{element.address});
    const std::uint64_t number = ++seen_[name];
    return number == 1 ? name : fmt::format("{}.{}", name, number);
  }

  ByteView image_;
  PartLayout& layout_;
  ArtifactSink& sink_;
  std::uint64_t at_ = 0;
  std::map<std::string, std::uint64_t> seen_;
};

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const ByteView bytes = input.source().bytes();
  const auto suffix = SuffixOf(bytes);
  if (!suffix) {
    return Fail(ErrorCode::kMalformed, "dfu: no suffix at the end");
  }
  PartLayout layout(input, "dfu", sink);
  const Range end{bytes.size() - suffix->length, suffix->length};
  const std::uint32_t crc =
      Crc32Raw(~0U, bytes.first(bytes.size() - sizeof(Le32)));
  std::uint64_t start = 0;
  if (crc != suffix->crc && HasLpcHeader(bytes, *suffix)) {
    start = kLpcHeader;
    layout.Metadata({0, start});
  } else if (crc != suffix->crc) {
    layout.Report("crc-mismatch", end,
                  fmt::format("the suffix says {:08x}, the bytes give {:08x}",
                              std::uint32_t{suffix->crc}, crc));
  }
  layout.Metadata(end);
  const ByteView image = bytes.first(static_cast<std::size_t>(end.offset));
  const auto prefix = ReadAt<Prefix>(image, 0);
  if (start == 0 && prefix && AsText(prefix->signature) == "DfuSe" &&
      prefix->version == 1) {
    if (auto ok = DfuSeReader(image, layout, sink).Read(*prefix); !ok) {
      return ok;
    }
  } else if (auto ok = layout.Add("payload", {start, image.size() - start});
             !ok) {
    return ok;
  }
  return layout.Finish(bytes.size());
}

}  // namespace

extern const Format kDfu;
const Format kDfu = {
    .name = "dfu",
    .title = "USB device firmware (DFU suffix, DfuSe)",
    .reference = "USB DFU 1.1, appendix B; STMicroelectronics UM0391",
    .depth = "members",
    .matches_end = MatchesEnd,
    .unpack = Unpack,
};

}  // namespace assay::formats
