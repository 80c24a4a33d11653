#include "verifier/formats/archives/part_stream.h"

#include <fmt/format.h>

#include <algorithm>

#include "verifier/base/crc32.h"

namespace assay::formats {
namespace {

constexpr std::size_t kStep = 64UL << 10U;

}  // namespace

Result<std::size_t> PartStream::Read(std::span<std::uint8_t> into) {
  const auto room = into.first(
      static_cast<std::size_t>(std::min<std::uint64_t>(into.size(), left_)));
  if (room.empty()) {
    return 0U;
  }
  auto count = whole_.Read(room);
  if (count && *count == 0) {
    count = Fail(ErrorCode::kTruncated, "the packed data end early");
  }
  if (count) {
    crc_ = Crc32(ByteView(room).first(*count), crc_);
    left_ -= *count;
  }
  return count;
}

bool PartStream::PassRest() {
  Bytes buffer(left_ > 0 ? kStep : 0);
  while (left_ > 0) {
    if (const auto count = Read(buffer); !count) {
      return false;
    }
  }
  return true;
}

Result<Bytes> ReadAll(ByteStream& stream, std::uint64_t limit) {
  Bytes all;
  while (all.size() <= limit) {
    const std::size_t size = all.size();
    all.resize(size + kStep);
    const auto count = stream.Read(std::span(all).subspan(size));
    if (!count) {
      return Fail(count.error());
    }
    all.resize(size + *count);
    if (*count == 0) {
      return all;
    }
  }
  return Fail(ErrorCode::kLimit, fmt::format("more than {} bytes", limit));
}

}  // namespace assay::formats
