#include "verifier/formats/filesystems/squashfs_inode.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

namespace assay::formats::squashfs {
namespace {

constexpr std::uint32_t kMostTarget = 64U << 10U;  // of a symbolic link

enum InodeType : unsigned {
  kDirectory = 1,
  kFile,
  kSymlink,
  kBlockDevice,
  kCharDevice,
  kFifo,
  kSocket,
  kExtended,  // from here on: the same types with more fields
};
constexpr std::array kTypes = {FileType::kRegular,     FileType::kDirectory,
                               FileType::kRegular,     FileType::kSymlink,
                               FileType::kBlockDevice, FileType::kCharDevice,
                               FileType::kFifo,        FileType::kSocket};

struct StoredBase {
  Le16 type, mode, uid, gid;
  Le32 mtime, number;
};
struct StoredDirectory {
  Le32 start, nlink;
  Le16 size, offset;
  Le32 parent;
};
struct StoredLongDirectory {
  Le32 nlink, size, start, parent;
  Le16 indexes, offset;
  Le32 xattr;
};
struct StoredFile {
  Le32 start, fragment, offset, size;
};
struct StoredLongFile {
  Le64 start, size, sparse;
  Le32 nlink, fragment, offset, xattr;
};
struct StoredSymlink {
  Le32 nlink, size;
};
struct StoredDevice {
  Le32 nlink, number;
};
struct ListingHeader {
  Le32 count, start, inode;  // count: less one
};
struct ListingEntry {
  Le16 offset, inode, type, size;  // size: of the name, less one
};

// Reads the fields that follow StoredBase.
class Fields {
 public:
  Fields(Image& image, Place place, bool extended, Inode inode)
      : image_(image),
        place_(place),
        extended_(extended),
        inode_(std::move(inode)) {}

  Result<Inode> Directory() {
    if (extended_) {
      return TakeThen<StoredLongDirectory>([&](const auto& stored) {
        inode_.xattr = stored.xattr;
        inode_.nlink = stored.nlink;
        SetListing(stored.start, stored.offset, stored.size);
      });
    }
    return TakeThen<StoredDirectory>([&](const auto& stored) {
      SetListing(stored.start, stored.offset, stored.size);
    });
  }

  Result<Inode> File() {
    if (extended_) {
      return TakeThen<StoredLongFile>([&](const auto& stored) {
        inode_.xattr = stored.xattr;
        inode_.nlink = stored.nlink;
        SetFile(stored);
      });
    }
    return TakeThen<StoredFile>([&](const auto& stored) {
      inode_.nlink = 1;  // by definition of the short form
      SetFile(stored);
    });
  }

  Result<Inode> Symlink() {
    const auto stored = image_.Take<StoredSymlink>(place_);
    if (!stored) {
      return Fail(stored.error());
    }
    if (stored->size > kMostTarget) {
      return Malformed(fmt::format("a symbolic link has {} bytes",
                                   std::uint32_t{stored->size}));
    }
    auto target = image_.TakeText(place_, stored->size);
    if (!target) {
      return Fail(target.error());
    }
    inode_.meta.link_target = std::move(*target);
    inode_.nlink = stored->nlink;
    return WithXattr();
  }

  Result<Inode> Device() {
    const auto stored = image_.Take<StoredDevice>(place_);
    if (!stored) {
      return Fail(stored.error());
    }
    // Linux new_encode_dev: the minor number lies on both sides.
    const std::uint32_t number = stored->number;
    inode_.nlink = stored->nlink;
    inode_.meta.device_major = number >> 8U & 0xfffU;
    inode_.meta.device_minor = (number & 0xffU) | (number >> 12U & 0xfff00U);
    return WithXattr();
  }

  Result<Inode> Pipe() {
    const auto nlink = image_.Take<Le32>(place_);
    if (!nlink) {
      return Fail(nlink.error());
    }
    inode_.nlink = *nlink;
    return WithXattr();
  }

 private:
  template <FileStruct T, typename Set>
  Result<Inode> TakeThen(const Set& set) {
    const auto stored = image_.Take<T>(place_);
    if (!stored) {
      return Fail(stored.error());
    }
    set(*stored);
    return std::move(inode_);
  }

  Result<Inode> WithXattr() {
    if (extended_) {
      const auto index = image_.Take<Le32>(place_);
      if (!index) {
        return Fail(index.error());
      }
      inode_.xattr = *index;
    }
    return std::move(inode_);
  }

  void SetListing(std::uint64_t start, std::uint32_t offset,
                  std::uint64_t size) {
    inode_.listing = {image_.super().directory_table + start, offset};
    inode_.size = size;
  }

