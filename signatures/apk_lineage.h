// Proof of rotation: the certificates that an APK's signer had before, each
// vouched for by the one before it. Layout: AOSP tools/apksig,
// V3SigningCertificateLineage, attribute 0x3ba06f8c.
#pragma once

#include <openssl/x509.h>

#include <string>
#include <vector>

#include "verifier/base/bytes.h"

namespace assay::signatures {

struct ApkLineage {
  std::vector<std::string> steps = {};  // one for each rotation
  std::string problem = {};             // "" when every link holds
};

// `value` of the attribute; its last certificate must be `signer`.
[[nodiscard]] ApkLineage CheckApkLineage(ByteView value, const X509& signer);

}  // namespace assay::signatures
