// The files of a UDF volume, for the walk over its tree. Layout: ECMA-167
// 4/14.1 and 4/14.4; UDF 2.60, sections 2.3.2, 2.3.4 and 3.3.5.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "verifier/formats/coverage.h"
#include "verifier/formats/filesystems/file_tree.h"
#include "verifier/formats/filesystems/udf_file.h"

namespace assay::formats::udf {

struct FileSet {
  LongAd root;
  LongAd streams;  // of the volume; none when its length is 0
};

// The last of the file set descriptors; notes where they lie.
[[nodiscard]] Result<FileSet> ReadFileSet(Volume& volume);

// The number of the file whose entry lies there.
[[nodiscard]] std::uint64_t NumberOf(const LongAd& icb);

class Tree : public FileTree {
 public:
  Tree(const Volume& volume, const FileSet& set, Coverage& coverage,
       ArtifactSink& sink)
      : volume_(volume), set_(set), coverage_(coverage), sink_(sink) {}

  Result<TreeNode> Load(std::uint64_t number) override;
  Result<void> List(std::uint64_t number, std::uint64_t most,
                    std::vector<TreeEntry>& entries) override;
  Result<void> AddFile(std::uint64_t number, Member member) override;

 private:
  [[nodiscard]] bool Own(Range range);
  [[nodiscard]] Result<void> Map(const Entry& entry,
                                 std::vector<Extent>& extents);
  // All of a directory or a link, whose blocks become metadata.
  [[nodiscard]] Result<Bytes> ReadOwned(const Entry& entry, std::uint64_t most);
  [[nodiscard]] Result<void> ListDirectory(const Entry& directory,
                                           const std::string& prefix,
                                           std::uint64_t most,
                                           std::vector<TreeEntry>& entries);
  // The streams of a file are listed beside it, as "name:stream".
  [[nodiscard]] Result<void> ListStreams(const LongAd& streams,
                                         const std::string& name,
                                         std::uint64_t most,
                                         std::vector<TreeEntry>& entries);
  void ClaimEntry(const Entry& entry);
  void AddAttributes(Entry& entry);
  void Report(std::string_view what, std::string detail);

  const Volume& volume_;
  FileSet set_;
  Coverage& coverage_;
  ArtifactSink& sink_;
  Entry current_ = {};
  bool root_listed_ = false;
};

}  // namespace assay::formats::udf
