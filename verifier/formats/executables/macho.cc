// Mach-O images: programs, libraries, bundles and kernel extensions of Darwin.
// Layout: <mach-o/loader.h>, read by MachoView.
//
// As an ELF object, an image has no members. Header, load commands, symbols,
// what dyld reads and the code signature are claimed as metadata; what segments
// hold besides is the content of this leaf. What lies between is padding if it
// is zeros, and slack otherwise; what follows the last described byte is
// outside of the extent.

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "verifier/formats/coverage.h"
#include "verifier/formats/executables/macho_view.h"
#include "verifier/formats/format.h"

namespace assay::formats {
namespace {

bool Matches(ByteView head) {
  return MachoView::ParseHeader(head).has_value();
}

std::vector<Range> ContentsOf(const MachoView& view) {
  std::vector<Range> contents;
  for (const MachoSegment& segment : view.segments) {
    contents.push_back(segment.file);
  }
  for (const MachoSection& section : view.sections) {
    if (!section.IsZeroFill()) {
      contents.push_back({section.offset, section.size});
    }
  }
  return contents;
}

// The first described range that does not lie inside.
std::optional<Range> Outside(const MachoView& view) {
  std::vector<Range> all = ContentsOf(view);
  const std::vector<Range> tables = view.Tables();
  all.insert(all.end(), tables.begin(), tables.end());
  all.push_back(view.headers);
  for (const Range& range : all) {
    if (range.length > 0 && !Slice(view.bytes, range.offset, range.length)) {
      return range;
    }
  }
  return std::nullopt;
}

Result<std::uint64_t> Measure(ByteView bytes) {
  const auto view = MachoView::Parse(bytes);
  if (!view) {
    return Fail(view.error());
  }
  if (!view->problems.empty()) {
    return Fail(ErrorCode::kMalformed, "macho: " + view->problems.front());
  }
  if (const auto outside = Outside(*view)) {
    return Fail(ErrorCode::kTruncated,
                fmt::format("macho: {} bytes at {} end past the input's {}",
                            outside->length, outside->offset, bytes.size()));
  }
  return view->DescribedEnd();
}

Range CutTo(std::uint64_t end, Range range) {
  const std::uint64_t offset = std::min(range.offset, end);
  return {offset, std::min(range.length, end - offset)};
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const ByteView bytes = input.source().bytes();
  const auto view = MachoView::Parse(bytes);
  if (!view) {
    return Fail(ErrorCode::kMalformed, view.error().what);
  }
  for (const std::string& problem : view->problems) {
    sink.Report({.id = "macho.odd-header",
                 .range = CutTo(bytes.size(), view->headers),
                 .detail = problem});
  }
  if (const auto outside = Outside(*view)) {
    sink.Report({.id = "macho.outside",
                 .range = CutTo(bytes.size(), view->headers),
                 .detail = fmt::format("{} bytes at {} end past the image's {}",
                                       outside->length, outside->offset,
                                       bytes.size())});
  }
  const std::uint64_t end = view->DescribedEnd();
  Coverage coverage;
  coverage.ClaimFree(CutTo(end, view->headers), RegionUse::kMetadata, sink);
  for (const Range& table : view->Tables()) {
    coverage.ClaimFree(CutTo(end, table), RegionUse::kMetadata, sink);
  }
  for (const Range& content : ContentsOf(*view)) {
    coverage.ClaimFree(CutTo(end, content), RegionUse::kContent, sink);
  }
  coverage.ClaimGaps(bytes.first(static_cast<std::size_t>(end)), sink);
  return input.Skip(end);
}

constexpr Magic kMagics[] = {{"\xfe\xed\xfa\xce", 0},
                             {"\xfe\xed\xfa\xcf", 0},
                             {"\xce\xfa\xed\xfe", 0},
                             {"\xcf\xfa\xed\xfe", 0}};  // NOLINT: a table

}  // namespace

extern const Format kMacho;
const Format kMacho = {
    .name = "macho",
    .title = "Mach-O image",
    .reference = "Apple, <mach-o/loader.h>",
    .magics = kMagics,
    .carvable = true,
    .depth = "structure only",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
