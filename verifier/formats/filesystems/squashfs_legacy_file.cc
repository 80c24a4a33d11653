#include "verifier/formats/filesystems/squashfs_legacy_file.h"

#include <algorithm>

namespace assay::formats::squashfs_legacy {

using squashfs::Malformed;

Result<squashfs::BlockSize> TakeBlockSize(Image& image, Place& place) {
  Bytes raw(image.super().major == 1 ? 2 : 4);
  if (auto ok = image.Read(place, raw); !ok) {
    return Fail(ok.error());
  }
  if (raw.size() == 4) {
    return squashfs::BlockSize::From(image.bits(raw).Get32(0));
  }
  const std::uint32_t size = image.bits(raw).Get32(0, 16);
  // 0 cannot be: it stands for a whole 32 KiB.
  const std::uint32_t stored = size & 0x7fffU;
  return squashfs::BlockSize{stored == 0 ? 0x8000U : stored,
                             (size & 0x8000U) != 0};
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
      passed_ = 0;
      if (auto ok = NextBlock(); !ok) {
        block_.clear();
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
  const auto length = std::min<std::uint64_t>(left_, image_.super().block_size);
  block_.assign(length, 0);
  left_ -= length;
  if (blocks_left_ == 0) {
    const auto fragment = image_.FragmentBytes(inode_.fragment);
    if (!fragment) {
      return Fail(fragment.error());
    }
    const auto tail = Slice(*fragment, inode_.fragment_offset, length);
    if (!tail) {
      return Malformed("a file's tail lies outside its fragment");
    }
    std::copy(tail->begin(), tail->end(), block_.begin());
    return {};
  }
  --blocks_left_;
  const auto size = TakeBlockSize(image_, place_);
  if (!size) {
    return Fail(size.error());
  }
  const Range range{offset_, size->stored};
  offset_ += size->stored;
  return size->stored == 0 ? Result<void>()  // a hole
                           : image_.Data(range, size->plain, block_);
}

}  // namespace assay::formats::squashfs_legacy
