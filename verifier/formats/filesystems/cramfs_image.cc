#include "verifier/formats/filesystems/cramfs_image.h"

#include <string_view>

#include "verifier/formats/archives/archive_input.h"

namespace assay::formats::cramfs {
namespace {

constexpr std::uint32_t kMagic = 0x28cd3d45;
constexpr std::string_view kSignature = "Compressed ROMFS";
constexpr std::uint64_t kBootRoom = 512;
constexpr std::uint32_t kKnownFlags = 0xfff;

std::optional<Super> SuperAt(ByteView bytes, ByteOrder order,
                             std::uint64_t start) {
  const auto word = [&](std::uint64_t at) {
    return ReadWord(bytes, order, start + at).value_or(0);
  };
  const auto signature = Slice(bytes, start + 16, kSignature.size());
  auto root = ReadInode(bytes, order, start + 64);
  if (word(0) != kMagic || !signature || AsText(*signature) != kSignature ||
      !root || TypeOfMode(root->mode) != FileType::kDirectory ||
      root->name_length != 0 || (word(8) & ~kKnownFlags) != 0) {
    return std::nullopt;
  }
  // Offsets count from the start of the image, not of the super block.
  if (root->offset != 0 && root->offset < start + kSuperSize) {
    return std::nullopt;
  }
  return Super{.order = order,
               .start = start,
               .size = word(4),
               .flags = word(8),
               .crc = word(32),
               .files = word(44),
               .root = *root};
}

}  // namespace

std::optional<std::uint32_t> ReadWord(ByteView bytes, ByteOrder order,
                                      std::uint64_t at) {
  if (order == ByteOrder::kBig) {
    const auto word = ReadAt<Be32>(bytes, at);
    return word ? std::optional<std::uint32_t>(*word) : std::nullopt;
  }
  const auto word = ReadAt<Le32>(bytes, at);
  return word ? std::optional<std::uint32_t>(*word) : std::nullopt;
}

// Bit fields, which either byte order fills from its own end.
std::optional<Inode> ReadInode(ByteView bytes, ByteOrder order,
                               std::uint64_t at) {
  const auto a = ReadWord(bytes, order, at);
  const auto b = ReadWord(bytes, order, at + 4);
  const auto c = ReadWord(bytes, order, at + 8);
  if (!a || !b || !c) {
    return std::nullopt;
  }
  Inode inode{.at = at};
  if (order == ByteOrder::kBig) {
    inode.mode = *a >> 16U;
    inode.uid = *a & 0xffffU;
    inode.size = *b >> 8U;
    inode.gid = *b & 0xffU;
    inode.name_length = *c >> 26U;
    inode.offset = *c & 0x3ffffffU;
  } else {
    inode.mode = *a & 0xffffU;
    inode.uid = *a >> 16U;
    inode.size = *b & 0xffffffU;
    inode.gid = *b >> 24U;
    inode.name_length = *c & 0x3fU;
    inode.offset = *c >> 6U;
  }
  inode.name_length *= 4;
  inode.offset *= 4;
  return inode;
}

std::optional<Super> ReadSuper(ByteView bytes) {
  for (const std::uint64_t start : {std::uint64_t{0}, kBootRoom}) {
    for (const ByteOrder order : {ByteOrder::kLittle, ByteOrder::kBig}) {
      if (auto super = SuperAt(bytes, order, start)) {
        return super;
      }
    }
  }
  return std::nullopt;
}

}  // namespace assay::formats::cramfs
