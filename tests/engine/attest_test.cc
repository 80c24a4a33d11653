// Envelopes are opened here by libcrypto's plain calls over bytes that the
// DSSE specification describes, not by the code that made them.
#include "verifier/engine/attest.h"

#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <memory>
#include <string>

#include "verifier/base/digest.h"
#include "verifier/base/json.h"
#include "verifier/base/text.h"

namespace assay::engine {
namespace {

struct Free {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using Key = std::unique_ptr<EVP_PKEY, Free>;

const std::string kStatement =
    "{\"_type\":\"https://in-toto.io/Statement/v1\"}";

Key NewEd25519() {
  return Key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
}
Key NewEc(const char* curve) {
  return Key(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", curve));
}

std::string Text(BIO& bio) {
  std::string text(static_cast<std::size_t>(BIO_pending(&bio)), '\0');
  EXPECT_EQ(BIO_read(&bio, text.data(), static_cast<int>(text.size())),
            static_cast<int>(text.size()));
  return text;
}

std::string PemOf(EVP_PKEY& key, const char* passphrase = nullptr) {
  const std::unique_ptr<BIO, Free> bio(BIO_new(BIO_s_mem()));
  std::string secret = passphrase == nullptr ? "" : passphrase;
  EXPECT_EQ(
      PEM_write_bio_PKCS8PrivateKey(
          bio.get(), &key, passphrase == nullptr ? nullptr : EVP_aes_256_cbc(),
          passphrase == nullptr ? nullptr : secret.data(),
          static_cast<int>(secret.size()), nullptr, nullptr),
      1);
  return Text(*bio);
}

// DSSE protocol.md: "DSSEv1" SP LEN(type) SP type SP LEN(body) SP body.
std::string Pae(const std::string& type, const std::string& body) {
  return "DSSEv1 " + std::to_string(type.size()) + " " + type + " " +
         std::to_string(body.size()) + " " + body;
}

bool Verifies(EVP_PKEY& key, const EVP_MD* digest, const std::string& message,
              const std::string& signature) {
  const std::unique_ptr<EVP_MD_CTX, Free> context(EVP_MD_CTX_new());
  const ByteView bytes = AsBytes(message);
  const ByteView sig = AsBytes(signature);
  return EVP_DigestVerifyInit(context.get(), nullptr, digest, nullptr, &key) ==
             1 &&
         EVP_DigestVerify(context.get(), sig.data(), sig.size(), bytes.data(),
                          bytes.size()) == 1;
}

void ExpectSealed(EVP_PKEY& key, const EVP_MD* digest) {
  const std::string pem = PemOf(key);
  const auto text = SealStatement(kStatement, AsBytes(pem));
  ASSERT_TRUE(text) << text.error().what;
  const auto envelope = ParseJson(*text);
  ASSERT_TRUE(envelope) << envelope.error().what;
  EXPECT_EQ(envelope->size(), 3U);
  const std::string type = TextAt(*envelope, "payloadType");
  EXPECT_EQ(type, "application/vnd.in-toto+json");
  const auto payload = FromBase64(TextAt(*envelope, "payload"));
  ASSERT_TRUE(payload);
  EXPECT_EQ(*payload, kStatement);
  ASSERT_EQ((*envelope)["signatures"].size(), 1U);
  const Json& signature = (*envelope)["signatures"][0];
  const auto sig = FromBase64(TextAt(signature, "sig"));
  ASSERT_TRUE(sig);
  EXPECT_TRUE(Verifies(key, digest, Pae(type, *payload), *sig));
  EXPECT_FALSE(Verifies(key, digest, Pae(type, *payload + " "), *sig));
  EXPECT_FALSE(Verifies(key, digest, *payload, *sig));
  EXPECT_EQ(TextAt(signature, "keyid").size(), 64U);
}

TEST(AttestTest, Ed25519SealsTheStatement) {
  const Key key = NewEd25519();
  ExpectSealed(*key, nullptr);
}

TEST(AttestTest, EcdsaOnP256SealsTheStatement) {
  const Key key = NewEc("P-256");
  ExpectSealed(*key, EVP_sha256());
}

TEST(AttestTest, AnotherKeyDoesNotVerifyIt) {
  const Key key = NewEd25519();
  const Key other = NewEd25519();
  const auto text = SealStatement(kStatement, AsBytes(PemOf(*key)));
  ASSERT_TRUE(text);
  const auto envelope = ParseJson(*text);
  const auto sig =
      FromBase64(TextAt((*envelope)["signatures"][0], "sig")).value_or("");
  const std::string pae = Pae("application/vnd.in-toto+json", kStatement);
  EXPECT_TRUE(Verifies(*key, nullptr, pae, sig));
  EXPECT_FALSE(Verifies(*other, nullptr, pae, sig));
}

TEST(AttestTest, Ed25519GivesTheSameEnvelopeAgain) {
  const std::string pem = PemOf(*NewEd25519());
  EXPECT_EQ(SealStatement(kStatement, AsBytes(pem)).value_or("a"),
            SealStatement(kStatement, AsBytes(pem)).value_or("b"));
}

TEST(AttestTest, OtherKeysAreRefused) {
  const Key rsa(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t{2048}));
  for (const std::string& pem :
       {PemOf(*NewEc("P-384")), PemOf(*NewEc("secp256k1")), PemOf(*rsa)}) {
    const auto checked = CheckAttestKey(AsBytes(pem));
    ASSERT_FALSE(checked);
    EXPECT_EQ(checked.error().code, ErrorCode::kMalformed);
    EXPECT_FALSE(SealStatement(kStatement, AsBytes(pem)));
  }
}

// Nobody is asked for a passphrase: a pipeline has no terminal.
TEST(AttestTest, AKeyWithAPassphraseIsRefused) {
  const std::string pem = PemOf(*NewEd25519(), "secret");
  EXPECT_FALSE(CheckAttestKey(AsBytes(pem)));
}

TEST(AttestTest, WhatIsNoKeyIsRefused) {
  const std::string good = PemOf(*NewEd25519());
  for (const std::string& pem :
       {std::string(), std::string("no key"), good.substr(0, good.size() / 2),
        std::string("-----BEGIN PRIVATE KEY-----\nAAAA\n"
                    "-----END PRIVATE KEY-----\n")}) {
    EXPECT_FALSE(CheckAttestKey(AsBytes(pem)));
    EXPECT_FALSE(SealStatement(kStatement, AsBytes(pem)));
  }
  EXPECT_TRUE(CheckAttestKey(AsBytes(good)));
}

std::string PublicPemOf(EVP_PKEY& key) {
  const std::unique_ptr<BIO, Free> bio(BIO_new(BIO_s_mem()));
  EXPECT_EQ(PEM_write_bio_PUBKEY(bio.get(), &key), 1);
  return Text(*bio);
}

Envelope SealedBy(EVP_PKEY& key) {
  const auto text = SealStatement(kStatement, AsBytes(PemOf(key)));
  EXPECT_TRUE(text);
  auto envelope = OpenEnvelope(text.value_or(""));
  EXPECT_TRUE(envelope);
  return envelope.value_or(Envelope{});
}

std::string SignerBy(const Envelope& envelope, EVP_PKEY& key) {
  return SignerOf(envelope, AsBytes(PublicPemOf(key))).value_or("an error");
}

TEST(EnvelopeTest, WhatWasSealedIsOpened) {
  for (const Key& key : {NewEd25519(), NewEc("P-256")}) {
    const Envelope envelope = SealedBy(*key);
    EXPECT_EQ(envelope.statement, kStatement);
    ASSERT_EQ(envelope.signatures.size(), 1U);
    EXPECT_EQ(SignerBy(envelope, *key), envelope.signatures[0].key);
    EXPECT_EQ(SignerBy(envelope, *NewEd25519()), "");
    EXPECT_EQ(SignerBy(envelope, *NewEc("P-256")), "");
  }
}

TEST(EnvelopeTest, AnotherStatementIsNotSigned) {
  for (const Key& key : {NewEd25519(), NewEc("P-256")}) {
    Envelope envelope = SealedBy(*key);
    envelope.statement += " ";
    EXPECT_EQ(SignerBy(envelope, *key), "");
  }
}

TEST(EnvelopeTest, NoFlippedBitOfASignatureHolds) {
  for (const Key& key : {NewEd25519(), NewEc("P-256")}) {
    const Envelope good = SealedBy(*key);
    for (std::size_t at = 0; at < good.signatures[0].value.size(); ++at) {
      Envelope envelope = good;
      char& byte = envelope.signatures[0].value[at];
      byte = static_cast<char>(static_cast<unsigned char>(byte) ^ 1U);
      EXPECT_EQ(SignerBy(envelope, *key), "") << at;
    }
    Envelope empty = good;
    empty.signatures[0].value.clear();
    EXPECT_EQ(SignerBy(empty, *key), "");
  }
}

// The name of a key is a hint (DSSE protocol.md): only the signature counts.
TEST(EnvelopeTest, ANameIsNoSignature) {
  const Key key = NewEd25519();
  const Key other = NewEd25519();
  Envelope envelope = SealedBy(*key);
  envelope.signatures[0].key = SealedBy(*other).signatures[0].key;
  EXPECT_EQ(SignerBy(envelope, *other), "");
  EXPECT_NE(SignerBy(envelope, *key), "");
}

TEST(EnvelopeTest, OneOfSeveralSignaturesIsEnough) {
  const Key key = NewEd25519();
  Envelope envelope = SealedBy(*NewEc("P-256"));
  envelope.signatures.push_back(SealedBy(*key).signatures[0]);
  EXPECT_NE(SignerBy(envelope, *key), "");
}

TEST(EnvelopeTest, WhatIsNoEnvelopeIsRefused) {
  const std::string good =
      SealStatement(kStatement, AsBytes(PemOf(*NewEd25519()))).value_or("");
  ASSERT_TRUE(OpenEnvelope(good));
  const auto changed = [&](const std::string& from, const std::string& to) {
    std::string text = good;
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
  };
  const std::string one =
      good.substr(good.find("[{") + 1, good.rfind("}]") - good.find("[{"));
  std::string nine = one;
  for (int i = 0; i < 8; ++i) {
    nine += "," + one;
  }
  for (const std::string& text :
       {std::string(), std::string("{}"), std::string("[]"),
        good.substr(0, good.size() - 3),
        changed("vnd.in-toto+json", "vnd.other+json"),
        changed("\"payload\":\"", "\"payload\":\"!"),
        changed("\"payload\":", "\"Payload\":"),
        changed("\"sig\":\"", "\"sig\":\"!"),
        changed("\"keyid\":\"", "\"keyid\":\"x"),
        changed("\"signatures\":[" + one, "\"signatures\":["),
        changed("\"signatures\":[" + one, "\"signatures\":[1"),
        changed(one, nine),
        changed("\"payload\":", "\"payload\":\"\",\"payload\":")}) {
    const auto envelope = OpenEnvelope(text);
    ASSERT_FALSE(envelope) << text;
    EXPECT_EQ(envelope.error().code, ErrorCode::kMalformed);
  }
}

TEST(EnvelopeTest, OnlyOnePublicKeyOfOurKindsIsAsked) {
  const Key key = NewEd25519();
  const Envelope envelope = SealedBy(*key);
  const Key rsa(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t{2048}));
  for (const std::string& pem :
       {std::string(), std::string("no key"), PemOf(*key),
        PublicPemOf(*NewEc("P-384")), PublicPemOf(*rsa),
        PublicPemOf(*key) + PublicPemOf(*NewEd25519())}) {
    const auto signer = SignerOf(envelope, AsBytes(pem));
    ASSERT_FALSE(signer) << pem;
    EXPECT_EQ(signer.error().code, ErrorCode::kMalformed);
  }
}

}  // namespace
}  // namespace assay::engine
