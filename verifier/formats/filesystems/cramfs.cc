// cramfs, in both byte orders, with and without room for a boot loader.
// Layout: Linux include/uapi/linux/cramfs_fs.h; fs/cramfs/README.
//
// Nothing states the size of a block: it is a page of the machine that the
// image is for, 4096 bytes in most cases, else the first of 8 to 64 KiB that
// a file's pointers and its first block fit. Equal files share their data.

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "verifier/base/crc32.h"
#include "verifier/formats/archives/archive_input.h"
#include "verifier/formats/codecs/block_codec.h"
#include "verifier/formats/coverage.h"
#include "verifier/formats/filesystems/cramfs_image.h"
#include "verifier/formats/filesystems/file_tree.h"
#include "verifier/formats/format.h"

namespace assay::formats {
namespace {

using cramfs::Inode;
using cramfs::Super;

constexpr std::uint32_t kFirstBlockSize = 4096;
constexpr std::uint32_t kLastBlockSize = 65536;

// The blocks of one file: where each begins, and the end of the last.
struct Blocks {
  std::uint32_t block_size = kFirstBlockSize;
  Range pointers = {};
  std::vector<std::uint32_t> bounds = {};
};

class BlockStream : public ByteStream {
 public:
  BlockStream(ByteView bytes, const Blocks& blocks, std::uint64_t size)
      : bytes_(bytes), blocks_(blocks), left_(size) {}

  Result<std::size_t> Read(std::span<std::uint8_t> into) override {
    std::size_t filled = 0;
    while (filled < into.size() && !error_) {
      if (passed_ == block_.size()) {
        if (left_ == 0) {
          break;
        }
        if (auto ok = Next(); !ok) {
          error_ = ok.error();
          break;
        }
      }
      const std::size_t count =
          std::min(into.size() - filled, block_.size() - passed_);
      std::copy_n(block_.begin() + static_cast<std::ptrdiff_t>(passed_), count,
                  into.begin() + static_cast<std::ptrdiff_t>(filled));
      passed_ += count;
      filled += count;
    }
    if (filled == 0 && error_) {
      return Fail(*error_);
    }
    return filled;
  }

 private:
  Result<void> Next() {
    const std::uint32_t from = blocks_.bounds[index_];
    const std::uint32_t to = blocks_.bounds[++index_];
    block_.assign(std::min<std::uint64_t>(left_, blocks_.block_size), 0);
    passed_ = 0;
    if (to > from) {  // else a hole
      const auto data = Slice(bytes_, from, to - from);
      if (!data || codec_.Decode(*data, block_) != block_.size()) {
        block_.clear();
        return Fail(
            ErrorCode::kMalformed,
            fmt::format("cramfs: the block at offset {} is damaged", from));
      }
    }
    left_ -= block_.size();
    return {};
  }

  ByteView bytes_;
  const Blocks& blocks_;
  std::uint64_t left_;
  codecs::BlockCodec codec_{codecs::Compression::kZlib};
  std::size_t index_ = 0;
  Bytes block_;
  std::size_t passed_ = 0;
  std::optional<Error> error_;
};

class FileSystem : public FileTree {
 public:
  FileSystem(ByteView bytes, const Super& super, ArtifactSink& sink)
      : bytes_(bytes), super_(super), sink_(sink) {}

  // An inode is known by where it lies.
  Result<TreeNode> Load(std::uint64_t at) override {
    const auto inode = cramfs::ReadInode(bytes_, super_.order, at);
    if (!inode) {
      return Fail(ErrorCode::kTruncated, "cramfs: an inode is cut off");
    }
    ++files_;
    Claim({at, cramfs::kInodeSize + inode->name_length}, RegionUse::kMetadata);
    FileMetadata meta{.type = TypeOfMode(inode->mode),
                      .mode = inode->mode & 07777U,
                      .uid = inode->uid,
                      .gid = inode->gid};
    if (meta.type == FileType::kSymlink) {
      ReadTarget(*inode, meta);
    } else if (meta.type == FileType::kBlockDevice ||
               meta.type == FileType::kCharDevice) {
      meta.device_major = inode->size >> 8U & 0xffU;
      meta.device_minor = inode->size & 0xffU;
    }
    return TreeNode{.meta = std::move(meta)};
  }

