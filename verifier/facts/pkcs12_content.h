// What lies in a PKCS#12 store (RFC 7292) that anybody can open.
#pragma once

#include <optional>
#include <vector>

#include "verifier/base/bytes.h"

namespace assay::facts {

struct Pkcs12Content {
  std::vector<Bytes> certificates = {};  // DER
  std::vector<Bytes> keys = {};          // PKCS#8, not encrypted
};

// Reads what is not encrypted, or is with no password or with the one that
// Java's documents give for every store ("changeit"). Nothing when the bytes
// are no PKCS#12; empty lists when somebody chose a password. Key derivations
// that would take long are not begun.
[[nodiscard]] std::optional<Pkcs12Content> OpenPkcs12(ByteView der);

}  // namespace assay::facts
