#include "verifier/engine/attest.h"

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>
#include <climits>
#include <memory>
#include <optional>
#include <utility>

#include "signatures/public_key.h"
#include "verifier/base/digest.h"
#include "verifier/base/json.h"
#include "verifier/base/text.h"

namespace assay::engine {
namespace {

constexpr std::string_view kPayloadType = "application/vnd.in-toto+json";
constexpr std::size_t kMostSignatures = 8;

struct Free {
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
template <typename T>
using Owned = std::unique_ptr<T, Free>;

// libcrypto would ask on the terminal.
int NoPassphrase(char* /*buffer*/, int /*size*/, int /*writing*/,
                 void* /*data*/) {
  return -1;
}

bool IsAccepted(const EVP_PKEY& key) {
  std::array<char, 64> group = {};
  return EVP_PKEY_is_a(&key, "ED25519") == 1 ||
         (EVP_PKEY_is_a(&key, "EC") == 1 &&
          EVP_PKEY_get_group_name(&key, group.data(), group.size(), nullptr) ==
              1 &&
          std::string_view(group.data()) == SN_X9_62_prime256v1);
}

Result<Owned<EVP_PKEY>> KeyFrom(ByteView pem) {
  if (pem.empty() || pem.size() > INT_MAX) {
    return Fail(ErrorCode::kMalformed, "no private key");
  }
  const Owned<BIO> bio(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  Owned<EVP_PKEY> key(
      PEM_read_bio_PrivateKey(bio.get(), nullptr, NoPassphrase, nullptr));
  ERR_clear_error();
  if (!key) {
    return Fail(ErrorCode::kMalformed,
                "no private key in PEM without a passphrase");
  }
  if (!IsAccepted(*key)) {
    return Fail(ErrorCode::kMalformed,
                "not a key for ECDSA on P-256 or for Ed25519");
  }
  return Result<Owned<EVP_PKEY>>(std::move(key));
}

std::string KeyIdOf(EVP_PKEY& key) {
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(&key, &der);
  const std::string id =
      size > 0 ? Sha256Hex(ByteView(der, static_cast<std::size_t>(size))) : "";
  OPENSSL_free(der);
  return id;
}

// Pre-authentication encoding, DSSE protocol.md.
std::string Pae(std::string_view payload) {
  return fmt::format("DSSEv1 {} {} {} {}", kPayloadType.size(), kPayloadType,
                     payload.size(), payload);
}

Result<std::string> SignatureOver(EVP_PKEY& key, std::string_view message) {
  const Owned<EVP_MD_CTX> context(EVP_MD_CTX_new());
  const EVP_MD* digest =
      EVP_PKEY_is_a(&key, "EC") == 1 ? EVP_sha256() : nullptr;
  const ByteView bytes = AsBytes(message);
  std::size_t size = 0;
  Bytes signature;
  bool signed_it =
      context &&
      EVP_DigestSignInit(context.get(), nullptr, digest, nullptr, &key) == 1 &&
      EVP_DigestSign(context.get(), nullptr, &size, bytes.data(),
                     bytes.size()) == 1;
  if (signed_it) {
    signature.resize(size);
    signed_it = EVP_DigestSign(context.get(), signature.data(), &size,
                               bytes.data(), bytes.size()) == 1;
  }
  ERR_clear_error();
  if (!signed_it) {
    return Fail(ErrorCode::kInternal, "the statement could not be signed");
  }
  signature.resize(size);
  return std::string(AsText(signature));
}

bool IsKeyId(std::string_view id) {
  return id.size() == 64 &&
         id.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

Result<Owned<EVP_PKEY>> PublicKeyFrom(ByteView pem) {
  auto keys = signatures::KeysOf({.name = "signer",
                                  .type = TrustAnchor::Type::kRawKey,
                                  .key = CopyOf(pem)});
  if (!keys || keys->size() != 1) {
    return Fail(ErrorCode::kMalformed, "not one public key in PEM or DER");
  }
  Owned<EVP_PKEY> key(keys->front().key.release());
  if (!IsAccepted(*key)) {
    return Fail(ErrorCode::kMalformed,
                "not a key for ECDSA on P-256 or for Ed25519");
  }
  return Result<Owned<EVP_PKEY>>(std::move(key));
}

}  // namespace

Result<void> CheckAttestKey(ByteView pem) {
  const auto key = KeyFrom(pem);
  return key ? Result<void>() : Fail(key.error());
}

Result<std::string> SealStatement(std::string_view statement, ByteView pem) {
  const auto key = KeyFrom(pem);
  if (!key) {
    return Fail(key.error());
  }
  const auto signature = SignatureOver(**key, Pae(statement));
  if (!signature) {
    return Fail(signature.error());
  }
  return fmt::format(
      "{{\"payloadType\":\"{}\",\"payload\":\"{}\",\"signatures\":[{{"
      "\"keyid\":\"{}\",\"sig\":\"{}\"}}]}}\n",
      kPayloadType, Base64(statement), KeyIdOf(**key), Base64(*signature));
}

Result<Envelope> OpenEnvelope(std::string_view json) {
  const auto document = ParseJson(json);
  if (!document) {
    return Fail(document.error());
  }
  const Json& signatures = At(*document, "signatures");
  auto statement = FromBase64(TextAt(*document, "payload"));
  if (TextAt(*document, "payloadType") != kPayloadType || !statement ||
      statement->empty() || !signatures.is_array() || signatures.empty() ||
      signatures.size() > kMostSignatures) {
    return Fail(ErrorCode::kMalformed,
                "no DSSE envelope of an in-toto Statement");
  }
  Envelope envelope{.statement = std::move(*statement)};
  for (const Json& one : signatures) {
    auto value = FromBase64(TextAt(one, "sig"));
    std::string key = TextAt(one, "keyid");
    if (!value || !IsKeyId(key)) {
      return Fail(ErrorCode::kMalformed,
                  "a signature of the DSSE envelope names no key by SHA-256, "
                  "or is no base64");
    }
    envelope.signatures.push_back({std::move(key), std::move(*value)});
  }
  return envelope;
}

Result<std::string> SignerOf(const Envelope& envelope, ByteView pem) {
  const auto key = PublicKeyFrom(pem);
  if (!key) {
    return Fail(key.error());
  }
  const std::optional<DigestAlgorithm> digest =
      EVP_PKEY_is_a(key->get(), "EC") == 1
          ? std::optional(DigestAlgorithm::kSha256)
          : std::nullopt;
  const std::string message = Pae(envelope.statement);
  const bool signed_it =
      std::any_of(envelope.signatures.begin(), envelope.signatures.end(),
                  [&](const Envelope::Signature& one) {
                    return signatures::HoldsOverMessage(
                        **key, digest, AsBytes(message), AsBytes(one.value));
                  });
  return signed_it ? KeyIdOf(**key) : "";
}

}  // namespace assay::engine
