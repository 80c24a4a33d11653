#include <fmt/format.h>
#include <gtest/gtest.h>

#include "signatures/ed25519.h"
#include "tests/signatures/scheme_run.h"
#include "tests/support/hex.h"
#include "verifier/base/text.h"

namespace assay::signatures {
namespace {

using assay::testing::Sample;
using testing::FindAll;
using testing::Situation;
using testing::Verdict;

const std::string kFolder = "signatures/signify/";
const Bytes kMessage = Sample(kFolder + "firmware.txt");
const Bytes kSignature = Sample(kFolder + "firmware.txt.sig");

Situation With(std::string_view key) {
  return {.anchors = {{.name = "vendor",
                       .type = TrustAnchor::Type::kSignifyKey,
                       .key = Sample(kFolder + std::string(key))}},
          .at = 1'800'000'000};
}

SignatureCheck Check(ByteView signature, ByteView message = kMessage,
                     const Situation& situation = With("key.pub")) {
  return testing::Check(kSignify, "firmware.txt.sig", signature, message,
                        situation);
}

TEST(SignifyTest, PassesWhatSignifyMakes) {
  const SignatureCheck check = Check(kSignature);
  EXPECT_EQ(Verdict(check), "TOTAL-PASSED") << check.detail;
  EXPECT_EQ(check.anchor, "vendor");
  EXPECT_EQ(check.good_keys.size(), 1U);
}

// The same key or signature under another number.
Bytes Renumbered(ByteView file) {
  const auto lines = SplitLines(AsText(file));
  Bytes blob = CanonicalBase64(lines.at(1)).value_or(Bytes(3));
  blob.at(2) ^= 1;
  return CopyOf(
      AsBytes(fmt::format("{}\n{}\n", lines[0], Base64(AsText(blob)))));
}

// Whoever makes a key chooses its number, and as many as he likes.
TEST(SignifyTest, TheNumberOfAKeyIsNotItsOwner) {
  Situation situation = With("key.pub");
  const SignatureCheck one = Check(kSignature, kMessage, situation);
  situation.anchors[0].key = Renumbered(situation.anchors[0].key);
  const SignatureCheck other =
      Check(Renumbered(kSignature), kMessage, situation);
  EXPECT_EQ(Verdict(other), "TOTAL-PASSED") << other.detail;
  EXPECT_NE(one.key, other.key);
  EXPECT_EQ(one.good_keys.at(0).public_key.size(), 64U);
  EXPECT_EQ(SignerOf(one.good_keys.at(0)), SignerOf(other.good_keys.at(0)));
}

TEST(SignifyTest, EnclosedMessagesAreListsToo) {
  const Bytes embedded = Sample(kFolder + "SHA256.sig");
  const auto found = FindAll(kSignify, "SHA256.sig", embedded);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_TRUE(found[0].targets.empty());
  ASSERT_EQ(found[0].listed.size(), 1U);
  EXPECT_EQ(found[0].listed[0].name, "firmware.txt");
  EXPECT_EQ(found[0].listed[0].digests[0],
            DigestOf(DigestAlgorithm::kSha256, kMessage));
  EXPECT_EQ(Verdict(Check(embedded, {})), "TOTAL-PASSED");
  Bytes changed = embedded;
  changed[changed.size() - 2] ^= 1;
  EXPECT_EQ(Verdict(Check(changed, {})), "TOTAL-FAILED SIG_CRYPTO_FAILURE");
}

TEST(SignifyTest, EveryChangeOfTheMessageFails) {
  for (std::size_t at = 0; at < kMessage.size(); ++at) {
    Bytes changed = kMessage;
    changed[at] ^= 1;
    EXPECT_EQ(Verdict(Check(kSignature, changed)),
              "TOTAL-FAILED SIG_CRYPTO_FAILURE");
  }
}

TEST(SignifyTest, NoChangedBitPassesButInTheComment) {
  const std::string_view text = AsText(kSignature);
  const std::size_t comment = text.find(": ") + 2;
  for (std::size_t at = 0; at + 1 < kSignature.size(); ++at) {
    const bool untrusted = at >= comment && at < text.find('\n');
    for (unsigned bit = 0; bit < 8 && !untrusted; ++bit) {
      Bytes changed = kSignature;
      changed[at] ^= static_cast<std::uint8_t>(1U << bit);
      EXPECT_NE(Check(changed).indication, Indication::kTotalPassed)
          << at << " bit " << bit;
    }
  }
}

TEST(SignifyTest, NoPrefixPasses) {
  for (std::size_t size = 0; size + 1 < kSignature.size(); ++size) {
    EXPECT_NE(Check(ByteView(kSignature).first(size)).indication,
              Indication::kTotalPassed)
        << size;
  }
}

TEST(SignifyTest, TextAfterADetachedSignatureBecomesTheMessage) {
  Bytes longer = kSignature;
  for (const char c : std::string_view("approved\n")) {
    longer.push_back(static_cast<std::uint8_t>(c));
  }
  EXPECT_EQ(Verdict(Check(longer)), "TOTAL-FAILED SIG_CRYPTO_FAILURE");
}

TEST(SignifyTest, OtherKeysDoNotCount) {
  EXPECT_EQ(Verdict(Check(kSignature, kMessage, With("other.pub"))),
            "INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND");
  EXPECT_EQ(Verdict(Check(kSignature, kMessage, {})),
            "INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND");
  Situation other_type = With("key.pub");
  other_type.anchors[0].type = TrustAnchor::Type::kMinisignKey;
  EXPECT_EQ(Verdict(Check(kSignature, kMessage, other_type)),
            "INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND");
}

TEST(SignifyTest, TheCommentIsNeverShown) {  // N66
  const SignatureCheck check = Check(kSignature);
  std::string shown = check.signer + check.detail;
  for (const std::string& step : check.steps) {
    shown += step;
  }
  EXPECT_EQ(shown.find("verify with"), std::string::npos) << shown;
}

TEST(SignifyTest, UsignWritesTheSame) {
  const Bytes usign = Sample(kFolder + "usign.txt.sig");
  const SignatureCheck check = Check(usign, kMessage, With("usign.pub"));
  EXPECT_EQ(Verdict(check), "TOTAL-PASSED") << check.detail;
  EXPECT_EQ(check.key, "0123456789ABCDEF");
  EXPECT_EQ(Verdict(Check(usign)), "INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND");
  EXPECT_EQ(Verdict(Check(usign, AsBytes("other"), With("usign.pub"))),
            "TOTAL-FAILED SIG_CRYPTO_FAILURE");
}

TEST(SignifyTest, OpenPgpSignaturesAreLeftAlone) {
  EXPECT_TRUE(FindAll(kSignify, "firmware.txt.sig",
                      Sample("signatures/openpgp_detached/firmware.txt.sig"))
                  .empty());
  EXPECT_TRUE(
      FindAll(kOpenpgpDetached, "firmware.txt.sig", kSignature).empty());
  EXPECT_TRUE(FindAll(kSignify, "firmware.txt", kSignature).empty());
}

}  // namespace
}  // namespace assay::signatures
