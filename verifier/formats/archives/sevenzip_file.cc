#include "verifier/formats/archives/sevenzip_file.h"

#include <fmt/format.h>

#include <algorithm>

#include "verifier/base/crc32.h"
#include "verifier/formats/archives/archive_input.h"

namespace assay::formats::sevenzip {
namespace {

constexpr std::size_t kStep = 64UL << 10U;
constexpr std::uint32_t kUnixExtension = 0x8000;
constexpr std::uint32_t kDirectoryAttribute = 0x10;

}  // namespace

Result<std::size_t> FileStream::Read(std::span<std::uint8_t> into) {
  const auto room = into.first(
      static_cast<std::size_t>(std::min<std::uint64_t>(into.size(), left_)));
  if (room.empty()) {
    return 0U;
  }
  auto count = folder_.Read(room);
  if (count && *count == 0) {
    count = Fail(ErrorCode::kTruncated, "the folder ends early");
  }
  if (count) {
    crc_ = Crc32(ByteView(room).first(*count), crc_);
    left_ -= *count;
  }
  return count;
}

bool FileStream::PassRest() {
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

FileMetadata MetadataOf(const File& file) {
  FileMetadata meta;
  meta.mtime = file.mtime;
  const std::uint32_t attributes = file.attributes.value_or(0);
  const bool directory =
      file.directory ||
      (!file.has_stream && (attributes & kDirectoryAttribute) != 0);
  meta.type = directory ? FileType::kDirectory : FileType::kRegular;
  if ((attributes & kUnixExtension) != 0) {
    const std::uint32_t mode = attributes >> 16U;
    meta.mode = mode & 07777U;
    if (!directory) {
      meta.type = TypeOfMode(mode);
    }
  }
  return meta;
}

}  // namespace assay::formats::sevenzip
