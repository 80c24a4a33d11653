// The content of a compressed file of F2FS. Layout: Linux fs/f2fs/f2fs.h,
// struct compress_data; fs/f2fs/compress.c.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "verifier/base/byte_stream.h"
#include "verifier/formats/filesystems/f2fs_volume.h"

namespace assay::formats::f2fs {

// Whether the file's algorithm and its cluster size are known.
[[nodiscard]] bool CanDecode(const Inode& inode);

// Decodes the content with one cluster in memory. Its arguments outlive it.
class ClusterStream : public ByteStream {
 public:
  ClusterStream(const Volume& volume, const Inode& inode,
                const std::vector<Run>& runs)
      : volume_(volume), inode_(inode), runs_(runs) {}

  [[nodiscard]] Result<std::size_t> Read(std::span<std::uint8_t> into) override;

 private:
  [[nodiscard]] Result<void> NextCluster();
  [[nodiscard]] Result<void> Unpacked(std::uint64_t first, std::uint64_t count);
  [[nodiscard]] Result<void> Packed(std::uint64_t first, std::uint64_t count);

  const Volume& volume_;
  const Inode& inode_;
  const std::vector<Run>& runs_;
  std::uint64_t made_ = 0;  // bytes of content up to the end of cluster_
  Bytes cluster_;
  std::size_t passed_ = 0;  // of cluster_
  std::optional<Error> error_;
};

}  // namespace assay::formats::f2fs
