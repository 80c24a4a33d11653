// Who owns which cluster of an NTFS volume, and where its own tables disagree
// with that.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "verifier/base/byte_source.h"
#include "verifier/formats/coverage.h"
#include "verifier/formats/filesystems/ntfs_record.h"
#include "verifier/formats/filesystems/ntfs_table.h"
#include "verifier/formats/format.h"

namespace assay::formats::ntfs {

inline constexpr std::uint64_t kSystemRecords = 16;
inline constexpr std::uint64_t kReservedRecords = 24;

// Volume, table and sink outlive it.
class Accounts {
 public:
  Accounts(ByteSource source, const Volume& volume, const Table& table,
           ArtifactSink& sink);

  void ClaimBoot();
  void ClaimRecords();
  // Marks an attribute's clusters; false when it shares too many with others.
  [[nodiscard]] bool Take(const Attribute& attribute, const std::string& name);
  // Claims all clusters of an attribute, as far as they are there.
  void ClaimRuns(const Attribute& attribute, RegionUse use);
  // What is no data: indexes, descriptors, lists.
  void ClaimOthers(const File& file, const std::string& name);
  // The content of a member; in one piece that nobody has, it is its origin.
  void ClaimContent(const std::vector<Extent>& extents, Member& member);
  // What runs $BadClus has are bad clusters; they stay slack.
  void ReportBad(const Attribute& attribute);
  // The first records are kept twice.
  void CompareMirror();
  // Once all files were seen: the bitmaps of clusters and of records repeat
  // what these say.
  void CompareBitmaps();
  // At last: what nobody claimed. kTruncated when clusters are missing.
  [[nodiscard]] Result<void> Close();

  void Report(std::string id, Range range, std::string detail);

 private:
  void Claim(Range range);
  [[nodiscard]] ByteSource ContentOf(std::uint64_t number,
                                     std::uint32_t type) const;

  ByteSource source_;
  const Volume& volume_;
  const Table& table_;
  ArtifactSink& sink_;
  Coverage coverage_;
  std::vector<bool> taken_;   // clusters that some attribute has
  std::uint64_t shared_ = 0;  // times that one was another's already
};

}  // namespace assay::formats::ntfs
