#include "verifier/formats/filesystems/squashfs_legacy_inode.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace assay::formats::squashfs_legacy {
namespace {

using squashfs::Malformed;

// Types of inodes, from layout 2 on. In layout 4 every one but LDIR and LREG
// has a variant with attributes as well, from 10 on.
enum : std::uint32_t {
  kIpc1,
  kDirectory,
  kFile,
  kSymlink,
  kBlockDevice,
  kCharDevice,
  kFifo,
  kSocket,
  kLongDirectory,
  kLongFile,
};

FileType TypeOf(std::uint32_t type) {
  constexpr std::array kTypes = {FileType::kRegular,     FileType::kDirectory,
                                 FileType::kRegular,     FileType::kSymlink,
                                 FileType::kBlockDevice, FileType::kCharDevice,
                                 FileType::kFifo,        FileType::kSocket};
  return kTypes.at(type % kTypes.size());
}

class InodeReader {
 public:
  InodeReader(Image& image, Place place) : image_(image), place_(place) {}

  Result<Inode> Read() {
    const std::uint32_t major = image_.super().major;
    auto ok = major == 1 ? ReadOne()
                         : (major == 4 ? ReadFour() : ReadTwoOrThree(major));
    if (!ok) {
      return Fail(ok.error());
    }
    return std::move(inode_);
  }

 private:
  // The first `length` bytes of the inode; what follows them begins at the
  // place that it returns.
  Result<Place> Take(std::uint64_t length) {
    raw_.resize(length);
    Place place = place_;
    if (auto ok = image_.Read(place, raw_); !ok) {
      return Fail(ok.error());
    }
    return place;
  }

  [[nodiscard]] std::uint32_t Get(std::uint64_t position,
                                  std::uint64_t count = 32) const {
    return image_.bits(raw_).Get32(position, count);
  }
  [[nodiscard]] std::uint64_t Get64(std::uint64_t position) const {
    return image_.bits(raw_).Get(position, 64);
  }

  Result<std::uint32_t> IdAt(std::uint64_t table, std::uint64_t index) {
    if (image_.super().major == 4) {
      auto place = image_.TableEntry(table, index, 4);
      Bytes raw(4);
      if (!place) {
        return Fail(place.error());
      }
      if (auto ok = image_.Read(*place, raw); !ok) {
        return Fail(ok.error());
      }
      return image_.bits(raw).Get32(0);
    }
    const ByteView bytes = image_.source().bytes();
    const auto raw = table > bytes.size() ? std::nullopt
                                          : Slice(bytes, table + index * 4, 4);
    if (!raw) {
      return Malformed("the table of users lies outside of the image");
    }
    return image_.bits(*raw).Get32(0);
  }

  // `same`: the index that stands for the group with the user's number.
  Result<void> SetOwner(std::uint32_t uid, std::uint32_t gid,
                        std::uint32_t same) {
    const Super& super = image_.super();
    const std::uint64_t gids = super.major == 1
                                   ? super.uid_table + 4ULL * super.uids
                                   : super.gid_table;
    const auto user = uid < super.uids
                          ? IdAt(super.uid_table, uid)
                          : Malformed(fmt::format("there is no user {}", uid));
    if (!user) {
      return Fail(user.error());
    }
    inode_.meta.uid = *user;
    if (gid == same) {
      inode_.meta.gid = *user;
      return {};
    }
    const auto group =
        super.major == 4 ? IdAt(super.uid_table, gid)
        : gid < super.gids
            ? IdAt(gids, gid)
            : Malformed(fmt::format("there is no group {}", gid));
    if (!group) {
      return Fail(group.error());
    }
    inode_.meta.gid = *group;
    return {};
  }

  void SetFile(std::uint64_t size, std::uint64_t start, std::uint32_t fragment,
               std::uint32_t offset, Place blocks) {
    inode_.size = size;
    inode_.start = start;
    inode_.fragment = fragment;
    inode_.fragment_offset = offset;
    inode_.blocks = blocks;
  }

  void SetListing(std::uint64_t size, std::uint64_t block,
                  std::uint32_t offset) {
    // From layout 3 on, a size counts 3 bytes for "." and "..".
    const std::uint64_t dots = image_.super().major < 3 ? 0 : 3;
    inode_.size = size - std::min(size, dots);
    inode_.listing = {image_.super().directory_table + block, offset};
  }

  Result<void> ReadTarget(Place place, std::uint32_t size) {
    constexpr std::uint32_t kMostTarget = 65535;
    Bytes target(std::min(size, kMostTarget));
    if (auto ok = image_.Read(place, target); !ok) {
      return ok;
    }
    inode_.meta.link_target = AsText(target);
    return {};
  }

