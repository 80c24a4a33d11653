// Folders of a cabinet: blocks of up to 32 KiB, compressed one by one but (in
// MSZIP) with the content before them as history.
#pragma once

#include <cstdint>
#include <vector>

#include "verifier/base/byte_source.h"
#include "verifier/base/byte_stream.h"
#include "verifier/base/result.h"

struct z_stream_s;

namespace assay::formats::cab {

// CFDATA, before its reserved area.
struct DataHeader {
  Le32 checksum;  // 0: none
  Le16 packed, content;
};
static_assert(sizeof(DataHeader) == 8 && FileStruct<DataHeader>);

inline constexpr std::uint32_t kLargestBlock = 32768;

struct Block {
  std::uint64_t header_at = 0;
  Range data = {};  // in the cabinet
  std::uint16_t content = 0;
};

// The sum over a block's data and its two sizes.
[[nodiscard]] std::uint32_t BlockChecksum(const DataHeader& header,
                                          ByteView data);

// Decodes the blocks one after the other: stored ones, or MSZIP ("CK" and
// deflate data each).
class FolderStream : public ByteStream {
 public:
  FolderStream(const ByteSource& cabinet, const std::vector<Block>& blocks,
               bool mszip);
  ~FolderStream() override;
  FolderStream(const FolderStream&) = delete;
  FolderStream& operator=(const FolderStream&) = delete;

  [[nodiscard]] Result<std::size_t> Read(std::span<std::uint8_t> into) override;

 private:
  [[nodiscard]] Result<void> NextBlock();
  [[nodiscard]] Result<void> Inflate(ByteView packed, std::uint32_t size,
                                     std::uint64_t at);

  ByteSource cabinet_;
  const std::vector<Block>& blocks_;
  bool mszip_;
  std::unique_ptr<z_stream_s> state_;
  std::size_t next_ = 0;
  Bytes content_;  // of the current block
  Bytes history_;  // of the one before
  std::size_t given_ = 0;
  std::optional<Error> error_;
};

}  // namespace assay::formats::cab
