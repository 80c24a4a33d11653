// The content of one zip member: decoded, and checked against what the
// archive says about it.
#pragma once

#include <cstdint>
#include <memory>

#include "verifier/base/byte_source.h"
#include "verifier/formats/archives/zip_encryption.h"
#include "verifier/formats/archives/zip_records.h"
#include "verifier/formats/format.h"

struct libdeflate_decompressor;

namespace assay::formats {

// Decodes small members at once and large ones as a stream that the sink may
// stop. Kept for a whole archive.
class ZipDecoder {
 public:
  explicit ZipDecoder(ArtifactSink& sink);
  ~ZipDecoder();
  ZipDecoder(const ZipDecoder&) = delete;
  ZipDecoder& operator=(const ZipDecoder&) = delete;

  // Gives `member` to the sink with the content that `packed` holds, and
  // reports "zip.crc-mismatch", "zip.size-mismatch" and "zip.trailing-data"
  // (bytes behind the end of the compressed data). Members that no secret opens
  // and unknown methods become opaque. A short symbolic link becomes its
  // target.
  [[nodiscard]] Result<void> Deliver(Member member, const ZipEntry& entry,
                                     ByteSource packed);

 private:
  struct Free {
    void operator()(libdeflate_decompressor* decompressor) const;
  };

  [[nodiscard]] Result<void> DeliverStored(Member member, const ZipEntry& entry,
                                           ByteSource packed);
  [[nodiscard]] Result<void> DeliverDeflated(Member member,
                                             const ZipEntry& entry,
                                             const ByteSource& packed);
  [[nodiscard]] Result<void> DeliverAs(const Format& format, Member member,
                                       const ZipEntry& entry,
                                       const ByteSource& packed);
  [[nodiscard]] Result<void> DeliverWhole(Member member, ByteSource content);
  void Check(const ZipEntry& entry, Range range, std::uint64_t size,
             std::uint32_t crc);
  void CheckTail(Range range, std::uint64_t used);

  ArtifactSink& sink_;
  ZipOpener opener_;
  std::unique_ptr<libdeflate_decompressor, Free> decompressor_;
};

}  // namespace assay::formats