  template <typename T>
  void SetFile(const T& stored) {
    inode_.size = stored.size;
    inode_.start = stored.start;
    inode_.fragment = stored.fragment;
    inode_.fragment_offset = stored.offset;
    inode_.blocks = place_;
  }

  Image& image_;
  Place place_;
  bool extended_;
  Inode inode_;
};

Result<std::uint32_t> ReadId(Image& image, std::uint16_t index) {
  if (index >= image.super().ids) {
    return Malformed(fmt::format("there is no owner {}", index));
  }
  auto place = image.TableEntry(image.super().id_table, index, sizeof(Le32));
  if (!place) {
    return Fail(place.error());
  }
  const auto id = image.Take<Le32>(*place);
  if (!id) {
    return Fail(id.error());
  }
  return std::uint32_t{*id};
}

// Reads one run of entries, which share a header. `left` is what the listing
// still holds.
Result<void> ReadRun(Image& image, Place& place, std::uint64_t& left,
                     std::vector<Entry>& entries) {
  constexpr std::uint32_t kMostInRun = 256;
  const auto take = [&left](std::uint64_t length) {
    const bool fits = length <= left;
    left -= fits ? length : left;
    return fits;
  };
  const auto header = image.Take<ListingHeader>(place);
  if (!header) {
    return Fail(header.error());
  }
  bool fits = take(sizeof(ListingHeader)) && header->count < kMostInRun;
  for (std::uint32_t i = 0; fits && i <= header->count; ++i) {
    const auto entry = image.Take<ListingEntry>(place);
    if (!entry) {
      return Fail(entry.error());
    }
    const std::uint32_t length = entry->size + 1U;
    auto name = image.TakeText(place, length);
    if (!name) {
      return Fail(name.error());
    }
    fits = take(sizeof(ListingEntry) + length);
    entries.push_back({std::move(*name),
                       std::uint64_t{header->start} << 16U | entry->offset});
  }
  if (!fits) {
    return Malformed("a directory's listing contradicts its size");
  }
  return {};
}

}  // namespace

std::uint64_t Inode::BlockCount(std::uint64_t block_size) const {
  const bool tail_block = size % block_size != 0 && fragment == kNone;
  return size / block_size + (tail_block ? 1 : 0);
}

Result<Inode> ReadInode(Image& image, std::uint64_t reference) {
  if (reference >> 48U != 0) {
    return Malformed("an inode reference is out of range");
  }
  Place place{image.super().inode_table + (reference >> 16U),
              static_cast<std::uint32_t>(reference & 0xffffU)};
  const auto base = image.Take<StoredBase>(place);
  if (!base) {
    return Fail(base.error());
  }
  const auto uid = ReadId(image, base->uid);
  const auto gid = ReadId(image, base->gid);
  if (!uid || !gid) {
    return Fail(!uid ? uid.error() : gid.error());
  }
  const bool extended = base->type >= kExtended;
  const unsigned type = extended ? base->type - kExtended + 1U : base->type;
  if (type < kDirectory || type > kSocket) {
    return Malformed(fmt::format("an inode has the unknown type {}",
                                 std::uint16_t{base->type}));
  }
  Inode inode;
  inode.meta.type = kTypes.at(type);
  inode.meta.mode = base->mode & 07777U;
  inode.meta.uid = *uid;
  inode.meta.gid = *gid;
  inode.meta.mtime = base->mtime;
  Fields fields(image, place, extended, std::move(inode));
  switch (type) {
    case kDirectory:
      return fields.Directory();
    case kFile:
      return fields.File();
    case kSymlink:
      return fields.Symlink();
    case kBlockDevice:
    case kCharDevice:
      return fields.Device();
    default:
      return fields.Pipe();
  }
}

Result<void> ReadDirectory(Image& image, const Inode& directory,
                           std::uint64_t most, std::vector<Entry>& entries) {
  // The size counts "." and "..", which are not stored, as three bytes.
  std::uint64_t left = std::max<std::uint64_t>(directory.size, 3) - 3;
  Place place = directory.listing;
  Result<void> result;
  while (left > 0 && result) {
    result = ReadRun(image, place, left, entries);
    if (result && entries.size() > most) {
      result = Fail(ErrorCode::kLimit,
                    fmt::format("squashfs: more than {} entries", most));
    }
  }
  std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) {
    return std::tie(a.name, a.inode) < std::tie(b.name, b.inode);
  });
  return result;
}

}  // namespace assay::formats::squashfs
