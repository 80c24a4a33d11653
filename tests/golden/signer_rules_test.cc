// What a policy asks of each signer, on whole products.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "signatures/public_key.h"
#include "tests/golden/verified.h"
#include "tests/signatures/cms_signer.h"
#include "tests/support/hex.h"
#include "tests/support/scratch.h"

namespace assay {
namespace {

using signatures::testing::CmsOptions;
using signatures::testing::Identity;
using signatures::testing::Issue;
using signatures::testing::IssueCa;
using signatures::testing::kCertNow;
using signatures::testing::SignCms;
using signatures::testing::SignRaw;
using testing::ReasonsOf;
using testing::Sample;
using testing::ScratchFolder;
using testing::VerdictsOn;

constexpr std::string_view kFile = "firmware.bin";
constexpr std::string_view kText = "inert";

class SignerRulesTest : public ::testing::Test {
 protected:
  SignerRulesTest() { product_.Write(kFile, kText); }

  void Sign(const std::vector<Identity>& signers,
            const CmsOptions& options = {}) const {
    product_.Write(std::string(kFile) + ".p7s",
                   AsText(SignCms(signers, AsBytes(kText), options)));
  }
  // Adds an anchor with the certificates; `limits` follow its type.
  void Trust(const std::string& name, const std::string& type,
             const std::vector<Identity>& identities,
             const std::string& limits = "") {
    std::string pem;
    for (const Identity& identity : identities) {
      pem += signatures::testing::Pem(identity);
    }
    anchors_ += fmt::format("  - {{name: {}, type: {}, file: \"{}\"{}}}\n",
                            name, type, keys_.Write(name, pem), limits);
  }
  [[nodiscard]] Report Verified(const std::string& rule,
                                const std::string& more = "",
                                UnixTime at = kCertNow) const {
    return testing::VerifiedUnder(
        fmt::format("anchors:\n{}signatures: [{{{}}}]\n{}", anchors_, rule,
                    more),
        {.product = product_.path(), .at = at});
  }
  [[nodiscard]] Verdict WithCount(int count,
                                  const std::string& more = "") const {
    return Verified(fmt::format("match: \"{}\", count: {}", kFile, count), more)
        .verdict;
  }

