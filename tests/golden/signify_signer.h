// Signatures of signify made in process, for tests only.
#pragma once

#include <openssl/evp.h>

#include <memory>
#include <string>
#include <string_view>

namespace assay::testing {

// A key of its own that signs what it is given.
class SignifySigner {
 public:
  SignifySigner();

  // The lines of the public key file, and the base64 line alone.
  [[nodiscard]] std::string Public() const;
  [[nodiscard]] std::string PublicLine() const;
  // The file beside what it signs.
  [[nodiscard]] std::string Sign(std::string_view text) const;

 private:
  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key_;
};
// As policies and reports name every such key.
inline constexpr std::string_view kSignifyKeyId = "4E4E4E4E4E4E4E4E";

}  // namespace assay::testing
