#include "verifier/formats/flash/ubifs_file.h"

#include <fmt/format.h>

#include <algorithm>

namespace assay::formats::ubifs {
namespace {

// UBIFS_COMPR_*
constexpr std::uint16_t kNone = 0;
constexpr std::uint16_t kLzo = 1;
constexpr std::uint16_t kDeflate = 2;
constexpr std::uint16_t kZstd = 3;

}  // namespace

Result<void> Decoder::Decode(Range node, std::span<std::uint8_t> into) {
  const auto header = ReadAt<DataNode>(bytes_, node.offset);
  const auto data = Slice(bytes_, node.offset + sizeof(DataNode),
                          node.length - sizeof(DataNode));
  std::optional<std::size_t> size;
  if (header && data && header->size <= into.size()) {
    const auto out = into.first(header->size);
    switch (header->compression) {
      case kNone:
        size = std::min(data->size(), out.size());
        std::copy_n(data->begin(), *size, out.begin());
        break;
      case kLzo:
        size = lzo_.Decode(*data, out);
        break;
      case kDeflate:
        size = deflate_.Decode(*data, out);
        break;
      case kZstd:
        size = zstd_.Decode(*data, out);
        break;
      default:
        return Fail(
            ErrorCode::kUnsupported,
            fmt::format("ubifs: compression {} at offset {}",
                        std::uint16_t{header->compression}, node.offset));
    }
  }
  if (!size || *size != header->size) {
    return Fail(
        ErrorCode::kMalformed,
        fmt::format("ubifs: the data at offset {} are damaged", node.offset));
  }
  std::fill(into.begin() + static_cast<std::ptrdiff_t>(*size), into.end(),
            std::uint8_t{0});
  return {};
}

Result<std::size_t> FileStream::Read(std::span<std::uint8_t> into) {
  std::size_t filled = 0;
  while (filled < into.size() && position_ < size_ && !error_) {
    const auto within = static_cast<std::size_t>(position_ % kBlockSize);
    if (within == 0) {
      if (auto ok = NextBlock(); !ok) {
        error_ = ok.error();
        break;
      }
    }
    const auto count = static_cast<std::size_t>(
        std::min({std::uint64_t{kBlockSize - within}, size_ - position_,
                  std::uint64_t{into.size() - filled}}));
    std::copy_n(block_.begin() + static_cast<std::ptrdiff_t>(within), count,
                into.begin() + static_cast<std::ptrdiff_t>(filled));
    filled += count;
    position_ += count;
  }
  if (filled == 0 && error_) {
    return Fail(*error_);
  }
  return filled;
}

Result<void> FileStream::NextBlock() {
  block_.assign(kBlockSize, 0);
  const auto node = blocks_.find(next_++);
  return node == blocks_.end() ? Result<void>()
                               : decoder_.Decode(node->second, block_);
}

}  // namespace assay::formats::ubifs
