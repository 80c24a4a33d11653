// The walk over a file system's directories that most file systems share: one
// member for every name, each directory once, hard links as links.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "verifier/formats/format.h"

namespace assay::formats {
inline namespace tree_walk {

// A name in a directory, and what the file system knows its inode by.
struct TreeEntry {
  std::string name = {};
  std::uint64_t inode = 0;
};

// What a file system answers to a walk.
class TreeReader {
 public:
  TreeReader() = default;
  virtual ~TreeReader() = default;
  TreeReader(const TreeReader&) = delete;
  TreeReader& operator=(const TreeReader&) = delete;

  // An error makes the member opaque, and the walk goes on.
  [[nodiscard]] virtual Result<FileMetadata> Meta(std::uint64_t inode) = 0;
  // An error is an anomaly; what is in `entries` by then is visited.
  [[nodiscard]] virtual Result<void> List(std::uint64_t directory,
                                          std::vector<TreeEntry>& entries) = 0;
  // Gives a regular file to the sink.
  [[nodiscard]] virtual Result<void> AddFile(Member member,
                                             std::uint64_t inode) = 0;
};

class TreeWalk {
 public:
  // `format` is a literal that begins the ids of anomalies; `place` is where
  // they are said to be.
  TreeWalk(std::string_view format, Range place, TreeReader& reader,
           ArtifactSink& sink)
      : format_(format), place_(place), reader_(reader), sink_(sink) {}

  // Depth first, from the directory `root`, which becomes member ".".
  [[nodiscard]] Result<void> Run(std::uint64_t root);

 private:
  struct Directory {
    std::string path = {};
    std::vector<TreeEntry> entries = {};
    std::size_t next = 0;
  };

  [[nodiscard]] Result<void> Visit(std::string path, std::uint64_t inode);
  [[nodiscard]] Result<void> VisitDirectory(Member member, std::uint64_t inode);
  void CheckNames(const Directory& directory);
  void Report(std::string_view what, std::string detail);

  std::string_view format_;
  Range place_;
  TreeReader& reader_;
  ArtifactSink& sink_;
  std::vector<Directory> open_;  // from the root to where the walk is
  std::set<std::uint64_t> directories_;
  std::map<std::uint64_t, std::string> first_;  // inode to its first path
  std::uint64_t entries_ = 0;
};

// Whether a name in a directory is none that a file can have.
[[nodiscard]] bool IsOddName(std::string_view name);

}  // namespace tree_walk
}  // namespace assay::formats
