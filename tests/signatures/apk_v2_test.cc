#include <gtest/gtest.h>

#include <algorithm>

#include "signatures/apk_signing_block.h"
#include "tests/signatures/apk_maker.h"
#include "tests/support/hex.h"
#include "verifier/formats/archives/zip_records.h"

namespace assay::signatures {
namespace {

using assay::testing::Sample;
using testing::FindAll;
using testing::Identity;
using testing::Issue;
using testing::Joined;
using testing::Le;
using testing::MakeApk;
using testing::MakeSigner;
using testing::Pinned;
using testing::SignerOptions;
using testing::Situation;
using testing::ValueOf;
using testing::Verdict;
using testing::Verdicts;

using Words = std::vector<std::string>;

const std::string kFolder = "signatures/apk_v2/";
const Words kPassed = {"TOTAL-PASSED"};
const Words kMalformed = {"TOTAL-FAILED FORMAT_FAILURE"};
const Words kWrong = {"TOTAL-FAILED SIG_CRYPTO_FAILURE"};
const Words kOtherContent = {"TOTAL-FAILED HASH_FAILURE"};

Situation With(const std::string& certificate,
               TrustAnchor::Type type = TrustAnchor::Type::kX509Pin) {
  return {.anchors = {{.name = "vendor",
                       .type = type,
                       .key = Sample(kFolder + certificate)}},
          .at = 1};  // long before the certificates: Android does not care
}

TEST(ApkV2Test, PassesWhatApksignerMakes) {
  EXPECT_EQ(Verdicts(kApkV2, Sample(kFolder + "rsa.apk"), With("rsa.crt.pem")),
            kPassed);
  EXPECT_EQ(Verdicts(kApkV2, Sample(kFolder + "dsa.apk"), With("dsa.crt.pem")),
            kPassed);
  for (const char* signer : {"rsa.crt.pem", "ec.crt.pem"}) {
    EXPECT_EQ(Verdicts(kApkV2, Sample(kFolder + "two.apk"), With(signer)),
              kPassed);
  }
  EXPECT_EQ(Verdicts(kApkV2, Sample(kFolder + "rsa.apk"),
                     With("rsa.crt.pem", TrustAnchor::Type::kX509Ca)),
            kPassed);
}

TEST(ApkV2Test, OtherAnchorsLeaveItOpen) {
  const Words open = {"INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND"};
  const Bytes apk = Sample(kFolder + "rsa.apk");
  EXPECT_EQ(Verdicts(kApkV2, apk, With("dsa.crt.pem")), open);
  EXPECT_EQ(Verdicts(kApkV2, apk, {}), open);
}

TEST(ApkV2Test, AccountsForEveryByte) {
  const Bytes apk = Sample(kFolder + "rsa.apk");
  auto found = FindAll(kApkV2, "x.apk", apk);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_TRUE(testing::DigestsAgree(found[0]));
  auto& ranges = found[0].ranges;
  std::ranges::sort(ranges, {}, &ClaimedRange::range);
  std::uint64_t at = 0;
  for (const ClaimedRange& range : ranges) {
    EXPECT_EQ(range.range.offset, at) << range.what;
    at = range.range.end();
  }
  EXPECT_EQ(at, apk.size());
}

TEST(ApkV2Test, NoChangedByteOutsideOfPaddingPasses) {
  for (const auto& [name, step] : {std::pair{"rsa", 1U}, {"two", 5U}}) {
    const Bytes apk = Sample(kFolder + name + ".apk");
    const auto layout = ReadApkLayout(apk);
    ASSERT_TRUE(layout.has_value());
    const ApkPair* padding = layout->Find(kApkPaddingId);
    ASSERT_NE(padding, nullptr);
    const Situation situation = With("rsa.crt.pem");
    const std::uint64_t block = layout->block.offset;
    for (std::size_t at = 0; at < apk.size(); at += at < block ? 61 : step) {
      // The padding's bytes and its id, which may be any unknown one.
      if (at >= padding->header.offset + 8 && at < padding->value.end()) {
        continue;
      }
      Bytes changed = apk;
      changed[at] ^= 1;
      EXPECT_NE(Verdicts(kApkV2, changed, situation), kPassed)
          << name << " " << at;
    }
  }
}

TEST(ApkV2Test, NoPrefixPasses) {
  const Bytes apk = Sample(kFolder + "rsa.apk");
  for (std::size_t size = 0; size < apk.size(); size += size < 4000 ? 97 : 1) {
    EXPECT_NE(Verdicts(kApkV2, ByteView(apk).first(size), With("rsa.crt.pem")),
              kPassed);
  }
}

// APKs that no tool would sign.
class MadeApkV2Test : public ::testing::Test {
 protected:
  Words VerdictsOf(const SignerOptions& options) const {
    return Judge(
        MakeApk({{kApkV2Id, ValueOf({MakeSigner(signer_, options)})}}));
  }
  Words Judge(ByteView apk) const {
    return Verdicts(kApkV2, apk, Pinned(signer_));
  }

