// The objects of a YAFFS file system, put together from the chunks of its log
// as the driver does when it scans a chip. Semantics: yaffs2 yaffs_yaffs1.c,
// yaffs_yaffs2.c.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "verifier/formats/filesystems/file_tree.h"
#include "verifier/formats/flash/yaffs_log.h"

namespace assay::formats::yaffs {

// Source and log outlive it.
class Objects : public FileTree {
 public:
  Objects(const ByteSource& source, const Log& log, ArtifactSink& sink);

  [[nodiscard]] Result<TreeNode> Load(std::uint64_t number) override;
  [[nodiscard]] Result<void> List(std::uint64_t number, std::uint64_t most,
                                  std::vector<TreeEntry>& entries) override;
  [[nodiscard]] Result<void> AddFile(std::uint64_t number,
                                     Member member) override;

  // After the walk from the root: what no directory leads to.
  [[nodiscard]] Result<void> WalkUnlisted(TreeWalk& walk);
  // After all walks: what is there, but not shown.
  void ReportHidden();
  void ClaimAll();

 private:
  struct Object {
    const Chunk* header = nullptr;  // the newest
    ObjectType type = ObjectType::kFile;
    std::uint32_t parent = 0, equivalent = 0;
    std::uint64_t stated = 0;     // size in the header
    std::uint64_t size = 0;       // with what was written after it
    std::uint64_t limit = ~0ULL;  // behind it older data count no more
    std::map<std::uint32_t, const Chunk*> data = {};  // the newest of each
    std::vector<const Chunk*> outdated = {};          // data
    bool shadowed = false, reached = false, odd_mode = false;
  };

  void SortOld();
  void SortNew();
  void AddNewData(const Chunk& chunk);
  void AddNewHeader(const Chunk& chunk);
  void Describe(Object& object, const Chunk& chunk, const Header& header);
  [[nodiscard]] std::optional<Header> HeaderOf(const Chunk& chunk) const;
  [[nodiscard]] bool IsGone(std::uint32_t number) const;
  void FindChildren();
  void CheckFile(std::uint32_t number, const Object& object);
  [[nodiscard]] bool IsShown(const Object& object, const Chunk& chunk) const;
  void ReportObject(std::uint32_t number, const Object& object);
  void ClaimHeader(const Chunk& chunk);
  void ClaimSpare(const Chunk& chunk);
  void Report(std::string_view what, Range range, std::string detail);
  [[nodiscard]] Range PageOf(const Chunk& chunk) const {
    return {chunk.offset, log_.geometry.page};
  }
  void MarkLive(const Chunk& chunk) {
    live_[static_cast<std::size_t>(&chunk - log_.chunks.data())] = true;
  }

  const ByteSource& source_;
  const Log& log_;
  ArtifactSink& sink_;
  Coverage coverage_;
  std::map<std::uint32_t, Object> objects_;
  std::map<std::uint32_t, std::vector<std::uint32_t>> children_;
  std::vector<bool> live_;  // of each chunk
  bool fresh_ = true;       // as a builder writes it
};

}  // namespace assay::formats::yaffs
