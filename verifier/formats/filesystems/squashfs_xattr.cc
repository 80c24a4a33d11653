// Extended attributes of SquashFS: an index into a table of sets; a set is a
// run of names and values in metadata; a value may lie elsewhere and be shared
// (Linux fs/squashfs/xattr.c).

#include <fmt/format.h>

#include <array>
#include <utility>

#include "verifier/formats/filesystems/squashfs_inode.h"

namespace assay::formats::squashfs {
namespace {

constexpr std::uint32_t kMostValue = 64U << 10U;  // Linux XATTR_SIZE_MAX
constexpr std::uint32_t kMostNames = 4096;        // of one inode
constexpr std::uint64_t kMostBytes = 1UL << 20U;  // of one inode
constexpr unsigned kElsewhere = 0x0100;           // in StoredName::type
constexpr std::array<std::string_view, 3> kPrefixes = {"user.", "trusted.",
                                                       "security."};

struct StoredTable {
  Le64 start;
  Le32 ids, unused;
};
struct StoredSet {
  Le64 reference;
  Le32 count, size;
};
struct StoredName {
  Le16 type, size;
};

Place PlaceOf(const StoredTable& table, std::uint64_t reference) {
  return {table.start + (reference >> 16U),
          static_cast<std::uint32_t>(reference & 0xffffU)};
}

Result<std::string> TakeValue(Image& image, Place& place) {
  const auto size = image.Take<Le32>(place);
  if (!size) {
    return Fail(size.error());
  }
  if (*size > kMostValue) {
    return Malformed(fmt::format("an extended attribute has {} bytes",
                                 std::uint32_t{*size}));
  }
  return image.TakeText(place, *size);
}

Result<std::string> TakeValueElsewhere(Image& image, const StoredTable& table,
                                       Place& place) {
  if (const auto size = image.Take<Le32>(place); !size) {
    return Fail(size.error());
  }
  const auto reference = image.Take<Le64>(place);
  if (!reference) {
    return Fail(reference.error());
  }
  Place there = PlaceOf(table, *reference);
  return TakeValue(image, there);
}

Result<std::pair<std::string, std::string>> TakePair(Image& image,
                                                     const StoredTable& table,
                                                     Place& place) {
  const auto stored = image.Take<StoredName>(place);
  if (!stored) {
    return Fail(stored.error());
  }
  const unsigned prefix = stored->type & (kElsewhere - 1);
  if (prefix >= kPrefixes.size()) {
    return Malformed(fmt::format("an extended attribute has type {}",
                                 std::uint16_t{stored->type}));
  }
  const auto name = image.TakeText(place, stored->size);
  if (!name) {
    return Fail(name.error());
  }
  auto value = (stored->type & kElsewhere) != 0
                   ? TakeValueElsewhere(image, table, place)
                   : TakeValue(image, place);
  if (!value) {
    return Fail(value.error());
  }
  return std::pair(std::string(kPrefixes.at(prefix)) + *name,
                   std::move(*value));
}

}  // namespace

Result<void> ReadXattrs(Image& image, Inode& inode) {
  if (inode.xattr == kNone) {
    return {};
  }
  const std::uint64_t at = image.super().xattr_table;
  const auto table = ReadAt<StoredTable>(image.source().bytes(), at);
  if (at == kNoTable || !table || inode.xattr >= table->ids) {
    return Malformed(
        fmt::format("there are no extended attributes {}", inode.xattr));
  }
  auto place = image.TableEntry(at + sizeof(StoredTable), inode.xattr,
                                sizeof(StoredSet));
  if (!place) {
    return Fail(place.error());
  }
  const auto set = image.Take<StoredSet>(*place);
  if (!set) {
    return Fail(set.error());
  }
  if (set->count > kMostNames) {
    return Malformed(fmt::format("an inode has {} extended attributes",
                                 std::uint32_t{set->count}));
  }
  Place next = PlaceOf(*table, set->reference);
  std::uint64_t bytes = 0;
  for (std::uint32_t i = 0; i < set->count; ++i) {
    auto pair = TakePair(image, *table, next);
    if (!pair) {
      return Fail(pair.error());
    }
    bytes += pair->first.size() + pair->second.size();
    if (bytes > kMostBytes) {
      return Malformed("an inode has too large extended attributes");
    }
    inode.meta.xattrs.push_back(std::move(*pair));
  }
  return {};
}

}  // namespace assay::formats::squashfs
