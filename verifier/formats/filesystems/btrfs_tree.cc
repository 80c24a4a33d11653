#include "verifier/formats/filesystems/btrfs_tree.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <tuple>

#include "verifier/formats/archives/archive_input.h"

namespace assay::formats::btrfs {
namespace {

constexpr std::uint64_t kMostTarget = 4096;  // Linux PATH_MAX

struct StoredInode {
  Le64 generation, transaction, size, bytes, group;
  Le32 links, uid, gid, mode;
  Le64 device, flags, sequence;
  std::array<std::uint8_t, 32> unused;
  Le64 atime;
  Le32 atime_ns;
  Le64 ctime;
  Le32 ctime_ns;
  Le64 mtime;
  Le32 mtime_ns;
  Le64 created;
  Le32 created_ns;
};
static_assert(sizeof(StoredInode) == 160);
struct StoredRoot {  // what follows the inode in it
  Le64 generation, directory, address, limit, used, snapshot, flags;
  Le32 references;
  StoredKey drop;
  std::uint8_t drop_level, level;
};
static_assert(sizeof(StoredRoot) == 79);
struct StoredEntry {
  StoredKey location;
  Le64 transaction;
  Le16 value_size, name_size;
  std::uint8_t type;
};
static_assert(sizeof(StoredEntry) == 30);

constexpr std::array kTypes = {FileType::kRegular,     FileType::kRegular,
                               FileType::kDirectory,   FileType::kCharDevice,
                               FileType::kBlockDevice, FileType::kFifo,
                               FileType::kSocket,      FileType::kSymlink};

}  // namespace

Tree::Tree(Volume& volume, Coverage& coverage, ArtifactSink& sink)
    : volume_(volume),
      coverage_(coverage),
      sink_(sink),
      numbers_(1),
      xattr_bytes_left_((16ULL << 20U) + 4 * volume.source().size()) {}

std::uint64_t Tree::NumberOf(std::uint64_t tree, std::uint64_t object) {
  const auto [at, is_new] =
      known_.emplace(std::pair(tree, object), numbers_.size());
  if (is_new) {
    numbers_.emplace_back(tree, object);
  }
  return at->second;
}

std::uint64_t Tree::KnownNumberOf(std::uint64_t tree,
                                  std::uint64_t object) const {
  const auto at = known_.find({tree, object});
  return at == known_.end() ? 0 : at->second;
}

Result<Root> Tree::RootOf(std::uint64_t tree) {
  if (const auto known = roots_.find(tree); known != roots_.end()) {
    return known->second;
  }
  std::optional<Root> root;
  const Super& super = volume_.super();
  const auto read =
      volume_.ForEach({super.root, super.root_level}, {tree, kRootItem, 0},
                      {tree, kRootItem, ~0ULL}, [&](const Item& item) {
                        if (const auto stored = ReadAt<StoredRoot>(
                                item.data, sizeof(StoredInode))) {
                          root = Root{stored->address, stored->level};
                        }
                        return true;
                      });
  if (!read || !root) {
    return read ? Malformed(fmt::format("there is no tree {}", tree))
                : Fail(read.error());
  }
  roots_.emplace(tree, *root);
  return *root;
}

void Tree::ClaimPlaces(const std::vector<Range>& places, RegionUse use) {
  const ByteView bytes = volume_.source().bytes();
  std::optional<ByteView> first;
  for (const Range& place : places) {
    const auto copy = Slice(bytes, place.offset, place.length);
    if (!copy) {
      continue;
    }
    coverage_.ClaimFree(place, use, sink_);
    if (first && !std::equal(first->begin(), first->end(), copy->begin())) {
      volume_.Report("ambiguous-copies", place, "two copies of data differ");
    }
    first = first.value_or(*copy);
  }
}

Result<TreeNode> Tree::Load(std::uint64_t number) {
  const auto [tree, object] = numbers_.at(static_cast<std::size_t>(number));
  current_ = {.tree = tree, .object = object};
  TreeNode node;
  if (tree == 0) {
    node.meta.type = FileType::kDirectory;
    return node;
  }
  const auto root = RootOf(tree);
  if (!root) {
    return Fail(root.error());
  }
  current_.root = *root;
  std::optional<StoredInode> inode;
  if (auto ok = volume_.ForEach(*root, {object, kInodeItem, 0},
                                {object, kInodeItem, 0},
                                [&](const Item& item) {
                                  inode = ReadAt<StoredInode>(item.data, 0);
                                  return false;
                                });
      !ok) {
    return Fail(ok.error());
  }
  const std::uint32_t mode = inode ? std::uint32_t{inode->mode} : 0;
  if (!inode || (TypeOfMode(mode) == FileType::kRegular &&
                 (mode & 0170000U) != 0100000U)) {
    return Malformed(
        fmt::format("there is no inode {} in tree {}", object, tree));
  }
  current_.size = inode->size;
  node.links = inode->links;
  node.meta.type = TypeOfMode(mode);
  node.meta.mode = mode & 07777U;
  node.meta.uid = inode->uid;
  node.meta.gid = inode->gid;
  node.meta.mtime = static_cast<std::int64_t>(std::uint64_t{inode->mtime});
  auto xattrs = ReadXattrs(current_);
  if (xattrs) {
    node.meta.xattrs = std::move(*xattrs);
  } else {
    volume_.Report("bad-xattrs", {}, xattrs.error().what);
  }
  if (node.meta.type == FileType::kSymlink) {
    auto target = Target(current_);
    if (!target) {
      return Fail(target.error());
    }
    node.meta.link_target = std::move(*target);
  } else if (node.meta.type == FileType::kCharDevice ||
             node.meta.type == FileType::kBlockDevice) {
    // As inside the kernel: 12 bits of major, 20 of minor number.
    const std::uint64_t device = inode->device;
    node.meta.device_major = static_cast<std::uint32_t>(device >> 20U & 0xfffU);
    node.meta.device_minor = static_cast<std::uint32_t>(device & 0xfffffU);
  }
  return node;
}

Result<std::vector<Tree::Entry>> Tree::EntriesOf(const Item& item) const {
  std::vector<Entry> entries;
  ByteReader reader(item.data);
  while (reader.remaining() > 0) {
    const auto stored = reader.Take<StoredEntry>();
    const auto name =
        stored ? reader.TakeBytes(stored->name_size) : std::nullopt;
    const auto value =
        name ? reader.TakeBytes(stored->value_size) : std::nullopt;
    if (!value) {
      return Malformed(
          fmt::format("an entry of inode {} of tree {} is cut "
                      "short",
                      item.key.object, current_.tree));
    }
    entries.push_back({.location = Key(stored->location),
                       .type = stored->type,
                       .name = std::string(AsText(*name)),
                       .value = std::string(AsText(*value))});
  }
  return entries;
}

Result<Tree::Xattrs> Tree::ReadXattrs(const Inode& inode) {
  Xattrs xattrs;
  std::optional<Error> problem;
  const auto read = volume_.ForEach(
      inode.root, {inode.object, kXattrItem, 0},
      {inode.object, kXattrItem, ~0ULL}, [&](const Item& item) {
        auto entries = EntriesOf(item);
        if (!entries || item.data.size() > xattr_bytes_left_) {
          problem = entries ? Error{ErrorCode::kLimit,
                                    "btrfs: too many extended attributes"}
                            : entries.error();
          return false;
        }
        xattr_bytes_left_ -= item.data.size();
        for (Entry& entry : *entries) {
          xattrs.emplace_back(std::move(entry.name), std::move(entry.value));
        }
        return true;
      });
  if (!read || problem) {
    return Fail(read ? *problem : read.error());
  }
  return xattrs;
}

Result<std::string> Tree::Target(const Inode& inode) {
  const auto pieces = ReadPieces(volume_, inode.root, inode.object);
  if (!pieces) {
    return Fail(pieces.error());
  }
  if (inode.size > kMostTarget) {
    return Malformed(
        fmt::format("inode {}: a link of {} bytes", inode.object, inode.size));
  }
  Bytes target(static_cast<std::size_t>(inode.size));
  FileStream content(volume_, *pieces, inode.size);
  const auto count = content.Read(target);
  if (!count || *count != target.size()) {
    return count ? Malformed("a link is cut short") : Fail(count.error());
  }
  return std::string(AsText(target));
}

Result<void> Tree::AddFile(std::uint64_t /*inode*/, Member member) {
  const std::uint64_t size = current_.size;
  auto pieces = ReadPieces(volume_, current_.root, current_.object);
  if (!pieces) {
    volume_.Report("bad-map", {}, member.name + ": " + pieces.error().what);
    return sink_.AddOpaque(std::move(member), pieces.error().what);
  }
  const bool plain =
      size <= ~0ULL / 4 &&
      std::all_of(pieces->begin(), pieces->end(), [](const Piece& piece) {
        return piece.packing == Packing::kNone && !piece.in_tree;
      });
  std::vector<Extent> extents;
  std::uint64_t at = 0;
  for (const Piece& piece : *pieces) {
    if (!plain) {
      if (!piece.in_tree) {
        ClaimPlaces(piece.places, RegionUse::kMember);
      }
      continue;
    }
    AppendExtent(extents, {{0, piece.at - at}, true});
    at = piece.at + piece.length;
    AppendExtent(
        extents,
        {{piece.places.empty() ? 0 : piece.places.front().offset, piece.length},
         piece.places.empty()});
  }
  if (!plain) {
    FileStream content(volume_, *pieces, size);
    return sink_.AddStream(std::move(member), content);
  }
  FitExtents(extents, size);
  auto added = AddExtents(volume_.source(), extents, std::move(member), "btrfs",
                          Sharing::kAllowed, coverage_, sink_);
  for (const Piece& piece : *pieces) {
    if (piece.places.size() > 1 && piece.at < size) {
      std::vector<Range> places = piece.places;
      for (Range& place : places) {
        place.length = std::min(place.length, size - piece.at);
      }
      ClaimPlaces(places, RegionUse::kMember);
    }
  }
  return added;
}

// A snapshot keeps the names of subvolumes that it does not hold.
bool Tree::HasSubvolume(const Inode& directory, std::uint64_t child) {
  bool found = false;
  const Super& super = volume_.super();
  (void)volume_.ForEach(
      {super.root, super.root_level}, {directory.tree, kRootRef, child},
      {directory.tree, kRootRef, child}, [&](const Item& /*item*/) {
        found = true;
        return false;
      });
  return found;
}

TreeEntry Tree::Resolved(const Inode& directory, const Entry& entry) {
  TreeEntry resolved{.name = entry.name};
  if (entry.location.type == kRootItem) {
    constexpr std::uint64_t kStub = 0;
    const std::uint64_t child = entry.location.object;
    resolved.inode = HasSubvolume(directory, child)
                         ? NumberOf(child, kFirstSubvolume)
                         : NumberOf(kStub, numbers_.size());
  } else {
    resolved.inode = NumberOf(directory.tree, entry.location.object);
  }
  if (entry.type > 0 && entry.type < kTypes.size()) {
    resolved.type = kTypes.at(entry.type);
  }
  return resolved;
}

Result<void> Tree::ListIndex(const Inode& directory, std::uint64_t most,
                             std::vector<Entry>& found) {
  std::optional<Error> problem;
  const auto read = volume_.ForEach(
      directory.root, {directory.object, kDirIndex, 0},
      {directory.object, kDirIndex, ~0ULL}, [&](const Item& item) {
        auto entries = EntriesOf(item);
        if (!entries || found.size() + entries->size() > most) {
          problem = entries
                        ? Error{ErrorCode::kLimit, "btrfs: too many entries"}
                        : entries.error();
          return false;
        }
        for (Entry& entry : *entries) {
          found.push_back(std::move(entry));
        }
        return true;
      });
  return read && problem ? Result<void>(Fail(*problem)) : read;
}

// Names stand twice: a listing reads one place, opening a file the other.
void Tree::CompareNames(const Inode& directory, std::vector<Entry>& found) {
  using Name = std::tuple<std::string, Key>;
  std::set<Name> listed;
  for (const Entry& entry : found) {
    listed.emplace(entry.name, entry.location);
  }
  const std::size_t count = found.size();
  (void)volume_.ForEach(
      directory.root, {directory.object, kDirItem, 0},
      {directory.object, kDirItem, ~0ULL}, [&](const Item& item) {
        auto entries = EntriesOf(item);
        for (Entry& entry : entries ? *entries : std::vector<Entry>()) {
          if (listed.erase({entry.name, entry.location}) == 0 &&
              found.size() <= 2 * count + 1000) {
            volume_.Report(
                "hidden-entry", {item.offset, item.data.size()},
                fmt::format("{} in inode {} of tree {} can be "
                            "opened, but is not listed",
                            entry.name, directory.object, directory.tree));
            found.push_back(std::move(entry));
          }
        }
        return true;
      });
  for (const auto& [name, location] : listed) {
    volume_.Report("ambiguous-entry", {},
                   fmt::format("{} in inode {} of tree {} is listed, but "
                               "cannot be opened",
                               name, directory.object, directory.tree));
  }
}

Result<void> Tree::List(std::uint64_t /*inode*/, std::uint64_t most,
                        std::vector<TreeEntry>& entries) {
  const Inode directory = current_;
  if (directory.tree == 0) {
    return {};
  }
  std::vector<Entry> found;
  const auto listed = ListIndex(directory, most, found);
  if (listed) {
    CompareNames(directory, found);
  }
  for (const Entry& entry : found) {
    entries.push_back(Resolved(directory, entry));
  }
  return listed;
}

}  // namespace assay::formats::btrfs
