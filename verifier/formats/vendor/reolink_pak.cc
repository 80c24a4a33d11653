// Reolink PAK: sections of a camera's firmware and where they go.
// Layout: BANG, firmware/reolink/reolink.ksy; the reolink-camera project,
// unpack-novatek-firmware.pl.

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>

#include "verifier/formats/format.h"
#include "verifier/formats/part_layout.h"

namespace assay::formats {
namespace {

struct Header {
  std::array<std::uint8_t, 4> magic = {};
  Le32 crc, board;
};
static_assert(sizeof(Header) == 12 && FileStruct<Header>);

struct Section {
  std::array<std::uint8_t, 32> name = {};
  std::array<std::uint8_t, 24> version = {};
  Le32 offset, size;
};
static_assert(sizeof(Section) == 64 && FileStruct<Section>);

constexpr std::uint64_t kPartition = 76;  // one for each section, behind them
constexpr std::uint64_t kMostSections = 256;
constexpr std::string_view kMagic = "\x13\x59\x72\x32";

struct Image {
  std::uint64_t sections = 0;
  std::uint64_t headers = 0;  // the size of header, sections and partitions
};

std::optional<Image> HeaderOf(ByteView bytes) {
  const auto header = ReadAt<Header>(bytes, 0);
  const auto first = ReadAt<Section>(bytes, sizeof(Header));
  if (!header || !first || AsText(header->magic) != kMagic ||
      first->offset < sizeof(Header) || !IsPrintableField(first->name)) {
    return std::nullopt;
  }
  const std::uint64_t tables = first->offset - sizeof(Header);
  const std::uint64_t sections = tables / (sizeof(Section) + kPartition);
  if (sections == 0 || sections > kMostSections ||
      tables % (sizeof(Section) + kPartition) != 0) {
    return std::nullopt;
  }
  return Image{sections, first->offset};
}

bool Matches(ByteView head) {
  return HeaderOf(head).has_value();
}

std::optional<Section> SectionAt(ByteView bytes, std::uint64_t index) {
  return ReadAt<Section>(bytes, sizeof(Header) + index * sizeof(Section));
}

Result<std::uint64_t> Measure(ByteView bytes) {
  const auto image = HeaderOf(bytes);
  if (!image) {
    return Fail(ErrorCode::kNotThisFormat, "no PAK header");
  }
  std::uint64_t end = image->headers;
  for (std::uint64_t i = 0; i < image->sections; ++i) {
    const auto section = SectionAt(bytes, i);
    if (!section || !Slice(bytes, section->offset, section->size)) {
      return Fail(ErrorCode::kTruncated, "reolink_pak: a section is cut short");
    }
    end = std::max(end, std::uint64_t{section->offset} + section->size);
  }
  return std::min<std::uint64_t>(end, bytes.size());
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const auto header = HeaderOf(input.source().bytes());
  if (!header) {
    return Fail(ErrorCode::kMalformed, "reolink_pak: no header");
  }
  PartLayout layout(input, "reolink_pak", sink);
  const ByteView bytes = input.source().bytes();
  layout.Metadata({0, header->headers});
  for (std::uint64_t i = 0; i < header->sections; ++i) {
    const auto section = SectionAt(bytes, i);
    if (!section) {
      layout.Damage(ErrorCode::kTruncated, "reolink_pak: sections are missing");
      break;
    }
    if (auto ok = layout.Add(std::string(UntilNul(section->name)),
                             {section->offset, section->size});
        !ok) {
      return ok;
    }
  }
  return layout.Finish(Measure(bytes).value_or(bytes.size()));
}

// NOLINTNEXTLINE: a table
constexpr Magic kMagics[] = {{"\x13\x59\x72\x32", 0}};

}  // namespace

extern const Format kReolinkPak;
const Format kReolinkPak = {
    .name = "reolink_pak",
    .title = "Reolink PAK firmware",
    .reference = "BANG, firmware/reolink/reolink.ksy",
    .magics = kMagics,
    .carvable = true,
    .depth = "members",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
