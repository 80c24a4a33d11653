#include "signatures/timestamp.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "signatures/cms.h"
#include "tests/signatures/cms_signer.h"
#include "tests/signatures/scheme_run.h"
#include "tests/signatures/time_stamper.h"

namespace assay::signatures {
namespace {

using testing::Identity;
using testing::Issue;
using testing::IssueCa;
using testing::IssueStamper;
using testing::kCadesToken;
using testing::kCertBorn;
using testing::kCertNow;
using testing::kCountersignature;
using testing::kMicrosoftToken;
using testing::MakeCountersignature;
using testing::MakeToken;
using testing::SignCms;
using testing::Stamping;
using testing::TokenOptions;
using testing::Verdict;

const Bytes kMessage = CopyOf(AsBytes("program"));
constexpr UnixTime kLater = kCertBorn + 400L * 86400;  // the signer expired
const std::string kExpired = "INDETERMINATE OUT_OF_BOUNDS_NO_POE";

class TimestampTest : public ::testing::Test {
 protected:
  SignatureCheck Check(ByteView signature) const {
    SignatureCheck check;
    CheckCms(signature, {.bytes = kMessage}, {.timestamps = true},
             {.anchors = anchors_,
              .at = at_,
              .legacy_algorithms = legacy_,
              .time = time_},
             check);
    return check;
  }
  std::string Stamped(const char* oid, testing::Countersigner make,
                      const std::vector<Identity>& enclosed = {}) const {
    const SignatureCheck check = Check(SignCms(
        {signer_}, kMessage,
        {.enclosed = enclosed, .afterwards = Stamping(oid, std::move(make))}));
    detail_ = check.skipped.empty() ? "" : check.skipped.front();
    return Verdict(check);
  }
  std::string Token(const Identity& by, UnixTime at = kCertNow,
                    const TokenOptions& options = {}) const {
    return Stamped(kMicrosoftToken, [&](ByteView value) {
      return MakeToken(value, by, at, options);
    });
  }

