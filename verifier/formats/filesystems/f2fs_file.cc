#include "verifier/formats/filesystems/f2fs_file.h"

#include <fmt/format.h>

#include <algorithm>

#include "verifier/formats/codecs/block_codec.h"

namespace assay::formats::f2fs {
namespace {

constexpr std::uint8_t kMostLogCluster = 8;
enum Algorithm : std::uint8_t { kLzo, kLz4, kZstd };

struct ClusterHeader {
  Le32 size, checksum;
  std::array<std::uint8_t, 16> unused;
};
static_assert(sizeof(ClusterHeader) == 24);

codecs::Compression CompressionOf(std::uint8_t algorithm) {
  switch (algorithm) {
    case kLzo:
      return codecs::Compression::kLzo;
    case kLz4:
      return codecs::Compression::kLz4;
    default:
      return codecs::Compression::kZstd;
  }
}

}  // namespace

bool CanDecode(const Inode& inode) {
  return inode.compression <= kZstd && inode.log_cluster >= 2 &&
         inode.log_cluster <= kMostLogCluster;
}

Result<std::size_t> ClusterStream::Read(std::span<std::uint8_t> into) {
  std::size_t filled = 0;
  while (filled < into.size() && !error_) {
    if (passed_ == cluster_.size()) {
      if (made_ >= inode_.size) {
        break;
      }
      if (auto ok = NextCluster(); !ok) {
        error_ = ok.error();
        break;
      }
    }
    const auto piece = ByteView(cluster_).subspan(passed_).first(
        std::min(into.size() - filled, cluster_.size() - passed_));
    std::copy(piece.begin(), piece.end(), into.subspan(filled).begin());
    filled += piece.size();
    passed_ += piece.size();
  }
  if (filled == 0 && error_) {
    return Fail(*error_);
  }
  return filled;
}

Result<void> ClusterStream::NextCluster() {
  const std::uint64_t count = 1ULL << inode_.log_cluster;
  const std::uint64_t first = made_ / kBlock;
  cluster_.clear();
  passed_ = 0;
  const bool packed = AddressAt(runs_, first) == kCompressed;
  if (auto ok = packed ? Packed(first, count) : Unpacked(first, count); !ok) {
    cluster_.clear();
    return ok;
  }
  const std::uint64_t left = inode_.size - made_;
  cluster_.resize(
      static_cast<std::size_t>(std::min<std::uint64_t>(left, cluster_.size())));
  made_ += cluster_.size();
  return {};
}

Result<void> ClusterStream::Unpacked(std::uint64_t first, std::uint64_t count) {
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint32_t address = AddressAt(runs_, first + i);
    if (address == kHole || address >= kCompressed) {
      cluster_.resize(cluster_.size() + kBlock);
      continue;
    }
    const auto block = volume_.Block(address);
    if (!block) {
      return Fail(block.error());
    }
    cluster_.insert(cluster_.end(), block->begin(), block->end());
  }
  return {};
}

Result<void> ClusterStream::Packed(std::uint64_t first, std::uint64_t count) {
  Bytes packed;
  for (std::uint64_t i = 1; i < count; ++i) {
    const std::uint32_t address = AddressAt(runs_, first + i);
    if (address == kHole || address >= kCompressed) {
      break;
    }
    const auto block = volume_.Block(address);
    if (!block) {
      return Fail(block.error());
    }
    packed.insert(packed.end(), block->begin(), block->end());
  }
  const auto damaged = [&](std::string_view why) {
    return Malformed(fmt::format("inode {}: the cluster at block {} {}",
                                 inode_.number, first, why));
  };
  const auto header = ReadAt<ClusterHeader>(packed, 0);
  const auto data = header ? Slice(packed, sizeof(ClusterHeader), header->size)
                           : std::nullopt;
  if (!data) {
    return damaged("is cut short");
  }
  if ((inode_.compression_flags & 1U) != 0 &&
      ChecksumOf(*data) != header->checksum) {
    return damaged("has another checksum");
  }
  cluster_.resize(static_cast<std::size_t>(count * kBlock));
  const codecs::BlockCodec codec(CompressionOf(inode_.compression));
  if (!codec.Decode(*data, cluster_)) {
    return damaged("cannot be decoded");
  }
  return {};
}

}  // namespace assay::formats::f2fs
