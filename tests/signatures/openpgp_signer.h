// OpenPGP keys and signatures made in process, for tests only.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "verifier/base/bytes.h"
#include "verifier/base/time.h"
#include "verifier/model/policy.h"

namespace assay::signatures::testing {

inline constexpr UnixTime kDay = 86400;
inline constexpr UnixTime kBorn = 1'700'000'000;        // keys are made
inline constexpr UnixTime kSigned = kBorn + 10 * kDay;  // signatures are made
inline constexpr UnixTime kNow = kBorn + 20 * kDay;     // and verified

struct SignOptions {
  std::string hash = "SHA256";
  UnixTime at = kSigned;
  std::uint32_t lifetime = 0;  // seconds; 0: for ever
  bool armored = false;
};

// A keyring of EdDSA keys without passwords. Aborts the test program when
// librnp refuses.
class OpenPgpSigner {
 public:
  OpenPgpSigner();
  ~OpenPgpSigner();
  OpenPgpSigner(const OpenPgpSigner&) = delete;
  OpenPgpSigner& operator=(const OpenPgpSigner&) = delete;

  // Returns the key's fingerprint.
  std::string AddKey(std::string_view user_id, UnixTime created = kBorn,
                     std::uint32_t lifetime = 0);
  // A signing subkey; returns its own fingerprint.
  std::string AddSubkey(const std::string& primary, std::uint32_t lifetime = 0);
  void Revoke(const std::string& fingerprint);
  [[nodiscard]] Bytes PublicKey(const std::string& fingerprint,
                                bool armored = false) const;
  [[nodiscard]] TrustAnchor Anchor(const std::string& fingerprint,
                                   std::string name = "anchor") const;

  [[nodiscard]] Bytes Detached(const std::vector<std::string>& fingerprints,
                               std::string_view message,
                               const SignOptions& options = {}) const;
  [[nodiscard]] std::string Clearsigned(
      const std::vector<std::string>& fingerprints, std::string_view text,
      const SignOptions& options = {}) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// "-----BEGIN PGP SIGNATURE-----" around packets.
[[nodiscard]] std::string Armored(ByteView packets);

}  // namespace assay::signatures::testing
