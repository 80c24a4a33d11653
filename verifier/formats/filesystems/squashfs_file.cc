#include "verifier/formats/filesystems/squashfs_file.h"

#include <algorithm>

namespace assay::formats::squashfs {

Result<Extent> ExtentOf(Image& image, const Inode& inode) {
  Extent extent{.range = {inode.start, 0}};
  Place place = inode.blocks;
  for (std::uint64_t left = inode.BlockCount(image.super().block_size);
       left > 0; --left) {
    const auto raw = image.Take<Le32>(place);
    if (!raw) {
      return Fail(raw.error());
    }
    const BlockSize size = BlockSize::From(*raw);
    extent.range.length += size.stored;
    extent.plain = extent.plain && size.plain;
  }
  if (extent.range.length > 0 &&
      !Slice(image.source().bytes(), inode.start, extent.range.length)) {
    return Malformed("a file's blocks lie outside of the image");
  }
  return extent;
}

FileStream::FileStream(Image& image, const Inode& inode)
    : image_(image),
      inode_(inode),
      blocks_left_(inode.BlockCount(image.super().block_size)),
      place_(inode.blocks),
      offset_(inode.start),
      left_(inode.size) {}

Result<std::size_t> FileStream::Read(std::span<std::uint8_t> into) {
  std::size_t filled = 0;
  while (filled < into.size() && !error_) {
    if (passed_ == block_.size()) {
      if (left_ == 0) {
        break;
      }
      if (auto ok = NextBlock(); !ok) {
        error_ = ok.error();
        break;
      }
    }
    const std::size_t count =
        std::min(into.size() - filled, block_.size() - passed_);
    std::copy_n(block_.begin() + static_cast<std::ptrdiff_t>(passed_), count,
                into.begin() + static_cast<std::ptrdiff_t>(filled));
    filled += count;
    passed_ += count;
  }
  if (filled == 0 && error_) {
    return Fail(*error_);
  }
  return filled;
}

Result<void> FileStream::NextBlock() {
  const auto length = static_cast<std::size_t>(
      std::min<std::uint64_t>(left_, image_.super().block_size));
  passed_ = 0;
  block_.clear();
  if (blocks_left_ == 0) {
    return ReadTail(length);
  }
  const auto raw = image_.Take<Le32>(place_);
  if (!raw) {
    return Fail(raw.error());
  }
  const BlockSize size = BlockSize::From(*raw);
  block_.assign(length, 0);
  if (size.stored > 0) {  // else a hole
    if (auto ok = image_.Data(offset_, size, block_); !ok) {
      block_.clear();
      return ok;
    }
  }
  offset_ += size.stored;
  --blocks_left_;
  left_ -= length;
  return {};
}

Result<void> FileStream::ReadTail(std::size_t length) {
  const auto fragment = image_.Fragment(inode_.fragment);
  if (!fragment) {
    return Fail(fragment.error());
  }
  const auto tail = Slice(*fragment, inode_.fragment_offset, length);
  if (!tail) {
    return Malformed("a file's tail lies outside its fragment");
  }
  block_.assign(tail->begin(), tail->end());
  left_ = 0;
  return {};
}

}  // namespace assay::formats::squashfs
