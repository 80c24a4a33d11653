#include "verifier/formats/archives/wim_image.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "verifier/formats/archives/archive_input.h"
#include "verifier/formats/filesystems/ntfs_reparse.h"
#include "verifier/formats/utf16_text.h"

namespace assay::formats::wim {
namespace {

struct StoredEntry {
  Le64 length;
  Le32 attributes, security;
  Le64 children;
  std::array<std::uint8_t, 16> unused = {};
  Le64 created, accessed, written;
  Sha1 digest = {};
  Le32 unknown;
  Le64 link;  // the group of hard links, or the tag of a reparse point
  Le16 streams, short_name_size, name_size;
};
static_assert(sizeof(StoredEntry) == 102 && FileStruct<StoredEntry>);

struct StoredStream {
  Le64 length, reserved;
  Sha1 digest = {};
  Le16 name_size;
};
static_assert(sizeof(StoredStream) == 38 && FileStruct<StoredStream>);

struct UnixData {
  Le32 uid, gid, mode, device;
};

constexpr std::uint32_t kDirectoryAttribute = 0x10;
constexpr std::uint32_t kReparseAttribute = 0x400;
constexpr std::uint32_t kUnixDataTag = 0x337DD873;
constexpr std::uint64_t kAlignment = 8;
constexpr std::uint64_t kMostReparseData = 1U << 16U;

// How a number says what it stands for: a group of hard links, or an entry's
// place and which of its streams (0: its content).
constexpr std::uint64_t kGroupBit = 1ULL << 63U;
constexpr unsigned kStreamBits = 16;

constexpr std::uint64_t Aligned(std::uint64_t value) {
  return value + GapTo(kAlignment, value);
}

}  // namespace

Result<std::uint64_t> Image::Open() {
  const auto total = ReadAt<Le32>(metadata_, 0);
  const auto count = ReadAt<Le32>(metadata_, 4);
  if (!total || !count) {
    return Malformed("an image without security descriptors");
  }
  std::uint64_t at = 8 + std::uint64_t{*count} * 8;
  for (std::uint64_t i = 0; i < *count; ++i) {
    const auto size = ReadAt<Le64>(metadata_, 8 + i * 8);
    if (!size || !Slice(metadata_, at, *size)) {
      return Malformed("security descriptors go on behind their image");
    }
    descriptors_.push_back({at, *size});
    at += *size;
  }
  // Some writers state no length where there is no descriptor.
  return Aligned(*count == 0 && *total < 8 ? 8 : std::uint64_t{*total})
         << kStreamBits;
}

std::uint64_t Image::NumberOf(std::uint64_t at, const Entry& entry) {
  const bool linked = entry.link_group != 0 && entry.children == 0 &&
                      (entry.attributes & kReparseAttribute) == 0;
  return linked ? kGroupBit | entry.link_group : at << kStreamBits;
}

Result<Image::Entry> Image::ReadEntry(std::uint64_t at) const {
  const auto stored = ReadAt<StoredEntry>(metadata_, at);
  const auto whole = stored && stored->length >= sizeof(StoredEntry)
                         ? Slice(metadata_, at, stored->length)
                         : std::nullopt;
  if (!whole) {
    return Malformed(fmt::format("no entry at {} of an image", at));
  }
  Entry entry{
      .next = at + Aligned(whole->size()),
      .attributes = stored->attributes,
      .security = static_cast<std::int32_t>(std::uint32_t{stored->security}),
      .children = stored->children,
      .written = stored->written,
      .digest = stored->digest};
  if ((entry.attributes & kReparseAttribute) != 0) {
    entry.reparse_tag = static_cast<std::uint32_t>(std::uint64_t{stored->link});
  } else {
    entry.link_group = stored->link;
  }
  // Each name that is there ends with a unit of zeros that is not counted.
  std::uint64_t place = sizeof(StoredEntry);
  for (const auto& [size, into] :
       {std::pair(std::uint16_t{stored->name_size}, &entry.name),
        std::pair(std::uint16_t{stored->short_name_size}, &entry.short_name)}) {
    const auto name = Slice(*whole, place, size);
    if (!name) {
      return Malformed(
          fmt::format("a name at {} is longer than its entry", at));
    }
    *into = TextOfUtf16(*name);
    place += size == 0 ? 0U : size + 2U;
  }
  place = std::min<std::uint64_t>(Aligned(place), whole->size());
  entry.more = whole->subspan(static_cast<std::size_t>(place));
  if (auto ok = ReadStreams(stored->streams, entry); !ok) {
    return Fail(ok.error());
  }
  return entry;
}

Result<void> Image::ReadStreams(std::uint64_t count, Entry& entry) const {
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto stored = ReadAt<StoredStream>(metadata_, entry.next);
    const auto whole = stored && stored->length >= sizeof(StoredStream)
                           ? Slice(metadata_, entry.next, stored->length)
                           : std::nullopt;
    const auto name =
        whole ? Slice(*whole, sizeof(StoredStream), stored->name_size)
              : std::nullopt;
    if (!name) {
      return Malformed(fmt::format("no stream at {} of an image", entry.next));
    }
    entry.next += Aligned(whole->size());
    if (!name->empty()) {
      entry.streams.push_back({TextOfUtf16(*name), stored->digest});
    } else if (!IsNone(stored->digest)) {
      entry.digest = stored->digest;  // the content, beside named streams
    }
  }
  return {};
}

