// The primary keys of an OpenPGP keyring.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "verifier/base/bytes.h"

namespace assay::facts {

struct OpenpgpKey {
  std::string fingerprint = {};  // hex, small letters
  std::string user_id = {};      // of the first one behind it; may be ""
};

// Binary or armoured (RFC 9580, sections 4.2, 5.5 and 6.2); version 4 keys
// only. At most `most`.
[[nodiscard]] std::vector<OpenpgpKey> OpenpgpKeysIn(ByteView content,
                                                    std::size_t most);

}  // namespace assay::facts