  Identity signer_ = Issue("signer", nullptr);
  Bytes value_ = ValueOf({MakeSigner(signer_)});
};

TEST_F(MadeApkV2Test, PassesByCertificateAndByKey) {
  const Bytes apk = MakeApk({{kApkV2Id, value_}});
  EXPECT_EQ(Judge(apk), kPassed);
  Situation key = Pinned(signer_);
  key.anchors[0].type = TrustAnchor::Type::kRawKey;
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(signer_.key.get(), &der);
  key.anchors[0].key.assign(der, der + size);
  OPENSSL_free(der);
  EXPECT_EQ(Verdicts(kApkV2, apk, key), kPassed);
}

TEST_F(MadeApkV2Test, WhatDoesNotAgreeInASignerIsMalformed) {
  const Identity other = Issue("other", nullptr);
  const Bytes foreign = CopyOf(AsBytes("no key"));
  EXPECT_EQ(VerdictsOf({.public_key = foreign}), kMalformed);  // N49
  EXPECT_EQ(VerdictsOf({.digest_algorithm = 0x0103}), kMalformed);
  EXPECT_EQ(VerdictsOf({.algorithm = 0x0103}), kMalformed);  // RSA's
}

TEST_F(MadeApkV2Test, WrongValuesFail) {
  EXPECT_EQ(VerdictsOf({.broken = true}), kWrong);
  EXPECT_EQ(VerdictsOf({.digest = Bytes(32)}), kOtherContent);
}

TEST_F(MadeApkV2Test, UnknownAlgorithmsAreUnsupported) {
  EXPECT_EQ(VerdictsOf({.algorithm = 0x0999}), Words{"UNSUPPORTED"});
}

TEST_F(MadeApkV2Test, EverySignerHasToHold) {  // N50
  const Identity second = Issue("second", nullptr);
  const Bytes good = MakeSigner(second);
  const Bytes bad = MakeSigner(second, {.broken = true});
  EXPECT_EQ(Judge(MakeApk({{kApkV2Id, ValueOf({MakeSigner(signer_), good})}})),
            kPassed);
  EXPECT_EQ(Judge(MakeApk({{kApkV2Id, ValueOf({MakeSigner(signer_), bad})}})),
            kWrong);
  EXPECT_EQ(Judge(MakeApk({{kApkV2Id, ValueOf({bad, MakeSigner(signer_)})}})),
            kWrong);
  const Bytes unknown = MakeSigner(second, {.algorithm = 0x0999});
  EXPECT_EQ(
      Judge(MakeApk({{kApkV2Id, ValueOf({MakeSigner(signer_), unknown})}})),
      Words{"UNSUPPORTED"});
  EXPECT_EQ(Judge(MakeApk({{kApkV2Id, ValueOf({})}})), kMalformed);
}

TEST_F(MadeApkV2Test, UnknownPairsAreNotCovered) {  // N51
  const Bytes hidden = CopyOf(AsBytes("hidden"));
  for (const std::uint32_t id : {0x12345678U, kApkPaddingId}) {
    const Bytes apk = MakeApk({{id, hidden}, {kApkV2Id, value_}});
    EXPECT_EQ(Judge(apk), kPassed);
    const auto layout = ReadApkLayout(apk);
    ASSERT_TRUE(layout.has_value());
    const std::uint64_t at = layout->pairs[0].value.offset;
    const auto candidates = FindAll(kApkV2, "", apk);
    for (const ClaimedRange& range : candidates.at(0).ranges) {
      EXPECT_FALSE(range.range.offset <= at && at < range.range.end());
    }
  }
}

TEST_F(MadeApkV2Test, BytesBehindASignersFieldsAreNotCovered) {
  const Bytes apk = MakeApk(
      {{kApkV2Id, ValueOf({Joined({MakeSigner(signer_), Bytes{'X'}})})}});
  EXPECT_EQ(Judge(apk), kPassed);  // as on Android
  const auto layout = ReadApkLayout(apk);
  const std::uint64_t at = layout->pairs[0].value.end() - 1;
  const auto candidates = FindAll(kApkV2, "", apk);
  for (const ClaimedRange& range : candidates.at(0).ranges) {
    EXPECT_FALSE(range.range.offset <= at && at < range.range.end());
  }
}

TEST_F(MadeApkV2Test, TakingV3OutIsSeen) {  // N46
  const SignerOptions says{.attributes = {{0xbeeff00d, Le(3, 4)}}};
  const Bytes value = ValueOf({MakeSigner(signer_, says)});
  EXPECT_EQ(Judge(MakeApk({{kApkV2Id, value}})), kMalformed);
  EXPECT_EQ(Judge(MakeApk({{kApkV2Id, value}, {kApkV3Id, Bytes{}}})), kPassed);
}

TEST_F(MadeApkV2Test, ThereIsOneReadingOfTheArchive) {
  const Bytes apk = MakeApk({{kApkV2Id, value_}});
  Bytes janus = Joined({CopyOf(AsBytes("dex\n035")), apk});  // N45
  EXPECT_EQ(Judge(janus), kMalformed);
  // The same with offsets that fit again.
  const std::size_t offset = janus.size() - 6;
  janus[offset] = static_cast<std::uint8_t>(janus[offset] + 7);
  EXPECT_EQ(Judge(janus), kMalformed);
  EXPECT_EQ(Judge(MakeApk({{kApkV2Id, value_}}, {'g', 'a', 'p'})),
            kMalformed);  // N47
  EXPECT_EQ(Judge(Joined({apk, Bytes(3)})), kMalformed);
  EXPECT_EQ(Judge(MakeApk({{kApkV2Id, value_}, {kApkV2Id, value_}})),
            kMalformed);
}

TEST_F(MadeApkV2Test, ADamagedBlockIsNoMissingBlock) {
  Bytes apk = MakeApk({{kApkV2Id, value_}});
  const auto layout = ReadApkLayout(apk);
  ASSERT_TRUE(layout.has_value());
  apk[layout->block.offset] ^= 1;
  EXPECT_EQ(Judge(apk), kMalformed);
}

TEST_F(MadeApkV2Test, WithoutABlockThereIsNothing) {
  const testing::PlainApk plain = testing::MakePlainApk();
  const Bytes apk = Joined({plain.members, plain.directory, plain.end});
  EXPECT_TRUE(FindAll(kApkV2, "x.apk", apk).empty());
  EXPECT_TRUE(FindAll(kApkV2, "x.apk", {}).empty());
  EXPECT_TRUE(FindAll(kApkV2, "x.apk", Bytes(100)).empty());
}

TEST_F(MadeApkV2Test, SmallKeysNeedALegacyPolicy) {
  const Identity small = Issue("small", nullptr, {.rsa_bits = 1024});
  const Bytes apk = MakeApk(
      {{kApkV2Id, ValueOf({MakeSigner(small, {.algorithm = 0x0103})})}});
  Situation situation = Pinned(small);
  EXPECT_EQ(Verdicts(kApkV2, apk, situation),
            Words{"INDETERMINATE CRYPTO_CONSTRAINTS_FAILURE"});
  situation.legacy = true;
  EXPECT_EQ(Verdicts(kApkV2, apk, situation), kPassed);
}

}  // namespace
}  // namespace assay::signatures
