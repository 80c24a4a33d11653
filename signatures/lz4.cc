#include "signatures/lz4.h"

#include <lz4frame.h>

#include <algorithm>
#include <memory>

namespace assay::signatures {
namespace {

constexpr std::uint32_t kMagic = 0x184D2204;
constexpr std::size_t kStep = 4UL << 20U;

struct FreeContext {
  void operator()(LZ4F_dctx* context) const {
    LZ4F_freeDecompressionContext(context);
  }
};

}  // namespace

bool IsLz4(ByteView encoded) {
  const auto magic = ReadAt<Le32>(encoded, 0);
  return magic && *magic == kMagic;
}

Result<Bytes> DecodeLz4(ByteView encoded, std::uint64_t ceiling) {
  LZ4F_dctx* made = nullptr;
  if (LZ4F_isError(LZ4F_createDecompressionContext(&made, LZ4F_VERSION)) != 0) {
    return Fail(ErrorCode::kInternal, "liblz4 could not be set up");
  }
  const std::unique_ptr<LZ4F_dctx, FreeContext> context(made);
  Bytes out;
  std::size_t left = 1;
  while (left != 0) {
    const std::size_t before = out.size();
    if (before >= ceiling) {
      return Fail(ErrorCode::kLimit, "the decoded index is over the limit");
    }
    std::size_t produced = static_cast<std::size_t>(
        std::min<std::uint64_t>(kStep, ceiling - before));
    std::size_t consumed = encoded.size();
    out.resize(before + produced);
    left = LZ4F_decompress(context.get(), out.data() + before, &produced,
                           encoded.data(), &consumed, nullptr);
    out.resize(before + produced);
    encoded = encoded.subspan(consumed);
    if (LZ4F_isError(left) != 0 || (consumed == 0 && produced == 0)) {
      return Fail(ErrorCode::kMalformed, "the index is no whole LZ4 frame");
    }
  }
  if (!encoded.empty()) {
    return Fail(ErrorCode::kMalformed, "bytes stand after the LZ4 frame");
  }
  return out;
}

}  // namespace assay::signatures
