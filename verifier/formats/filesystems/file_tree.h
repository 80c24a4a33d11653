// What the file systems with numbered inodes share: the walk over their tree,
// and content that lies in extents.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "verifier/formats/coverage.h"
#include "verifier/formats/format.h"

namespace assay::formats {

struct TreeEntry {
  std::string name = {};
  std::uint64_t inode = 0;
  std::optional<FileType> type = {};  // as the entry says
};

struct TreeNode {
  FileMetadata meta = {};
  std::uint64_t links = 0;  // how many names it has; 0: not known
};

// One file system, as the walk asks for it. `List` and `AddFile` are only
// called right after a `Load` of the same inode.
class FileTree {
 public:
  FileTree() = default;
  virtual ~FileTree() = default;
  FileTree(const FileTree&) = delete;
  FileTree& operator=(const FileTree&) = delete;

  [[nodiscard]] virtual Result<TreeNode> Load(std::uint64_t inode) = 0;
  // Appends all entries but "." and "..", `most` of them at most (kLimit).
  // With an error, the entries before it are there.
  [[nodiscard]] virtual Result<void> List(std::uint64_t inode,
                                          std::uint64_t most,
                                          std::vector<TreeEntry>& entries) = 0;
  // Gives a regular file to the sink.
  [[nodiscard]] virtual Result<void> AddFile(std::uint64_t inode,
                                             Member member) = 0;
};

// Depth first, each directory's entries by name; no directory twice.
class TreeWalk {
 public:
  // `format` is a literal, for anomalies.
  TreeWalk(FileTree& tree, std::string_view format, ArtifactSink& sink)
      : tree_(tree), format_(format), sink_(sink) {}

  // Everything below `root`, which becomes the member ".".
  [[nodiscard]] Result<void> Run(std::uint64_t root);
  // An inode that no directory leads to, and what lies below it.
  [[nodiscard]] Result<void> RunUnlisted(std::uint64_t inode, std::string name);

  [[nodiscard]] bool Reached(std::uint64_t inode) const {
    return directories_.count(inode) != 0 || files_.count(inode) != 0;
  }
  // Reports files that state another number of names than were found.
  void CompareLinks();

  // The first damage that did not stop the walk.
  [[nodiscard]] const std::optional<Error>& damage() const { return damage_; }
  void Note(const Error& error) {
    if (!damage_) {
      damage_ = error;
    }
  }

 private:
  struct Directory {
    std::string path = {};
    std::vector<TreeEntry> entries = {};
    std::size_t next = 0;
  };
  struct Names {
    FileMetadata meta = {};  // as a hard link; kept unless one name is stated
    std::uint64_t found = 0;
    std::uint64_t stated = 0;
  };

  [[nodiscard]] Result<void> Drain();
  [[nodiscard]] Result<void> Visit(std::string path, const TreeEntry& entry);
  [[nodiscard]] Result<void> VisitFile(Member member, std::uint64_t inode,
                                       std::uint64_t links);
  [[nodiscard]] Result<void> VisitDirectory(Member member, std::uint64_t inode);
  void Report(std::string_view what, std::string detail);

  FileTree& tree_;
  std::string_view format_;
  ArtifactSink& sink_;
  std::vector<Directory> open_;  // from the root to where the walk is
  std::set<std::uint64_t> directories_;
  std::map<std::uint64_t, Names> files_;
  std::uint64_t entries_ = 0;
  std::uint64_t listed_ = 0;
  std::optional<Error> damage_;
};

// The content that `extents` make, one after the other, straight from the
// source.
class ExtentStream : public ByteStream {
 public:
  ExtentStream(const ByteSource& source, std::span<const Extent> extents)
      : source_(source), extents_(extents) {}

  [[nodiscard]] Result<std::size_t> Read(std::span<std::uint8_t> into) override;

 private:
  const ByteSource& source_;
  std::span<const Extent> extents_;
  std::uint64_t passed_ = 0;  // of the first extent
};

// Appends to `extents`, joining what lies in one piece.
void AppendExtent(std::vector<Extent>& extents, Extent extent);
// Cuts or, with a hole, fills up `extents` to `size` bytes.
void FitExtents(std::vector<Extent>& extents, std::uint64_t size);

enum class Sharing : std::uint8_t {
  kAllowed,    // the format lets files share blocks
  kAnomalous,  // a block of two files is an anomaly
};

// Gives content that lies in extents to the sink and claims it: by reference
// where it lies in one piece, gathered where it does not, and as a stream,
// which budgets bound, where bytes are shared, missing or mostly holes.
[[nodiscard]] Result<void> AddExtents(const ByteSource& source,
                                      std::span<const Extent> extents,
                                      Member member, std::string_view format,
                                      Sharing sharing, Coverage& coverage,
                                      ArtifactSink& sink);

// Claims a table of records of `size` bytes: metadata where `in_use` (asked for
// each index) says so, padding where nothing but zeros is there, else slack.
void ClaimRecords(ByteView bytes, Range table, std::uint64_t size,
                  const std::function<bool(std::uint64_t)>& in_use,
                  Coverage& coverage, ArtifactSink& sink);

// Linux's two encodings of a device number, as ext, F2FS and Btrfs store them.
void SetOldDevice(std::uint32_t number, FileMetadata& meta);
void SetNewDevice(std::uint32_t number, FileMetadata& meta);

// Whether a name could not be made by any system call.
[[nodiscard]] bool IsOddName(std::string_view name);

}  // namespace assay::formats
