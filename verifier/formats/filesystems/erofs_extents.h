// Compressed files of an EROFS image: the index of logical clusters, and the
// extents that follow from it. Layout: Linux fs/erofs/erofs_fs.h
// (z_erofs_map_header, z_erofs_lcluster_index) and zmap.c.
#pragma once

#include <cstdint>
#include <optional>

#include "verifier/formats/filesystems/erofs_image.h"

namespace assay::formats::erofs {

// How the bytes of an extent are stored.
enum class Coding : std::uint8_t {
  kLz4,
  kLzma,  // MicroLZMA
  kDeflate,
  kZstd,
  kShifted,     // as they are
  kInterlaced,  // as they are, rotated within the block
  kFragment,    // in the packed inode, at `stored.offset`
};

struct CompressedExtent {
  std::uint64_t offset = 0;  // in the file
  std::uint64_t length = 0;  // decoded
  Range stored = {};         // in the image; of a fragment in the packed inode
  Coding coding = Coding::kLz4;
};

// Reads a file's extents front to back, in constant memory. The image outlives
// the reader.
class ExtentReader {
 public:
  [[nodiscard]] static Result<ExtentReader> Open(const Image& image,
                                                 const Inode& inode);
  // The next extent, nothing at the file's end.
  [[nodiscard]] Result<std::optional<CompressedExtent>> Next();
  // Map header and index.
  [[nodiscard]] Range metadata() const;

 private:
  struct Cluster {
    enum class Type : std::uint8_t { kPlain, kHead1, kNonHead, kHead2 };
    Type type = Type::kPlain;
    std::uint32_t offset = 0;  // where the head begins in its cluster
    std::uint64_t block = 0;
    std::uint32_t blocks = 0;  // of a first NonHead cluster; else 0
  };

  explicit ExtentReader(const Image& image) : image_(&image) {}
  [[nodiscard]] Result<void> PlaceIndex();
  [[nodiscard]] Result<Cluster> Load(std::uint64_t number) const;
  [[nodiscard]] Result<Cluster> LoadFull(std::uint64_t number) const;
  [[nodiscard]] Result<Cluster> LoadCompact(std::uint64_t number) const;
  [[nodiscard]] Result<CompressedExtent> Finish(const Cluster& head,
                                                std::uint64_t number,
                                                std::uint64_t end, bool last,
                                                std::uint32_t blocks) const;
  [[nodiscard]] Result<Coding> CodingOf(Cluster::Type type) const;

  const Image* image_;
  std::uint64_t size_ = 0;  // of the file
  bool compact_ = false;
  bool whole_fragment_ = false;
  std::uint64_t fragment_ = 0;  // offset in the packed inode
  std::uint32_t inline_size_ = 0;
  std::uint16_t advise_ = 0;
  std::uint8_t algorithms_ = 0;
  unsigned cluster_bits_ = 0;
  std::uint64_t header_ = 0;
  std::uint64_t index_ = 0;
  std::uint64_t index_end_ = 0;
  std::uint64_t clusters_ = 0;
  std::uint64_t initial_ = 0;  // compact index: clusters before and in the
  std::uint64_t middle_ = 0;   // middle part, whose entries take 2 bytes
  std::uint64_t next_ = 0;     // cluster
  std::optional<Cluster> ahead_;
};

}  // namespace assay::formats::erofs
