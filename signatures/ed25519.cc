#include "signatures/ed25519.h"

#include <openssl/err.h>
#include <openssl/evp.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "signatures/public_key.h"
#include "verifier/base/digest.h"
#include "verifier/base/text.h"

namespace assay::signatures {
namespace {

std::string UpperHex(ByteView bytes) {
  std::string hex = HexOf(bytes);
  std::ranges::transform(hex, hex.begin(), [](char c) {
    return c >= 'a' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return hex;
}

KeyPtr KeyOf(const std::array<std::uint8_t, 32>& key) {
  return KeyPtr(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr,
                                            key.data(), key.size()));
}

template <FileStruct T>
std::optional<T> ParseLine(std::string_view line) {
  const auto bytes = CanonicalBase64(line);
  if (!bytes || bytes->size() != sizeof(T)) {
    return std::nullopt;
  }
  return ReadAt<T>(*bytes, 0);
}

}  // namespace

std::optional<Bytes> CanonicalBase64(std::string_view line) {
  const auto decoded = FromBase64(line);
  if (!decoded || Base64(*decoded) != line) {
    return std::nullopt;
  }
  return CopyOf(AsBytes(*decoded));
}

std::optional<Ed25519Signature> ParseSignatureLine(std::string_view line) {
  return ParseLine<Ed25519Signature>(line);
}

std::optional<Ed25519Key> ParsePublicKey(std::string_view file) {
  const std::vector<std::string_view> lines = SplitLines(file);
  const bool commented =
      lines.size() == 2 && lines[0].starts_with(kUntrustedComment);
  if (!commented && lines.size() != 1) {
    return std::nullopt;
  }
  const auto key = ParseLine<Ed25519Key>(Trim(lines.back()));
  const bool pure = key && key->algorithm[0] == 'E' && key->algorithm[1] == 'd';
  return pure ? key : std::nullopt;
}

bool VerifyEd25519(const std::array<std::uint8_t, 32>& key,
                   const std::array<std::uint8_t, 64>& signature,
                   ByteView message) {
  const KeyPtr pkey = KeyOf(key);
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(
      EVP_MD_CTX_new(), EVP_MD_CTX_free);
  const bool holds =
      pkey && context &&
      EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr,
                           pkey.get()) == 1 &&
      EVP_DigestVerify(context.get(), signature.data(), signature.size(),
                       message.data(), message.size()) == 1;
  ERR_clear_error();
  return holds;
}

std::string FingerprintOf(const Ed25519Key& key) {
  const KeyPtr pkey = KeyOf(key.key);
  return pkey ? FingerprintOf(*pkey) : "";
}

std::string KeyNumber(const std::array<std::uint8_t, 8>& id) {
  return UpperHex(id);
}

std::string MinisignKeyId(const std::array<std::uint8_t, 8>& id) {
  std::array<std::uint8_t, 8> reversed = id;
  std::ranges::reverse(reversed);
  return UpperHex(reversed);
}

}  // namespace assay::signatures
