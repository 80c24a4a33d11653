// Extended attributes of XFS: in the inode, in leaves of a tree in a fork of
// their own, and values in blocks of that fork (Linux fs/xfs/libxfs/
// xfs_da_format.h).

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

#include "verifier/formats/filesystems/xfs_tree.h"

namespace assay::formats::xfs {
namespace {

constexpr std::uint16_t kNode4 = 0xfebe;
constexpr std::uint16_t kNode5 = 0x3ebe;
constexpr std::uint16_t kLeaf4 = 0xfbee;
constexpr std::uint16_t kLeaf5 = 0x3bee;
constexpr std::uint32_t kRemote5 = 0x5841524d;  // "XARM"
constexpr std::uint64_t kRemoteHeader = 56;
constexpr std::uint64_t kIndexChecksum = 12;
constexpr std::uint32_t kMostValue = 64U << 10U;
constexpr std::uint64_t kMostLevels = 8;
enum Flag : std::uint8_t {
  kInBlock = 0x1,
  kTrusted = 0x2,
  kSecurity = 0x4,
  kIncomplete = 0x80,
};

struct BlockInfo {
  Be32 next, previous;
  Be16 magic, unused;
};
struct LeafEntry {
  Be32 hash;
  Be16 place;
  std::uint8_t flags, unused;
};

}  // namespace

Result<void> Tree::Keep(std::uint8_t flags, std::string_view name,
                        std::string_view value, Xattrs& xattrs) {
  if ((flags & kIncomplete) != 0) {
    return {};  // being set or removed when the system stopped
  }
  if (value.size() > xattr_bytes_left_) {
    return Malformed("there are more extended attributes than bytes");
  }
  xattr_bytes_left_ -= value.size();
  const bool trusted = (flags & kTrusted) != 0;
  std::string full;
  if (trusted && name == "SGI_ACL_FILE") {
    full = "system.posix_acl_access";
  } else if (trusted && name == "SGI_ACL_DEFAULT") {
    full = "system.posix_acl_default";
  } else {
    full = trusted                    ? "trusted."
           : (flags & kSecurity) != 0 ? "security."
                                      : "user.";
    full += name;
  }
  xattrs.emplace_back(std::move(full), value);
  return {};
}

Result<void> Tree::ReadXattrs(const Inode& inode, Xattrs& xattrs) {
  if (!inode.attributes) {
    return {};
  }
  const Fork& fork = *inode.attributes;
  if (fork.format == kLocal) {
    struct Header {
      Be16 size;
      std::uint8_t count, unused;
    };
    struct Sizes {
      std::uint8_t name, value, flags;
    };
    ByteReader reader(fork.bytes);
    const auto header = reader.Take<Header>();
    for (unsigned i = 0; header && i < header->count; ++i) {
      const auto sizes = reader.Take<Sizes>();
      const auto name = sizes ? reader.TakeBytes(sizes->name) : std::nullopt;
      const auto value = name ? reader.TakeBytes(sizes->value) : std::nullopt;
      if (!value) {
        return Malformed("a list of extended attributes is cut short");
      }
      if (auto ok = Keep(sizes->flags, AsText(*name), AsText(*value), xattrs);
          !ok) {
        return ok;
      }
    }
    return {};
  }
  if (fork.format == kExtents && fork.extents == 0) {
    return {};
  }
  const auto pieces = Map(inode, fork);
  if (!pieces) {
    return Fail(pieces.error());
  }
  if (auto ok = OwnPieces(*pieces); !ok) {
    return ok;
  }
  // Down to the first leaf, then from leaf to leaf.
  std::set<std::uint64_t> seen;
  std::uint64_t at = 0;
  while (seen.insert(at).second) {
    const auto block = BlockOf(volume_, *pieces, at);
    if (!block) {
      return Fail(block.error());
    }
    const bool fifth = volume_.has_checksums();
    if (fifth && !HasChecksum(*block, kIndexChecksum)) {
      Report("checksum-mismatch", inode.place,
             fmt::format("extended attributes of inode {}", inode.number));
    }
    const auto info = *ReadAt<BlockInfo>(*block, 0);
    if (info.magic == (fifth ? kNode5 : kNode4) && seen.size() < kMostLevels) {
      constexpr std::uint64_t kHash = 4;
      at = *ReadAt<Be32>(*block, (fifth ? 64 : 16) + kHash);
      continue;
    }
    if (info.magic != (fifth ? kLeaf5 : kLeaf4)) {
      return Malformed(
          fmt::format("inode {}: block {} of its extended "
                      "attributes is damaged",
                      inode.number, at));
    }
    if (auto ok = XattrLeaf(*block, *pieces, xattrs); !ok) {
      return ok;
    }
    at = info.next;  // 0: that was the last
  }
  return {};
}

Result<void> Tree::XattrLeaf(ByteView block, const std::vector<Piece>& pieces,
                             Xattrs& xattrs) {
  struct Local {
    Be16 value_size;
    std::uint8_t name_size;
  };
  struct Remote {
    Be32 block, value_size;
    std::uint8_t name_size;
  };
  const bool fifth = volume_.has_checksums();
  const std::uint64_t count = *ReadAt<Be16>(block, fifth ? 56 : 12);
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto entry =
        ReadAt<LeafEntry>(block, (fifth ? 80 : 32) + i * sizeof(LeafEntry));
    const std::uint64_t at = entry ? std::uint64_t{entry->place} : 0;
    std::optional<ByteView> name;
    std::string value;
    if (entry && (entry->flags & kInBlock) != 0) {
      const auto local = ReadAt<Local>(block, at);
      name = local ? Slice(block, at + sizeof(Local), local->name_size)
                   : std::nullopt;
      const auto bytes = name ? Slice(block, at + sizeof(Local) + name->size(),
                                      local->value_size)
                              : std::nullopt;
      name = bytes ? name : std::nullopt;
      value = bytes ? AsText(*bytes) : "";
    } else if (const auto remote = ReadAt<Remote>(block, at); entry && remote) {
      name = Slice(block, at + sizeof(Remote), remote->name_size);
      auto bytes = RemoteValue(pieces, remote->block, remote->value_size);
      if (!bytes) {
        return Fail(bytes.error());
      }
      value = std::move(*bytes);
    }
    if (!name) {
      return Malformed("a leaf of extended attributes is damaged");
    }
    if (auto ok = Keep(entry->flags, AsText(*name), value, xattrs); !ok) {
      return ok;
    }
  }
  return {};
}

Result<std::string> Tree::RemoteValue(const std::vector<Piece>& pieces,
                                      std::uint64_t at, std::uint64_t size) {
  const bool fifth = volume_.has_checksums();
  if (size > kMostValue || size > xattr_bytes_left_) {
    return Malformed(fmt::format("an extended attribute has {} bytes", size));
  }
  std::string value;
  while (value.size() < size) {
    const auto block = BlockOf(volume_, pieces, at++);
    if (!block) {
      return Fail(block.error());
    }
    if (fifth &&
        (*ReadAt<Be32>(*block, 0) != kRemote5 || !HasChecksum(*block, 12))) {
      Report("checksum-mismatch", current_.place,
             fmt::format("a value of an extended attribute of inode {}",
                         current_.number));
    }
    const ByteView bytes = block->subspan(fifth ? kRemoteHeader : 0);
    value += AsText(
        bytes.first(std::min<std::size_t>(bytes.size(), size - value.size())));
  }
  return value;
}

}  // namespace assay::formats::xfs
