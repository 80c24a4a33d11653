// The files of an HFS Plus volume and their extended attributes. Layout: Apple
// Technical Note TN1150, "Catalog File", "Attributes File", "Hard Links".
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "verifier/formats/filesystems/hfsplus_btree.h"
#include "verifier/formats/filesystems/hfsplus_volume.h"

namespace assay::formats::hfsplus {

struct Permissions {
  Be32 owner, group;
  std::uint8_t admin_flags = 0, owner_flags = 0;
  Be16 mode;
  Be32 special;  // number or count of links, or a device

  static constexpr std::uint8_t kCompressed = 0x20;  // UF_COMPRESSED
};

// What files and folders have in common.
struct ItemRecord {
  Be16 type, flags;
  Be32 valence, id, created, modified, changed, accessed, backed_up;
  Permissions permissions = {};
  std::array<std::uint8_t, 32> finder = {};  // a file's begins with its type
  Be32 encoding, folders;
};
static_assert(sizeof(ItemRecord) == 88 && FileStruct<ItemRecord>);

struct Item {
  std::uint32_t parent = 0;
  std::string name = {};
  bool folder = false;
  Range data = {};  // the record, in the catalog file
};

class Catalog {
 public:
  // kLimit for more than `most` files and folders.
  [[nodiscard]] static Result<Catalog> Read(Btree tree, std::uint64_t most);

  [[nodiscard]] const Btree& tree() const { return tree_; }
  [[nodiscard]] const std::vector<Item>& items() const { return items_; }
  [[nodiscard]] const std::vector<std::size_t>& ChildrenOf(
      std::uint32_t folder) const;
  [[nodiscard]] ItemRecord RecordOf(const Item& item) const;
  // Of a file.
  [[nodiscard]] ForkData ForkOf(const Item& item, ForkType fork) const;
  // The root folder.
  [[nodiscard]] std::optional<std::size_t> root() const { return root_; }
  // Whether this is one of the folders that keep what hard links lead to.
  [[nodiscard]] bool IsPrivateFolder(const Item& item) const;
  // What a hard link leads to; nothing when the item is none.
  struct Link {
    std::optional<std::size_t> target = {};
  };
  [[nodiscard]] std::optional<Link> LinkOf(const Item& item) const;
  // Folders and files whose number another one has as well.
  [[nodiscard]] std::uint64_t repeated() const { return repeated_; }

 private:
  explicit Catalog(Btree tree) : tree_(std::move(tree)) {}
  // `ids`: of those before.
  void Add(Item item, std::set<std::uint32_t>& ids);
  void FindPrivateFolders();

  Btree tree_;
  std::vector<Item> items_ = {};
  std::map<std::uint32_t, std::vector<std::size_t>> children_ = {};
  std::optional<std::size_t> root_ = {};
  // By their names in the private folders ("iNode5", "dir_7").
  std::map<std::string, std::size_t> targets_ = {};
  std::uint64_t repeated_ = 0;
};

struct Attribute {
  std::string name = {};
  Range data = {};  // the record, in the attributes file
};

class Attributes {
 public:
  explicit Attributes(Btree tree);

  [[nodiscard]] const Btree& tree() const { return tree_; }
  [[nodiscard]] const std::vector<Attribute>& Of(std::uint32_t file) const;
  // A value that stands in the record itself.
  [[nodiscard]] std::optional<ByteView> InlineValue(
      const Attribute& attribute) const;
  [[nodiscard]] std::optional<ForkData> ForkValue(
      const Attribute& attribute) const;

 private:
  Btree tree_;
  std::map<std::uint32_t, std::vector<Attribute>> attributes_ = {};
};

// Gives the extents of long forks to the volume.
void LoadOverflow(const Btree& tree, Volume& volume);

}  // namespace assay::formats::hfsplus
