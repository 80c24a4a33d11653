#include "verifier/base/random.h"

#include <openssl/rand.h>

#include <limits>

namespace assay {

Result<Bytes> RandomBytes(std::size_t count) {
  Bytes bytes(count);
  if (count > static_cast<std::size_t>(std::numeric_limits<int>::max()) ||
      RAND_bytes(bytes.data(), static_cast<int>(count)) != 1) {
    return Fail(ErrorCode::kInternal, "no random bytes are to be had");
  }
  return bytes;
}

}  // namespace assay
