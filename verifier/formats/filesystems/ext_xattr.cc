// Extended attributes of ext: behind an inode's fields, in a block that inodes
// may share, or (the value) in an inode of its own. Layout: Linux
// fs/ext4/xattr.h.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "verifier/base/crc32.h"
#include "verifier/formats/filesystems/ext_tree.h"

namespace assay::formats::ext {
namespace {

constexpr std::uint32_t kMagic = 0xEA020000;
constexpr std::uint32_t kMostValue = 64U << 10U;  // Linux XATTR_SIZE_MAX
constexpr std::uint64_t kBodyOffset = 128;
constexpr std::uint8_t kSystem = 7;
constexpr std::array<std::string_view, 11> kPrefixes = {
    "",
    "user.",
    "system.posix_acl_access",
    "system.posix_acl_default",
    "trusted.",
    "lustre.",
    "security.",
    "system.",
    "system.richacl",
    "encryption.",
    "gnu."};

struct Header {
  Le32 magic, references, blocks, hash, checksum;
  std::array<std::uint8_t, 12> unused;
};
struct Entry {
  std::uint8_t name_length, prefix;
  Le16 value_offset;
  Le32 value_inode, value_size, hash;
};
static_assert(sizeof(Header) == 32 && sizeof(Entry) == 16);

// Where the entries of an inode's own attributes begin in its bytes.
std::optional<std::uint64_t> BodyEntries(const Inode& inode) {
  const auto extra = ReadAt<Le16>(inode.raw, kBodyOffset);
  if (!extra) {
    return std::nullopt;
  }
  const std::uint64_t at = kBodyOffset + *extra;
  const auto magic = ReadAt<Le32>(inode.raw, at);
  if (*extra % 4 != 0 || !magic || *magic != kMagic) {
    return std::nullopt;
  }
  return at + sizeof(Le32);
}

// The entry at `at`, unless the list ends there, and where the next one is.
struct Listed {
  Entry entry = {};
  std::string_view name = {};
  std::uint64_t next = 0;
};
Result<std::optional<Listed>> EntryAt(ByteView region, std::uint64_t at) {
  const auto end = ReadAt<Le32>(region, at);
  if (!end || *end == 0) {
    return std::optional<Listed>();
  }
  const auto entry = ReadAt<Entry>(region, at);
  const auto name = entry
                        ? Slice(region, at + sizeof(Entry), entry->name_length)
                        : std::nullopt;
  if (!name || entry->prefix >= kPrefixes.size()) {
    return Malformed("a list of extended attributes is damaged");
  }
  const std::uint64_t size = sizeof(Entry) + name->size();
  return std::optional<Listed>(
      {*entry, AsText(*name), at + (size + 3) / 4 * 4});
}

bool IsBlockIntact(const Volume& volume, std::uint64_t number, ByteView block) {
  std::array<std::uint8_t, 8> where = {};
  for (unsigned i = 0; i < where.size(); ++i) {
    where.at(i) = static_cast<std::uint8_t>(number >> 8U * i);
  }
  auto header = *ReadAt<Header>(block, 0);
  const std::uint32_t stored = header.checksum;
  header.checksum = {};
  std::uint32_t state = Crc32cRaw(volume.seed(), where);
  state = Crc32cRaw(state, BytesOf(header));
  return Crc32cRaw(state, block.subspan(sizeof(Header))) == stored;
}

}  // namespace

std::optional<Range> InlineRest(const Inode& inode) {
  const auto entries = BodyEntries(inode);
  std::uint64_t at = entries.value_or(inode.raw.size());
  while (true) {
    const auto listed = EntryAt(inode.raw, at);
    if (!listed || !*listed) {
      return std::nullopt;
    }
    const Entry& entry = (*listed)->entry;
    if (entry.prefix == kSystem && (*listed)->name == "data") {
      const std::uint64_t offset = *entries + entry.value_offset;
      const std::uint64_t size = entry.value_size;
      return Slice(inode.raw, offset, size)
                 ? std::optional<Range>({offset, size})
                 : std::nullopt;
    }
    at = (*listed)->next;
  }
}

Result<void> Tree::ReadXattrs(const Inode& inode, Xattrs& xattrs) {
  if (const auto entries = BodyEntries(inode)) {
    if (auto ok = XattrsAt(inode.raw, *entries, *entries, xattrs); !ok) {
      return ok;
    }
  }
  if (inode.xattr_block == 0) {
    return {};
  }
  const auto block = volume_.Block(inode.xattr_block);
  if (!block) {
    return Fail(block.error());
  }
  const auto header = *ReadAt<Header>(*block, 0);
  if (header.magic != kMagic || header.blocks != 1) {
    return Malformed(
        fmt::format("inode {}: block {} holds no extended attributes",
                    inode.number, inode.xattr_block));
  }
  if (xattr_blocks_.insert(inode.xattr_block).second) {
    if (!OwnBlock(inode.xattr_block)) {
      Report("overlapping-blocks", volume_.BlockRange(inode.xattr_block),
             fmt::format("extended attributes of inode {}", inode.number));
    }
    if (volume_.has_checksums() &&
        !IsBlockIntact(volume_, inode.xattr_block, *block)) {
      Report("checksum-mismatch", volume_.BlockRange(inode.xattr_block),
             fmt::format("extended attributes of inode {}", inode.number));
    }
  }
  return XattrsAt(*block, sizeof(Header), 0, xattrs);
}

// `entries`: where the list begins in `region`; `values`: what offsets of
// values count from.
Result<void> Tree::XattrsAt(ByteView region, std::uint64_t entries,
                            std::uint64_t values, Xattrs& xattrs) {
  std::uint64_t at = entries;
  while (true) {
    const auto listed = EntryAt(region, at);
    if (!listed) {
      return Fail(listed.error());
    }
    if (!*listed) {
      return {};
    }
    const Entry& entry = (*listed)->entry;
    at = (*listed)->next;
    if (entry.prefix == kSystem && (*listed)->name == "data") {
      continue;  // the rest of inline content
    }
    const std::uint64_t size = entry.value_size;
    if (size > kMostValue || size > xattr_bytes_left_) {
      return Malformed(fmt::format("an extended attribute has {} bytes", size));
    }
    xattr_bytes_left_ -= size;
    std::string value;
    if (entry.value_inode != 0) {
      auto elsewhere = ValueOf(entry.value_inode, size);
      if (!elsewhere) {
        return Fail(elsewhere.error());
      }
      value = std::move(*elsewhere);
    } else if (size > 0) {
      const auto here = Slice(region, values + entry.value_offset, size);
      if (!here) {
        return Malformed("the value of an extended attribute lies outside");
      }
      value = AsText(*here);
    }
    xattrs.emplace_back(
        std::string(kPrefixes.at(entry.prefix)).append((*listed)->name),
        std::move(value));
  }
}

Result<std::string> Tree::ValueOf(std::uint64_t number, std::uint64_t size) {
  const auto inode = volume_.ReadInode(number);
  if (!inode) {
    return Fail(inode.error());
  }
  if (!inode->Is(kValueInode) || inode->size != size) {
    return Malformed(
        fmt::format("inode {} is no value of {} bytes", number, size));
  }
  const bool is_new = special_.insert(number).second;
  std::vector<Extent> extents;
  const Own own = [&](std::uint64_t block) {
    return !is_new || OwnBlock(block);
  };
  if (auto ok = MapBlocks(
          volume_, *inode, own, [](std::uint64_t /*block*/) {}, extents);
      !ok) {
    return Fail(ok.error());
  }
  std::string value(static_cast<std::size_t>(size), '\0');
  Bytes bytes(static_cast<std::size_t>(size));
  ExtentStream content(volume_.source(), extents);
  const auto count = content.Read(bytes);
  if (!count || *count != size) {
    return Malformed(fmt::format("the value in inode {} is cut short", number));
  }
  for (const Extent& extent : extents) {
    if (is_new && !extent.hole) {
      const std::uint64_t block = volume_.block_size();
      coverage_.ClaimFree({extent.range.offset,
                           (extent.range.length + block - 1) / block * block},
                          RegionUse::kMetadata, sink_);
    }
  }
  return std::string(AsText(bytes));
}

}  // namespace assay::formats::ext
