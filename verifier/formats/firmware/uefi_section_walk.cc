#include "verifier/formats/firmware/uefi_section_walk.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "verifier/base/crc32.h"
#include "verifier/formats/archives/archive_input.h"
#include "verifier/formats/firmware/filler.h"
#include "verifier/formats/firmware/packed_stream.h"
#include "verifier/formats/firmware/tiano.h"
#include "verifier/formats/firmware/uefi_section.h"

namespace assay::formats {
namespace {

using namespace uefi;  // the numbers of the specification

// Wrappers opened on the spot; deeper ones become members of their own.
constexpr std::size_t kMostLevels = 8;

std::string LabelOf(std::uint8_t type) {
  switch (type) {
    case kPe32:
      return "pe32";
    case kPic:
      return "pic";
    case kTe:
      return "te";
    case kDxeDepex:
      return "dxe-depex";
    case kVersion:
      return "version";
    case kUserInterface:
      return "ui";
    case kCompatibility16:
      return "compat16";
    case kVolumeImage:
      return "fv";
    case kRaw:
      return "raw";
    case kPeiDepex:
      return "pei-depex";
    case kMmDepex:
      return "mm-depex";
    default:
      return fmt::format("section-{:02x}", type);
  }
}

// UTF-16 up to a NUL at the very end.
bool IsOneString(ByteView text) {
  std::uint64_t at = 0;
  for (auto unit = ReadAt<Le16>(text, at); unit && *unit != 0;
       unit = ReadAt<Le16>(text, at)) {
    at += sizeof(Le16);
  }
  return at + sizeof(Le16) == text.size();
}

}  // namespace

Result<void> UefiSectionWalk::Run(Range range, const std::string& prefix) {
  pending_.push_back({range, prefix, 0});
  while (!pending_.empty()) {
    const Chain chain = std::move(pending_.back());
    pending_.pop_back();
    if (auto ok = RunChain(chain); !ok) {
      return ok;
    }
  }
  return {};
}

Result<void> UefiSectionWalk::RunChain(const Chain& chain) {
  const ByteView bytes = BytesAt(chain.range);
  std::uint64_t at = 0;
  while (at < bytes.size()) {
    const ByteView rest = bytes.subspan(static_cast<std::size_t>(at));
    const auto section = UefiSection::At(rest);
    if (!section) {
      const Range left{chain.range.offset + at, rest.size()};
      if (!ClaimFiller(source_.bytes(), left, sink_)) {
        Report("uefi_section.size-mismatch", left,
               fmt::format("no whole section in the last {} bytes of {}",
                           rest.size(), chain.prefix));
      }
      return {};
    }
    const Range whole{chain.range.offset + at, section->size};
    if (auto ok = AddSection(*section, whole, chain); !ok) {
      return ok;
    }
    at += section->size;
    const std::uint64_t gap =
        std::min<std::uint64_t>(GapTo(kAlignment, at), bytes.size() - at);
    ClaimFiller(source_.bytes(), {chain.range.offset + at, gap}, sink_);
    at += gap;
  }
  return {};
}

Result<void> UefiSectionWalk::AddSection(const UefiSection& section, Range at,
                                         const Chain& chain) {
  const Range body{at.offset + section.header, at.length - section.header};
  const Range header{at.offset, section.header};
  switch (section.type) {
    case kCompression:
      return AddCompressed(at, body, chain);
    case kGuidDefined:
      return AddGuided(section, at, chain);
    case kDisposable:
      sink_.Claim(header, RegionUse::kMetadata);
      return Descend(body, chain, "disposable");
    case kUserInterface:
      if (IsOneString(BytesAt(body))) {  // in its members' names already
        sink_.Claim(at, RegionUse::kMetadata);
        return {};
      }
      break;
    case kFreeform: {
      const auto guid = ReadAt<Guid>(BytesAt(body), 0);
      if (!guid) {
        break;
      }
      sink_.Claim({at.offset, section.header + sizeof(Guid)},
                  RegionUse::kMetadata);
      return AddPlain({body.offset + sizeof(Guid), body.length - sizeof(Guid)},
                      NameFor(chain, "freeform-" + guid->Text()));
    }
    default:
      break;
  }
  // In front of a version stands a build number.
  const std::uint64_t extra =
      section.type == kVersion ? std::min(body.length, kBuildNumber) : 0;
  sink_.Claim({at.offset, section.header + extra}, RegionUse::kMetadata);
  return AddPlain({body.offset + extra, body.length - extra},
                  NameFor(chain, LabelOf(section.type)));
}

Result<void> UefiSectionWalk::AddCompressed(Range at, Range body,
                                            const Chain& chain) {
  const auto header = ReadAt<CompressionHeader>(BytesAt(body), 0);
  if (!header) {
    Report("uefi_section.size-mismatch", at,
           "a compression section without a whole header");
    sink_.Claim(at, RegionUse::kSlack);
    return {};
  }
  const Range packed{body.offset + sizeof(CompressionHeader),
                     body.length - sizeof(CompressionHeader)};
  sink_.Claim({at.offset, at.length - packed.length}, RegionUse::kMetadata);
  switch (header->type) {
    case kNotCompressed:
      return Descend(packed, chain, "plain");
    case kStandardCompression:
      return AddTiano(packed, false, NameFor(chain, "compressed"));
    case kCustomizedCompression:
      if (LzmaHeaderOf(BytesAt(packed))) {
        return AddLzma(packed, false, NameFor(chain, "lzma"));
      }
      break;
    default:
      break;
  }
  return sink_.AddOpaque(
      {.name = NameFor(chain, "compressed"), .origin = packed},
      fmt::format("compression type {} is not read", header->type));
}

Result<void> UefiSectionWalk::AddGuided(const UefiSection& section, Range at,
                                        const Chain& chain) {
  const ByteView bytes = BytesAt(at);
  const auto header = ReadAt<GuidedHeader>(bytes, section.header);
  const std::uint64_t fixed = section.header + sizeof(GuidedHeader);
  if (!header || header->data_offset < fixed ||
      header->data_offset > at.length) {
    Report("uefi_section.size-mismatch", at,
           "a GUID-defined section whose data lie outside of it");
    sink_.Claim({at.offset, section.header}, RegionUse::kMetadata);
    return AddPlain({at.offset + section.header, at.length - section.header},
                    NameFor(chain, "guid-defined"));
  }
  const Range body{at.offset + header->data_offset,
                   at.length - header->data_offset};
  const Range extra{at.offset + fixed, header->data_offset - fixed};
  sink_.Claim({at.offset, fixed}, RegionUse::kMetadata);
  if (header->guid == kSignedContents && extra.length > 0) {
    if (auto ok = AddPlain(extra, NameFor(chain, "certificate")); !ok) {
      return ok;
    }
  } else {
    sink_.Claim(extra, RegionUse::kMetadata);
  }
  if (header->guid == kCrc32Guid) {
    CheckCrc(extra, body);
    return Descend(body, chain, "crc32");
  }
  return AddEncoded(header->guid, body, chain,
                    (header->attributes & kProcessingRequired) != 0);
}

Result<void> UefiSectionWalk::AddEncoded(const Guid& guid, Range body,
                                         const Chain& chain, bool processed) {
  if (guid == kTianoGuid) {
    return AddTiano(body, true, NameFor(chain, "tiano"));
  }
  if (guid == kLzmaGuid || guid == kLzmaHpGuid || guid == kLzmaMsGuid) {
    return AddLzma(body, false, NameFor(chain, "lzma"));
  }
  if (guid == kLzmaF86Guid) {
    return AddLzma(body, true, NameFor(chain, "lzma-f86"));
  }
  if (guid == kBrotliGuid) {
    return AddBrotli(body, NameFor(chain, "brotli"));
  }
  const std::string label = "guid-" + guid.Text();
  if (!processed || guid == kSignedContents) {
    return Descend(body, chain, label);
  }
  return sink_.AddOpaque({.name = NameFor(chain, label), .origin = body},
                         "an unknown GUID-defined encoding");
}

// What follows the packed data inside of their section is read by nobody.
Result<void> UefiSectionWalk::AddTiano(Range body, bool tiano,
                                       const std::string& name) {
  const ByteView bytes = BytesAt(body);
  const std::uint64_t used =
      TianoStream::PackedSize(bytes).value_or(bytes.size());
  const std::uint64_t memory = sink_.limits().memory_per_member;
  const TianoVariant variant = TianoVariantOf(
      bytes, tiano ? TianoVariant::kTiano : TianoVariant::kEfi, memory);
  TianoStream stream(bytes, variant, memory);
  ClaimFiller(source_.bytes(), {body.offset + used, body.length - used}, sink_);
  return sink_.AddStream({.name = name, .origin = Range{body.offset, used}},
                         stream);
}

// Sizes of the decoded data and of a scratch buffer come first.
Result<void> UefiSectionWalk::AddBrotli(Range body, const std::string& name) {
  const ByteView bytes = BytesAt(body);
  const auto stream =
      OpenBrotli(bytes.subspan(std::min(bytes.size(), kBrotliHeader)));
  return sink_.AddStream({.name = name, .origin = body}, *stream);
}

Result<void> UefiSectionWalk::AddLzma(Range body, bool x86,
                                      const std::string& name) {
  const auto stream = OpenLzma(BytesAt(body), x86);
  return sink_.AddStream({.name = name, .origin = body}, *stream);
}

Result<void> UefiSectionWalk::AddPlain(Range body, const std::string& name) {
  if (body.length == 0) {
    return {};
  }
  const auto content = source_.Slice(body);
  if (!content) {
    return Fail(content.error());
  }
  return sink_.Add({.name = name, .origin = body, .stored = true}, *content);
}

Result<void> UefiSectionWalk::Descend(Range body, const Chain& chain,
                                      const std::string& label) {
  const std::string name = NameFor(chain, label);
  if (chain.level + 1 >= kMostLevels || !HasUefiSections(BytesAt(body), true)) {
    return AddPlain(body, name);
  }
  pending_.push_back({body, name, chain.level + 1});
  return {};
}

void UefiSectionWalk::CheckCrc(Range at, Range body) {
  const auto stored = ReadAt<Le32>(BytesAt(at), 0);
  const std::uint32_t crc = Crc32(BytesAt(body));
  if (!stored || *stored != crc) {
    Report("uefi_section.crc-mismatch", body,
           fmt::format("the section says {:08x}, its data give {:08x}",
                       stored ? std::uint32_t{*stored} : 0U, crc));
  }
}

std::string UefiSectionWalk::NameFor(const Chain& chain,
                                     const std::string& label) {
  const std::string name =
      chain.prefix.empty() ? label : chain.prefix + "/" + label;
  const unsigned times = names_[name]++;
  return times == 0 ? name : fmt::format("{}.{}", name, times);
}

ByteView UefiSectionWalk::BytesAt(Range range) const {
  return Slice(source_.bytes(), range.offset, range.length)
      .value_or(ByteView());
}

void UefiSectionWalk::Report(std::string id, Range range, std::string detail) {
  sink_.Report({std::move(id), range, std::move(detail)});
}

}  // namespace assay::formats
