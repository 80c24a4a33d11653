// A chain of firmware file sections on its own: what a compressed section of
// UEFI firmware decodes to. Such a chain has no magic; it is known by headers
// that lead from one to the next and, where a section is larger than what is
// looked at, by a volume, an image or a known encoding at its start.

#include "verifier/formats/firmware/uefi_section.h"

#include <fmt/format.h>

#include <algorithm>

#include "verifier/formats/archives/archive_input.h"
#include "verifier/formats/firmware/filler.h"
#include "verifier/formats/firmware/uefi_section_walk.h"
#include "verifier/formats/firmware/uefi_volume.h"
#include "verifier/formats/format.h"
#include "verifier/formats/utf16_text.h"

namespace assay::formats {
namespace {

struct CommonHeader {
  Le16 size;
  std::uint8_t size_high = 0, type = 0;
};
static_assert(sizeof(CommonHeader) == 4 && FileStruct<CommonHeader>);

constexpr std::uint64_t kExtended = 0xffffff;  // the size follows in 32 bits

bool IsKnownType(std::uint8_t type) {
  return (type >= uefi::kCompression && type <= uefi::kDisposable) ||
         (type >= uefi::kPe32 && type <= uefi::kRaw) ||
         type == uefi::kPeiDepex || type == uefi::kMmDepex;
}

// A header whose section may reach past the bytes.
std::optional<UefiSection> HeaderAt(ByteView bytes) {
  const auto common = ReadAt<CommonHeader>(bytes, 0);
  if (!common) {
    return std::nullopt;
  }
  UefiSection section{.type = common->type,
                      .header = sizeof(CommonHeader),
                      .size = std::uint64_t{common->size} |
                              std::uint64_t{common->size_high} << 16U};
  if (section.size == kExtended) {
    const auto extended = ReadAt<Le32>(bytes, sizeof(CommonHeader));
    section.header += sizeof(Le32);
    section.size = extended ? std::uint32_t{*extended} : 0U;
  }
  return section.size >= section.header ? std::optional(section) : std::nullopt;
}

// Whether a section that was cut short begins as its type says.
bool BeginsAsItsType(const UefiSection& section, ByteView bytes) {
  const ByteView body =
      bytes.subspan(std::min<std::size_t>(section.header, bytes.size()));
  switch (section.type) {
    case uefi::kPe32:
      return body.size() >= 64 && AsText(body.first(2)) == "MZ";
    case uefi::kTe:
      return body.size() >= 40 && AsText(body.first(2)) == "VZ";
    case uefi::kVolumeImage:
      return UefiVolumeHeaderLength(body).has_value();
    case uefi::kGuidDefined: {
      const auto header = ReadAt<uefi::GuidedHeader>(body, 0);
      return header && (header->guid == uefi::kLzmaGuid ||
                        header->guid == uefi::kTianoGuid ||
                        header->guid == uefi::kLzmaF86Guid ||
                        header->guid == uefi::kBrotliGuid ||
                        header->guid == uefi::kCrc32Guid);
    }
    default:
      return false;
  }
}

bool Matches(ByteView head) {
  return HasUefiSections(head, head.size() < Input::kPeekLimit);
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const ByteView bytes = input.source().bytes();
  if (!UefiSection::At(bytes)) {
    return Fail(ErrorCode::kTruncated, "the first section ends past the input");
  }
  UefiSectionWalk walk(input.source(), sink);
  if (auto ok = walk.Run({0, bytes.size()}, ""); !ok) {
    return ok;
  }
  return input.Skip(bytes.size());
}

}  // namespace

std::optional<UefiSection> UefiSection::At(ByteView bytes) {
  const auto section = HeaderAt(bytes);
  return section && section->size <= bytes.size() ? section : std::nullopt;
}

bool HasUefiSections(ByteView head, bool whole) {
  ByteView rest = head;
  std::uint64_t at = 0;
  while (at < head.size()) {
    rest = head.subspan(static_cast<std::size_t>(at));
    const auto section = HeaderAt(rest);
    if (!section || !IsKnownType(section->type) ||
        section->size == section->header) {
      // Decoded data may end in some zeros.
      return at > 0 && whole && rest.size() < 16 && IsBlank(rest);
    }
    if (section->size > rest.size()) {
      return !whole && BeginsAsItsType(*section, rest);
    }
    at += section->size;
    const std::uint64_t gap =
        std::min<std::uint64_t>(GapTo(uefi::kAlignment, at), head.size() - at);
    if (!IsBlank(*Slice(head, at, gap))) {
      return false;
    }
    at += gap;
  }
  return at > 0;
}

std::string UefiNameIn(ByteView sections) {
  std::uint64_t at = 0;
  while (const auto rest = Slice(sections, at, sections.size() - at)) {
    const auto section = UefiSection::At(*rest);
    if (!section) {
      break;
    }
    if (section->type == uefi::kUserInterface) {
      return TextOfUtf16UntilNul(rest->subspan(
          static_cast<std::size_t>(section->header),
          static_cast<std::size_t>(section->size - section->header)));
    }
    at += section->size;
    at += std::min<std::uint64_t>(GapTo(uefi::kAlignment, at),
                                  sections.size() - at);
  }
  return {};
}

extern const Format kUefiSection;
const Format kUefiSection = {
    .name = "uefi_section",
    .title = "UEFI firmware file sections",
    .reference = "UEFI PI Specification 1.8, volume 3, section 3.2.4",
    .proof = Proof::kWeak,
    .depth = "members",
    .matches = Matches,
    .unpack = Unpack,
};

}  // namespace assay::formats
