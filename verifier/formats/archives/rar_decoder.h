// Compressed members of RAR archives, decoded by libarchive, which is given
// only the blocks that a member needs.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "verifier/base/byte_stream.h"

struct archive;

namespace assay::formats::rar {

class Decoder {
 public:
  // What `blocks` of the archive make, one after the other: signature and main
  // header, then the members that are to be decoded, in their order.
  Decoder(ByteSource source, bool is_new, std::vector<Range> blocks);
  ~Decoder();
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;

  // Passes to the next member, of which our own header says `size`.
  [[nodiscard]] Result<void> Next(std::optional<std::uint64_t> size);
  // The content of that member.
  [[nodiscard]] ByteStream& content();

 private:
  struct Feed;
  class Content;
  struct Free {
    void operator()(archive* reader) const;
  };

  std::unique_ptr<Feed> feed_;
  std::unique_ptr<archive, Free> reader_;
  std::unique_ptr<Content> content_;
  bool open_ = false;
};

}  // namespace assay::formats::rar
