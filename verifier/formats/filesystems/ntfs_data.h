// The content of an NTFS attribute that is not resident.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "verifier/base/byte_source.h"
#include "verifier/base/byte_stream.h"
#include "verifier/formats/filesystems/ntfs_record.h"

namespace assay::formats::ntfs {

// Decodes LZNT1 (MS-XCA, section 2.5): chunks of 4096 bytes. Returns how many
// bytes of `out` it filled; nothing when the input is damaged.
[[nodiscard]] std::optional<std::size_t> DecodeLznt1(
    ByteView in, std::span<std::uint8_t> out);

// Where the first `size` bytes of an attribute lie; what its runs do not
// reach, and what is not initialized, are holes. `short_of` gets how many bytes
// no run holds. Nothing when a run leaves the volume.
[[nodiscard]] std::optional<std::vector<Extent>> ExtentsOf(
    const Attribute& attribute, const Volume& volume, std::uint64_t available,
    std::uint64_t& short_of);

// A compressed attribute: units of clusters, each stored, packed or a hole.
class CompressedStream : public ByteStream {
 public:
  CompressedStream(const ByteSource& source, const Volume& volume,
                   const Attribute& attribute);

  Result<std::size_t> Read(std::span<std::uint8_t> into) override;

 private:
  bool NextUnit();

  const ByteSource& source_;
  const Volume& volume_;
  const Attribute& attribute_;
  std::uint64_t unit_clusters_;
  std::uint64_t vcn_ = 0;
  std::size_t run_ = 0;
  std::uint64_t done_ = 0;  // bytes handed out, or in `unit_`
  Bytes unit_;
  std::size_t passed_ = 0;
  std::optional<Error> error_;
};

}  // namespace assay::formats::ntfs
