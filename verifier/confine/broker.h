// Files for a process that can open none: its parent opens them and passes
// descriptors, on request, by index only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>

#include "verifier/base/byte_source.h"
#include "verifier/base/result.h"
#include "verifier/unpack/walk.h"

namespace assay::confine {

// The confined side. The requests of many threads take turns.
class BrokerClient {
 public:
  explicit BrokerClient(int socket) : socket_(socket) {}

  // The product's files[index]; `own` opens one that this process has in its
  // memory already.
  [[nodiscard]] Result<ByteSource> OpenFile(std::size_t index,
                                            const unpack::ProductFile& own);
  // An empty file to write to and map, or -1 with errno set.
  [[nodiscard]] int OpenSpill();

 private:
  struct Answer;
  [[nodiscard]] Answer Ask(std::uint8_t what, std::uint64_t index);

  int socket_;
  std::mutex mutex_;
};

// The parent's side: answers the request that waits on `socket`. False when
// the other side is gone or asks for what there is not.
[[nodiscard]] bool Answer(int socket, const unpack::Product& product);

}  // namespace assay::confine
