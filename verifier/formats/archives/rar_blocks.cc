// The blocks of an archive, one after the other.

#include <fmt/format.h>

#include <string_view>
#include <utility>

#include "verifier/formats/archives/rar_block.h"

namespace assay::formats::rar {
namespace {

constexpr std::string_view kOldSignature("Rar!\x1A\x07\0", 7);
constexpr std::string_view kNewSignature("Rar!\x1A\x07\x01\0", 8);

}  // namespace

std::optional<std::uint64_t> SignatureSize(ByteView bytes) {
  for (const std::string_view signature : {kOldSignature, kNewSignature}) {
    const auto head = Slice(bytes, 0, signature.size());
    if (head && AsText(*head) == signature) {
      return signature.size();
    }
  }
  return std::nullopt;
}

bool IsNew(std::uint64_t signature_size) {
  return signature_size == kNewSignature.size();
}

Result<Block> ReadBlock(ByteView bytes, std::uint64_t signature,
                        std::uint64_t at) {
  return IsNew(signature) ? ReadNewBlock(bytes, at) : ReadOldBlock(bytes, at);
}

Blocks ReadBlocks(ByteView bytes, std::uint64_t signature, std::uint64_t most) {
  Blocks blocks{.end = signature};
  while (true) {
    const bool is_new = IsNew(signature);
    if (!is_new && blocks.end == bytes.size() && blocks.all.size() > 1) {
      return blocks;  // older ones have no end block
    }
    auto block = ReadBlock(bytes, signature, blocks.end);
    if (block && blocks.all.empty() && block->kind != BlockKind::kMain &&
        block->kind != BlockKind::kEncryption) {
      block = Fail(ErrorCode::kMalformed, "rar: there is no main header");
    }
    if (block && blocks.all.size() >= most) {
      block = Fail(ErrorCode::kLimit, "rar: too many members");
    }
    if (!block) {
      blocks.damage = block.error();
      return blocks;
    }
    const Range data = block->data;
    if (!Slice(bytes, data.offset, data.length)) {
      blocks.damage = {ErrorCode::kTruncated,
                       fmt::format("rar: the data at {} have {} bytes",
                                   data.offset, data.length)};
      block->data.length = bytes.size() - data.offset;
      block->unsupported = "cut short";
      block->stored = false;
    }
    blocks.end = block->data.end();
    blocks.encrypted =
        block->kind == BlockKind::kEncryption || block->encrypted_headers;
    const bool last = block->kind == BlockKind::kEnd;
    blocks.all.push_back(std::move(*block));
    if (last || blocks.encrypted || blocks.damage) {
      return blocks;
    }
  }
}

}  // namespace assay::formats::rar