  void SetDevice(std::uint32_t device) {
    inode_.meta.device_major = device >> 8U & 0xfffU;
    inode_.meta.device_minor = (device & 0xffU) | (device >> 12U & 0xfff00U);
  }

  Result<void> ReadOne();
  Result<void> ReadTwoOrThree(std::uint32_t major);
  Result<void> ReadDirectoryOf(std::uint32_t major, bool is_long);
  Result<void> ReadFileOf(std::uint32_t major, bool is_long);
  Result<void> ReadFour();

  Image& image_;
  Place place_;
  Bytes raw_;
  Inode inode_;
};

// Layout 1: the type also says which 16 users the index is about.
Result<void> InodeReader::ReadOne() {
  if (auto ok = Take(3); !ok) {
    return Fail(ok.error());
  }
  std::uint32_t type = Get(0, 4);
  const std::uint32_t uid = Get(16, 4);
  const std::uint32_t gid = Get(20, 4);
  inode_.meta.mode = Get(4, 12);
  inode_.meta.mtime = image_.super().mkfs_time;
  std::uint32_t users = 0;
  if (type == kIpc1) {
    if (auto ok = Take(4); !ok) {
      return Fail(ok.error());
    }
    type = Get(24, 4) == kSocket ? kSocket : kFifo;
    users = Get(28, 4);
  } else {
    users = (type - 1) / 5;
    type = (type - 1) % 5 + 1;
  }
  inode_.meta.type = TypeOf(type);
  if (auto ok = SetOwner(users * 16 + uid, gid, 15); !ok) {
    return ok;
  }
  if (type == kFifo || type == kSocket) {
    return {};
  }
  const std::uint64_t length = type == kDirectory ? 14 : type == kFile ? 15 : 5;
  const auto after = Take(length);
  if (!after) {
    return Fail(after.error());
  }
  if (type == kDirectory) {
    inode_.meta.mtime = Get(56);
    SetListing(Get(24, 19), Get(88, 24), Get(43, 13));
  } else if (type == kFile) {
    inode_.meta.mtime = Get(24);
    SetFile(Get(88), Get(56), squashfs::kNone, 0, *after);
  } else if (type == kSymlink) {
    return ReadTarget(*after, Get(24, 16));
  } else {
    SetDevice(Get(24, 16));
  }
  return {};
}

Result<void> InodeReader::ReadTwoOrThree(std::uint32_t major) {
  constexpr std::uint32_t kSameGroup = 255;
  const std::uint64_t base = major == 2 ? 4 : 12;
  if (auto ok = Take(base); !ok) {
    return Fail(ok.error());
  }
  const std::uint32_t type = Get(0, 4);
  if (type == 0 || type > (major == 2 ? kLongDirectory : kLongFile)) {
    return Malformed(fmt::format("there is no inode type {}", type));
  }
  inode_.meta.type = type == kLongDirectory ? FileType::kDirectory
                     : type == kLongFile    ? FileType::kRegular
                                            : TypeOf(type);
  inode_.meta.mode = Get(4, 12);
  inode_.meta.mtime = major == 2 ? image_.super().mkfs_time : Get(32);
  if (auto ok = SetOwner(Get(16, 8), Get(24, 8), kSameGroup); !ok) {
    return ok;
  }
  switch (type) {
    case kDirectory:
    case kLongDirectory:
      return ReadDirectoryOf(major, type == kLongDirectory);
    case kFile:
    case kLongFile:
      return ReadFileOf(major, type == kLongFile);
    case kFifo:
    case kSocket:
      return {};
    default:
      break;
  }
  // A count of links stands in front in layout 3.
  const std::uint64_t at = major == 2 ? 32 : 128;
  const auto after = Take(at / 8 + 2);
  if (!after) {
    return Fail(after.error());
  }
  if (type == kSymlink) {
    return ReadTarget(*after, Get(at, 16));
  }
  SetDevice(Get(at, 16));
  return {};
}

Result<void> InodeReader::ReadDirectoryOf(std::uint32_t major, bool is_long) {
  const std::uint64_t at = major == 2 ? 32 : 128;
  const std::uint64_t bits = is_long ? 27 : 19;
  const std::uint64_t after = at + bits + 13;  // 160 or 168 in layout 3
  if (auto ok = Take(major == 2 ? after / 8 + 7 : after / 8 + 4); !ok) {
    return Fail(ok.error());
  }
  if (major == 2) {
    inode_.meta.mtime = Get(after);
    SetListing(Get(at, bits), Get(after + 32, 24), Get(at + bits, 13));
  } else {
    SetListing(Get(at, bits), Get(after), Get(at + bits, 13));
  }
  return {};
}

Result<void> InodeReader::ReadFileOf(std::uint32_t major, bool is_long) {
  const std::uint64_t start = is_long ? 128 : 96;
  const auto blocks = Take(major == 2 ? 24 : is_long ? 40 : 32);
  if (!blocks) {
    return Fail(blocks.error());
  }
  if (major == 2) {
    inode_.meta.mtime = Get(32);
    SetFile(Get(160), Get(64), Get(96), Get(128), *blocks);
  } else {
    SetFile(is_long ? Get64(start + 128) : Get(start + 128), Get64(start),
            Get(start + 64), Get(start + 96), *blocks);
  }
  return {};
}

Result<void> InodeReader::ReadFour() {
  if (auto ok = Take(16); !ok) {
    return Fail(ok.error());
  }
  std::uint32_t type = Get(0, 16);
  if (type == 0 || type > 14) {
    return Malformed(fmt::format("there is no inode type {}", type));
  }
  const bool is_long = type >= kLongDirectory;
  type -= is_long ? 7 : 0;
  inode_.meta.type = TypeOf(type);
  inode_.meta.mode = Get(16, 16) & 07777U;
  inode_.meta.mtime = Get(64);
  if (auto ok = SetOwner(Get(32, 16), Get(48, 16), 0x10000); !ok) {
    return ok;
  }
  const std::uint64_t length =
      type == kDirectory ? (is_long ? 40 : 32)
      : type == kFile    ? (is_long ? 56 : 32)
                         : (type == kFifo || type == kSocket ? 20 : 24);
  const auto after = Take(length);
  if (!after) {
    return Fail(after.error());
  }
  if (type == kDirectory && is_long) {
    SetListing(Get(160), Get(192), Get(272, 16));
  } else if (type == kDirectory) {
    SetListing(Get(192, 16), Get(128), Get(208, 16));
  } else if (type == kFile && is_long) {
    SetFile(Get64(192), Get64(128), Get(352), Get(384), *after);
  } else if (type == kFile) {
    SetFile(Get(224), Get(128), Get(160), Get(192), *after);
  } else if (type == kSymlink) {
    return ReadTarget(*after, Get(160));
  } else if (type == kBlockDevice || type == kCharDevice) {
    SetDevice(Get(160));
  }
  return {};
}

}  // namespace

