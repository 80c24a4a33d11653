// What minisign, signify and usign share: Ed25519 keys and signatures behind
// two letters of algorithm and an 8-byte key number, as one line of base64.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "verifier/base/bytes.h"

namespace assay::signatures {

// "Ed" (pure) or, for minisign, "ED" (over the BLAKE2b-512 of the message).
struct Ed25519Key {
  std::array<std::uint8_t, 2> algorithm = {};
  std::array<std::uint8_t, 8> id = {};
  std::array<std::uint8_t, 32> key = {};
};
struct Ed25519Signature {
  std::array<std::uint8_t, 2> algorithm = {};
  std::array<std::uint8_t, 8> id = {};
  std::array<std::uint8_t, 64> signature = {};
};

inline constexpr std::string_view kUntrustedComment = "untrusted comment: ";

// Nothing unless `line` is exactly the base64 of one such structure, in the
// one spelling that an encoder gives it.
[[nodiscard]] std::optional<Bytes> CanonicalBase64(std::string_view line);
[[nodiscard]] std::optional<Ed25519Signature> ParseSignatureLine(
    std::string_view line);

// A public key file (comment line and base64 line) or its base64 line alone.
[[nodiscard]] std::optional<Ed25519Key> ParsePublicKey(std::string_view file);

// RFC 8032 section 5.1.7, by libcrypto.
[[nodiscard]] bool VerifyEd25519(const std::array<std::uint8_t, 32>& key,
                                 const std::array<std::uint8_t, 64>& signature,
                                 ByteView message);

// SHA-256 of its SubjectPublicKeyInfo, upper-case hex: whoever makes such a key
// chooses its number.
[[nodiscard]] std::string FingerprintOf(const Ed25519Key& key);

// As signify and usign print it: the bytes in their order. minisign prints
// the same number with the bytes turned around.
[[nodiscard]] std::string KeyNumber(const std::array<std::uint8_t, 8>& id);
[[nodiscard]] std::string MinisignKeyId(const std::array<std::uint8_t, 8>& id);

}  // namespace assay::signatures
