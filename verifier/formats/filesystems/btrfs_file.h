// The content of a file of Btrfs: pieces that lie in the tree, in extents, in
// compressed extents or nowhere. Layout: Linux include/uapi/linux/
// btrfs_tree.h, struct btrfs_file_extent_item; fs/btrfs/lzo.c.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "verifier/base/byte_stream.h"
#include "verifier/formats/filesystems/btrfs_volume.h"

namespace assay::formats::btrfs {

enum class Packing : std::uint8_t { kNone, kZlib, kLzo, kZstd };

struct Piece {
  std::uint64_t at = 0;  // in the file
  std::uint64_t length = 0;
  Packing packing = Packing::kNone;
  // Where the bytes lie, before they are decoded; none for a hole.
  std::vector<Range> places = {};
  std::uint64_t decoded = 0;  // how many bytes they decode to
  std::uint64_t skip = 0;     // how many of these come first
  bool in_tree = false;
};

// The pieces of an inode's content, in order and apart; what lies between them
// is a hole. kUnsupported when some of it cannot be read by anyone here.
[[nodiscard]] Result<std::vector<Piece>> ReadPieces(Volume& volume,
                                                    const Root& root,
                                                    std::uint64_t inode);

// Decodes the content with one extent in memory. Its arguments outlive it.
class FileStream : public ByteStream {
 public:
  FileStream(const Volume& volume, const std::vector<Piece>& pieces,
             std::uint64_t size)
      : volume_(volume), pieces_(pieces), size_(size) {}

  [[nodiscard]] Result<std::size_t> Read(std::span<std::uint8_t> into) override;

 private:
  // Fills some of `into`, which is not empty, from what comes at at_.
  [[nodiscard]] Result<std::size_t> Some(std::span<std::uint8_t> into);
  [[nodiscard]] Result<void> Load(const Piece& piece);

  const Volume& volume_;
  const std::vector<Piece>& pieces_;
  std::uint64_t size_;
  std::uint64_t at_ = 0;
  std::size_t next_ = 0;  // the piece at or behind at_
  std::optional<std::size_t> loaded_;
  Bytes buffer_;
  std::optional<Error> error_;
};

}  // namespace assay::formats::btrfs
