#include "verifier/formats/codecs/skippable_frame.h"

#include <fmt/format.h>

#include <algorithm>

namespace assay::formats {
namespace {

constexpr std::uint32_t kMagic = 0x184d2a50;
constexpr std::uint64_t kNumber = 4;
constexpr std::size_t kMostSearched = 4096;

struct Header {
  Le32 magic, size;
};
static_assert(sizeof(Header) == 8 && FileStruct<Header>);

}  // namespace

std::optional<std::uint64_t> SkippableFrame(ByteView in) {
  const auto header = ReadAt<Header>(in, 0);
  if (!header || (header->magic & 0xfffffff0U) != kMagic) {
    return std::nullopt;
  }
  return sizeof(Header) + std::uint64_t{header->size};
}

ByteView AfterSkippableFrames(ByteView in) {
  while (const auto length = SkippableFrame(in)) {
    in = in.subspan(
        static_cast<std::size_t>(std::min<std::uint64_t>(*length, in.size())));
  }
  return in;
}

void SkippedFrames::Note(Range frame) {
  const std::uint64_t bytes = frame.length - sizeof(Header);
  if (bytes <= kNumber) {
    return;
  }
  if (frames_.size() < kMostSearched) {
    frames_.push_back(frame);
  }
  ++count_;
  bytes_ += bytes;
}

Result<void> SkippedFrames::PassLeading(Input& input, ArtifactSink& sink) {
  while (true) {
    const auto head = input.Peek(sizeof(Header));
    if (!head) {
      return Fail(head.error());
    }
    const auto length = SkippableFrame(*head);
    if (!length) {
      return {};
    }
    const Range frame{input.position(), *length};
    if (auto ok = input.Skip(*length); !ok) {
      return ok;
    }
    sink.Claim(frame, RegionUse::kMetadata);
    Note(frame);
  }
}

void SkippedFrames::Report(std::string_view format, ArtifactSink& sink) const {
  for (const Range& frame : frames_) {
    sink.PassOver(
        {frame.offset + sizeof(Header), frame.length - sizeof(Header)});
  }
  if (count_ > 0) {
    sink.Report({.id = fmt::format("{}.skippable-data", format),
                 .range = frames_.front(),
                 .detail = fmt::format("{} skippable frames hold {} bytes that "
                                       "no decoder reads; the first is here",
                                       count_, bytes_)});
  }
}

}  // namespace assay::formats