  ScratchFolder product_;
  ScratchFolder keys_;
  std::string anchors_;
  const Identity ca_ = IssueCa("CA");
  const Identity alice_ = Issue("Alice", &ca_);
  const Identity bob_ = Issue("Bob", &ca_);
};

TEST_F(SignerRulesTest, OnlySignersWhomTheAnchorNamesCount) {
  Trust("vendor", "x509-ca", {ca_}, ", signers: [\"CN=Alice\"]");
  for (const auto& signers :
       {std::vector{bob_, alice_}, std::vector{alice_, bob_}}) {
    Sign(signers);
    const Report report = Verified("match: firmware.bin");
    EXPECT_EQ(report.verdict, Verdict::kPass) << ReasonsOf(report);
    ASSERT_EQ(report.checks.size(), 1U);
    EXPECT_EQ(report.checks[0].signer, "CN=Alice");
    EXPECT_EQ(report.checks[0].good_keys.size(), 1U);
    EXPECT_NE(WithCount(2), Verdict::kPass);
  }
  Sign({bob_});
  EXPECT_EQ(VerdictsOn(Verified("match: firmware.bin"), kFile),
            "INDETERMINATE SIG_CONSTRAINTS_FAILURE");
}

// Another anchor may know those whom the first one does not name.
TEST_F(SignerRulesTest, NamesOfSignersAreThoseOfTheirAnchor) {
  Trust("alice", "x509-pin", {alice_}, ", signers: [\"CN=Alice\"]");
  Trust("bob", "x509-pin", {bob_}, ", signers: [\"CN=Alice\"]");
  Sign({alice_, bob_});
  EXPECT_EQ(WithCount(1), Verdict::kPass);
  EXPECT_NE(WithCount(2), Verdict::kPass);
  EXPECT_NE(Verified("match: firmware.bin, anchors: [bob]").verdict,
            Verdict::kPass);
}

TEST_F(SignerRulesTest, OnlySignersOfAcceptedAlgorithmsCount) {
  const Identity large = Issue("Large", &ca_, {.rsa_bits = 3072});
  const Identity small = Issue("Small", &ca_, {.rsa_bits = 2048});
  const CmsOptions sha384{.digest = EVP_sha384()};
  const std::string cnsa = "algorithms: cnsa-2.0\n";
  Trust("vendor", "x509-ca", {ca_});
  for (const auto& signers :
       {std::vector{small, large}, std::vector{large, small}}) {
    Sign(signers, sha384);
    EXPECT_EQ(WithCount(2), Verdict::kPass);
    EXPECT_EQ(WithCount(1, cnsa), Verdict::kPass);
    EXPECT_NE(WithCount(2, cnsa), Verdict::kPass);
    const Report report = Verified("match: firmware.bin", cnsa);
    EXPECT_EQ(report.checks.at(0).signer, "CN=Large");
  }
  Sign({small}, sha384);
  EXPECT_EQ(VerdictsOn(Verified("match: firmware.bin", cnsa), kFile),
            "INDETERMINATE CRYPTO_CONSTRAINTS_FAILURE");
}

// Certificates cost nothing: it is the private key that is a second signer.
TEST_F(SignerRulesTest, TwoCertificatesOfOneKeyAreOneSigner) {
  const Identity again = Issue("Another name", &ca_, {.key = alice_.key});
  Trust("vendor", "x509-ca", {ca_});
  Sign({alice_, again});
  EXPECT_EQ(WithCount(1), Verdict::kPass);
  EXPECT_NE(WithCount(2), Verdict::kPass);
  Sign({alice_, bob_});
  EXPECT_EQ(WithCount(2), Verdict::kPass);
}

// Whoever lost the key has lost it for all of its certificates.
TEST_F(SignerRulesTest, ARevokedPublicKeyIsRevokedInEveryCertificate) {
  const Identity again = Issue("Another name", &ca_, {.key = alice_.key});
  Trust("vendor", "x509-ca", {ca_});
  Sign({again});
  EXPECT_EQ(WithCount(1), Verdict::kPass);
  anchors_ += fmt::format("  - {{name: gone, type: revoked, key: {}}}\n",
                          signatures::FingerprintOf(*alice_.key));
  EXPECT_EQ(VerdictsOn(Verified("match: firmware.bin"), kFile),
            "TOTAL-FAILED REVOKED");
  Sign({bob_});
  EXPECT_EQ(WithCount(1), Verdict::kPass);
}

TEST_F(SignerRulesTest, OneKeyInTwoPinsIsOneSigner) {
  const Identity again = Issue("Another name", nullptr, {.key = alice_.key});
  Trust("first", "x509-pin", {alice_});
  Trust("second", "x509-pin", {again});
  Sign({alice_, again});
  EXPECT_NE(WithCount(2), Verdict::kPass);
}

// SWUpdate's own signature of a description that lists the image, by the key
// of a pinned certificate.
class UpdateSignerTest : public SignerRulesTest {
 protected:
  UpdateSignerTest() {
    for (const char* name : {"sw-description", "rootfs.img", "update.sh"}) {
      product_.Write(
          name, AsText(Sample(fmt::format("signatures/swupdate/{}", name))));
    }
    product_.Write("sw-description.sig",
                   AsText(SignRaw(vendor_, description_)));
  }

  const Bytes description_ = Sample("signatures/swupdate/sw-description");
  const Identity vendor_ = Issue("Vendor", nullptr, {.rsa_bits = 2048});
};

TEST_F(UpdateSignerTest, ARuleForListedFilesAsksForTheTimeOfTheListsSigner) {
  Trust("vendor", "x509-pin", {vendor_});
  constexpr UnixTime kLater = signatures::testing::kCertBorn + 400 * 86400;
  const std::string now = "match: rootfs.img, time: now";
  for (const UnixTime at : {kCertNow, kLater}) {
    // SWUpdate itself looks at no time.
    const Report any = Verified("match: rootfs.img", "", at);
    EXPECT_EQ(any.verdict, Verdict::kPass) << ReasonsOf(any);
    EXPECT_EQ(VerdictsOn(any, "rootfs.img"), "TOTAL-PASSED");
  }
  EXPECT_EQ(Verified(now).verdict, Verdict::kPass);
  const Report expired = Verified(now, "", kLater);
  EXPECT_EQ(expired.verdict, Verdict::kFail);
  EXPECT_NE(ReasonsOf(expired).find("at the time \"now\""), std::string::npos)
      << ReasonsOf(expired);
}

TEST_F(UpdateSignerTest, OneKeyIsOneSignerWhateverItsSignaturesForm) {
  Trust("vendor", "x509-pin", {vendor_, bob_});
  const std::string rule = "match: sw-description, count: 2";
  const auto beside = [&](const Identity& signer) {
    product_.Write("sw-description.p7s",
                   AsText(SignCms({signer}, description_)));
  };
  beside(vendor_);
  const Report one = Verified(rule);
  EXPECT_EQ(one.verdict, Verdict::kFail);
  EXPECT_NE(ReasonsOf(one).find("needs 2 good signatures by an anchor, has 1"),
            std::string::npos)
      << ReasonsOf(one);
  beside(bob_);
  const Report two = Verified(rule);
  EXPECT_EQ(two.verdict, Verdict::kPass) << ReasonsOf(two);
}

}  // namespace
}  // namespace assay
