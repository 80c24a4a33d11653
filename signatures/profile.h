// Which algorithms may vouch for anything, as a policy names it.
#pragma once

#include <string>

#include "verifier/base/time.h"
#include "verifier/model/policy.h"

namespace assay::signatures {

// "" or why a signature made with these algorithms does not count.
// - default: what the schemes themselves demand (SHA-256, RSA-2048 and above).
// - cnsa-2.0: quantum-resistant signatures (LMS, XMSS, ML-DSA-87); until the
//   end of 2029 also RSA-3072 and above and ECDSA on P-384, with SHA-384 or
//   SHA-512 (NSA, CNSA 2.0 FAQ, December 2024: software and firmware signing
//   exclusively by 2030; CNSA 1.0, CNSSP 15 annex B).
// - legacy: whatever is known.
[[nodiscard]] std::string WhyRefused(AlgorithmProfile profile,
                                     const AlgorithmUse& use, UnixTime at);

}  // namespace assay::signatures
