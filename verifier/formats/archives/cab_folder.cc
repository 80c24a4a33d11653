#include "verifier/formats/archives/cab_folder.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <utility>

namespace assay::formats::cab {

std::uint32_t BlockChecksum(const DataHeader& header, ByteView data) {
  std::uint32_t sum = (std::uint32_t{header.content} << 16U) | header.packed;
  ByteReader reader(data);
  while (const auto word = reader.Take<Le32>()) {
    sum ^= *word;
  }
  // What is left counts as if it were big-endian.
  std::uint32_t rest = 0;
  for (const std::uint8_t byte : data.subspan(reader.consumed())) {
    rest = rest << 8U | byte;
  }
  return sum ^ rest;
}

FolderStream::FolderStream(const ByteSource& cabinet,
                           const std::vector<Block>& blocks, bool mszip)
    : cabinet_(cabinet), blocks_(blocks), mszip_(mszip) {}

FolderStream::~FolderStream() {
  if (state_) {
    inflateEnd(state_.get());
  }
}

Result<std::size_t> FolderStream::Read(std::span<std::uint8_t> into) {
  std::size_t filled = 0;
  while (filled < into.size() && !error_) {
    if (given_ == content_.size()) {
      if (next_ == blocks_.size()) {
        break;
      }
      if (auto ok = NextBlock(); !ok) {
        error_ = ok.error();
      }
      continue;
    }
    const std::size_t count =
        std::min(into.size() - filled, content_.size() - given_);
    std::copy_n(content_.begin() + static_cast<std::ptrdiff_t>(given_), count,
                into.subspan(filled).begin());
    given_ += count;
    filled += count;
  }
  if (filled == 0 && error_) {
    return Fail(*error_);
  }
  return filled;
}

Result<void> FolderStream::NextBlock() {
  const Block& block = blocks_[next_++];
  const auto packed = cabinet_.Slice(block.data);
  if (!packed) {
    return Fail(packed.error());
  }
  history_ = std::exchange(content_, {});
  given_ = 0;
  if (mszip_) {
    return Inflate(packed->bytes(), block.content, block.data.offset);
  }
  if (block.content != packed->size()) {
    return Fail(ErrorCode::kMalformed,
                fmt::format("the stored CAB block at offset {} has {} bytes, "
                            "not {}",
                            block.data.offset, packed->size(), block.content));
  }
  content_ = CopyOf(packed->bytes());
  return {};
}

Result<void> FolderStream::Inflate(ByteView packed, std::uint32_t size,
                                   std::uint64_t at) {
  if (!state_) {
    state_ = std::make_unique<z_stream>();
    if (inflateInit2(state_.get(), -MAX_WBITS) != Z_OK) {
      return Fail(ErrorCode::kLimit, "no memory");
    }
  }
  Bytes content(size);
  const bool begun =
      packed.size() >= 2 && AsText(packed.first(2)) == "CK" &&
      inflateReset(state_.get()) == Z_OK &&
      (history_.empty() ||
       inflateSetDictionary(state_.get(), history_.data(),
                            static_cast<uInt>(history_.size())) == Z_OK);
  if (!begun) {
    return Fail(ErrorCode::kMalformed,
                fmt::format("no MSZIP block at offset {}", at));
  }
  packed = packed.subspan(2);
  // The library's input pointer lacks the const; it only reads.
  state_->next_in = const_cast<std::uint8_t*>(packed.data());  // NOLINT
  state_->avail_in = static_cast<uInt>(packed.size());
  state_->next_out = content.data();
  state_->avail_out = size;
  if (inflate(state_.get(), Z_FINISH) != Z_STREAM_END ||
      state_->avail_out != 0) {
    return Fail(ErrorCode::kMalformed,
                fmt::format("the MSZIP block at offset {} is damaged", at));
  }
  content_ = std::move(content);
  return {};
}

}  // namespace assay::formats::cab
