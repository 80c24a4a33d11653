#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "signatures/openpgp_packets.h"
#include "tests/signatures/openpgp_signer.h"
#include "tests/signatures/scheme_run.h"
#include "tests/support/hex.h"

namespace assay::signatures {
namespace {

using assay::testing::Concat;
using assay::testing::Hex;
using assay::testing::Sample;
using testing::Armored;
using testing::FindAll;
using testing::kBorn;
using testing::kDay;
using testing::kNow;
using testing::kSigned;
using testing::OpenPgpSigner;
using testing::SignOptions;
using testing::Situation;
using testing::Verdict;

constexpr std::string_view kMessage = "firmware 1.0\nline two\n";

class OpenpgpDetachedTest : public ::testing::Test {
 protected:
  SignatureCheck Check(ByteView signature, std::string_view message = kMessage,
                       const Situation* other = nullptr) const {
    return testing::Check(kOpenpgpDetached, "firmware.bin.sig", signature,
                          AsBytes(message),
                          other == nullptr ? situation_ : *other);
  }
  Bytes Sign(const SignOptions& options = {}) const {
    return signer_.Detached({alice_}, kMessage, options);
  }

  OpenPgpSigner signer_;
  std::string alice_ = signer_.AddKey("Alice <alice@example.org>");
  std::string bob_ = signer_.AddKey("Bob <bob@example.org>");
  Situation situation_{.anchors = {signer_.Anchor(alice_, "vendor")},
                       .at = kNow};
};

TEST_F(OpenpgpDetachedTest, PassesAndSaysWhoSignedWhen) {
  const SignatureCheck check = Check(Sign());
  EXPECT_EQ(Verdict(check), "TOTAL-PASSED") << check.detail;
  EXPECT_EQ(check.key, alice_);
  EXPECT_EQ(testing::GoodKeys(check), std::vector{alice_});
  EXPECT_EQ(check.signer, "Alice <alice@example.org>");
  EXPECT_EQ(check.anchor, "vendor");
  EXPECT_EQ(check.signed_at, kSigned);
  EXPECT_EQ(check.scheme, "openpgp_detached");
  EXPECT_EQ(Verdict(Check(Sign({.armored = true}))), "TOTAL-PASSED");
}

TEST_F(OpenpgpDetachedTest, ReadsWhatGnuPgWrites) {
  // Made by gpg; commands in samples/signatures/openpgp_detached/README.md.
  const std::string folder = "signatures/openpgp_detached/";
  const Situation gnupg{
      .anchors = {{.name = "gpg", .key = Sample(folder + "key.asc")}},
      .at = 1'800'000'000};
  const Bytes message = Sample(folder + "firmware.txt");
  for (const char* name : {"firmware.txt.asc", "firmware.txt.sig"}) {
    EXPECT_EQ(Verdict(testing::Check(kOpenpgpDetached, name,
                                     Sample(folder + name), message, gnupg)),
              "TOTAL-PASSED")
        << name;
  }
}

TEST_F(OpenpgpDetachedTest, EmptyMessagesCanBeSigned) {
  const Bytes signature = signer_.Detached({alice_}, "");
  EXPECT_EQ(Verdict(Check(signature, "")), "TOTAL-PASSED");
  EXPECT_EQ(Verdict(Check(signature, "x")), "TOTAL-FAILED SIG_CRYPTO_FAILURE");
}

TEST_F(OpenpgpDetachedTest, EveryChangeOfTheMessageFails) {
  const Bytes signature = Sign();
  for (std::size_t at = 0; at < kMessage.size(); ++at) {
    std::string changed(kMessage);
    changed[at] = static_cast<char>(changed[at] ^ 1);
    EXPECT_EQ(Verdict(Check(signature, changed)),
              "TOTAL-FAILED SIG_CRYPTO_FAILURE")
        << at;
  }
  EXPECT_EQ(Verdict(Check(signature, std::string(kMessage) + "\n")),
            "TOTAL-FAILED SIG_CRYPTO_FAILURE");
}

TEST_F(OpenpgpDetachedTest, NoChangedBitOfWhatIsHashedPasses) {
  const Bytes signature = Sign();
  const auto packets = SplitPackets(signature);
  ASSERT_TRUE(packets);
  const ByteView body = (*packets)[0].body;
  const std::size_t header = signature.size() - body.size();
  const std::size_t hashed = 6 + (std::size_t{body[4]} << 8U) + body[5];
  const std::size_t unhashed =
      (std::size_t{body[hashed]} << 8U) + body[hashed + 1];
  // Behind them: two bytes of the digest, then two numbers, each of which
  // begins with a count of bits that has several spellings.
  const std::size_t first = hashed + 2 + unhashed + 2;
  const std::size_t second =
      first + 2 + ((std::size_t{body[first]} << 8U) + body[first + 1] + 7) / 8;
  for (std::size_t at = 0; at < body.size(); ++at) {
    // The unhashed subpackets are hints; RFC 9580 section 5.2.3.2.
    if ((at >= hashed && at < first - 2) || at == first || at == first + 1 ||
        at == second || at == second + 1) {
      continue;
    }
    for (unsigned bit = 0; bit < 8; ++bit) {
      Bytes changed = signature;
      changed[header + at] ^= static_cast<std::uint8_t>(1U << bit);
      EXPECT_NE(Check(changed).indication, Indication::kTotalPassed)
          << "byte " << at << " bit " << bit;
    }
  }
}

TEST_F(OpenpgpDetachedTest, NoPrefixPasses) {
  for (const bool armored : {false, true}) {
    const Bytes signature = Sign({.armored = armored});
    const std::string_view text = AsText(signature);
    const std::size_t end = armored ? text.rfind("-----") + 5 : text.size();
    for (std::size_t size = 0; size < end; ++size) {
      EXPECT_NE(Check(ByteView(signature).first(size)).indication,
                Indication::kTotalPassed)
          << size;
    }
  }
}

TEST_F(OpenpgpDetachedTest, NobodyButAnAnchorCounts) {
  const Bytes by_bob = signer_.Detached({bob_}, kMessage);
  EXPECT_EQ(Verdict(Check(by_bob)), "INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND");
  const Situation none{.at = kNow};
  EXPECT_EQ(Verdict(Check(Sign(), kMessage, &none)),
            "INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND");
  // A keyring with both, of which the policy allows one.
  Situation ring = situation_;
  ring.anchors[0].key =
      Concat(signer_.PublicKey(alice_), signer_.PublicKey(bob_));
  EXPECT_EQ(Verdict(Check(by_bob, kMessage, &ring)), "TOTAL-PASSED");
  ring.anchors[0].fingerprints = {alice_};
  EXPECT_EQ(Verdict(Check(by_bob, kMessage, &ring)),
            "INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND");
}

TEST_F(OpenpgpDetachedTest, TimeIsTheCallersNeverTheClocks) {
  struct Case {
    SignOptions options;
    UnixTime at;
    std::string_view verdict;
  };
  const std::vector<Case> cases = {
      {{}, kSigned - 1, "INDETERMINATE OUT_OF_BOUNDS_NO_POE"},
      {{}, kSigned, "TOTAL-PASSED"},
      {{.lifetime = kDay}, kSigned + kDay - 1, "TOTAL-PASSED"},
      {{.lifetime = kDay}, kNow, "INDETERMINATE OUT_OF_BOUNDS_NO_POE"},
      {{}, 0, "INDETERMINATE POLICY_PROCESSING_ERROR"},
      {{}, -1, "INDETERMINATE POLICY_PROCESSING_ERROR"},
      {{}, 1LL << 32, "INDETERMINATE POLICY_PROCESSING_ERROR"},
  };
  for (const Case& one : cases) {
    Situation situation = situation_;
    situation.at = one.at;
    EXPECT_EQ(Verdict(Check(Sign(one.options), kMessage, &situation)),
              one.verdict)
        << one.at;
  }
}

TEST_F(OpenpgpDetachedTest, KeysMustBeInTheirTimeAndUnrevoked) {
  const std::string brief = signer_.AddKey("Brief", kBorn, 15 * kDay);
  const Bytes signature = signer_.Detached({brief}, kMessage);
  Situation situation{.anchors = {signer_.Anchor(brief)}, .at = kNow};
  EXPECT_EQ(Verdict(Check(signature, kMessage, &situation)),
            "INDETERMINATE OUT_OF_BOUNDS_NO_POE");
  situation.at = kBorn + 12 * kDay;
  EXPECT_EQ(Verdict(Check(signature, kMessage, &situation)), "TOTAL-PASSED");

  const Bytes before = Sign();
  signer_.Revoke(alice_);
  situation = {.anchors = {signer_.Anchor(alice_)}, .at = kNow};
  EXPECT_EQ(Verdict(Check(before, kMessage, &situation)),
            "INDETERMINATE REVOKED_NO_POE");
}

TEST_F(OpenpgpDetachedTest, SubkeysMustBeInTheirTimeAndUnrevoked) {  // N4
  const std::string lasting = signer_.AddSubkey(alice_);
  const std::string brief = signer_.AddSubkey(alice_, 15 * kDay);
  Situation situation{.anchors = {signer_.Anchor(alice_)}, .at = kNow};
  const Bytes by_lasting = signer_.Detached({lasting}, kMessage);
  const SignatureCheck check = Check(by_lasting, kMessage, &situation);
  EXPECT_EQ(Verdict(check), "TOTAL-PASSED") << check.detail;
  EXPECT_EQ(testing::GoodKeys(check),
            std::vector{alice_});  // the certificate's
  EXPECT_EQ(
      Verdict(Check(signer_.Detached({brief}, kMessage), kMessage, &situation)),
      "INDETERMINATE OUT_OF_BOUNDS_NO_POE");
  // The policy allows certificates, not subkeys.
  situation.anchors[0].fingerprints = {lasting};
  EXPECT_EQ(Verdict(Check(by_lasting, kMessage, &situation)),
            "INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND");
  signer_.Revoke(lasting);
  situation.anchors = {signer_.Anchor(alice_)};
  EXPECT_EQ(Verdict(Check(by_lasting, kMessage, &situation)),
            "INDETERMINATE REVOKED_NO_POE");
}

TEST_F(OpenpgpDetachedTest, SubkeysMustSignTheirPrimaryBack) {  // N5
  const std::string subkey = signer_.AddSubkey(alice_);
  const Bytes signature = signer_.Detached({subkey}, kMessage);
  Situation situation{.anchors = {signer_.Anchor(alice_)}, .at = kNow};
  ASSERT_EQ(Verdict(Check(signature, kMessage, &situation)), "TOTAL-PASSED");
  // The embedded signature (version 4, type 0x19) of the binding.
  Bytes& key = situation.anchors[0].key;
  const Bytes embedded = Hex("200419");
  const auto at =
      std::search(key.begin(), key.end(), embedded.begin(), embedded.end());
  ASSERT_NE(at, key.end());
  *(at + 20) ^= 1;
  EXPECT_EQ(Verdict(Check(signature, kMessage, &situation)),
            "INDETERMINATE CHAIN_CONSTRAINTS_FAILURE");
}

TEST_F(OpenpgpDetachedTest, KeyIdsAreHintsOnly) {  // N6
  // Bob's signature that names Alice's key id where nobody signs it.
  const Bytes id = BytesFromHex(bob_.substr(bob_.size() - 16)).value();
  Bytes changed = signer_.Detached({bob_}, kMessage);
  const auto at =
      std::find_end(changed.begin(), changed.end(), id.begin(), id.end());
  ASSERT_NE(at, changed.end());
  std::ranges::copy(BytesFromHex(alice_.substr(alice_.size() - 16)).value(),
                    at);
  EXPECT_NE(Check(changed).indication, Indication::kTotalPassed);
  // Two certificates of which the wrong one comes first.
  Situation both = situation_;
  both.anchors = {signer_.Anchor(bob_, "bob"), signer_.Anchor(alice_, "alice")};
  EXPECT_EQ(Check(Sign(), kMessage, &both).anchor, "alice");
}

TEST_F(OpenpgpDetachedTest, ForgedBindingsBindNothing) {  // N7
  // Bob's key as a subkey of Alice's certificate, under the binding that she
  // made for another one.
  const std::string other = signer_.AddKey("Carol");
  signer_.AddSubkey(other);
  const Bytes carol = signer_.PublicKey(other);
  const Bytes bob = signer_.PublicKey(bob_);
  const auto packets = SplitPackets(carol);
  const auto bobs = SplitPackets(bob);
  ASSERT_TRUE(packets && bobs);
  Bytes forged;
  for (const Packet& packet : *packets) {
    if (packet.tag == PacketTag::kPublicSubkey) {
      const ByteView body = (*bobs)[0].body;
      ASSERT_LT(body.size(), 192U);
      forged = Concat(forged,
                      Bytes{0xC0 | 14, static_cast<std::uint8_t>(body.size())});
      forged = Concat(forged, body);
    } else {
      forged = Concat(forged, packet.whole);
    }
  }
  const Situation situation{.anchors = {{.name = "forged", .key = forged}},
                            .at = kNow};
  const Bytes by_bob = signer_.Detached({bob_}, kMessage);
  EXPECT_NE(Check(by_bob, kMessage, &situation).indication,
            Indication::kTotalPassed);
  // And a key from the future.
  const std::string late = signer_.AddKey("Late", kNow + kDay);
  const Situation early{.anchors = {signer_.Anchor(late)}, .at = kNow};
  EXPECT_NE(Check(signer_.Detached({late}, kMessage, {.at = kNow + 2 * kDay}),
                  kMessage, &early)
                .indication,
            Indication::kTotalPassed);
}

TEST_F(OpenpgpDetachedTest, SignaturesOfTheFutureWaitInSilence) {
  ::testing::internal::CaptureStderr();
  const Bytes late = Sign({.at = kNow + kDay});
  const SignatureCheck early = Check(late);
  Situation later = situation_;
  later.at = kNow + 2 * kDay;
  const SignatureCheck then = Check(late, kMessage, &later);
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
  EXPECT_EQ(early.indication, Indication::kIndeterminate);
  EXPECT_EQ(early.signed_at, kNow + kDay);
  EXPECT_EQ(Verdict(Check(late, "other")), "TOTAL-FAILED SIG_CRYPTO_FAILURE");
  EXPECT_EQ(Verdict(then), "TOTAL-PASSED") << then.detail;
}

TEST_F(OpenpgpDetachedTest, WeakHashesNeedALegacyPolicy) {
  for (const char* hash : {"SHA1", "MD5"}) {
    const Bytes signature = Sign({.hash = hash});
    EXPECT_EQ(Verdict(Check(signature)),
              "INDETERMINATE CRYPTO_CONSTRAINTS_FAILURE")
        << hash;
    Situation legacy = situation_;
    legacy.legacy = true;
    EXPECT_EQ(Verdict(Check(signature, kMessage, &legacy)), "TOTAL-PASSED")
        << hash;
    EXPECT_EQ(Verdict(Check(signature, "other", &legacy)),
              "TOTAL-FAILED SIG_CRYPTO_FAILURE")
        << hash;
  }
}

TEST_F(OpenpgpDetachedTest, WhatIsNotKnownIsUnsupportedNotUnsigned) {
  for (const std::size_t field :
       {2U, 4U, 5U}) {  // version, key, hash algorithm
    Bytes changed = Sign();
    changed[field] = field == 2 ? 6 : 99;
    const SignatureCheck check = Check(changed);
    EXPECT_EQ(Verdict(check), "UNSUPPORTED") << field;
    EXPECT_FALSE(check.detail.empty());
  }
  Bytes newer = Sign();
  newer[2] = 6;
  const SignatureCheck both = Check(Concat(newer, Sign()));
  EXPECT_EQ(Verdict(both), "TOTAL-PASSED");
  EXPECT_EQ(both.steps.size(), 2U);
}

TEST_F(OpenpgpDetachedTest, EverySignatureIsJudged) {
  const Bytes good = Sign();
  const Bytes other = signer_.Detached({alice_}, "another message");
  const Bytes unknown = signer_.Detached({bob_}, kMessage);
  EXPECT_EQ(Verdict(Check(Concat(good, other))),
            "TOTAL-FAILED SIG_CRYPTO_FAILURE");
  EXPECT_EQ(Verdict(Check(Concat(other, good))),
            "TOTAL-FAILED SIG_CRYPTO_FAILURE");
  const SignatureCheck listed = Check(Concat(unknown, good));
  EXPECT_EQ(Verdict(listed), "TOTAL-PASSED");
  EXPECT_EQ(listed.steps.size(), 2U);
  // The same key twice is one signer.
  EXPECT_EQ(Check(Concat(good, good)).good_keys.size(), 1U);
  Situation two = situation_;
  two.anchors.push_back(signer_.Anchor(bob_));
  EXPECT_EQ(Check(Concat(unknown, good), kMessage, &two).good_keys.size(), 2U);
}

TEST_F(OpenpgpDetachedTest, AReleaseSpeaksOfItsTimeAlone) {  // N9
  const std::string release =
      "Origin: x\nValid-Until: Thu, 01 Jan 1970 00:00:00 UTC\n";
  const Bytes signature = signer_.Detached({alice_}, release);
  const auto named = [&](const char* name) {
    return Verdict(testing::Check(kOpenpgpDetached, name, signature,
                                  AsBytes(release), situation_));
  };
  EXPECT_EQ(named("Release.gpg"), "INDETERMINATE OUT_OF_BOUNDS_NO_POE");
  EXPECT_EQ(named("letter.txt.gpg"), "TOTAL-PASSED");
}

TEST_F(OpenpgpDetachedTest, OnlyDocumentSignaturesSignDocuments) {
  // A certification covers bytes that look like a document's to a careless
  // reader; its type says that it is none.
  for (const unsigned type : {0x02U, 0x10U, 0x13U, 0x18U, 0x20U, 0x40U}) {
    Bytes changed = Sign();
    changed[3] = static_cast<std::uint8_t>(type);
    EXPECT_EQ(Verdict(Check(changed)), "TOTAL-FAILED FORMAT_FAILURE");
  }
}

TEST_F(OpenpgpDetachedTest, NothingMayStandBesideTheSignatures) {
  const Bytes good = Sign();
  EXPECT_EQ(Verdict(Check(Concat(good, signer_.PublicKey(alice_)))),
            "TOTAL-FAILED FORMAT_FAILURE");
  EXPECT_EQ(Verdict(Check(Concat(good, Hex("00")))),
            "TOTAL-FAILED FORMAT_FAILURE");
  const std::string armored = Armored(good);
  EXPECT_EQ(Verdict(Check(AsBytes(armored))), "TOTAL-PASSED");
  EXPECT_EQ(Verdict(Check(AsBytes(armored + "approved by QA\n"))),
            "TOTAL-FAILED FORMAT_FAILURE");
  EXPECT_EQ(Verdict(Check(AsBytes(fmt::format("approved by QA\n{}", armored)))),
            "NONE");
}

TEST_F(OpenpgpDetachedTest, TooManySignaturesAreNotJudged) {
  Bytes many;
  for (int i = 0; i < 33; ++i) {
    many = Concat(many, Sign());
  }
  EXPECT_EQ(Verdict(Check(many)), "INDETERMINATE SIG_CONSTRAINTS_FAILURE");
}

TEST_F(OpenpgpDetachedTest, FindsSignaturesAndNothingElse) {
  const auto found =
      FindAll(kOpenpgpDetached, "a.tar.gz.asc", AsBytes(Armored(Sign())));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].targets, std::vector<std::string>{"a.tar.gz"});
  EXPECT_EQ(found[0].key_hint, alice_);
  EXPECT_TRUE(
      FindAll(kOpenpgpDetached, "ring.gpg", signer_.PublicKey(alice_)).empty());
  EXPECT_TRUE(
      FindAll(kOpenpgpDetached, "key.asc", signer_.PublicKey(alice_, true))
          .empty());
  EXPECT_TRUE(FindAll(kOpenpgpDetached, "a.bin", Sign()).empty());
  EXPECT_TRUE(
      FindAll(kOpenpgpDetached, "a.sig", AsBytes("untrusted comment: x\nRWQ\n"))
          .empty());
}

}  // namespace
}  // namespace assay::signatures
