// One directory hierarchy of an ISO 9660 volume: the primary one, with Rock
// Ridge where it is used, or Joliet's.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "verifier/formats/coverage.h"
#include "verifier/formats/filesystems/file_tree.h"
#include "verifier/formats/filesystems/iso9660_record.h"

namespace assay::formats::iso9660 {

// Where a file lies: its first block and its size.
using FilePlace = std::pair<std::uint32_t, std::uint64_t>;

class IsoTree : public FileTree {
 public:
  // `root` is the root directory's record in a volume descriptor.
  IsoTree(const ByteSource& source, const Record& root, bool joliet,
          Coverage& coverage, ArtifactSink& sink);

  // For TreeWalk: directories are known by their extent, files by the place
  // of their record.
  [[nodiscard]] std::uint64_t root() const;
  [[nodiscard]] bool rock_ridge() const { return skip_.has_value(); }
  Result<TreeNode> Load(std::uint64_t inode) override;
  Result<void> List(std::uint64_t inode, std::uint64_t most,
                    std::vector<TreeEntry>& entries) override;
  Result<void> AddFile(std::uint64_t inode, Member member) override;

  // Skips files at these places: another hierarchy has given them already.
  void SkipKnown(const std::set<FilePlace>& known) { known_ = &known; }
  [[nodiscard]] const std::set<FilePlace>& places() const { return places_; }

 private:
  struct File {
    Record record = {};
    std::vector<Extent> extents = {};
    std::uint64_t size = 0;
    RockRidge ridge = {};
  };

  // The records of the directory whose extent begins at this block.
  [[nodiscard]] Result<std::vector<Record>> Records(std::uint32_t block);
  [[nodiscard]] RockRidge RidgeOf(const Record& record);
  [[nodiscard]] std::string NameOf(const Record& record,
                                   const RockRidge& ridge) const;
  [[nodiscard]] TreeNode NodeOf(const Record& record, const RockRidge& ridge,
                                FileType plain) const;
  void AddRecord(const Record& record, std::vector<TreeEntry>& entries);
  void CheckOrders(const Record& record);

  const ByteSource& source_;
  Record root_;
  bool joliet_;
  Coverage& coverage_;
  ArtifactSink& sink_;
  std::optional<std::uint8_t> skip_;  // set: Rock Ridge is used
  std::map<std::uint64_t, File> files_;
  std::set<FilePlace> places_;
  const std::set<FilePlace>* known_ = nullptr;
  const File* continued_ = nullptr;  // the last record goes on in the next
  std::uint64_t continued_at_ = 0;
};

}  // namespace assay::formats::iso9660
