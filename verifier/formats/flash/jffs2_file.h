// The content of a file of a JFFS2 file system: what the data of its nodes,
// laid over each other by version, leave visible.
// Semantics: Linux fs/jffs2/nodelist.c, readinode.c.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "verifier/base/byte_stream.h"
#include "verifier/formats/codecs/block_codec.h"
#include "verifier/formats/flash/jffs2_nodes.h"

namespace assay::formats::jffs2 {

// Decodes the data of inode nodes; keeps the last one.
class Decoder {
 public:
  explicit Decoder(ByteView bytes) : bytes_(bytes) {}

  // The node.length bytes that `node` holds; valid until the next call. Not
  // for holes.
  [[nodiscard]] Result<ByteView> Decode(const Node& node);
  // Bytes that were decoded so far.
  [[nodiscard]] std::uint64_t work() const { return work_; }

 private:
  [[nodiscard]] bool Unpack(ByteView data, const Node& node);

  ByteView bytes_;
  codecs::BlockCodec zlib_{codecs::Compression::kZlib};
  codecs::BlockCodec deflate_{codecs::Compression::kDeflate};
  codecs::BlockCodec lzo_{codecs::Compression::kLzo};
  std::optional<std::uint64_t> current_;  // offset of the node in `decoded_`
  Bytes decoded_;
  std::uint64_t work_ = 0;
};

[[nodiscard]] bool IsHole(const Node& node);
[[nodiscard]] bool IsPlain(const Node& node);

// Which bytes of a file come from which node. Holes of the map are zeros.
class FileMap {
 public:
  struct Piece {
    std::uint64_t end = 0;  // in the file
    const Node* node = nullptr;
  };

  // `nodes`: of one inode, oldest version first.
  explicit FileMap(const std::vector<const Node*>& nodes);

  [[nodiscard]] std::uint64_t size() const { return size_; }
  // By the offset in the file at which they begin.
  [[nodiscard]] const std::map<std::uint64_t, Piece>& pieces() const {
    return pieces_;
  }

 private:
  void Lay(const Node& node);
  void CutFrom(std::uint64_t start, std::uint64_t end);

  std::uint64_t size_ = 0;
  std::map<std::uint64_t, Piece> pieces_;
};

// Both outlive the stream.
class FileStream : public ByteStream {
 public:
  FileStream(const FileMap& map, Decoder& decoder, std::uint64_t start = 0)
      : map_(map), decoder_(decoder), position_(start) {}

  [[nodiscard]] Result<std::size_t> Read(std::span<std::uint8_t> into) override;

 private:
  [[nodiscard]] Result<std::size_t> Step(std::span<std::uint8_t> into);

  const FileMap& map_;
  Decoder& decoder_;
  std::uint64_t position_;
  std::optional<Error> error_;
};

}  // namespace assay::formats::jffs2
