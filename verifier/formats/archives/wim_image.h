// The files of one image of a Windows imaging file, for the walk over its
// tree. Layout: as in wim_header.h; what Unix systems add: wimlib's
// include/wimlib/unix_data.h.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "verifier/formats/archives/wim_streams.h"
#include "verifier/formats/filesystems/file_tree.h"

namespace assay::formats::wim {

class Image : public FileTree {
 public:
  // `metadata` is the decoded resource that describes the image.
  Image(ByteView metadata, Streams& streams, ArtifactSink& sink)
      : metadata_(metadata), streams_(streams), sink_(sink) {}

  // The number of the root; an error when the descriptors in front of it
  // contradict themselves.
  [[nodiscard]] Result<std::uint64_t> Open();

  Result<TreeNode> Load(std::uint64_t number) override;
  Result<void> List(std::uint64_t number, std::uint64_t most,
                    std::vector<TreeEntry>& entries) override;
  Result<void> AddFile(std::uint64_t number, Member member) override;

 private:
  struct Stream {
    std::string name = {};
    Sha1 digest = {};
  };
  struct Entry {
    std::uint64_t next = 0;  // where the next one begins
    std::uint32_t attributes = 0, reparse_tag = 0;
    std::int32_t security = -1;
    std::uint64_t children = 0, written = 0, link_group = 0;
    std::string name = {};
    std::string short_name = {};
    Sha1 digest = {};  // of the content, or of the reparse point
    std::vector<Stream> streams = {};
    ByteView more = {};  // tagged items
  };

  [[nodiscard]] Result<Entry> ReadEntry(std::uint64_t at) const;
  [[nodiscard]] Result<void> ReadStreams(std::uint64_t count,
                                         Entry& entry) const;
  [[nodiscard]] static std::uint64_t NumberOf(std::uint64_t at,
                                              const Entry& entry);
  void PutUnixData(const Entry& entry, FileMetadata& meta) const;
  void PutSecurity(const Entry& entry, FileMetadata& meta) const;
  void PutLink(const Entry& entry, FileMetadata& meta);

  ByteView metadata_;
  Streams& streams_;
  ArtifactSink& sink_;
  std::vector<Range> descriptors_;
  std::map<std::uint64_t, std::uint64_t> groups_;  // link group to entry
  Entry current_ = {};
};

}  // namespace assay::formats::wim
