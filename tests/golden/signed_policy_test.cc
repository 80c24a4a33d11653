// Policies that are signed themselves: the signature is over the policy, so
// the policy has to say what the files that it names may hold.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

#include "signatures/anchor.h"
#include "tests/golden/signify_signer.h"
#include "tests/golden/verified.h"
#include "tests/signatures/cms_signer.h"
#include "tests/support/hex.h"
#include "tests/support/scratch.h"
#include "verifier/base/text.h"

namespace assay {
namespace {

using signatures::testing::Identity;
using signatures::testing::IssueCa;
using testing::SamplePath;
using testing::ScratchFolder;
using testing::SignifySigner;

class SignedPolicyTest : public ::testing::Test {
 protected:
  // Verifies an inert product under a signed policy with this anchor; why the
  // policy is refused, or "".
  std::string Refusal(const std::string& anchor) {
    const std::string text = fmt::format(
        "schema: assay-policy/1\nname: t\nanchors:\n  - {{name: a, {}}}\n",
        anchor);
    const std::string policy = folder_.Write("policy.yaml", text);
    folder_.Write("policy.yaml.sig",
                  forged_ ? SignifySigner().Sign(text) : signer_.Sign(text));
    const auto report = engine::Verify(
        {.product = folder_.Write("product/readme.txt", "inert"),
         .policy = policy,
         .policy_key = folder_.Write("key.pub", signer_.Public()),
         .at = 1'800'000'000,
         .jobs = 1});
    return report ? "" : report.error().what;
  }
  void ExpectRefused(const std::string& anchor, std::string_view why) {
    const std::string refusal = Refusal(anchor);
    EXPECT_NE(refusal.find(why), std::string::npos) << anchor << refusal;
  }

  SignifySigner signer_;
  ScratchFolder folder_;
  bool forged_ = false;
};

constexpr std::string_view kNames = "names the fingerprints";

TEST_F(SignedPolicyTest, HoldsWithTheKeyOfItsSignerAlone) {
  const std::string anchor =
      "type: minisign-key, key: "
      "RWTLvASXCpaNECn6R9Vo2klHCW7LyUlNgPdXmuuMs/3hHfdRwPY0+NwF";
  EXPECT_EQ(Refusal(anchor), "");
  forged_ = true;
  ExpectRefused(anchor, "not signed by");
}

TEST_F(SignedPolicyTest, KeyFilesNeedFingerprints) {
  const std::string file = SamplePath("signatures/cms_detached/ca.pem");
  ExpectRefused(fmt::format("type: x509-ca, file: \"{}\"", file), kNames);
  const Bytes key = testing::Sample("signatures/cms_detached/ca.pem");
  const auto prints = signatures::DescribeAnchor(
      {.type = TrustAnchor::Type::kX509Ca, .key = key});
  ASSERT_EQ(prints.size(), 1U);
  EXPECT_EQ(
      Refusal(fmt::format("type: x509-ca, file: \"{}\", fingerprints: [{}]",
                          file, prints.front())),
      "");
}

// Whoever makes such a key chooses its id.
TEST_F(SignedPolicyTest, KeyIdsPinNothing) {
  ExpectRefused(
      fmt::format("type: minisign-key, file: \"{}\", fingerprints: [{}]",
                  SamplePath("signatures/minisign/key.pub"),
                  "108D960A9704BCCB"),
      kNames);
}

TEST_F(SignedPolicyTest, RevocationListsArePinnedAsWell) {
  const Identity ca = IssueCa("CA");
  const Identity signer = signatures::testing::Issue("Signer", &ca);
  const std::string certificate = signatures::testing::Pem(ca);
  const std::string list = signatures::testing::RevocationList(ca, signer);
  const TrustAnchor anchor{.type = TrustAnchor::Type::kX509Ca,
                           .key = CopyOf(AsBytes(certificate + list))};
  const auto certificates = signatures::DescribeAnchor(anchor);
  const auto lists = signatures::RevocationListsOf(anchor);
  ASSERT_EQ(certificates.size(), 1U);
  ASSERT_EQ(lists.size(), 1U);
  const auto with = [&](const std::string& fingerprints) {
    return fmt::format("type: x509-ca, file: ca.pem, fingerprints: [{}]",
                       fingerprints);
  };
  folder_.Write("ca.pem", certificate + list);
  ExpectRefused(with(certificates[0]), kNames);
  EXPECT_EQ(Refusal(with(certificates[0] + ", " + lists[0])), "");
  // Another list, or none, in its place.
  folder_.Write("ca.pem", certificate + list +
                              signatures::testing::RevocationList(
                                  ca, signer, {.listed = 1'700'000'001}));
  ExpectRefused(with(certificates[0] + ", " + lists[0]), kNames);
  folder_.Write("ca.pem", certificate);
  ExpectRefused(with(certificates[0] + ", " + lists[0]),
                "no usable key has the fingerprint");
}

}  // namespace
}  // namespace assay
