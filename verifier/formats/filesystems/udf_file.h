// File entries of UDF: what they say, and where their content lies. Layouts:
// ECMA-167 4/14.4 to 4/14.17; UDF 2.60, section 2.3 and 3.3.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "verifier/base/file_metadata.h"
#include "verifier/formats/filesystems/udf_volume.h"

namespace assay::formats::udf {

enum EntryType : std::uint8_t {  // 4/14.6.6
  kUnallocatedSpaceType = 1,
  kDirectoryType = 4,
  kRegularType = 5,
  kBlockType = 6,
  kCharType = 7,
  kAttributesType = 8,
  kFifoType = 9,
  kSocketType = 10,
  kSymlinkType = 12,
  kStreamsType = 13,
  kVatType = 248,
  kMetadataType = 250,
};

struct Entry {
  Address address = {};
  Range place = {};  // in the image, with what follows inside it
  std::uint8_t type = 0;
  bool stream = false;  // of another file
  FileMetadata meta = {};
  std::uint64_t links = 0, size = 0;
  unsigned ad_kind = 0;  // 4/14.6.8: short, long, extended, embedded
  Range ads = {};        // in the image
  Range attributes = {};
  LongAd attribute_file = {};
  LongAd streams = {};            // a directory of streams
  std::vector<Range> older = {};  // entries that this one replaces

  [[nodiscard]] bool embedded() const { return ad_kind == 3; }
};

// The entry at this address, or the newest of those that are chained there by
// strategy 4096 (UDF 2.3.5.1).
[[nodiscard]] Result<Entry> ReadEntry(const Volume& volume, Address address);

// Where the content lies, not yet cut to its size. `own` is told of the blocks
// that continue the allocation descriptors; false: they are another's.
[[nodiscard]] Result<void> MapEntry(const Volume& volume, const Entry& entry,
                                    const std::function<bool(Range)>& own,
                                    std::vector<Extent>& extents);

// Extended attributes in `space` (4/14.10): the device's numbers, and the
// others as xattrs. False when it contradicts itself.
[[nodiscard]] bool ReadAttributes(ByteView space, FileMetadata& meta);

// The path that a symbolic link's components make (4/14.16).
[[nodiscard]] Result<std::string> PathOf(ByteView components);

}  // namespace assay::formats::udf
