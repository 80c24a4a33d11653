#include <gtest/gtest.h>

#include <algorithm>

#include "signatures/apk_signing_block.h"
#include "tests/signatures/apk_maker.h"
#include "tests/support/hex.h"

namespace assay::signatures {
namespace {

using assay::testing::Sample;
using testing::CertificateOf;
using testing::FindAll;
using testing::Identity;
using testing::Issue;
using testing::Joined;
using testing::kEcdsaSha256;
using testing::Le;
using testing::MakeApk;
using testing::MakeSigner;
using testing::Pinned;
using testing::Prefixed;
using testing::SignatureOf;
using testing::SignerOptions;
using testing::Situation;
using testing::ValueOf;
using testing::Verdicts;

using Words = std::vector<std::string>;

const std::string kFolder = "signatures/apk_v3/";
const std::string kPassed = "TOTAL-PASSED";
const std::string kMalformed = "TOTAL-FAILED FORMAT_FAILURE";
const std::string kWrong = "TOTAL-FAILED SIG_CRYPTO_FAILURE";
const std::string kOpen = "INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND";
constexpr std::uint32_t kRotationMinSdk = 0x559f8b02;
constexpr std::uint32_t kProofOfRotation = 0x3ba06f8c;

Situation With(const std::string& certificate) {
  return {.anchors = {{.name = "vendor",
                       .type = TrustAnchor::Type::kX509Pin,
                       .key = Sample(kFolder + certificate)}}};
}

TEST(ApkV3Test, PassesWhatApksignerMakes) {
  for (const auto& [name, signer] : {std::pair{"ec.apk", "ec.crt.pem"},
                                     std::pair{"verity.apk", "rsa.crt.pem"}}) {
    const Bytes apk = Sample(kFolder + name);
    EXPECT_EQ(Verdicts(kApkV3, apk, With(signer)), Words{kPassed}) << name;
    EXPECT_EQ(Verdicts(kApkV2, apk, With(signer)), Words{kPassed}) << name;
  }
}

TEST(ApkV3Test, VerityDigestsAreComputed) {
  const auto found = FindAll(kApkV3, "", Sample(kFolder + "verity.apk"));
  ASSERT_EQ(found.size(), 1U);
  bool verity = false;
  for (const ClaimedRange& range : found[0].ranges) {
    verity = verity || (range.expected && range.expected->hex.size() == 80);
  }
  EXPECT_TRUE(verity);
}

TEST(ApkV3Test, SaysWhoSignedBefore) {
  const Bytes apk = Sample(kFolder + "rotated.apk");
  EXPECT_EQ(Verdicts(kApkV3, apk, With("ec.crt.pem")), Words{kPassed});
  EXPECT_EQ(Verdicts(kApkV3, apk, With("old.crt.pem")), Words{kOpen});
  EXPECT_EQ(Verdicts(kApkV2, apk, With("old.crt.pem")), Words{kPassed});
  const SignatureCheck check =
      testing::Check(kApkV3, "", apk, {}, With("ec.crt.pem"));
  std::string steps;
  for (const std::string& step : check.steps) {
    steps += step + "\n";
  }
  EXPECT_NE(steps.find("CN=inert ec succeeds CN=inert old"), std::string::npos)
      << steps;
  EXPECT_NE(steps.find("for SDK versions"), std::string::npos);
}

TEST(ApkV3Test, NoChangedByteOfTheSignersPasses) {
  const Bytes apk = Sample(kFolder + "rotated.apk");
  const auto layout = ReadApkLayout(apk);
  ASSERT_TRUE(layout.has_value());
  const ApkPair* pair = layout->Find(kApkV3Id);
  ASSERT_NE(pair, nullptr);
  for (std::uint64_t at = pair->header.offset; at < pair->value.end(); ++at) {
    Bytes changed = apk;
    changed[static_cast<std::size_t>(at)] ^= 1;
    EXPECT_NE(Verdicts(kApkV3, changed, With("ec.crt.pem")), Words{kPassed})
        << at;
  }
}

TEST(ApkV3Test, TakenOutV3IsSeenByV2) {  // N46
  Bytes apk = Sample(kFolder + "ec.apk");
  const auto layout = ReadApkLayout(apk);
  ASSERT_TRUE(layout && layout->Find(kApkV3Id) != nullptr);
  // Another id: as good as gone.
  apk[static_cast<std::size_t>(layout->Find(kApkV3Id)->header.offset + 8)] ^= 1;
  EXPECT_TRUE(Verdicts(kApkV3, apk, With("ec.crt.pem")).empty());
  EXPECT_EQ(Verdicts(kApkV2, apk, With("ec.crt.pem")), Words{kMalformed});
}

class MadeApkV3Test : public ::testing::Test {
 protected:
  Bytes Value(const SignerOptions& options) const {
    return ValueOf({MakeSigner(signer_, options)});
  }
  Words Judge(const std::vector<std::pair<std::uint32_t, Bytes>>& pairs) const {
    return Verdicts(kApkV3, MakeApk(pairs), Pinned(signer_));
  }