  Result<void> List(std::uint64_t directory, std::uint64_t most,
                    std::vector<TreeEntry>& entries) override {
    const auto self = cramfs::ReadInode(bytes_, super_.order, directory);
    std::uint64_t at = self->offset;
    const std::uint64_t end = at + self->size;
    while (at < end) {
      const auto inode = cramfs::ReadInode(bytes_, super_.order, at);
      const auto raw =
          inode ? Slice(bytes_, at + cramfs::kInodeSize, inode->name_length)
                : std::nullopt;
      if (!raw || end - at < cramfs::kInodeSize + inode->name_length) {
        return Fail(ErrorCode::kMalformed,
                    fmt::format("the entry at offset {} is cut off", at));
      }
      std::string name(AsText(*raw));
      name.resize(std::min(name.size(), name.find('\0')));
      if (entries.size() >= most) {
        return Fail(ErrorCode::kLimit, "cramfs: too many entries");
      }
      entries.push_back({name, at});
      at += cramfs::kInodeSize + inode->name_length;
    }
    return {};
  }

  Result<void> AddFile(std::uint64_t at, Member member) override {
    const auto inode = cramfs::ReadInode(bytes_, super_.order, at);
    if (inode->size == 0) {
      return sink_.Add(std::move(member), ByteSource());
    }
    if (super_.extended()) {
      return sink_.AddOpaque(std::move(member), "extended block pointers");
    }
    const auto blocks = BlocksOf(*inode);
    if (!blocks) {
      return sink_.AddOpaque(std::move(member), blocks.error().what);
    }
    ClaimBlocks(*blocks);
    BlockStream content(bytes_, *blocks, inode->size);
    return sink_.AddStream(std::move(member), content);
  }

  void Claim(Range range, RegionUse use) {
    if (Slice(bytes_, range.offset, range.length)) {
      coverage_.ClaimFree(range, use, sink_);
      end_ = std::max(end_, range.end());
    }
  }

  [[nodiscard]] Coverage& coverage() { return coverage_; }
  [[nodiscard]] std::uint64_t end() const { return end_; }
  [[nodiscard]] std::uint64_t files() const { return files_; }

 private:
  // The pointers as if blocks had this size; nothing when they do not ascend.
  std::optional<Blocks> BlocksOf(const Inode& inode,
                                 std::uint32_t block_size) const {
    const std::uint64_t count =
        (std::uint64_t{inode.size} + block_size - 1) / block_size;
    Blocks blocks{.block_size = block_size,
                  .pointers = {inode.offset, count * 4}};
    std::uint64_t last = blocks.pointers.end();
    if (!Slice(bytes_, inode.offset, count * 4)) {
      return std::nullopt;
    }
    blocks.bounds.push_back(static_cast<std::uint32_t>(last));
    for (std::uint64_t i = 0; i < count; ++i) {
      const auto bound =
          cramfs::ReadWord(bytes_, super_.order, inode.offset + i * 4);
      if (*bound < last || *bound - last > 2ULL * block_size ||
          *bound > bytes_.size()) {
        return std::nullopt;
      }
      last = *bound;
      blocks.bounds.push_back(*bound);
    }
    return blocks;
  }

  // Whether the first block that is no hole decodes to what it must.
  bool Fits(const Blocks& blocks, std::uint64_t size) const {
    Bytes block;
    for (std::size_t i = 0; i + 1 < blocks.bounds.size(); ++i) {
      const std::uint32_t length = blocks.bounds[i + 1] - blocks.bounds[i];
      if (length > 0) {
        block.resize(std::min<std::uint64_t>(
            blocks.block_size, size - i * std::uint64_t{blocks.block_size}));
        return codec_.Decode(*Slice(bytes_, blocks.bounds[i], length), block) ==
               block.size();
      }
    }
    return true;
  }

  Result<Blocks> BlocksOf(const Inode& inode) {
    const auto first = BlocksOf(inode, block_size_);
    if (first && Fits(*first, inode.size)) {
      return *first;
    }
    for (std::uint32_t size = kFirstBlockSize; size <= kLastBlockSize;
         size *= 2) {
      const auto blocks = BlocksOf(inode, size);
      if (blocks && Fits(*blocks, inode.size)) {
        block_size_ = size;
        return *blocks;
      }
    }
    if (first) {  // damaged, but its place is known
      return *first;
    }
    return Fail(ErrorCode::kMalformed,
                fmt::format("cramfs: the block pointers at offset {} do not "
                            "ascend",
                            inode.offset));
  }

  void ClaimBlocks(const Blocks& blocks) {
    Claim(blocks.pointers, RegionUse::kMetadata);
    Claim({blocks.bounds.front(),
           blocks.bounds.back() - std::uint64_t{blocks.bounds.front()}},
          RegionUse::kMember);
  }

