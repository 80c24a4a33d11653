// The streams of a Windows imaging file, which its images share, and who owns
// their bytes. Layout: as in wim_header.h.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "verifier/formats/archives/wim_header.h"
#include "verifier/formats/coverage.h"
#include "verifier/formats/format.h"

namespace assay::formats::wim {

// All zeros stand for no content.
[[nodiscard]] bool IsNone(const Sha1& digest);

// What all images of a file share: the streams.
class Streams {
 public:
  // All of these outlive it.
  Streams(const ByteSource& source, const Tables& tables, Coverage& coverage,
          ArtifactSink& sink)
      : source_(source), tables_(tables), coverage_(coverage), sink_(sink) {}

  // The content with that digest.
  [[nodiscard]] Result<void> Give(const Sha1& digest, Member member);
  [[nodiscard]] Result<void> Give(std::size_t index, Member member);
  // All of it, `most` bytes at most, to read the structure from.
  [[nodiscard]] Result<Bytes> ReadWhole(const Resource& resource,
                                        std::uint64_t most);
  [[nodiscard]] const Resource* Find(const Sha1& digest) const;
  // What a reparse point says is the structure's, and no content.
  void ClaimStructure(const Sha1& digest);
  [[nodiscard]] bool IsGiven(std::size_t index) const {
    return given_.count(index) != 0;
  }
  // Whether it was not noted before.
  bool Note(std::size_t index) { return given_.insert(index).second; }
  void CompareDigest(const Resource& resource, std::string_view hex,
                     const std::string& name);

 private:
  // Streams of a solid resource come in any order: it is decoded once.
  [[nodiscard]] Result<ByteSource> DecodeSolid(std::size_t index);
  [[nodiscard]] Result<ByteSource> SliceOfSolid(const Resource& resource);
  [[nodiscard]] Result<void> GiveSolid(const Resource& resource, bool first,
                                       Member member);

  const ByteSource& source_;
  const Tables& tables_;
  Coverage& coverage_;
  ArtifactSink& sink_;
  std::set<std::size_t> given_;
  std::map<std::size_t, Result<ByteSource>> solids_;
};

}  // namespace assay::formats::wim
