// The content of one resource of a Windows imaging file: chunks that are
// compressed each by itself, behind a table of where they lie. Layout: as in
// wim_header.h; solid resources: wimlib's src/resource.c.
#pragma once

#include <cstdint>
#include <vector>

#include "verifier/base/byte_stream.h"
#include "verifier/formats/archives/wim_header.h"

namespace assay::formats::wim {

class ResourceStream : public ByteStream {
 public:
  // All of a resource, or of the solid one that it names. Source and tables
  // outlive the stream.
  ResourceStream(const ByteSource& source, const Tables& tables,
                 const Resource& resource);

  [[nodiscard]] Result<std::size_t> Read(std::span<std::uint8_t> into) override;

 private:
  [[nodiscard]] Result<void> Open();
  [[nodiscard]] Result<void> OpenPlain();
  [[nodiscard]] Result<void> ReadTable();
  [[nodiscard]] Result<void> OpenSolid(const SolidResource& solid);
  [[nodiscard]] Result<void> NextChunk();
  [[nodiscard]] Result<void> Step(std::span<std::uint8_t>& into);
  [[nodiscard]] std::uint64_t EntryAt(std::uint64_t index) const;

  const ByteSource& source_;
  const Tables& tables_;
  Resource resource_;
  Packing packing_ = Packing::kNone;
  std::uint64_t chunk_size_ = 0;
  std::uint64_t whole_ = 0;  // decoded size of what the chunks make
  ByteView table_;
  unsigned entry_size_ = 4;
  bool sizes_ = false;  // whether the table has sizes instead of places
  ByteView packed_;     // behind the table
  std::uint64_t chunk_ = 0;
  std::uint64_t chunk_at_ = 0;  // the next one, in packed_
  Bytes buffer_;
  std::size_t used_ = 0;
  std::uint64_t left_ = 0;
  std::optional<Error> error_;
  bool open_ = false;
};

// Why a resource cannot be decoded; empty when it can.
[[nodiscard]] std::string OpaqueReason(const Tables& tables,
                                       const Resource& resource);

}  // namespace assay::formats::wim
