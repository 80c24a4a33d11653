// What a user gives to open encrypted parts of a product with.
#pragma once

#include <string>
#include <vector>

#include "verifier/base/bytes.h"

namespace assay {

struct Secrets {
  std::vector<std::string> passwords = {};
  std::vector<Bytes> keys = {};  // raw key material, as in the user's file
  [[nodiscard]] bool empty() const { return passwords.empty() && keys.empty(); }
};

}  // namespace assay
