#include "verifier/unpack/region.h"

#include <fmt/format.h>

#include <utility>

#include "verifier/unpack/partition.h"

namespace assay::unpack {
namespace {

// A smaller gap is only named in the ledger, a larger one becomes an artifact.
constexpr std::uint64_t kSmallestGap = 32;

}  // namespace

void RegionFiller::Fill(Range region) {
  const auto bytes = Slice(content_.bytes(), region.offset, region.length);
  if (!bytes) {
    return;
  }
  const Carving carving = Carve(*bytes);
  if (carving.gave_up_at) {
    const std::uint64_t from = region.offset + *carving.gave_up_at;
    sink_.ReportProblem(
        {ErrorCode::kLimit, "more beginnings of formats than are tried"},
        {from, region.end() - from});
  }
  if (carving.chunks.empty() && when_ == When::kChunks) {
    return;
  }
  std::uint64_t at = region.offset;
  for (const CarvedChunk& chunk : carving.chunks) {
    const Range range{region.offset + chunk.range.offset, chunk.range.length};
    if (chunk.conflicting) {
      AddConflicting(chunk, range);
      continue;
    }
    FillGap({at, range.offset - at});
    AddPart(range, chunk.format);
    at = range.end();
  }
  FillGap({at, region.end() - at});
}

void RegionFiller::AddConflicting(const CarvedChunk& chunk, Range range) {
  sink_.Report({.id = "unpack.overlapping-formats",
                .range = range,
                .detail = fmt::format("the {} shares bytes with another format",
                                      chunk.format->title)});
  if (const auto part = content_.Slice(range)) {
    // A refusal is a product-wide limit, which the survey reports.
    (void)sink_.AddAlternative(
        {.name = fmt::format("@{:#x}.{}", range.offset, chunk.format->name),
         .origin = range,
         .stored = true},
        *part, *chunk.format);
  }
}

void RegionFiller::FillGap(Range gap) {
  const auto bytes = Slice(content_.bytes(), gap.offset, gap.length);
  if (rest_ == Rest::kStays || !bytes || bytes->empty()) {
    return;
  }
  if (IsFiller(*bytes)) {
    sink_.Claim(gap, formats::RegionUse::kPadding);
    return;
  }
  const std::uint64_t before = FillerPrefix(*bytes);
  const std::uint64_t after = FillerSuffix(*bytes);
  sink_.Claim({gap.offset, before}, formats::RegionUse::kPadding);
  sink_.Claim({gap.end() - after, after}, formats::RegionUse::kPadding);
  const Range rest{gap.offset + before, gap.length - before - after};
  if (rest.length < kSmallestGap) {
    sink_.Claim(rest, formats::RegionUse::kUnknown);
  } else {
    AddPart(rest, nullptr);
  }
}

// A part of a flat image is named by its offset.
void RegionFiller::AddPart(Range range, const formats::Format* format) {
  formats::Member member{
      .name = fmt::format("@{:#x}.{}", range.offset,
                          format != nullptr ? format->name : "unknown"),
      .origin = range,
      .stored = true};
  const auto part = content_.Slice(range);
  // A refusal is a product-wide limit, which the survey reports.
  const bool added =
      part &&
      (format != nullptr ? sink_.Add(std::move(member), *part)
                         : sink_.AddUnclaimed(std::move(member), *part));
  if (!added) {
    sink_.Claim(range, formats::RegionUse::kUnknown);
  }
}

void NoteTrailing(Artifact& artifact, const formats::Format& format,
                  ByteView rest, std::uint64_t offset) {
  if (!rest.empty() && !IsFiller(rest)) {
    Note(artifact, "unpack.trailing-data", {offset, rest.size()},
         fmt::format("{} bytes after the end of the {}", rest.size(),
                     format.title));
  }
}

void AddTrailing(Sink& sink, const ByteSource& rest, std::uint64_t offset) {
  const Range range{offset, rest.size()};
  if (rest.size() == 0 || IsFiller(rest.bytes())) {
    sink.Claim(range, formats::RegionUse::kPadding);
    return;
  }
  const auto added =
      sink.AddUnclaimed({.name = fmt::format("@{:#x}.trailing", offset),
                         .origin = range,
                         .stored = true},
                        rest);
  if (!added) {
    sink.Claim(range, formats::RegionUse::kUnknown);
  }
}

}  // namespace assay::unpack
