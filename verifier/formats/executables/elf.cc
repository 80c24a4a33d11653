// ELF objects: executables, libraries, kernel modules, core files. Layout:
// System V ABI, chapters 4 and 5, read by ElfView.
//
// An object has no members. Its header and tables are claimed as metadata; the
// contents of sections and segments are claimed by nobody, which makes them
// the content of this leaf. What lies between them is described by nothing and
// loaded by nobody: zeros are padding, everything else is slack. What follows
// the last described byte (an overlay) is outside of the extent, but for the
// signature that the Linux kernel appends to its modules.

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "verifier/formats/coverage.h"
#include "verifier/formats/executables/elf_view.h"
#include "verifier/formats/executables/kernel_relocations.h"
#include "verifier/formats/executables/module_signature.h"
#include "verifier/formats/format.h"

namespace assay::formats {
namespace {

constexpr std::uint16_t kFirstOsType = 0xfe00;  // ET_LOOS

bool Matches(ByteView head) {
  const auto view = ElfView::Parse(head.first(
      std::min<std::size_t>(head.size(), 64)));  // the header, no table
  return view && ((view->type > 0 && view->type <= elf::kTypeCore) ||
                  view->type >= kFirstOsType);
}

// The parts of an object, cut to what lies inside of it.
struct Parts {
  std::vector<Range> metadata = {};
  std::vector<Range> contents = {};
  std::uint64_t outside = 0;  // how many lie (partly) outside of the object
  std::string first_outside = {};
  std::uint64_t end = 0;  // of the last part
};

class Collector {
 public:
  explicit Collector(const ElfView& view) : view_(view) {}

  Parts Collect() {
    Add(parts_.metadata, {0, view_.header_size}, "the header");
    Add(parts_.metadata, view_.segment_table, "the program header table");
    Add(parts_.metadata, view_.section_table, "the section header table");
    for (const ElfSegment& segment : view_.segments) {
      Add(parts_.contents, {segment.offset, segment.filesz}, "a segment");
    }
    for (const ElfSection& section : view_.sections) {
      if (section.type != elf::kSectionNull &&
          section.type != elf::kSectionNobits) {
        Add(parts_.contents, {section.offset, section.size}, "a section");
      }
    }
    return std::move(parts_);
  }

 private:
  void Add(std::vector<Range>& ranges, Range range, const char* what) {
    if (range.length == 0) {
      return;
    }
    const std::uint64_t size = view_.bytes.size();
    if (range.offset > size || range.length > size - range.offset) {
      if (parts_.outside++ == 0) {
        parts_.first_outside = fmt::format("{} of {} bytes at {}", what,
                                           range.length, range.offset);
      }
      range.offset = std::min(range.offset, size);
      range.length = std::min(range.length, size - range.offset);
    }
    parts_.end = std::max(parts_.end, range.end());
    ranges.push_back(range);
  }

  const ElfView& view_;
  Parts parts_;
};

// What directly follows the object and belongs to it: relocations, or
// signatures, of which the kernel looks at the last.
std::vector<Range> Appended(const Parts& parts, ByteView bytes) {
  std::vector<Range> appended;
  ByteView rest = bytes.subspan(static_cast<std::size_t>(parts.end));
  if (IsKernelRelocations(rest)) {
    return {{parts.end, rest.size()}};
  }
  std::uint64_t at = parts.end;
  while (const auto size = ModuleSignatureSize(rest)) {
    appended.push_back({at, *size});
    at += *size;
    rest = rest.subspan(static_cast<std::size_t>(*size));
  }
  return appended;
}

Result<std::uint64_t> Measure(ByteView bytes) {
  const auto view = ElfView::Parse(bytes);
  if (!view) {
    return Fail(view.error());
  }
  if (!view->problems.empty()) {
    return Fail(ErrorCode::kMalformed, "elf: " + view->problems.front());
  }
  const Parts parts = Collector(*view).Collect();
  if (parts.outside > 0) {
    return Fail(ErrorCode::kTruncated,
                fmt::format("elf: {} ends past the input's {} bytes",
                            parts.first_outside, bytes.size()));
  }
  if (parts.contents.empty()) {
    return Fail(ErrorCode::kNotThisFormat, "elf: a header without contents");
  }
  const std::vector<Range> appended = Appended(parts, bytes);
  return appended.empty() ? parts.end : appended.back().end();
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const ByteView bytes = input.source().bytes();
  const auto view = ElfView::Parse(bytes);
  if (!view) {
    return Fail(ErrorCode::kMalformed, view.error().what);
  }
  for (const std::string& problem : view->problems) {
    sink.Report({.id = "elf.odd-header",
                 .range = {0, view->header_size},
                 .detail = problem});
  }
  const Parts parts = Collector(*view).Collect();
  if (parts.outside > 0) {
    sink.Report({.id = "elf.outside",
                 .range = {0, view->header_size},
                 .detail = fmt::format(
                     "{} parts end past the object's {} bytes, the first is {}",
                     parts.outside, bytes.size(), parts.first_outside)});
  }
  Coverage coverage;
  for (const Range& range : parts.metadata) {
    coverage.ClaimFree(range, RegionUse::kMetadata, sink);
  }
  for (const Range& range : parts.contents) {
    coverage.Add(range);
  }
  coverage.ClaimGaps(bytes.first(static_cast<std::size_t>(parts.end)), sink);
  const std::vector<Range> appended = Appended(parts, bytes);
  for (const Range& range : appended) {
    sink.Claim(range, RegionUse::kMetadata);
  }
  if (appended.size() > 1) {
    sink.Report({.id = "elf.stacked-signatures",
                 .range = appended.front(),
                 .detail = fmt::format("{} signatures are appended; the kernel "
                                       "looks at the last and takes the others "
                                       "for part of the module",
                                       appended.size())});
  }
  return {};
}

constexpr Magic kMagics[] = {
    {"\x7f"
     "ELF",
     0}};  // NOLINT: a table

}  // namespace

extern const Format kElf;
const Format kElf = {
    .name = "elf",
    .title = "ELF object",
    .reference = "System V ABI (gABI), chapters 4 and 5",
    .magics = kMagics,
    .carvable = true,
    .depth = "structure only",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
