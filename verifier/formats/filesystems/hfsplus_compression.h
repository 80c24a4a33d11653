// Files that macOS keeps compressed: an extended attribute says how, and holds
// the content or leaves it to the resource fork. Layout: Apple XNU,
// bsd/sys/decmpfs.h; AppleFSCompression.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "verifier/base/byte_stream.h"
#include "verifier/base/bytes.h"
#include "verifier/formats/codecs/block_codec.h"

namespace assay::formats::hfsplus {

struct Compressed {
  static constexpr std::uint32_t kInlineZlib = 3;
  static constexpr std::uint32_t kForkZlib = 4;
  static constexpr std::uint32_t kInlineLzvn = 7;
  static constexpr std::uint32_t kForkLzvn = 8;

  [[nodiscard]] bool IsKnown() const { return IsInline() || UsesFork(); }
  [[nodiscard]] bool IsInline() const {
    return type == kInlineZlib || type == kInlineLzvn;
  }
  [[nodiscard]] bool UsesFork() const {
    return type == kForkZlib || type == kForkLzvn;
  }
  [[nodiscard]] bool IsLzvn() const {
    return type == kInlineLzvn || type == kForkLzvn;
  }

  std::uint32_t type = 0;
  std::uint64_t size = 0;
  ByteView data = {};  // behind the attribute's header
};

// What "com.apple.decmpfs" says.
[[nodiscard]] std::optional<Compressed> ReadCompressed(ByteView attribute);

// The compressed blocks: `fork` is the resource fork, for types that use it.
// Nothing when they lie outside of what they should be in.
[[nodiscard]] std::optional<std::vector<ByteView>> BlocksOf(
    const Compressed& compressed, ByteView fork);

// The content of blocks of 64 KiB, which outlive the stream.
class CompressedStream : public ByteStream {
 public:
  CompressedStream(std::vector<ByteView> blocks, const Compressed& compressed)
      : lzvn_(compressed.IsLzvn()),
        blocks_(std::move(blocks)),
        left_(compressed.size) {}

  [[nodiscard]] Result<std::size_t> Read(std::span<std::uint8_t> into) override;

 private:
  [[nodiscard]] bool NextBlock();

  bool lzvn_;
  codecs::BlockCodec zlib_{codecs::Compression::kZlib};
  std::vector<ByteView> blocks_;
  std::uint64_t left_;
  std::size_t next_ = 0;
  Bytes block_ = {};
  std::size_t passed_ = 0;
  bool damaged_ = false;
};

}  // namespace assay::formats::hfsplus
