// Signs what report/ wrote about a product, with a key that the user gives, and
// opens what was signed so.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "verifier/base/bytes.h"
#include "verifier/base/result.h"

namespace assay::engine {

// Whether `pem` is a private key that attestations can be signed with: ECDSA on
// P-256 or Ed25519, PEM, without a passphrase. kMalformed says what is wrong.
[[nodiscard]] Result<void> CheckAttestKey(ByteView pem);

// An in-toto Statement in a DSSE v1.0 envelope (secure-systems-lab/dsse,
// protocol.md and envelope.md): one JSON line, the signature over PAE(payload
// type, statement), "keyid" the SHA-256 of the SubjectPublicKeyInfo. ECDSA
// signatures are DER over SHA-256, and differ from run to run; those of Ed25519
// do not. Fails as CheckAttestKey does.
[[nodiscard]] Result<std::string> SealStatement(std::string_view statement,
                                                ByteView pem);

// What an envelope holds; nothing of it is verified.
struct Envelope {
  std::string statement = {};
  struct Signature {
    std::string key = {};  // lower-case hex, as claimed
    std::string value = {};
  };
  std::vector<Signature> signatures = {};  // one at least
};
// Opens the envelope of an in-toto Statement. kMalformed when it is none: no
// strict JSON, another payload type, base64 that is none, no signature or more
// than eight, a key that is not named by SHA-256. What else stands in it is
// passed over, as DSSE asks.
[[nodiscard]] Result<Envelope> OpenEnvelope(std::string_view json);

// Whether one of the signatures is that of this public key: "SHA-256 of its
// SubjectPublicKeyInfo" when one is, "" when none is. `pem` holds one key of
// the kinds above ("PUBLIC KEY"); kMalformed when it does not.
[[nodiscard]] Result<std::string> SignerOf(const Envelope& envelope,
                                           ByteView pem);

}  // namespace assay::engine