  void ReadTarget(const Inode& inode, FileMetadata& meta) {
    const auto blocks =
        super_.extended()
            ? Fail(ErrorCode::kUnsupported, "cramfs: extended block pointers")
            : BlocksOf(inode);
    Bytes target(std::min<std::uint64_t>(inode.size, kFirstBlockSize));
    if (!blocks ||
        BlockStream(bytes_, *blocks, target.size()).Read(target).value_or(0) !=
            inode.size) {
      sink_.Report({.id = "cramfs.bad-target",
                    .range = {inode.at, cramfs::kInodeSize},
                    .detail = fmt::format("the target of the link at offset "
                                          "{} cannot be read",
                                          inode.at)});
      return;
    }
    ClaimBlocks(*blocks);
    meta.link_target = AsText(target);
  }

  ByteView bytes_;
  Super super_;
  ArtifactSink& sink_;
  codecs::BlockCodec codec_{codecs::Compression::kZlib};
  std::uint32_t block_size_ = kFirstBlockSize;
  Coverage coverage_;
  std::uint64_t end_ = 0;
  std::uint64_t files_ = 0;
};

// The CRC covers the super block, with its own field as 0, and what follows.
void CheckCrc(ByteView bytes, const Super& super, ArtifactSink& sink) {
  const ByteView image = bytes.subspan(static_cast<std::size_t>(super.start));
  constexpr std::size_t kField = 32;
  constexpr std::array<std::uint8_t, 4> kZero = {};
  std::uint32_t crc = Crc32(image.first(kField));
  crc = Crc32(kZero, crc);
  crc = Crc32(image.subspan(kField + 4), crc);
  if (crc != super.crc) {
    sink.Report({.id = "cramfs.crc-mismatch",
                 .range = {super.start, bytes.size() - super.start},
                 .detail = fmt::format("the super block says {:08x}, the "
                                       "image gives {:08x}",
                                       super.crc, crc)});
  }
}

bool Matches(ByteView head) {
  return cramfs::ReadSuper(head).has_value();
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  ByteView bytes = input.source().bytes();
  const auto super = cramfs::ReadSuper(bytes);
  if (!super) {
    return Fail(ErrorCode::kMalformed, "no intact cramfs super block");
  }
  const bool whole = !super->version2() || super->size <= bytes.size();
  if (super->version2()) {
    bytes = bytes.first(std::min<std::size_t>(super->size, bytes.size()));
    if (bytes.size() < super->start + cramfs::kSuperSize) {
      return Fail(ErrorCode::kMalformed, "cramfs: the image is too small");
    }
    CheckCrc(bytes, *super, sink);
  }
  FileSystem files(bytes, *super, sink);
  files.Claim({super->start, cramfs::kSuperSize}, RegionUse::kMetadata);
  TreeWalk walk(files, "cramfs", sink);
  if (auto ok = walk.Run(super->root.at); !ok) {
    return ok;
  }
  if (!super->version2()) {
    bytes = bytes.first(static_cast<std::size_t>(files.end()));
  } else if (whole && files.files() != super->files) {
    sink.Report({.id = "cramfs.files-mismatch",
                 .range = {super->start, cramfs::kSuperSize},
                 .detail = fmt::format("{} files are stated, {} are there",
                                       super->files, files.files())});
  }
  files.coverage().ClaimGaps(bytes, sink);
  if (!whole) {
    return Fail(ErrorCode::kTruncated,
                fmt::format("cramfs: {} of {} bytes are there", bytes.size(),
                            super->size));
  }
  return input.Skip(bytes.size());
}

Result<std::uint64_t> Measure(ByteView bytes) {
  const auto super = cramfs::ReadSuper(bytes);
  if (!super) {
    return Fail(ErrorCode::kNotThisFormat, "no cramfs super block");
  }
  if (!super->version2()) {  // states no size
    return MeasureByUnpacking(Unpack, bytes, "");
  }
  if (super->size > bytes.size() ||
      super->size < super->start + cramfs::kSuperSize) {
    return Fail(ErrorCode::kTruncated, "the cramfs ends past the input");
  }
  return super->size;
}

constexpr Magic kMagics[] = {{"\x45\x3d\xcd\x28", 0},  // NOLINT: a table
                             {"\x28\xcd\x3d\x45", 0},
                             {"\x45\x3d\xcd\x28", 512},
                             {"\x28\xcd\x3d\x45", 512}};

}  // namespace

extern const Format kCramfs;
const Format kCramfs = {
    .name = "cramfs",
    .title = "cramfs file system",
    .reference = "Linux include/uapi/linux/cramfs_fs.h",
    .magics = kMagics,
    .carvable = true,
    .depth = "members",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
