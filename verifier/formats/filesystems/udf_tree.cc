#include "verifier/formats/filesystems/udf_tree.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

namespace assay::formats::udf {
namespace {

constexpr std::uint64_t kMostTarget = 65536;
constexpr std::size_t kMostSets = 64;

struct FileSetDescriptor {  // 4/14.1
  Tag tag;
  std::array<std::uint8_t, 384> texts = {};
  LongAd root;
  EntityId domain;
  LongAd next, streams;
};
static_assert(sizeof(FileSetDescriptor) == 480);

struct FileIdentifier {  // 4/14.4; implementation use and the name follow
  Tag tag;
  Le16 version;
  std::uint8_t characteristics = 0, name_length = 0;
  LongAd icb;
  Le16 use_length;
};
static_assert(sizeof(FileIdentifier) == 38 && FileStruct<FileIdentifier>);

constexpr std::uint8_t kIsDirectory = 2;
constexpr std::uint8_t kIsDeleted = 4;
constexpr std::uint8_t kIsParent = 8;

Address AddressOfNumber(std::uint64_t number) {
  return {.partition = static_cast<std::uint16_t>(number >> 32U),
          .block = static_cast<std::uint32_t>(number)};
}

bool IsEmpty(const LongAd& ad) {
  return (ad.length & kLengthMask) == 0;
}

}  // namespace

std::uint64_t NumberOf(const LongAd& icb) {
  return std::uint64_t{icb.partition} << 32U | icb.block;
}

Result<FileSet> ReadFileSet(Volume& volume) {
  LongAd at = volume.file_set();
  std::optional<FileSet> found;
  std::set<std::uint64_t> seen;
  while (!IsEmpty(at) && seen.size() < kMostSets) {
    const auto place = volume.Locate(AddressOf(at));
    if (!place || !seen.insert(place->offset).second) {
      break;
    }
    const auto tag = TagAt(volume.bytes(), place->offset);
    const auto set = ReadAt<FileSetDescriptor>(volume.bytes(), place->offset);
    if (!tag || !set || tag->id != kFileSet) {
      break;
    }
    volume.NoteTable({place->offset, sizeof(Tag) + tag->crc_length});
    found = FileSet{set->root, set->streams};
    // A terminating descriptor may follow (UDF 2.3.2).
    const std::uint64_t next = place->offset + volume.block_size();
    const auto end = TagAt(volume.bytes(), next);
    if (end && end->id == kTerminating) {
      volume.NoteTable({next, sizeof(Tag) + end->crc_length});
    }
    at = set->next;
  }
  return found ? Result<FileSet>(*found)
               : Malformed("there is no file set descriptor");
}

bool Tree::Own(Range range) {
  if (!Slice(volume_.bytes(), range.offset, range.length) ||
      coverage_.Touches(range)) {
    return false;
  }
  coverage_.ClaimFree(range, RegionUse::kMetadata, sink_);
  return true;
}

void Tree::Report(std::string_view what, std::string detail) {
  sink_.Report({.id = fmt::format("udf.{}", what),
                .range = current_.place,
                .detail = std::move(detail)});
}

Result<void> Tree::Map(const Entry& entry, std::vector<Extent>& extents) {
  return MapEntry(
      volume_, entry, [this](Range range) { return Own(range); }, extents);
}

Result<Bytes> Tree::ReadOwned(const Entry& entry, std::uint64_t most) {
  if (entry.size > most) {
    return Malformed(fmt::format("block {} states {} bytes",
                                 entry.address.block, entry.size));
  }
  std::vector<Extent> extents;
  if (const auto mapped = Map(entry, extents); !mapped) {
    return Fail(mapped.error());
  }
  FitExtents(extents, entry.size);
  for (const Extent& extent : extents) {
    if (extent.hole || (!entry.embedded() && !Own(extent.range))) {
      Report("overlapping-blocks",
             fmt::format("the file in block {} has holes or blocks of "
                         "something else",
                         entry.address.block));
      return Malformed(
          fmt::format("the file in block {} does not own its "
                      "blocks",
                      entry.address.block));
    }
  }
  Bytes bytes(static_cast<std::size_t>(entry.size));
  ExtentStream content(volume_.source(), extents);
  const auto count = content.Read(bytes);
  return count && *count == bytes.size()
             ? Result<Bytes>(std::move(bytes))
             : Malformed(fmt::format("the file in block {} is cut short",
                                     entry.address.block));
}

// The content inside of an entry is claimed with the member.
void Tree::ClaimEntry(const Entry& entry) {
  Range range = entry.place;
  if (entry.embedded() && entry.meta.type == FileType::kRegular) {
    range.length = entry.ads.offset - range.offset;
    const std::uint64_t used = std::min(entry.size, entry.ads.length);
    coverage_.ClaimFree({entry.ads.offset + used, entry.ads.length - used},
                        RegionUse::kMetadata, sink_);
  }
  coverage_.ClaimFree(range, RegionUse::kMetadata, sink_);
  for (const Range& older : entry.older) {
    coverage_.ClaimFree(older, RegionUse::kMetadata, sink_);
  }
}

void Tree::AddAttributes(Entry& entry) {
  if (entry.attributes.length > 0 &&
      !ReadAttributes(*Slice(volume_.bytes(), entry.attributes.offset,
                             entry.attributes.length),
                      entry.meta)) {
    Report("bad-attributes",
           fmt::format("the extended attributes of the file in block {}",
                       entry.address.block));
  }
  if (IsEmpty(entry.attribute_file)) {
    return;
  }
  const auto file = ReadEntry(volume_, AddressOf(entry.attribute_file));
  if (!file || file->type != kAttributesType) {
    Report("bad-attributes", "an attribute file that is none");
    return;
  }
  ClaimEntry(*file);
  const auto space = ReadOwned(*file, volume_.source().size());
  if (!space || !ReadAttributes(*space, entry.meta)) {
    Report("bad-attributes", "an attribute file that cannot be read");
  }
}

Result<TreeNode> Tree::Load(std::uint64_t number) {
  auto entry = ReadEntry(volume_, AddressOfNumber(number));
  if (!entry) {
    return Fail(entry.error());
  }
  current_ = *entry;
  if (coverage_.Touches({current_.place.offset, sizeof(Tag)})) {
    Report("overlapping-blocks",
           fmt::format("the file entry in block {} lies in something else",
                       current_.address.block));
  }
  ClaimEntry(current_);
  AddAttributes(current_);
  TreeNode node{.links = current_.links};
  node.meta = current_.meta;
  if (node.meta.type == FileType::kSymlink) {
    const auto components = ReadOwned(current_, kMostTarget);
    const auto path = components
                          ? PathOf(*components)
                          : Result<std::string>(Fail(components.error()));
    if (!path) {
      return Fail(path.error());
    }
    node.meta.link_target = *path;
  }
  return node;
}

Result<void> Tree::ListStreams(const LongAd& streams, const std::string& name,
                               std::uint64_t most,
                               std::vector<TreeEntry>& entries) {
  if (IsEmpty(streams)) {
    return {};
  }
  const auto directory = ReadEntry(volume_, AddressOf(streams));
  if (!directory || directory->type != kStreamsType) {
    Report("bad-streams", name + " has a stream directory that is none");
    return {};
  }
  if (coverage_.Touches({directory->place.offset, sizeof(Tag)})) {
    Report("bad-streams", name + " has the streams of something else");
    return {};
  }
  ClaimEntry(*directory);
  return ListDirectory(*directory, name + ":", most, entries);
}

Result<void> Tree::ListDirectory(const Entry& directory,
                                 const std::string& prefix, std::uint64_t most,
                                 std::vector<TreeEntry>& entries) {
  const auto bytes = ReadOwned(directory, volume_.source().size());
  if (!bytes) {
    return Fail(bytes.error());
  }
  for (std::uint64_t at = 0; at < bytes->size();) {
    const auto tag = TagAt(*bytes, at);
    const auto file = ReadAt<FileIdentifier>(*bytes, at);
    const auto name = file
                          ? Slice(*bytes, at + sizeof(*file) + file->use_length,
                                  file->name_length)
                          : std::nullopt;
    if (!tag || tag->id != kFileIdentifier || !name) {
      return Malformed(
          fmt::format("the directory in block {} has no entry at "
                      "byte {}",
                      directory.address.block, at));
    }
    const std::uint64_t size =
        sizeof(*file) + file->use_length + file->name_length;
    at += (size + 3) / 4 * 4;
    if ((file->characteristics & (kIsDeleted | kIsParent)) != 0) {
      continue;
    }
    TreeEntry entry{.name = prefix + NameOf(*name),
                    .inode = NumberOf(file->icb)};
    if ((file->characteristics & kIsDirectory) != 0) {
      entry.type = FileType::kDirectory;
    }
    entries.push_back(std::move(entry));
    if (entries.size() > most) {
      return Fail(ErrorCode::kLimit, "udf: too many entries");
    }
  }
  return {};
}

Result<void> Tree::List(std::uint64_t /*number*/, std::uint64_t most,
                        std::vector<TreeEntry>& entries) {
  const Entry directory = current_;
  if (auto ok = ListDirectory(directory, "", most, entries); !ok) {
    return ok;
  }
  const std::size_t own = entries.size();
  for (std::size_t i = 0; i < own; ++i) {
    const auto file = ReadEntry(volume_, AddressOfNumber(entries[i].inode));
    if (!file || IsEmpty(file->streams) || file->stream) {
      continue;
    }
    const std::string name = entries[i].name;
    if (auto ok = ListStreams(file->streams, name, most, entries); !ok) {
      return ok;
    }
  }
  if (!std::exchange(root_listed_, true)) {
    if (auto ok = ListStreams(directory.streams, "", most, entries); !ok) {
      return ok;
    }
    return ListStreams(set_.streams, "", most, entries);
  }
  return {};
}

Result<void> Tree::AddFile(std::uint64_t /*number*/, Member member) {
  std::vector<Extent> extents;
  if (const auto mapped = Map(current_, extents); !mapped) {
    Report("bad-map", member.name + ": " + mapped.error().what);
    return sink_.AddOpaque(std::move(member), mapped.error().what);
  }
  if (current_.embedded() && current_.size > current_.ads.length) {
    Report("bad-map", member.name + " states more than lies in its entry");
  }
  FitExtents(extents, current_.size);
  const bool read_only = volume_.maps()[current_.address.partition].read_only;
  return AddExtents(volume_.source(), extents, std::move(member), "udf",
                    read_only ? Sharing::kAllowed : Sharing::kAnomalous,
                    coverage_, sink_);
}

}  // namespace assay::formats::udf
