// Microsoft virtual hard disk of type "fixed": the disk as it is, and a footer.
// Layout: Virtual Hard Disk Image Format Specification 1.0 (2006).
//
// Claims: the footer is metadata, the disk a stored member.

#include <fmt/format.h>

#include <algorithm>

#include "verifier/formats/disks/vhd_footer.h"
#include "verifier/formats/format.h"

namespace assay::formats {
namespace {

std::optional<vhd::Footer> LastFooter(ByteView bytes) {
  if (bytes.size() < sizeof(vhd::Footer)) {
    return std::nullopt;
  }
  return vhd::ReadFooter(bytes, bytes.size() - sizeof(vhd::Footer));
}

bool MatchesEnd(ByteView bytes) {
  const auto footer = LastFooter(bytes);
  return footer && footer->type == vhd::Footer::kFixed;
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const ByteSource& source = input.source();
  if (!MatchesEnd(source.bytes())) {
    return Fail(ErrorCode::kMalformed, "vhd: no intact footer at the end");
  }
  const auto footer = LastFooter(source.bytes());
  const std::uint64_t size = source.size() - sizeof(vhd::Footer);
  sink.Claim({size, sizeof(vhd::Footer)}, RegionUse::kMetadata);
  if (footer->size != size) {
    sink.Report({.id = "vhd.size-mismatch",
                 .range = {size, sizeof(vhd::Footer)},
                 .detail = fmt::format("the footer says {} bytes, there are {}",
                                       std::uint64_t{footer->size}, size)});
  }
  return sink.Add({.name = "disk", .origin = Range{0, size}, .stored = true},
                  *source.Slice({0, size}));
}

}  // namespace

extern const Format kVhdFixed;
const Format kVhdFixed = {
    .name = "vhd_fixed",
    .title = "Fixed virtual hard disk",
    .reference = "Virtual Hard Disk Image Format Specification 1.0",
    .proof = Proof::kChecksum,
    .depth = "members",
    .matches_end = MatchesEnd,
    .unpack = Unpack,
};

}  // namespace assay::formats
