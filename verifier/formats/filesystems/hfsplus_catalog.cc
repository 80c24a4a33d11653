#include "verifier/formats/filesystems/hfsplus_catalog.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string_view>

#include "verifier/formats/utf16_text.h"

namespace assay::formats::hfsplus {
namespace {

enum RecordType : std::uint16_t { kFolder = 1, kFile = 2 };
constexpr std::uint64_t kDataForkAt = sizeof(ItemRecord);
constexpr std::uint64_t kFileRecordSize = kDataForkAt + 2 * sizeof(ForkData);

// A key of the catalog: parent and name. Of the attributes file: file, start
// block and name.
struct CatalogKey {
  Be16 length;
  Be32 parent;
  Be16 name_length;
};
struct AttributeKey {
  Be16 length, padding;
  Be32 file, start;
  Be16 name_length;
};
struct OverflowKey {
  Be16 length;
  std::uint8_t fork = 0, padding = 0;
  Be32 file, start;
};
static_assert(sizeof(CatalogKey) == 8 && sizeof(AttributeKey) == 14 &&
              sizeof(OverflowKey) == 12);

// The name of so many units behind the key's fixed part, big-endian.
std::optional<std::string> NameAt(ByteView record, std::uint64_t at,
                                  std::uint16_t units) {
  const auto stored = Slice(record, at, std::uint64_t{units} * 2);
  if (!stored) {
    return std::nullopt;
  }
  Bytes swapped = CopyOf(*stored);
  for (std::size_t i = 0; i + 1 < swapped.size(); i += 2) {
    std::swap(swapped[i], swapped[i + 1]);
  }
  return TextOfUtf16(swapped);
}

const std::string& FilesFolder() {
  static const std::string kName = std::string(4, '\0') + "HFS+ Private Data";
  return kName;
}
constexpr std::string_view kFoldersFolder = ".HFS+ Private Directory Data\r";

}  // namespace

Result<Catalog> Catalog::Read(Btree tree, std::uint64_t most) {
  Catalog catalog(std::move(tree));
  std::set<std::uint32_t> ids;
  for (const Range& place : catalog.tree_.records()) {
    const ByteView record = catalog.tree_.BytesOf(place);
    const auto key = ReadAt<CatalogKey>(record, 0);
    const ByteView data = DataOf(record);
    const auto type = ReadAt<Be16>(data, 0);
    if (!key || !type || (*type != kFolder && *type != kFile)) {
      continue;  // threads lead from a number back to the name
    }
    const bool folder = *type == kFolder;
    auto name = NameAt(record, sizeof(CatalogKey), key->name_length);
    if (!name || data.size() < (folder ? kDataForkAt : kFileRecordSize)) {
      return Malformed(
          fmt::format("the catalog record at {} is cut short", place.offset));
    }
    if (catalog.items_.size() >= most) {
      return Fail(ErrorCode::kLimit, "hfsplus: too many files");
    }
    catalog.Add({.parent = key->parent,
                 .name = std::move(*name),
                 .folder = folder,
                 .data = {place.end() - data.size(), data.size()}},
                ids);
  }
  catalog.FindPrivateFolders();
  return catalog;
}

void Catalog::Add(Item item, std::set<std::uint32_t>& ids) {
  const std::size_t index = items_.size();
  const std::uint32_t id = RecordOf(item).id;
  repeated_ += ids.insert(id).second ? 0U : 1U;
  children_[item.parent].push_back(index);
  if (item.folder && item.parent == kRootParent && id == kRootFolder &&
      !root_) {
    root_ = index;
  }
  items_.push_back(std::move(item));
}

void Catalog::FindPrivateFolders() {
  for (const std::size_t index : ChildrenOf(kRootFolder)) {
    const Item& item = items_[index];
    if (!IsPrivateFolder(item)) {
      continue;
    }
    for (const std::size_t child : ChildrenOf(RecordOf(item).id)) {
      targets_.emplace(items_[child].name, child);
    }
  }
}

bool Catalog::IsPrivateFolder(const Item& item) const {
  return item.folder && item.parent == kRootFolder &&
         (item.name == FilesFolder() || item.name == kFoldersFolder);
}

const std::vector<std::size_t>& Catalog::ChildrenOf(
    std::uint32_t folder) const {
  static const std::vector<std::size_t> kNone;
  const auto found = children_.find(folder);
  return found == children_.end() ? kNone : found->second;
}

ItemRecord Catalog::RecordOf(const Item& item) const {
  return ReadAt<ItemRecord>(tree_.BytesOf(item.data), 0).value_or(ItemRecord());
}

ForkData Catalog::ForkOf(const Item& item, ForkType fork) const {
  const std::uint64_t at =
      kDataForkAt + (fork == kDataFork ? 0 : sizeof(ForkData));
  return ReadAt<ForkData>(tree_.BytesOf(item.data), at).value_or(ForkData());
}

std::optional<Catalog::Link> Catalog::LinkOf(const Item& item) const {
  if (item.folder) {
    return std::nullopt;
  }
  const ItemRecord record = RecordOf(item);
  const std::string_view kind = AsText(record.finder).substr(0, 8);
  const bool file = kind == "hlnkhfs+";
  if (!file && kind != "fdrpMACS") {
    return std::nullopt;
  }
  const std::uint32_t number = record.permissions.special;
  const auto found =
      targets_.find(fmt::format("{}{}", file ? "iNode" : "dir_", number));
  const bool known =
      found != targets_.end() && items_[found->second].folder != file;
  if (!file && !known) {
    return std::nullopt;  // a Finder alias is a file as any other
  }
  return Link{known ? std::optional(found->second) : std::nullopt};
}

Attributes::Attributes(Btree tree) : tree_(std::move(tree)) {
  for (const Range& place : tree_.records()) {
    const ByteView record = tree_.BytesOf(place);
    const auto key = ReadAt<AttributeKey>(record, 0);
    const ByteView data = DataOf(record);
    auto name = key ? NameAt(record, sizeof(AttributeKey), key->name_length)
                    : std::nullopt;
    if (name) {
      attributes_[key->file].push_back(
          {.name = std::move(*name),
           .data = {place.end() - data.size(), data.size()}});
    }
  }
}

const std::vector<Attribute>& Attributes::Of(std::uint32_t file) const {
  static const std::vector<Attribute> kNone;
  const auto found = attributes_.find(file);
  return found == attributes_.end() ? kNone : found->second;
}

std::optional<ByteView> Attributes::InlineValue(
    const Attribute& attribute) const {
  constexpr std::uint32_t kInline = 0x10;
  constexpr std::uint64_t kSizeAt = 12;
  const ByteView data = tree_.BytesOf(attribute.data);
  const auto type = ReadAt<Be32>(data, 0);
  const auto size = ReadAt<Be32>(data, kSizeAt);
  return type && size && *type == kInline
             ? Slice(data, kSizeAt + sizeof(Be32), *size)
             : std::nullopt;
}

std::optional<ForkData> Attributes::ForkValue(
    const Attribute& attribute) const {
  constexpr std::uint32_t kFork = 0x20;
  const ByteView data = tree_.BytesOf(attribute.data);
  const auto type = ReadAt<Be32>(data, 0);
  return type && *type == kFork ? ReadAt<ForkData>(data, 8) : std::nullopt;
}

void LoadOverflow(const Btree& tree, Volume& volume) {
  for (const Range& place : tree.records()) {
    const ByteView record = tree.BytesOf(place);
    const auto key = ReadAt<OverflowKey>(record, 0);
    const auto extents = ReadAt<ExtentRecord>(DataOf(record), 0);
    if (key && extents) {
      volume.AddOverflow(key->file, key->fork, key->start, *extents);
    }
  }
}

}  // namespace assay::formats::hfsplus
