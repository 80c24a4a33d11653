#include "signatures/public_key.h"

#include <gtest/gtest.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/params.h>
#include <openssl/rsa.h>

#include <optional>
#include <string>
#include <vector>

#include "signatures/der.h"
#include "tests/signatures/cms_signer.h"
#include "tests/support/hex.h"

namespace assay::signatures {
namespace {

using assay::testing::Concat;
using assay::testing::Hex;

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

TEST(PublicKeyTest, WeakKeysAreRefused) {  // N128
  EXPECT_EQ(WhyKeyIsRefused(*NewRsa(2048, 65537), false), "");
  EXPECT_EQ(WhyKeyIsRefused(*NewRsa(2048, 3), false),
            "an RSA exponent under 65537");
  EXPECT_EQ(WhyKeyIsRefused(*NewRsa(2048, 3), true),
            "an RSA exponent under 65537");
  EXPECT_EQ(WhyKeyIsRefused(*NewRsa(1024, 65537), false),
            "a key of 1024 bits is too small");
  EXPECT_EQ(WhyKeyIsRefused(*NewRsa(1024, 65537), true), "");
}

// SEC 2, secp256r1: the order n, which r and s are under.
TEST(PublicKeyTest, EcdsaNumbersOutOfRangeHoldForNothing) {  // N127
  const std::string n =
      "FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC6325";
  const testing::Identity signer = testing::Issue("EC", nullptr);
  std::vector<Bytes> numbers;
  for (const std::string& hex :
       {std::string("00"), std::string("01"), std::string("FF"),  // 0, 1, -1
        "00" + n + "50", "00" + n + "51", "00" + n + "52",        // n-1 to n+1
        "01" + n + "51", std::string(80, '7')}) {
    numbers.push_back(WriteDer(kDerInteger, Hex(hex)));
  }
  for (const Bytes& r : numbers) {
    for (const Bytes& s : numbers) {
      const Bytes signature = WriteDer(kDerSequence, Concat(r, s));
      EXPECT_FALSE(HoldsOverMessage(*signer.key, kSha256, kMessage, signature))
          << HexOf(signature);
    }
  }
}

TEST(PublicKeyTest, OneSignatureHasOneEncoding) {  // N129
  const testing::Identity signer = testing::Issue("EC", nullptr);
  const auto holds = [&](const Bytes& signature) {
    return HoldsOverMessage(*signer.key, kSha256, kMessage, signature);
  };
  const Bytes good = testing::SignRaw(signer, kMessage);
  ASSERT_TRUE(holds(good));
  const Bytes pair = CopyOf(ReadDer(good)->content);
  DerReader reader(pair);
  const auto r = reader.Next(kDerInteger);
  const auto s = reader.Next(kDerInteger);
  ASSERT_TRUE(r && s);
  const auto size = static_cast<std::uint8_t>(pair.size());
  for (const Bytes& other :
       {Concat(good, Hex("00")), Concat(Bytes{0x30, 0x81, size}, pair),
        Concat(Concat(Bytes{0x30, 0x80}, pair), Hex("0000")),
        WriteDer(kDerSequence, Concat(pair, Hex("0500"))),
        WriteDer(kDerSequence,
                 Concat(WriteDer(kDerInteger, Concat(Hex("0000"), r->content)),
                        s->whole)),
        WriteDer(kDerSequence, CopyOf(r->whole)), Concat(Hex("00"), good)}) {
    EXPECT_FALSE(holds(other)) << HexOf(other);
  }
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