  // Nodes of (certificate of, signed by): as the attribute has them.
  static Bytes Lineage(
      const std::vector<std::pair<Identity, Identity>>& nodes) {
    Bytes value = Le(1, 4);
    bool first = true;
    for (const auto& [identity, by] : nodes) {
      const Bytes data = Joined(
          {Prefixed(CertificateOf(identity)), Le(first ? 0 : kEcdsaSha256, 4)});
      value = Joined(
          {value, Prefixed(Joined(
                      {Prefixed(data), Le(0, 4), Le(kEcdsaSha256, 4),
                       Prefixed(first ? Bytes{} : SignatureOf(by, data))}))});
      first = false;
    }
    return value;
  }
  std::string WithLineage(const Bytes& lineage) const {
    const Words words = Judge(
        {{kApkV3Id, Value({.sdk = {{28, 99}},
                           .attributes = {{kProofOfRotation, lineage}}})}});
    return words.size() == 1 ? words[0] : "not one candidate";
  }

  Identity signer_ = Issue("signer", nullptr);
  Identity old_ = Issue("old", nullptr);
  Identity foreign_ = Issue("foreign", nullptr);
};

TEST_F(MadeApkV3Test, LineagesAreVerified) {
  EXPECT_EQ(WithLineage(Lineage({{old_, old_}, {signer_, old_}})), kPassed);
  EXPECT_EQ(WithLineage(Lineage({{signer_, signer_}})), kPassed);
  // Signed by another, ending in another, twice the same, cut, other version.
  EXPECT_EQ(WithLineage(Lineage({{old_, old_}, {signer_, foreign_}})), kWrong);
  EXPECT_EQ(WithLineage(Lineage({{signer_, signer_}, {old_, signer_}})),
            kWrong);
  EXPECT_EQ(WithLineage(Lineage({{signer_, signer_}, {signer_, signer_}})),
            kWrong);
  Bytes cut = Lineage({{old_, old_}, {signer_, old_}});
  cut.pop_back();
  EXPECT_EQ(WithLineage(cut), kWrong);
  Bytes version = Lineage({{signer_, signer_}});
  version[0] = 2;
  EXPECT_EQ(WithLineage(version), kWrong);
  EXPECT_EQ(WithLineage({}), kWrong);
}

TEST_F(MadeApkV3Test, V31StandsBesideV3) {
  const Bytes newer = Value({.sdk = {{33, 99}}});
  const Bytes v3 =
      Value({.sdk = {{24, 32}}, .attributes = {{kRotationMinSdk, Le(33, 4)}}});
  EXPECT_EQ(Judge({{kApkV3Id, v3}, {kApkV31Id, newer}}),
            (Words{kPassed, kPassed}));
  // N46: taken out, or put in the place of another.
  EXPECT_EQ(Judge({{kApkV3Id, v3}}), Words{kMalformed});
  const Bytes later = Value({.sdk = {{35, 99}}});
  EXPECT_EQ(Judge({{kApkV3Id, v3}, {kApkV31Id, later}}),
            (Words{kMalformed, kPassed}));
  EXPECT_EQ(Judge({{kApkV31Id, newer}}), Words{kMalformed});
}

TEST_F(MadeApkV3Test, SdkVersionsAreSignedAndDoNotOverlap) {
  EXPECT_EQ(Judge({{kApkV3Id, Value({.sdk = {{28, 27}}})}}), Words{kMalformed});
  const auto two = [&](std::uint32_t most, std::uint32_t least) {
    return Judge(
        {{kApkV3Id, ValueOf({MakeSigner(signer_, {.sdk = {{24, most}}}),
                             MakeSigner(signer_, {.sdk = {{least, 99}}})})}});
  };
  EXPECT_EQ(two(27, 28), Words{kPassed});
  EXPECT_EQ(two(28, 28), Words{kMalformed});
  EXPECT_EQ(two(27, 29), Words{kMalformed});
  // The unsigned copy says something else.
  Bytes value = Value({.sdk = {{28, 99}}});
  const Bytes sdk = Joined({Le(28, 4), Le(99, 4)});
  const auto copy =
      std::find_end(value.begin(), value.end(), sdk.begin(), sdk.end());
  *copy = 24;
  EXPECT_EQ(Judge({{kApkV3Id, value}}), Words{kMalformed});
}

TEST_F(MadeApkV3Test, WrongValuesFail) {
  const auto one = [&](const SignerOptions& options) {
    return Judge({{kApkV3Id, Value(options)}}).at(0);
  };
  EXPECT_EQ(one({.sdk = {{28, 99}}}), kPassed);
  EXPECT_EQ(one({.sdk = {{28, 99}}, .broken = true}), kWrong);
  EXPECT_EQ(one({.sdk = {{28, 99}}, .digest = Bytes(32)}),
            "TOTAL-FAILED HASH_FAILURE");
  EXPECT_EQ(one({.algorithm = 0x0999, .sdk = {{28, 99}}}), "UNSUPPORTED");
  EXPECT_EQ(one({}), kMalformed);  // a v2 signer
}

}  // namespace
}  // namespace assay::signatures
