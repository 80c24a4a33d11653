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

const std::string kFolder = "signatures/minisign/";
const Bytes kMessage = Sample(kFolder + "firmware.txt");
const Bytes kSignature = Sample(kFolder + "firmware.txt.minisig");

Situation With(std::string_view key) {
  return {.anchors = {{.name = "vendor",
                       .type = TrustAnchor::Type::kMinisignKey,
                       .key = Sample(kFolder + std::string(key))}},
          .at = 1'800'000'000};
}

SignatureCheck Check(ByteView signature, ByteView message = kMessage,
                     const Situation& situation = With("key.pub")) {
  return testing::Check(kMinisign, "firmware.txt.minisig", signature, message,
                        situation);
}

Bytes Replaced(std::string_view from, std::string_view to) {
  std::string text(AsText(kSignature));
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return CopyOf(AsBytes(text.replace(at, from.size(), to)));
}

TEST(MinisignTest, PassesWhatMinisignMakes) {
  const SignatureCheck check = Check(kSignature);
  EXPECT_EQ(Verdict(check), "TOTAL-PASSED") << check.detail;
  EXPECT_EQ(check.key, "108D960A9704BCCB");  // as minisign prints it
  EXPECT_EQ(check.anchor, "vendor");
  EXPECT_EQ(check.signed_at, 1'700'864'000);
  EXPECT_EQ(check.good_keys.size(), 1U);
}

TEST(MinisignTest, TheKeysBase64LineAloneIsAnAnchor) {
  Situation situation = With("key.pub");
  const std::string_view text = AsText(situation.anchors[0].key);
  situation.anchors[0].key = CopyOf(AsBytes(text.substr(text.find('\n') + 1)));
  EXPECT_EQ(Verdict(Check(kSignature, kMessage, situation)), "TOTAL-PASSED");
}

TEST(MinisignTest, EveryChangeOfTheMessageFails) {
  for (std::size_t at = 0; at < kMessage.size(); ++at) {
    Bytes changed = kMessage;
    changed[at] ^= 1;
    EXPECT_EQ(Verdict(Check(kSignature, changed)),
              "TOTAL-FAILED SIG_CRYPTO_FAILURE");
  }
}

TEST(MinisignTest, NoChangedBitPassesButInTheUntrustedComment) {
  const std::string_view text = AsText(kSignature);
  const std::size_t comment = text.find(": ") + 2;
  for (std::size_t at = 0; at < kSignature.size(); ++at) {
    const bool untrusted = at >= comment && at < text.find('\n');
    for (unsigned bit = 0; bit < 8 && !untrusted; ++bit) {
      Bytes changed = kSignature;
      changed[at] ^= static_cast<std::uint8_t>(1U << bit);
      EXPECT_NE(Check(changed).indication, Indication::kTotalPassed)
          << at << " bit " << bit;
    }
  }
}

TEST(MinisignTest, NoPrefixPasses) {
  const std::size_t end = kSignature.size() - 1;  // without the last newline
  for (std::size_t size = 0; size < end; ++size) {
    EXPECT_EQ(Verdict(Check(ByteView(kSignature).first(size))),
              "TOTAL-FAILED FORMAT_FAILURE")
        << size;
  }
}

TEST(MinisignTest, TheTrustedCommentIsCovered) {  // N65
  EXPECT_EQ(Verdict(Check(Replaced("1700864000", "1700864001"))),
            "TOTAL-FAILED SIG_CRYPTO_FAILURE");
  EXPECT_EQ(Verdict(Check(Replaced("file:firmware", "file:firmwarf"))),
            "TOTAL-FAILED SIG_CRYPTO_FAILURE");
}

TEST(MinisignTest, TheUntrustedCommentIsNeverShown) {  // N66
  const SignatureCheck check =
      Check(Replaced("a vendor you know", "Debian's release team"));
  EXPECT_EQ(Verdict(check), "TOTAL-PASSED");
  std::string shown = check.signer + check.detail + check.key;
  for (const std::string& step : check.steps) {
    shown += step;
  }
  EXPECT_EQ(shown.find("Debian"), std::string::npos) << shown;
}

TEST(MinisignTest, LegacySignaturesNeedALegacyPolicy) {  // N67
  const Bytes legacy = Sample(kFolder + "legacy.minisig");
  EXPECT_EQ(Verdict(Check(legacy)), "INDETERMINATE CRYPTO_CONSTRAINTS_FAILURE");
  Situation situation = With("key.pub");
  situation.legacy = true;
  EXPECT_EQ(Verdict(Check(legacy, kMessage, situation)), "TOTAL-PASSED");
  EXPECT_EQ(Verdict(Check(legacy, {}, situation)),
            "TOTAL-FAILED SIG_CRYPTO_FAILURE");
}

TEST(MinisignTest, OtherKeysDoNotCount) {
  EXPECT_EQ(Verdict(Check(kSignature, kMessage, With("other.pub"))),
            "INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND");
  EXPECT_EQ(Verdict(Check(kSignature, kMessage, {})),
            "INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND");
  Situation other_type = With("key.pub");
  other_type.anchors[0].type = TrustAnchor::Type::kSignifyKey;
  EXPECT_EQ(Verdict(Check(kSignature, kMessage, other_type)),
            "INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND");
  Situation not_allowed = With("key.pub");
  not_allowed.anchors[0].fingerprints = {"0000000000000000"};
  EXPECT_EQ(Verdict(Check(kSignature, kMessage, not_allowed)),
            "INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND");
}

TEST(MinisignTest, AnotherKeyUnderTheSameIdFails) {
  // other.pub's key with key.pub's id, as an anchor given by mistake.
  Situation situation = With("other.pub");
  auto key = ParsePublicKey(AsText(situation.anchors[0].key));
  const auto mine = ParsePublicKey(AsText(With("key.pub").anchors[0].key));
  ASSERT_TRUE(key && mine);
  key->id = mine->id;
  // Base64 of 42 bytes has no padding: the line can be put together again.
  situation.anchors[0].key = CopyOf(AsBytes(Base64(AsText(BytesOf(*key)))));
  EXPECT_EQ(Verdict(Check(kSignature, kMessage, situation)),
            "TOTAL-FAILED SIG_CRYPTO_FAILURE");
}

TEST(MinisignTest, UnknownAlgorithmsAreUnsupported) {
  // "RU" encodes "E" and the first bits of "D"; "RX" makes it "Et".
  EXPECT_EQ(Verdict(Check(Replaced("RUTL", "RXTL"))), "UNSUPPORTED");
}

TEST(MinisignTest, LinesMayNotBeAddedOrMissing) {
  EXPECT_EQ(
      Verdict(Check(Replaced("trusted comment: t", "\ntrusted comment: t"))),
      "TOTAL-FAILED FORMAT_FAILURE");
  Bytes longer = kSignature;
  longer.push_back('x');
  EXPECT_EQ(Verdict(Check(longer)), "TOTAL-FAILED FORMAT_FAILURE");
}

TEST(MinisignTest, FindsItsTarget) {
  const auto found = FindAll(kMinisign, "firmware.txt.minisig", kSignature);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].targets, std::vector<std::string>{"firmware.txt"});
  EXPECT_EQ(found[0].key_hint, "108D960A9704BCCB");
  EXPECT_TRUE(FindAll(kMinisign, "firmware.txt", kSignature).empty());
}

}  // namespace
}  // namespace assay::signatures
