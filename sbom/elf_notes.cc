#include "sbom/elf_notes.h"

#include <optional>
#include <vector>

namespace assay::sbom {
namespace {

constexpr std::uint64_t kHead = 12;

std::uint64_t AlignedTo(std::uint64_t alignment, std::uint64_t size) {
  return (size + alignment - 1) / alignment * alignment;
}

void ReadNotes(const formats::ElfView& view, Range range,
               std::uint64_t alignment,
               const std::function<void(const ElfNote&)>& visit) {
  std::uint64_t at = range.offset;
  while (at < range.end() && range.end() - at >= kHead) {
    const auto name_size = view.Integer(at, 4);
    const auto size = view.Integer(at + 4, 4);
    const auto type = view.Integer(at + 8, 4);
    if (!name_size || !size || !type) {
      return;
    }
    const std::uint64_t content_at =
        at + AlignedTo(alignment, kHead + *name_size);
    const auto name = Slice(view.bytes, at + kHead, *name_size);
    const auto content = Slice(view.bytes, content_at, *size);
    if (!name || !content || content_at + *size > range.end()) {
      return;
    }
    const std::string_view owner = AsText(*name);
    visit({owner.substr(0, owner.find('\0')),
           static_cast<std::uint32_t>(*type),
           *content,
           {content_at, *size}});
    at = content_at + AlignedTo(alignment, *size);
  }
}

// 8 for the few notes that are aligned so (.note.gnu.property), else 4.
std::uint64_t AlignmentOf(std::uint64_t stored) {
  return stored == 8 ? 8 : 4;
}

}  // namespace

void ForEachElfNote(const formats::ElfView& view,
                    const std::function<void(const ElfNote&)>& visit) {
  bool any = false;
  for (const formats::ElfSegment& segment : view.segments) {
    if (segment.type == formats::elf::kSegmentNote &&
        Slice(view.bytes, segment.offset, segment.filesz)) {
      any = true;
      ReadNotes(view, {segment.offset, segment.filesz},
                AlignmentOf(segment.align), visit);
    }
  }
  if (any) {
    return;
  }
  for (const formats::ElfSection& section : view.sections) {
    if (section.type == formats::elf::kSectionNote &&
        Slice(view.bytes, section.offset, section.size)) {
      ReadNotes(view, {section.offset, section.size}, 4, visit);
    }
  }
}

}  // namespace assay::sbom
