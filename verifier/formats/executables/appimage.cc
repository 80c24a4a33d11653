// AppImage: an ELF runtime that mounts the file system it carries. Type 1 is
// an ISO 9660 image with the runtime in its system area, type 2 a runtime with
// a file system (SquashFS, by the specification) behind its last section.
// Layout: AppImage specification (github.com/AppImage/AppImageSpec), "Image
// format".
//
// Known by its end, so that a runtime without a file system stays what it is.
// The file system of type 1 has zeros where the runtime was: ISO 9660 gives
// that area no meaning (ECMA-119, section 6.2.1).

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "verifier/formats/coverage.h"
#include "verifier/formats/executables/elf_view.h"
#include "verifier/formats/format.h"
#include "verifier/formats/part_layout.h"

namespace assay::formats {
namespace {

constexpr std::uint64_t kSystemArea = 32768;

struct Layout {
  unsigned type = 0;
  std::uint64_t runtime = 0;  // where it ends
  Range filesystem = {};
};

// The type in the identification's padding; 0 for none.
unsigned TypeOf(ByteView bytes) {
  constexpr std::uint64_t kMark = 8;
  const auto mark = ReadAt<std::array<std::uint8_t, 3>>(bytes, kMark);
  const auto magic = Slice(bytes, 0, 4);
  const bool marked = mark && magic &&
                      AsText(*magic) ==
                          "\x7F"
                          "ELF" &&
                      (*mark)[0] == 'A' && (*mark)[1] == 'I';
  return marked && (*mark)[2] <= 2 ? (*mark)[2] : 0;
}

// Behind all that the object describes.
std::optional<std::uint64_t> RuntimeEnd(ByteView bytes) {
  const auto view = ElfView::Parse(bytes);
  if (!view || !view->problems.empty()) {
    return std::nullopt;
  }
  std::uint64_t end =
      std::max(view->section_table.end(), view->segment_table.end());
  bool inside = true;
  const auto reach = [&](std::uint64_t offset, std::uint64_t length) {
    inside = inside && Slice(bytes, offset, length);
    end = inside ? std::max(end, offset + length) : end;
  };
  for (const ElfSegment& segment : view->segments) {
    reach(segment.offset, segment.filesz);
  }
  for (const ElfSection& section : view->sections) {
    if (section.type != elf::kSectionNull &&
        section.type != elf::kSectionNobits) {
      reach(section.offset, section.size);
    }
  }
  return inside ? std::optional(end) : std::nullopt;
}

// How long the ISO 9660 image is, whatever its system area holds.
std::optional<std::uint64_t> IsoSize(ByteView bytes) {
  const auto all = AllFormats();
  const auto iso = std::find_if(
      all.begin(), all.end(),
      [](const Format* format) { return format->name == "iso9660"; });
  const ByteView head = bytes.first(std::min(bytes.size(), Input::kPeekLimit));
  if (iso == all.end() || !HasMagic(**iso, head) || !(*iso)->matches(head)) {
    return std::nullopt;
  }
  const auto size = (*iso)->measure(bytes);
  return size ? std::optional(*size) : std::nullopt;
}

std::optional<Layout> ReadLayout(ByteView bytes) {
  Layout layout{.type = TypeOf(bytes)};
  const auto runtime = layout.type == 0 ? std::nullopt : RuntimeEnd(bytes);
  if (!runtime || *runtime >= bytes.size()) {
    return std::nullopt;
  }
  layout.runtime = *runtime;
  if (layout.type == 1) {
    const auto size = IsoSize(bytes);
    if (!size || *size <= kSystemArea || *runtime > kSystemArea) {
      return std::nullopt;
    }
    layout.filesystem = {kSystemArea, *size - kSystemArea};
  } else {
    const ByteView rest = bytes.subspan(static_cast<std::size_t>(*runtime));
    const Format* format =
        Detect(rest.first(std::min(rest.size(), Input::kPeekLimit)));
    if (format == nullptr || format->measure == nullptr) {
      return std::nullopt;
    }
    const auto size = format->measure(rest);
    if (!size || *size == 0) {
      return std::nullopt;
    }
    layout.filesystem = {*runtime, *size};
  }
  const ByteView behind =
      bytes.subspan(static_cast<std::size_t>(layout.filesystem.end()));
  return IsZero(behind) ? std::optional(layout) : std::nullopt;
}

bool MatchesEnd(ByteView bytes) {
  return ReadLayout(bytes).has_value();
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const ByteSource& source = input.source();
  const auto layout = ReadLayout(source.bytes());
  if (!layout) {
    return Fail(ErrorCode::kMalformed,
                "appimage: no runtime with a file system");
  }
  PartLayout parts(input, "appimage", sink);
  if (auto ok = parts.Add("runtime", {0, layout->runtime}); !ok) {
    return ok;
  }
  Result<void> added;
  if (layout->type == 1) {
    parts.Claim(layout->filesystem, RegionUse::kMember);
    const std::array<Extent, 2> extents = {Extent{{0, kSystemArea}, true},
                                           Extent{layout->filesystem, false}};
    auto content = source.Gather(extents, sink.limits().memory_per_member,
                                 sink.limits().member);
    added = content
                ? sink.Add({.name = "filesystem"}, std::move(*content))
                : sink.AddOpaque({.name = "filesystem"}, content.error().what);
  } else {
    added = parts.Add("filesystem", layout->filesystem);
  }
  return added ? parts.Finish(source.size()) : added;
}

}  // namespace

extern const Format kAppimage;
const Format kAppimage = {
    .name = "appimage",
    .title = "AppImage, type 1 and 2",
    .reference = "AppImage specification, Image format",
    .proof = Proof::kStructure,
    .depth = "members",
    .matches_end = MatchesEnd,
    .unpack = Unpack,
};

}  // namespace assay::formats
