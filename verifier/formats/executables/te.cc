// TE images: PE images of UEFI's early phases, whose headers were replaced by a
// shorter one. Layout: UEFI Platform Initialization Specification 1.8, volume
// 1, section 15 "TE Image". File offsets of sections count from the original
// headers, of which StrippedSize bytes are gone.
//
// An image has no members: as of an ELF object, the contents of its sections
// are the content of this leaf.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "verifier/formats/coverage.h"
#include "verifier/formats/executables/pe_view.h"
#include "verifier/formats/format.h"

namespace assay::formats {
namespace {

struct Header {
  Be16 signature;  // "VZ"
  Le16 machine;
  std::uint8_t sections = 0, subsystem = 0;
  Le16 stripped_size;
  Le32 entry_point, base_of_code;
  Le64 image_base;
  std::array<Le32, 4> directories = {};
};
static_assert(sizeof(Header) == 40 && FileStruct<Header>);

constexpr auto kMachines =
    std::to_array<std::uint16_t>({0x014c, 0x0200, 0x0ebc, 0x01c2, 0x01c4,
                                  0x5032, 0x5064, 0x6264, 0x8664, 0xaa64});
constexpr std::uint8_t kMostSections = 32;
constexpr std::uint8_t kFirstSubsystem = 10;  // EFI application
constexpr std::uint8_t kLastSubsystem = 13;   // EFI ROM

struct Image {
  Range headers = {};
  std::vector<Range> contents = {};
  std::uint64_t end = 0;
};

Result<Image> Parse(ByteView bytes) {
  const auto header = ReadAt<Header>(bytes, 0);
  if (!header || header->signature != 0x565a || header->sections == 0 ||
      header->sections > kMostSections || header->stripped_size < 64 ||
      header->subsystem < kFirstSubsystem ||
      header->subsystem > kLastSubsystem ||
      std::find(kMachines.begin(), kMachines.end(), header->machine) ==
          kMachines.end()) {
    return Fail(ErrorCode::kNotThisFormat, "no TE header");
  }
  Image image;
  image.headers = {
      0, sizeof(Header) + header->sections * sizeof(pe::SectionHeader)};
  image.end = image.headers.end();
  for (std::uint64_t i = 0; i < header->sections; ++i) {
    const auto section = ReadAt<pe::SectionHeader>(
        bytes, sizeof(Header) + i * sizeof(pe::SectionHeader));
    if (!section) {
      return Fail(ErrorCode::kNotThisFormat, "no TE section table");
    }
    const std::uint64_t moved = sizeof(Header) + section->raw_offset;
    if (section->raw_size == 0) {
      continue;
    }
    if (moved < header->stripped_size + image.headers.end()) {
      return Fail(ErrorCode::kNotThisFormat, "a TE section in the headers");
    }
    image.contents.push_back(
        {moved - header->stripped_size, section->raw_size});
    image.end = std::max(image.end, image.contents.back().end());
  }
  if (image.contents.empty()) {
    return Fail(ErrorCode::kNotThisFormat, "a TE header without contents");
  }
  return image;
}

bool Matches(ByteView head) {
  return Parse(head).has_value();
}

Result<Image> ParseWhole(ByteView bytes) {
  auto image = Parse(bytes);
  if (image && image->end > bytes.size()) {
    return Fail(ErrorCode::kTruncated,
                fmt::format("te: sections end at {}, the input at {}",
                            image->end, bytes.size()));
  }
  return image;
}

Result<std::uint64_t> Measure(ByteView bytes) {
  const auto image = ParseWhole(bytes);
  if (!image) {
    return Fail(image.error());
  }
  return image->end;
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const ByteView bytes = input.source().bytes();
  const auto image = ParseWhole(bytes);
  if (!image) {
    return Fail(image.error().code == ErrorCode::kNotThisFormat
                    ? ErrorCode::kMalformed
                    : image.error().code,
                image.error().what);
  }
  Coverage coverage;
  coverage.ClaimFree(image->headers, RegionUse::kMetadata, sink);
  for (const Range& content : image->contents) {
    if (coverage.Touches(content)) {
      sink.Report({.id = "te.overlapping-sections",
                   .range = content,
                   .detail = "a section shares bytes with another"});
    }
    coverage.ClaimFree(content, RegionUse::kContent, sink);
  }
  coverage.ClaimGaps(bytes.first(static_cast<std::size_t>(image->end)), sink);
  return input.Skip(image->end);
}

constexpr Magic kMagics[] = {{"VZ", 0}};  // NOLINT: a table

}  // namespace

extern const Format kTe;
const Format kTe = {
    .name = "te",
    .title = "TE image",
    .reference = "UEFI PI Specification 1.8, volume 1, section 15",
    .magics = kMagics,
    .proof = Proof::kMagic,
    .depth = "structure only",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
