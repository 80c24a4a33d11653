#include "verifier/formats/part_layout.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "verifier/formats/archives/archive_input.h"

namespace assay::formats {

void PartLayout::Claim(Range range, RegionUse use) {
  if (range.offset < end_) {
    range.length = std::min(range.length, end_ - range.offset);
    coverage_.ClaimFree(range, use, sink_);
  }
}

bool PartLayout::Place(Member& member, Range range) {
  if (range.offset > end_ || range.length > end_ - range.offset) {
    Damage(ErrorCode::kTruncated,
           fmt::format("{}: a part at {}+{} ends past the end at {}", format_,
                       range.offset, range.length, end_));
    return false;
  }
  if (coverage_.Touches(range)) {
    Report("overlapping-parts", range,
           fmt::format("a part at {}+{} shares bytes with what came before it",
                       range.offset, range.length));
    coverage_.ClaimFree(range, RegionUse::kMember, sink_);
  } else {
    member.origin = range;
    coverage_.Add(range);
  }
  return true;
}

Result<void> PartLayout::Add(std::string name, Range range) {
  return Add(Member{.name = std::move(name)}, range);
}

Result<void> PartLayout::Add(Member member, Range range) {
  if (!Place(member, range)) {
    return sink_.AddOpaque(
        std::move(member),
        fmt::format("its bytes at {}+{} lie past the end of the input",
                    range.offset, range.length));
  }
  member.stored = member.origin.has_value();
  return sink_.Add(std::move(member), *input_.source().Slice(range));
}

Result<void> PartLayout::AddOpaque(std::string name, Range range,
                                   std::string why) {
  Member member{.name = std::move(name)};
  (void)Place(member, range);
  return sink_.AddOpaque(std::move(member), std::move(why));
}

void PartLayout::Report(std::string_view what, Range range,
                        std::string detail) {
  const std::uint64_t size = input_.source().size();
  range.offset = std::min(range.offset, size);
  range.length = std::min(range.length, size - range.offset);
  sink_.Report({.id = fmt::format("{}.{}", format_, what),
                .range = range,
                .detail = std::move(detail)});
}

void PartLayout::Damage(ErrorCode code, std::string what) {
  if (!damage_) {
    damage_ = Error{code, std::move(what)};
  }
}

Result<void> PartLayout::Finish(std::uint64_t end) {
  const ByteView all = input_.source().bytes();
  end = std::min<std::uint64_t>(end, all.size());
  for (const Range& gap : coverage_.Gaps(end)) {
    const auto bytes = all.subspan(static_cast<std::size_t>(gap.offset),
                                   static_cast<std::size_t>(gap.length));
    sink_.Claim(gap, AllAre(bytes, 0) || AllAre(bytes, 0xFF)
                         ? RegionUse::kPadding
                         : RegionUse::kSlack);
  }
  if (damage_) {
    return Fail(*damage_);
  }
  return input_.Skip(end);
}

std::string_view UntilNul(ByteView field) {
  const std::string_view text = AsText(field);
  return text.substr(0, text.find('\0'));
}

bool IsPrintableField(ByteView field) {
  const std::string_view text = UntilNul(field);
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c >= 0x20 && c < 0x7F; }) &&
         AllAre(field.subspan(text.size()), 0);
}

}  // namespace assay::formats