void Image::PutUnixData(const Entry& entry, FileMetadata& meta) const {
  struct Item {
    Le32 tag, length;
  };
  for (std::uint64_t at = 0; at < entry.more.size();) {
    const auto item = ReadAt<Item>(entry.more, at);
    if (!item || item->tag == 0) {
      return;
    }
    const auto data = ReadAt<UnixData>(entry.more, at + sizeof(Item));
    if (item->tag == kUnixDataTag && item->length >= sizeof(UnixData) && data) {
      meta.uid = data->uid;
      meta.gid = data->gid;
      meta.mode = data->mode & 07777U;
      const FileType type = TypeOfMode(data->mode);
      if (type != FileType::kDirectory && type != FileType::kSymlink &&
          meta.type == FileType::kRegular) {
        meta.type = type;
      }
      if (type == FileType::kCharDevice || type == FileType::kBlockDevice) {
        SetNewDevice(data->device, meta);
      }
    }
    at += Aligned(sizeof(Item) + item->length);
  }
}

void Image::PutSecurity(const Entry& entry, FileMetadata& meta) const {
  const auto index = static_cast<std::size_t>(entry.security);
  if (entry.security >= 0 && index < descriptors_.size()) {
    const Range range = descriptors_[index];
    meta.xattrs.emplace_back(
        "system.ntfs_acl",
        AsText(*Slice(metadata_, range.offset, range.length)));
  }
}

void Image::PutLink(const Entry& entry, FileMetadata& meta) {
  struct ReparseHeader {
    Le32 tag;
    Le16 size, reserved;
  };
  const Resource* resource = streams_.Find(entry.digest);
  const auto data = resource == nullptr
                        ? Result<Bytes>(Bytes())
                        : streams_.ReadWhole(*resource, kMostReparseData);
  Bytes point(sizeof(ReparseHeader));
  for (unsigned i = 0; i < 4; ++i) {
    point[i] = static_cast<std::uint8_t>(entry.reparse_tag >> 8U * i);
  }
  if (data) {
    point[4] = static_cast<std::uint8_t>(data->size());
    point[5] = static_cast<std::uint8_t>(data->size() >> 8U);
    point.insert(point.end(), data->begin(), data->end());
  }
  ntfs::PutReparsePoint(point, meta);
  if (meta.type != FileType::kRegular) {
    streams_.ClaimStructure(entry.digest);
  }
}

Result<TreeNode> Image::Load(std::uint64_t number) {
  const auto group = groups_.find(number & ~kGroupBit);
  const bool linked = (number & kGroupBit) != 0 && group != groups_.end();
  const std::uint64_t at = linked ? group->second : number >> kStreamBits;
  const std::size_t stream = linked ? 0 : number % (1U << kStreamBits);
  auto entry = ReadEntry(at);
  if (!entry) {
    return Fail(entry.error());
  }
  current_ = std::move(*entry);
  TreeNode node{.links = current_.link_group != 0 ? 2U : 1U};
  if (stream != 0) {
    if (stream > current_.streams.size()) {
      return Malformed("there is no such stream");
    }
    current_.digest = current_.streams[stream - 1].digest;
    return node;
  }
  // As NTFS keeps times and attributes in one piece.
  Bytes information(36);
  for (unsigned i = 0; i < 8; ++i) {
    information[8 + i] = static_cast<std::uint8_t>(current_.written >> 8U * i);
  }
  for (unsigned i = 0; i < 4; ++i) {
    information[32 + i] =
        static_cast<std::uint8_t>(current_.attributes >> 8U * i);
  }
  ntfs::PutStandardInformation(information, node.meta);
  if ((current_.attributes & kDirectoryAttribute) != 0) {
    node.meta.type = FileType::kDirectory;
  }
  if ((current_.attributes & kReparseAttribute) != 0) {
    PutLink(current_, node.meta);
  }
  if (!current_.short_name.empty()) {
    node.meta.xattrs.emplace_back("wim.short-name", current_.short_name);
  }
  PutUnixData(current_, node.meta);
  PutSecurity(current_, node.meta);
  return node;
}

Result<void> Image::List(std::uint64_t /*number*/, std::uint64_t most,
                         std::vector<TreeEntry>& entries) {
  constexpr std::uint64_t kShortest = 8;
  std::uint64_t at = current_.children;
  while (at != 0) {
    const auto length = ReadAt<Le64>(metadata_, at);
    if (length && *length <= kShortest) {
      return {};  // the end of a directory
    }
    auto entry = ReadEntry(at);
    if (!entry) {
      return Fail(entry.error());
    }
    if (entries.size() + entry->streams.size() >= most) {
      return Fail(ErrorCode::kLimit, "wim: too many entries");
    }
    const std::uint64_t number = NumberOf(at, *entry);
    const bool first = (number & kGroupBit) == 0 ||
                       groups_.emplace(entry->link_group, at).second;
    entries.push_back({.name = entry->name, .inode = number});
    for (std::size_t i = 0; first && i < entry->streams.size(); ++i) {
      entries.push_back({.name = entry->name + ":" + entry->streams[i].name,
                         .inode = at << kStreamBits | (i + 1)});
    }
    at = entry->next;
  }
  return {};
}

Result<void> Image::AddFile(std::uint64_t /*number*/, Member member) {
  if ((current_.attributes & kReparseAttribute) != 0 &&
      streams_.Find(current_.digest) == nullptr) {
    member.stored = true;
    return sink_.Add(std::move(member), {});
  }
  return streams_.Give(current_.digest, std::move(member));
}

}  // namespace assay::formats::wim
