// Public keys as SSH sends them. Layout: RFC 4253 section 6.6 (RSA, DSA),
// RFC 5656 section 3.1 (ECDSA), RFC 8709 section 4 (Ed25519); "sk-" and
// certificate types: OpenSSH's PROTOCOL.u2f and PROTOCOL.certkeys.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "verifier/base/bytes.h"

namespace assay::facts {

struct SshPublicKey {
  std::string type = {};         // "ssh-ed25519"
  std::string bits = {};         // decimal; "" when the type does not tell
  std::string fingerprint = {};  // "SHA256:..." as ssh-keygen -l prints
};

// One length-prefixed string (RFC 4251 section 5).
[[nodiscard]] std::optional<ByteView> TakeSshString(ByteReader& reader);

// Nothing unless the blob is a key of a known type and nothing more.
[[nodiscard]] std::optional<SshPublicKey> ParseSshPublicKey(ByteView blob);

[[nodiscard]] std::string SshFingerprint(ByteView blob);

// The bit length of an mpint's bytes (big-endian, a leading 0 allowed).
[[nodiscard]] std::size_t BitLength(ByteView number);

}  // namespace assay::facts
