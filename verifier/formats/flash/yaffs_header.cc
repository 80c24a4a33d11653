#include "verifier/formats/flash/yaffs_header.h"

#include <algorithm>
#include <array>

#include "verifier/formats/archives/archive_input.h"
#include "verifier/formats/filesystems/file_tree.h"
#include "verifier/formats/part_layout.h"

namespace assay::formats::yaffs {
namespace {

constexpr std::uint32_t kUnset = 0xffffffff;
constexpr std::uint32_t kTypeMask = 0170000;

template <ByteOrder order>
struct Layout {
  using U16 = Stored<std::uint16_t, order>;
  using U32 = Stored<std::uint32_t, order>;

  struct Object {
    U32 type, parent;
    U16 name_sum;
    std::array<std::uint8_t, 256> name;
    U16 unused;
    U32 mode, uid, gid, atime, mtime, ctime, size_low, equivalent;
    std::array<std::uint8_t, 160> alias;
    U32 device;
    std::array<U32, 6> windows_times;
    U32 inband_shadows, inband_shrinks, size_high, reserved, shadows, shrinks;
  };
  static_assert(sizeof(Object) == kHeaderSize);

  // Records of length, name, NUL and value. Returns where they end.
  static std::uint64_t ReadAttributes(ByteView page, FileMetadata& meta) {
    std::uint64_t at = kHeaderSize;
    while (const auto length = ReadAt<U32>(page, at)) {
      const auto record = Slice(page, at, *length);
      if (*length <= sizeof(U32) || !record || at + *length >= page.size()) {
        break;
      }
      const std::string_view text = AsText(record->subspan(sizeof(U32)));
      const std::size_t end = text.find('\0');
      if (end == 0 || end == std::string_view::npos) {
        break;
      }
      meta.xattrs.emplace_back(text.substr(0, end), text.substr(end + 1));
      at += *length;
    }
    return at;
  }

  static void ReadMetadata(const Object& stored, Header& header) {
    FileMetadata& meta = header.meta;
    switch (header.type) {
      case ObjectType::kSymlink:
        meta.type = FileType::kSymlink;
        meta.link_target = UntilNul(stored.alias);
        break;
      case ObjectType::kDirectory:
        meta.type = FileType::kDirectory;
        break;
      case ObjectType::kSpecial:
        meta.type = TypeOfMode(stored.mode);
        break;
      default:
        break;
    }
    const bool typed = (stored.mode & kTypeMask) != 0;
    header.odd_mode = typed && TypeOfMode(stored.mode) != meta.type;
    meta.mode = stored.mode & 07777U;
    meta.uid = stored.uid;
    meta.gid = stored.gid;
    meta.mtime = stored.mtime;
    if (meta.type == FileType::kCharDevice ||
        meta.type == FileType::kBlockDevice) {
      SetNewDevice(stored.device, meta);
    }
  }

  static std::optional<Header> Read(const Geometry& geometry, ByteView page) {
    const auto stored = ReadAt<Object>(page, 0);
    if (!stored || stored->type < 1 || stored->type > 5 ||
        stored->parent == 0) {
      return std::nullopt;
    }
    Header header;
    header.type = static_cast<ObjectType>(std::uint32_t{stored->type});
    header.parent = stored->parent;
    header.name = UntilNul(stored->name);
    header.used = kHeaderSize;
    if (header.type != ObjectType::kHardLink) {
      ReadMetadata(*stored, header);
      header.used = ReadAttributes(page, header.meta);
    }
    header.equivalent = stored->equivalent;
    if (header.type == ObjectType::kFile) {
      const bool high = stored->size_high != kUnset;
      header.size = stored->size_low;
      header.size |= high ? std::uint64_t{stored->size_high} << 32U : 0;
    }
    const std::uint32_t shadows =
        geometry.inband ? stored->inband_shadows : stored->shadows;
    const std::uint32_t shrinks =
        geometry.inband ? stored->inband_shrinks : stored->shrinks;
    header.shadows = shadows < kMostObjects ? shadows : 0;
    header.shrinks = shrinks != 0 && shrinks != kUnset;
    return header;
  }

  static bool IsSure(ByteView head) {
    const auto stored = ReadAt<Object>(head, 0);
    if (!stored || stored->type < 1 || stored->type > 5 ||
        stored->parent == 0 || stored->parent >= kMostObjects) {
      return false;
    }
    const std::string_view name = UntilNul(stored->name);
    const auto type = static_cast<ObjectType>(std::uint32_t{stored->type});
    // Names are copied by strncpy, which fills up with NULs; the field's last
    // byte is not copied into.
    const auto* const last = stored->name.end() - 1;
    if (name.size() >= stored->name.size() - 1 ||
        std::any_of(stored->name.begin() + name.size(), last,
                    [](std::uint8_t byte) { return byte != 0; }) ||
        name.find('/') != std::string_view::npos ||
        (name.empty() && type != ObjectType::kDirectory)) {
      return false;
    }
    const std::uint32_t kind = stored->mode & kTypeMask;
    switch (type) {
      case ObjectType::kFile:
        return kind == 0100000;
      case ObjectType::kSymlink:
        return kind == 0120000;
      case ObjectType::kDirectory:
        return kind == 0040000;
      case ObjectType::kHardLink:
        return stored->equivalent > 0 && stored->equivalent < kMostObjects;
      case ObjectType::kSpecial:
        return kind == 0010000 || kind == 0020000 || kind == 0060000 ||
               kind == 0140000;
    }
    return false;
  }
};

}  // namespace

std::optional<Header> ReadHeader(const Geometry& geometry, ByteView page) {
  return geometry.header_order == ByteOrder::kLittle
             ? Layout<ByteOrder::kLittle>::Read(geometry, page)
             : Layout<ByteOrder::kBig>::Read(geometry, page);
}

bool BeginsWithHeader(ByteView head, ByteOrder order) {
  return order == ByteOrder::kLittle ? Layout<ByteOrder::kLittle>::IsSure(head)
                                     : Layout<ByteOrder::kBig>::IsSure(head);
}

}  // namespace assay::formats::yaffs