  // A root whose time is the stamper's: the signer's ends a year after birth.
  Identity ca_ = Issue("CA", nullptr,
                       {.until = kCertBorn + 2000L * 86400,
                        .usage = "critical,keyCertSign,cRLSign",
                        .ca = true});
  Identity signer_ = Issue("Signer", &ca_);
  Identity stamper_ = IssueStamper(ca_);
  std::vector<TrustAnchor> anchors_ = {testing::X509Anchor(ca_)};
  UnixTime at_ = kLater;
  bool legacy_ = false;
  TimeModel time_ = TimeModel::kByScheme;
  mutable std::string detail_;
};

TEST_F(TimestampTest, ProvesTheTimeOfAnExpiredSigner) {  // N31, N32
  EXPECT_EQ(Verdict(Check(SignCms({signer_}, kMessage))), kExpired);
  EXPECT_EQ(Token(stamper_), "TOTAL-PASSED") << detail_;
  EXPECT_EQ(Stamped(kCadesToken,
                    [&](ByteView value) {
                      return MakeToken(value, stamper_, kCertNow);
                    }),
            "TOTAL-PASSED")
      << detail_;
  EXPECT_EQ(Stamped(kCountersignature,
                    [&](ByteView value) {
                      return MakeCountersignature(value, stamper_, kCertNow);
                    },
                    {stamper_}),
            "TOTAL-PASSED")
      << detail_;
}

TEST_F(TimestampTest, ThePolicySaysWhichTimeCounts) {
  const auto stamped = [&] {
    return Check(
        SignCms({signer_}, kMessage,
                {.afterwards = Stamping(kMicrosoftToken, [&](ByteView value) {
                   return MakeToken(value, stamper_, kCertNow);
                 })}));
  };
  const auto bare = [&] { return Check(SignCms({signer_}, kMessage)); };
  const struct {
    TimeModel model;
    UnixTime at;
    std::string stamped, bare;
    TimeModel asked;  // of the stamped one, when it passes
  } kCases[] = {
      {TimeModel::kByScheme, kLater, "TOTAL-PASSED", kExpired,
       TimeModel::kTrustedTimestamp},
      {TimeModel::kNow, kLater, kExpired, kExpired, TimeModel::kByScheme},
      {TimeModel::kNow, kCertNow + 1, "TOTAL-PASSED", "TOTAL-PASSED",
       TimeModel::kNow},
      {TimeModel::kIgnore, kLater, "TOTAL-PASSED", "TOTAL-PASSED",
       TimeModel::kIgnore},
      // That there is a stamp at all is for the engine to demand.
      {TimeModel::kTrustedTimestamp, kLater, "TOTAL-PASSED", kExpired,
       TimeModel::kTrustedTimestamp},
  };
  for (const auto& one : kCases) {
    time_ = one.model;
    at_ = one.at;
    const SignatureCheck check = stamped();
    EXPECT_EQ(Verdict(check), one.stamped) << NameOf(one.model);
    EXPECT_EQ(check.time, one.asked) << NameOf(one.model);
    EXPECT_EQ(check.proven_at, kCertNow) << NameOf(one.model);
    EXPECT_EQ(Verdict(bare()), one.bare) << NameOf(one.model);
    EXPECT_FALSE(bare().proven_at) << NameOf(one.model);
  }
}

TEST_F(TimestampTest, IgnoredTimesDoNotMakeAStampCount) {
  time_ = TimeModel::kIgnore;
  const SignatureCheck check = Check(
      SignCms({signer_}, kMessage,
              {.afterwards = Stamping(kMicrosoftToken, [&](ByteView value) {
                 return MakeToken(value, stamper_, kCertBorn - 86400);
               })}));
  EXPECT_EQ(Verdict(check), "TOTAL-PASSED");
  EXPECT_FALSE(check.proven_at);
}

TEST_F(TimestampTest, SaysWhoProvesTheTime) {
  const SignatureCheck check = Check(
      SignCms({signer_}, kMessage,
              {.afterwards = Stamping(kMicrosoftToken, [&](ByteView value) {
                 return MakeToken(value, stamper_, kCertNow);
               })}));
  ASSERT_FALSE(check.steps.empty());
  EXPECT_EQ(check.steps.front(),
            "the time stamp token by CN=Stamper (anchor vendor): it existed at "
            "2024-02-22T22:13:20Z");
}

TEST_F(TimestampTest, StampsOverAnotherSignatureProveNothing) {  // N33
  const Bytes other = CopyOf(AsBytes("another signature"));
  for (const char* oid : {kMicrosoftToken, kCadesToken}) {
    EXPECT_EQ(
        Stamped(oid,
                [&](ByteView) { return MakeToken(other, stamper_, kCertNow); }),
        kExpired);
    EXPECT_NE(detail_.find("over another signature"), std::string::npos);
  }
  EXPECT_EQ(Stamped(kCountersignature,
                    [&](ByteView) {
                      return MakeCountersignature(other, stamper_, kCertNow);
                    },
                    {stamper_}),
            kExpired);
}

TEST_F(TimestampTest, StampersAreForTimeAlone) {  // N34
  EXPECT_EQ(Token(IssueStamper(ca_, "")), kExpired);
  EXPECT_EQ(Token(IssueStamper(ca_, "timeStamping")), kExpired);
  EXPECT_EQ(Token(IssueStamper(ca_, "critical,codeSigning")), kExpired);
  EXPECT_EQ(Token(IssueStamper(ca_, "critical,timeStamping,codeSigning")),
            kExpired);
  EXPECT_NE(detail_.find("Time Stamping alone"), std::string::npos);
}

TEST_F(TimestampTest, StampersMustLeadToAnAnchorAtTheirTime) {
  const Identity stranger = IssueStamper(IssueCa("CA"));
  EXPECT_EQ(Token(stranger), kExpired);
  EXPECT_EQ(Token(stamper_, kCertBorn - 1), kExpired);
  EXPECT_NE(detail_.find("not yet valid"), std::string::npos);
}

TEST_F(TimestampTest, TimesOutsideOfTheSignersValidityDoNotHelp) {
  EXPECT_EQ(Token(stamper_, kCertBorn + 380L * 86400), kExpired);
  EXPECT_EQ(Token(stamper_, kLater + 1), kExpired);
  EXPECT_NE(detail_.find("a time to come"), std::string::npos);
}

TEST_F(TimestampTest, TokensKeepTheirOwnRules) {
  EXPECT_EQ(Token(stamper_, kCertNow, {.names_signer = false}), kExpired);
  EXPECT_EQ(Token(stamper_, kCertNow, {.version = 2}), kExpired);
  EXPECT_EQ(Token(stamper_, kCertNow, {.type = "1.2.840.113549.1.7.1"}),
            kExpired);
  EXPECT_EQ(Token(stamper_, kCertNow, {.imprint = EVP_sha1()}), kExpired);
  legacy_ = true;
  EXPECT_EQ(Token(stamper_, kCertNow, {.imprint = EVP_sha1()}), "TOTAL-PASSED");
}

TEST_F(TimestampTest, NoChangedByteOfATokenProvesAnotherTime) {
  Bytes token;
  const Bytes good =
      SignCms({signer_}, kMessage,
              {.afterwards = Stamping(kMicrosoftToken, [&](ByteView value) {
                 token = MakeToken(value, stamper_, kCertNow);
                 return token;
               })});
  const std::string proof = Check(good).steps.front();
  const auto found =
      std::search(good.begin(), good.end(), token.begin(), token.end());
  ASSERT_TRUE(found != good.end());
  std::size_t harmless = 0;
  for (auto at = static_cast<std::size_t>(found - good.begin());
       at < good.size(); ++at) {
    Bytes changed = good;
    changed[at] ^= 1;
    const SignatureCheck check = Check(changed);
    if (check.indication == Indication::kTotalPassed) {
      EXPECT_EQ(check.steps.front(), proof) << at;
      ++harmless;
    }
  }
  // Version numbers, and the list of digests that a reader may need.
  EXPECT_LT(harmless, 30U);
}

TEST_F(TimestampTest, RubbishIsNoProof) {
  for (const char* oid : {kMicrosoftToken, kCountersignature}) {
    for (const Bytes& rubbish : {Bytes{0x30, 0x00}, Bytes{0x30, 0x02, 5, 0}}) {
      EXPECT_EQ(Stamped(oid, [&](ByteView) { return rubbish; }), kExpired);
    }
  }
}

TEST_F(TimestampTest, LifetimeSigningEndsWithTheCertificate) {
  signer_ = Issue("Signer", &ca_, {.purpose = kLifetimeSigning});
  EXPECT_EQ(Token(stamper_), kExpired);
  at_ = kCertNow + 10;
  EXPECT_EQ(Token(stamper_), "TOTAL-PASSED") << detail_;
}

TEST_F(TimestampTest, RevocationCountsFromItsDate) {  // N35
  const auto revoke = [&](const Identity& who, UnixTime at, int reason) {
    anchors_[0].key = CopyOf(AsBytes(
        Pem(ca_) +
        RevocationList(
            ca_, who,
            {.at = at, .reason = reason, .listed = kCertBorn + 200L * 86400})));
  };
  revoke(signer_, kCertNow + 10, CRL_REASON_KEY_COMPROMISE);
  EXPECT_EQ(Token(stamper_), "TOTAL-PASSED") << detail_;
  revoke(signer_, kCertNow - 10, CRL_REASON_SUPERSEDED);
  EXPECT_EQ(Token(stamper_), "INDETERMINATE REVOKED_NO_POE");
  // A stamper whose key may be known proves nothing, whenever it was revoked.
  revoke(stamper_, kCertNow + 10, CRL_REASON_SUPERSEDED);
  EXPECT_EQ(Token(stamper_), "TOTAL-PASSED") << detail_;
  revoke(stamper_, kCertNow + 10, -1);
  EXPECT_EQ(Token(stamper_), kExpired);
  revoke(stamper_, kCertNow + 10, CRL_REASON_KEY_COMPROMISE);
  EXPECT_EQ(Token(stamper_), kExpired);
  // A list that is not yet, or no longer, in force says nothing.
  anchors_[0].key =
      CopyOf(AsBytes(Pem(ca_) + RevocationList(ca_, Issue("Other", &ca_),
                                               {.listed = kLater + 86400})));
  EXPECT_NE(Token(stamper_), "TOTAL-PASSED");
}

TEST_F(TimestampTest, IntermediatesPassOnOnlyTheirOwnUsages) {
  const Identity web = Issue("Web CA", &ca_,
                             {.until = kCertBorn + 2000L * 86400,
                              .usage = "critical,keyCertSign",
                              .purpose = "serverAuth",
                              .ca = true});
  const Identity stamper = IssueStamper(web);
  EXPECT_EQ(Stamped(kCountersignature,
                    [&](ByteView value) {
                      return MakeCountersignature(value, stamper, kCertNow);
                    },
                    {stamper, web}),
            kExpired);
  EXPECT_NE(detail_.find("does not certify for"), std::string::npos);
}

}  // namespace
}  // namespace assay::signatures