bool Inode::HasTail(std::uint32_t block_size) const {
  return fragment != squashfs::kNone && size % block_size != 0;
}

std::uint64_t Inode::BlockCount(std::uint32_t block_size) const {
  const bool rest = size % block_size != 0 && fragment == squashfs::kNone;
  return size / block_size + (rest ? 1 : 0);
}

Result<Inode> ReadInode(Image& image, std::uint64_t reference) {
  const Place place{
      image.super().inode_table + (reference >> 16U & 0xffffffffU),
      static_cast<std::uint32_t>(reference & 0xffffU)};
  return InodeReader(image, place).Read();
}

Result<void> ReadDirectory(Image& image, const Inode& directory,
                           std::uint64_t most,
                           std::vector<TreeEntry>& entries) {
  const std::uint32_t major = image.super().major;
  const bool four = major == 4;
  const std::uint64_t header_size = four ? 12 : major == 3 ? 9 : 4;
  const std::uint64_t entry_size = four ? 8 : major == 3 ? 5 : 3;
  Place place = directory.listing;
  std::uint64_t left = directory.size;
  Bytes raw;
  const auto take = [&](std::uint64_t size) -> Result<Bits> {
    if (size > left) {
      return Malformed("a listing ends within an entry");
    }
    left -= size;
    raw.resize(size);
    if (auto ok = image.Read(place, raw); !ok) {
      return Fail(ok.error());
    }
    return image.bits(raw);
  };
  while (left > 0) {
    const auto header = take(header_size);
    if (!header) {
      return Fail(header.error());
    }
    const std::uint64_t count = header->Get(0, four ? 32 : 8) + 1;
    const std::uint64_t block = header->Get(four ? 32 : 8, major < 3 ? 24 : 32);
    for (std::uint64_t i = 0; i < count; ++i) {
      const auto entry = take(entry_size);
      if (!entry) {
        return Fail(entry.error());
      }
      if (entries.size() >= most) {
        return Fail(ErrorCode::kLimit, "squashfs: too many entries");
      }
      const std::uint64_t offset = entry->Get(0, four ? 16 : 13);
      const std::uint64_t size =
          (four ? entry->Get(48, 16) : entry->Get(16, 8)) + 1;
      if (size > 256) {
        return Malformed("a name in a listing is too long");
      }
      if (const auto name = take(size); !name) {
        return Fail(name.error());
      }
      entries.push_back({std::string(AsText(raw)), block << 16U | offset});
    }
  }
  return {};
}

}  // namespace assay::formats::squashfs_legacy
