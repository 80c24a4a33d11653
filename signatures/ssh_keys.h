// OpenSSH public keys and signatures as they lie in its blobs, and the list of
// those who may sign.
// Layout: RFC 4251 section 5, RFC 4253 section 6.6, RFC 5656 section 3.1,
// RFC 8709; OpenSSH PROTOCOL.u2f; ssh-keygen(1), "ALLOWED SIGNERS".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "signatures/public_key.h"
#include "verifier/base/bytes.h"
#include "verifier/base/result.h"
#include "verifier/base/time.h"
#include "verifier/model/trust.h"

namespace assay::signatures {

// RFC 4251 section 5.
class SshReader {
 public:
  explicit SshReader(ByteView bytes) : reader_(bytes) {}

  [[nodiscard]] std::optional<ByteView> String();
  // A positive number, without the zero in front.
  [[nodiscard]] std::optional<ByteView> Number();
  [[nodiscard]] std::optional<std::uint32_t> Word();
  [[nodiscard]] std::optional<std::uint8_t> Byte();
  [[nodiscard]] bool empty() const { return reader_.remaining() == 0; }

 private:
  ByteReader reader_;
};

struct SshKey {
  std::string type = {};  // "ssh-ed25519"
  KeyPtr key = {};        // null: of a type that this version does not know
  // Of a key in a security token (sk-...), which signs on behalf of it.
  std::optional<std::string> application = {};
};
// Nothing when the blob is damaged.
[[nodiscard]] std::optional<SshKey> ParseSshKey(ByteView blob);
// SHA-256 of the blob, upper-case hex: what ssh-keygen -l shows in base64.
[[nodiscard]] std::string SshFingerprint(ByteView blob);

enum class SshOutcome : std::uint8_t { kHolds, kDoesNotHold, kUnknown, kWeak };
// Whether the signature blob (algorithm and value) is one by the key over the
// message. kWeak: RSA with SHA-1.
[[nodiscard]] SshOutcome HoldsWithSsh(const SshKey& key, ByteView signature,
                                      ByteView message);

// One line of an allowed_signers file.
struct SshSigner {
  std::string principals = {};
  bool authority = false;  // cert-authority: signs keys, not files
  std::optional<std::string> namespaces = {};  // a list of patterns
  std::optional<UnixTime> valid_after = {};
  std::optional<UnixTime> valid_before = {};
  Bytes blob = {};
};
// kConfig naming the anchor and the line that cannot be read.
[[nodiscard]] Result<std::vector<SshSigner>> SignersOf(
    const TrustAnchor& anchor);

// ssh_config(5), "PATTERNS": a comma-separated list, '!' excludes.
[[nodiscard]] bool MatchesSshPatterns(std::string_view patterns,
                                      std::string_view text);

}  // namespace assay::signatures
