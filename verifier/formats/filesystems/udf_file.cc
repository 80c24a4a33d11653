#include "verifier/formats/filesystems/udf_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "verifier/formats/filesystems/file_tree.h"

namespace assay::formats::udf {
namespace {

struct IcbTag {  // 4/14.6
  Le32 prior_entries;
  Le16 strategy, parameter, entries;
  std::uint8_t reserved = 0, type = 0;
  std::array<std::uint8_t, 6> parent = {};
  Le16 flags;
};
static_assert(sizeof(IcbTag) == 20 && FileStruct<IcbTag>);

constexpr std::uint32_t kUnspecified = 0xFFFFFFFF;  // an owner or a group

struct Head {  // what both kinds of file entry begin with (4/14.9, 4/14.17)
  Tag tag;
  IcbTag icb;
  Le32 uid, gid, permissions;
  Le16 links;
  std::uint8_t record[6] = {};  // NOLINT: format, attributes and length
  Le64 size;
};
static_assert(sizeof(Head) == 64 && FileStruct<Head>);

struct IndirectEntry {  // 4/14.7
  Tag tag;
  IcbTag icb;
  LongAd next;
};

struct AllocationExtent {  // 4/14.5
  Tag tag;
  Le32 previous, length;
};
static_assert(sizeof(AllocationExtent) == 24);

struct AttributeHeader {  // 4/14.10.2
  Le32 type;
  std::uint8_t subtype = 0;
  std::array<std::uint8_t, 3> reserved = {};
  Le32 length;
};
static_assert(sizeof(AttributeHeader) == 12 && FileStruct<AttributeHeader>);

constexpr std::uint32_t kDeviceAttribute = 12;
constexpr std::uint32_t kImplementationAttribute = 2048;
constexpr std::uint32_t kApplicationAttribute = 65536;

FileType TypeOf(std::uint8_t type) {
  switch (type) {
    case kDirectoryType:
    case kStreamsType:
      return FileType::kDirectory;
    case kBlockType:
      return FileType::kBlockDevice;
    case kCharType:
      return FileType::kCharDevice;
    case kFifoType:
      return FileType::kFifo;
    case kSocketType:
      return FileType::kSocket;
    case kSymlinkType:
      return FileType::kSymlink;
    default:
      return FileType::kRegular;
  }
}

// Five bits for others, group and owner; the upper two of each are beyond
// Unix (4/14.9.5). The set-user-id bits are flags of the ICB (4/14.6.8).
std::uint32_t ModeOf(std::uint32_t permissions, std::uint16_t flags) {
  const std::uint32_t sticky = flags & 0x100U ? 01000U : 0U;
  const std::uint32_t setuid = flags & 0x40U ? 04000U : 0U;
  const std::uint32_t setgid = flags & 0x80U ? 02000U : 0U;
  return (permissions & 7U) | (permissions >> 5U & 7U) << 3U |
         (permissions >> 10U & 7U) << 6U | setuid | setgid | sticky;
}

// What the two kinds keep at different places.
struct Places {
  std::uint64_t mtime, attribute_file, lengths, rest;
};
constexpr Places kOld = {84, 112, 168, 176};
constexpr Places kExtended = {92, 136, 208, 216};
constexpr std::uint64_t kStreamsAt = 152;

Result<Entry> EntryIn(const Volume& volume, Address address, Range block) {
  const auto raw = Slice(volume.bytes(), block.offset, volume.block_size());
  const auto head = raw ? ReadAt<Head>(*raw, 0) : std::nullopt;
  const auto tag = raw ? TagAt(*raw, 0) : std::nullopt;
  if (!tag || !head ||
      (tag->id != kFileEntry && tag->id != kExtendedFileEntry)) {
    return Malformed(fmt::format("no file entry in block {} of partition {}",
                                 address.block, address.partition));
  }
  const bool extended = tag->id == kExtendedFileEntry;
  const Places& places = extended ? kExtended : kOld;
  const auto attributes = ReadAt<Le32>(*raw, places.lengths);
  const auto ads = ReadAt<Le32>(*raw, places.lengths + 4);
  const std::uint64_t ads_at =
      places.rest + (attributes ? std::uint64_t{*attributes} : 0);
  if (!ads || !Slice(*raw, ads_at, *ads)) {
    return Malformed(fmt::format("the entry in block {} is longer than a block",
                                 address.block));
  }
  Entry entry{.address = address,
              .place = {block.offset, ads_at + *ads},
              .type = head->icb.type,
              .stream = (head->icb.flags & 0x2000U) != 0,
              .links = head->links,
              .size = head->size,
              .ad_kind = head->icb.flags & 7U,
              .ads = {block.offset + ads_at, *ads},
              .attributes = {block.offset + places.rest, *attributes}};
  entry.meta.type = TypeOf(entry.type);
  entry.meta.mode = ModeOf(head->permissions, head->icb.flags);
  if (head->uid != kUnspecified) {
    entry.meta.uid = head->uid;
  }
  if (head->gid != kUnspecified) {
    entry.meta.gid = head->gid;
  }
  entry.meta.mtime = TimeAt(*raw, places.mtime);
  entry.attribute_file = *ReadAt<LongAd>(*raw, places.attribute_file);
  if (extended) {
    entry.streams = *ReadAt<LongAd>(*raw, kStreamsAt);
  }
  return entry;
}

// The block that continues the allocation descriptors.
Result<ByteView> Continuation(const Volume& volume, Address address,
                              const std::function<bool(Range)>& own,
                              std::set<std::uint64_t>& seen) {
  const auto place = volume.Locate(address);
  const auto head =
      place && TagAt(volume.bytes(), place->offset)
          ? ReadAt<AllocationExtent>(volume.bytes(), place->offset)
          : std::nullopt;
  if (!head || head->tag.id != kAllocationExtent) {
    return Malformed(
        fmt::format("no allocation descriptors in block {}", address.block));
  }
  const std::uint64_t whole = sizeof(AllocationExtent) + head->length;
  if (!seen.insert(place->offset).second || whole > place->length ||
      !own({place->offset, whole})) {
    return Malformed(fmt::format(
        "the allocation descriptors in block {} are another's", address.block));
  }
  return volume.bytes().subspan(
      static_cast<std::size_t>(place->offset + sizeof(AllocationExtent)),
      head->length);
}

Result<void> AppendRecorded(const Volume& volume, Address address,
                            std::uint64_t length,
                            std::vector<Extent>& extents) {
  while (length > 0) {
    const auto run = volume.Locate(address);
    if (!run) {
      return Malformed(fmt::format("partition {} has no block {}",
                                   address.partition, address.block));
    }
    const std::uint64_t count = std::min(run->length, length);
    AppendExtent(extents, {.range = {run->offset, count}});
    length -= count;
    address.block += static_cast<std::uint32_t>(count / volume.block_size());
  }
  return {};
}

void ReadAttribute(ByteView whole, const AttributeHeader& header,
                   FileMetadata& meta) {
  if (header.type == kDeviceAttribute) {
    meta.device_major = ReadAt<Le32>(whole, 16).value_or(Le32{});
    meta.device_minor = ReadAt<Le32>(whole, 20).value_or(Le32{});
    return;
  }
  if (header.type != kImplementationAttribute &&
      header.type != kApplicationAttribute) {
    return;
  }
  const auto used = ReadAt<Le32>(whole, 12);
  const auto id = ReadAt<EntityId>(whole, 16);
  const auto data = used ? Slice(whole, 48, *used) : std::nullopt;
  if (id && data && id->name() != "*UDF FreeEASpace" &&
      id->name() != "*UDF FreeAppEASpace") {
    meta.xattrs.emplace_back(id->name(), AsText(*data));
  }
}

}  // namespace

Result<Entry> ReadEntry(const Volume& volume, Address address) {
  constexpr std::uint16_t kChained = 4096;  // the strategy
  std::set<std::uint64_t> seen;
  std::vector<Range> older;
  while (true) {
    const auto place = volume.Locate(address);
    if (!place || !seen.insert(place->offset).second) {
      return Malformed(fmt::format("no file entry in block {} of partition {}",
                                   address.block, address.partition));
    }
    auto entry = EntryIn(volume, address, *place);
    if (!entry) {
      return entry;
    }
    entry->older = older;
    const auto icb =
        ReadAt<IcbTag>(volume.bytes(), place->offset + sizeof(Tag));
    const auto next =
        icb && icb->strategy == kChained
            ? volume.Locate({address.partition, address.block + 1})
            : std::nullopt;
    const auto tag = next ? TagAt(volume.bytes(), next->offset) : std::nullopt;
    if (!tag || tag->id != kIndirectEntry) {
      return entry;
    }
    const auto indirect = *ReadAt<IndirectEntry>(volume.bytes(), next->offset);
    older.push_back({next->offset, sizeof(IndirectEntry)});
    entry->older = older;
    const auto newer = volume.Locate(AddressOf(indirect.next));
    if ((indirect.next.length & kLengthMask) == 0 || !newer ||
        !EntryIn(volume, AddressOf(indirect.next), *newer)) {
      return entry;  // room for the next one
    }
    older.push_back(entry->place);
    address = AddressOf(indirect.next);
  }
}

Result<void> MapEntry(const Volume& volume, const Entry& entry,
                      const std::function<bool(Range)>& own,
                      std::vector<Extent>& extents) {
  if (entry.embedded()) {
    AppendExtent(extents, {.range = entry.ads});
    return {};
  }
  if (entry.ad_kind > 1) {
    return Malformed("extended allocation descriptors, which UDF forbids");
  }
  const std::size_t each =
      entry.ad_kind == 0 ? sizeof(ShortAd) : sizeof(LongAd);
  ByteView ads = *Slice(volume.bytes(), entry.ads.offset, entry.ads.length);
  std::set<std::uint64_t> seen;
  std::uint64_t at = 0;
  std::uint64_t total = 0;
  std::uint64_t recorded = 0;
  while (true) {
    const auto ad = ReadAt<ShortAd>(ads, at);
    if (!ad || !Slice(ads, at, each) || ad->length == 0 || total > entry.size) {
      return {};
    }
    const std::uint64_t length = ad->length & kLengthMask;
    const unsigned kind = ad->length >> 30U;
    Address address{entry.address.partition, ad->block};
    if (entry.ad_kind == 1) {
      address.partition = ReadAt<LongAd>(ads, at)->partition;
    }
    if (kind == 3) {  // they go on there
      const auto more = Continuation(volume, address, own, seen);
      if (!more) {
        return Fail(more.error());
      }
      ads = *more;
      at = 0;
      continue;
    }
    total += length;
    recorded += kind == 0 ? length : 0;
    if (recorded > volume.source().size()) {
      return Malformed("a file has more blocks than the volume");
    }
    at += each;
    if (kind != 0) {
      AppendExtent(extents, {.range = {0, length}, .hole = true});
    } else if (auto ok = AppendRecorded(volume, address, length, extents);
               !ok) {
      return ok;
    }
  }
}

bool ReadAttributes(ByteView space, FileMetadata& meta) {
  constexpr std::uint64_t kFirst = sizeof(Tag) + 8;
  const auto tag = TagAt(space, 0);
  const auto implementation = ReadAt<Le32>(space, sizeof(Tag));
  const auto application = ReadAt<Le32>(space, sizeof(Tag) + 4);
  if (!tag || tag->id != kAttributeHeader || !application) {
    return false;
  }
  std::uint64_t at = kFirst;
  while (at < space.size()) {
    const auto header = ReadAt<AttributeHeader>(space, at);
    const auto whole =
        header && header->length >= sizeof(AttributeHeader) && header->type != 0
            ? Slice(space, at, header->length)
            : std::nullopt;
    if (whole) {
      ReadAttribute(*whole, *header, meta);
      at += whole->size();
      continue;
    }
    // The attributes of an implementation and of an application begin anew.
    std::uint64_t next = space.size();
    for (const std::uint64_t start :
         {std::uint64_t{*implementation}, std::uint64_t{*application}}) {
      if (start > at && start < next) {
        next = start;
      }
    }
    if (next == space.size()) {
      const ByteView rest = space.subspan(static_cast<std::size_t>(at));
      return IsZero(rest);
    }
    at = next;
  }
  return true;
}

Result<std::string> PathOf(ByteView components) {
  std::string path;
  ByteReader reader(components);
  while (reader.remaining() > 0) {
    const auto type = reader.Take<std::uint8_t>();
    const auto length = reader.Take<std::uint8_t>();
    const auto name =
        reader.Skip(2) && length ? reader.TakeBytes(*length) : std::nullopt;
    if (!name) {
      return Malformed("a link ends inside a component");
    }
    if (*type <= 2) {  // the root of the system or of the volume
      path = "/";
      continue;
    }
    if (!path.empty() && path.back() != '/') {
      path += '/';
    }
    path += *type == 3 ? ".." : *type == 4 ? "." : NameOf(*name);
  }
  return path;
}

}  // namespace assay::formats::udf
