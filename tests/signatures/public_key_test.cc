#include "signatures/public_key.h"

#include <gtest/gtest.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/params.h>
#include <openssl/rsa.h>

#include <optional>

#include "tests/support/hex.h"

namespace assay::signatures {
namespace {

const Bytes kMessage = {'f', 'i', 'r', 'm', 'w', 'a', 'r', 'e'};
constexpr auto kSha256 = DigestAlgorithm::kSha256;

KeyPtr NewRsa(unsigned bits, unsigned exponent) {
  const std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> context(
      EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr), EVP_PKEY_CTX_free);
  EVP_PKEY_keygen_init(context.get());
  EVP_PKEY_CTX_set_rsa_keygen_bits(context.get(), static_cast<int>(bits));
  const std::unique_ptr<BIGNUM, decltype(&BN_free)> e(BN_new(), BN_free);
  BN_set_word(e.get(), exponent);
  EVP_PKEY_CTX_set1_rsa_keygen_pubexp(context.get(), e.get());
  EVP_PKEY* key = nullptr;
  EVP_PKEY_generate(context.get(), &key);
  return KeyPtr(key);
}

// `salt` of PSS in bytes; without one PKCS #1 v1.5.
Bytes Sign(EVP_PKEY& key, std::optional<int> salt) {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(
      EVP_MD_CTX_new(), EVP_MD_CTX_free);
  EVP_PKEY_CTX* inner = nullptr;
  EVP_DigestSignInit(context.get(), &inner, EVP_sha256(), nullptr, &key);
  if (salt) {
    EVP_PKEY_CTX_set_rsa_padding(inner, RSA_PKCS1_PSS_PADDING);
    EVP_PKEY_CTX_set_rsa_pss_saltlen(inner, *salt);
  }
  std::size_t size = 0;
  EVP_DigestSign(context.get(), nullptr, &size, kMessage.data(),
                 kMessage.size());
  Bytes signature(size);
  EVP_DigestSign(context.get(), signature.data(), &size, kMessage.data(),
                 kMessage.size());
  signature.resize(size);
  return signature;
}

TEST(PublicKeyTest, ThePaddingAndTheSaltAreThoseThatAreAskedFor) {
  const KeyPtr key = NewRsa(2048, 65537);
  struct Row {
    std::optional<int> salt;
    bool pkcs1;
    bool pss;
    bool any;
  };
  for (const Row& row :
       {Row{std::nullopt, true, false, false}, Row{32, false, true, true},
        Row{0, false, false, true}, Row{222, false, false, true}}) {
    const Bytes signature = Sign(*key, row.salt);
    const Digest digest = DigestOf(kSha256, kMessage);
    for (const auto& [padding, holds] :
         {std::pair{Padding::kPkcs1, row.pkcs1},
          std::pair{Padding::kPss, row.pss},
          std::pair{Padding::kPssAnySalt, row.any}}) {
      EXPECT_EQ(HoldsOverMessage(*key, kSha256, kMessage, signature, padding),
                holds);
      EXPECT_EQ(HoldsOverDigest(*key, digest, signature, padding), holds);
    }
  }
}

TEST(PublicKeyTest, WeakKeysAreRefused) {
  EXPECT_EQ(WhyKeyIsRefused(*NewRsa(2048, 65537), false), "");
  EXPECT_EQ(WhyKeyIsRefused(*NewRsa(2048, 3), false),
            "an RSA exponent under 65537");
  EXPECT_EQ(WhyKeyIsRefused(*NewRsa(2048, 3), true),
            "an RSA exponent under 65537");
  EXPECT_EQ(WhyKeyIsRefused(*NewRsa(1024, 65537), false),
            "a key of 1024 bits is too small");
  EXPECT_EQ(WhyKeyIsRefused(*NewRsa(1024, 65537), true), "");
}

TEST(PublicKeyTest, WhatIsNoKeyIsNone) {
  EXPECT_EQ(KeyFromSpki({}), nullptr);
  EXPECT_EQ(KeyFromSpki(Bytes{0x30, 0x00}), nullptr);
  EXPECT_EQ(KeyFromAvb({}), nullptr);
  EXPECT_EQ(KeyFromAvb(Bytes(8 + 2 * 256 - 1)), nullptr);
  EXPECT_EQ(KeyFromRsa(Bytes(4096, 0xFF), Bytes{1, 0, 1}), nullptr);
}

}  // namespace
}  // namespace assay::signatures
