#include "verifier/formats/filesystems/erofs_file.h"

#include <fmt/format.h>
#include <isa-l/igzip_lib.h>
#include <lz4.h>
#include <lzma.h>
#include <zstd.h>

#include <algorithm>
#include <memory>

namespace assay::formats::erofs {
namespace {

// mkfs makes extents of at most 4 MiB; the kernel takes any.
constexpr std::uint64_t kLargestExtent = 64ULL << 20U;
constexpr std::uint32_t kLzmaDictionary = 8U << 20U;  // the largest allowed

bool DecodeLz4(ByteView in, std::span<std::uint8_t> out) {
  const auto size = static_cast<int>(out.size());
  return LZ4_decompress_safe_partial(
             AsText(in).data(),
             static_cast<char*>(static_cast<void*>(out.data())),
             static_cast<int>(in.size()), size, size) == size;
}

bool DecodeLzma(ByteView in, std::span<std::uint8_t> out) {
  lzma_stream state = LZMA_STREAM_INIT;
  if (lzma_microlzma_decoder(&state, in.size(), out.size(), 0,
                             kLzmaDictionary) != LZMA_OK) {
    return false;
  }
  state.next_in = in.data();
  state.avail_in = in.size();
  state.next_out = out.data();
  state.avail_out = out.size();
  lzma_ret code = LZMA_OK;
  while (code == LZMA_OK && state.avail_out > 0) {
    code = lzma_code(&state, LZMA_FINISH);
  }
  lzma_end(&state);
  return state.avail_out == 0 && (code == LZMA_OK || code == LZMA_STREAM_END);
}

bool DecodeDeflate(ByteView in, std::span<std::uint8_t> out) {
  const auto state = std::make_unique<inflate_state>();
  isal_inflate_init(state.get());
  state->crc_flag = ISAL_DEFLATE;
  // The library's input pointer lacks the const; it only reads.
  state->next_in = const_cast<std::uint8_t*>(in.data());  // NOLINT
  state->avail_in = static_cast<std::uint32_t>(in.size());
  state->next_out = out.data();
  state->avail_out = static_cast<std::uint32_t>(out.size());
  const int code = isal_inflate(state.get());
  return state->avail_out == 0 &&
         (code == ISAL_DECOMP_OK || code == ISAL_OUT_OVERFLOW);
}

bool DecodeZstd(ByteView in, std::span<std::uint8_t> out) {
  struct Free {
    void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
  };
  const std::unique_ptr<ZSTD_DCtx, Free> context(ZSTD_createDCtx());
  ZSTD_inBuffer source{in.data(), in.size(), 0};
  ZSTD_outBuffer target{out.data(), out.size(), 0};
  while (target.pos < target.size) {
    const std::size_t before = target.pos + source.pos;
    const std::size_t code =
        ZSTD_decompressStream(context.get(), &target, &source);
    if (ZSTD_isError(code) != 0 || target.pos + source.pos == before) {
      return false;
    }
  }
  return true;
}

bool Copy(ByteView in, std::size_t from, std::span<std::uint8_t> out) {
  if (from > in.size() || out.size() > in.size() - from) {
    return false;
  }
  std::copy_n(in.begin() + static_cast<std::ptrdiff_t>(from), out.size(),
              out.begin());
  return true;
}

// The block is rotated so that each byte has its place in a page.
bool CopyInterlaced(ByteView in, std::uint64_t block_size,
                    std::uint64_t position, std::span<std::uint8_t> out) {
  const auto skip = static_cast<std::size_t>(position % block_size);
  const std::size_t right = std::min<std::size_t>(
      static_cast<std::size_t>(block_size) - skip, out.size());
  return Copy(in, skip, out.first(right)) && Copy(in, 0, out.subspan(right));
}

ByteView WithoutPadding(ByteView in, std::uint64_t block_size) {
  const ByteView first = in.first(
      static_cast<std::size_t>(std::min<std::uint64_t>(in.size(), block_size)));
  const auto start = std::find_if(first.begin(), first.end(),
                                  [](auto byte) { return byte != 0; });
  return in.subspan(static_cast<std::size_t>(start - first.begin()));
}

}  // namespace

bool DecodeExtent(Coding coding, ByteView in, bool padded,
                  std::uint64_t block_size, std::uint64_t position,
                  std::span<std::uint8_t> out) {
  switch (coding) {
    case Coding::kShifted:
      return Copy(in, 0, out);
    case Coding::kInterlaced:
      return in.size() <= block_size && out.size() <= block_size &&
             CopyInterlaced(in, block_size, position, out);
    case Coding::kLz4:
      return DecodeLz4(padded ? WithoutPadding(in, block_size) : in, out);
    case Coding::kLzma:
      return DecodeLzma(WithoutPadding(in, block_size), out);
    case Coding::kDeflate:
      return DecodeDeflate(WithoutPadding(in, block_size), out);
    case Coding::kZstd:
      return DecodeZstd(WithoutPadding(in, block_size), out);
    case Coding::kFragment:
      return Copy(in, 0, out);
  }
  return false;
}

Result<std::size_t> CompressedStream::Read(std::span<std::uint8_t> into) {
  std::size_t filled = 0;
  while (filled < into.size() && !error_) {
    if (left_.empty()) {
      const auto more = NextExtent();
      if (!more) {
        error_ = more.error();
      }
      if (!more || !*more) {
        break;
      }
    }
    const std::size_t count = std::min(into.size() - filled, left_.size());
    std::copy_n(left_.begin(), count,
                into.begin() + static_cast<std::ptrdiff_t>(filled));
    left_ = left_.subspan(count);
    filled += count;
  }
  if (filled == 0 && error_) {
    return Fail(*error_);
  }
  return filled;
}

Result<bool> CompressedStream::NextExtent() {
  if (!reader_) {
    auto opened = ExtentReader::Open(image_, inode_);
    if (!opened) {
      return Fail(opened.error());
    }
    reader_ = *opened;
  }
  const auto next = reader_->Next();
  if (!next) {
    return Fail(next.error());
  }
  if (!*next) {
    return false;
  }
  const CompressedExtent& extent = **next;
  const bool fragment = extent.coding == Coding::kFragment;
  const auto stored =
      Slice(fragment ? packed_.bytes() : image_.source().bytes(),
            extent.stored.offset, extent.stored.length);
  if (!stored || stored->empty()) {
    return Malformed(
        fmt::format("an extent lies outside, at {}", extent.stored.offset));
  }
  if (fragment) {
    left_ = *stored;
    return true;
  }
  if (extent.length > kLargestExtent) {
    return Fail(ErrorCode::kLimit,
                fmt::format("erofs: an extent of {} bytes", extent.length));
  }
  if (auto ok = image_.Spend(extent.length); !ok) {
    return Fail(ok.error());
  }
  decoded_.resize(static_cast<std::size_t>(extent.length));
  if (!DecodeExtent(extent.coding, *stored, image_.Has(kZeroPadding),
                    image_.block_size(), extent.offset, decoded_)) {
    return Malformed(
        fmt::format("the extent at {} does not decode", extent.stored.offset));
  }
  left_ = decoded_;
  return true;
}

}  // namespace assay::formats::erofs
