// Who may sign the manifest of declared functions that a user names: what is
// asked of signatures inside the product is asked of this one.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/golden/signify_signer.h"
#include "tests/golden/verified.h"
#include "tests/support/scratch.h"
#include "verifier/base/text.h"

namespace assay {
namespace {

using testing::ScratchFolder;
using testing::SignifySigner;

constexpr UnixTime kAt = 1'800'000'000;  // 2027-01-15

class ManifestSignatureTest : public ::testing::Test {
 protected:
  // What the report says of the manifest under a policy with this anchor for
  // its signer's key.
  [[nodiscard]] std::string Detail(const std::string& limits,
                                   const std::string& more = "") const {
    const Report report = testing::VerifiedUnder(
        fmt::format("anchors:\n  - {{name: vendor, type: signify-key, key: "
                    "\"{}\"{}}}\n{}",
                    signer_.PublicLine(), limits, more),
        {.product = product_, .manifest = manifest_, .at = kAt});
    return report.explanations.empty() ? "" : report.explanations[0].detail;
  }
  void ExpectRefused(const std::string& limits, std::string_view why,
                     const std::string& more = "") const {
    const std::string detail = Detail(limits, more);
    EXPECT_TRUE(detail.starts_with("explains nothing: ")) << limits << detail;
    EXPECT_NE(detail.find(why), std::string::npos) << detail;
  }

  SignifySigner signer_;
  ScratchFolder folder_;
  std::string product_ = folder_.Write("readme.txt", "inert");
  std::string text_ =
      R"({"schema": "assay-manifest/1", "accounts": [{"name": "demo"}]})";
  std::string manifest_ = folder_.Write("functions.json", text_);
  std::string signature_ =
      folder_.Write("functions.json.sig", signer_.Sign(text_));
};

constexpr std::string_view kNoAnchor = "is no anchor's";

TEST_F(ManifestSignatureTest, AnAnchorThatMaySignItMakesItSpeak) {
  const std::string by = fmt::format("signed by {}", testing::kSignifyKeyId);
  EXPECT_EQ(Detail(""), by);
  EXPECT_EQ(Detail(", schemes: [signify], subjects: [\"*.json\"], "
                   "valid: {from: 2027-01-01, until: 2027-02-01}"),
            by);
}

TEST_F(ManifestSignatureTest, AnotherKeyDoesNot) {
  folder_.Write("functions.json.sig", SignifySigner().Sign(text_));
  ExpectRefused("", "does not match the signed bytes");
}

TEST_F(ManifestSignatureTest, AnAnchorOutsideOfItsPeriodDoesNot) {
  ExpectRefused(", valid: {until: 2027-01-01}", kNoAnchor);
  ExpectRefused(", valid: {from: 2027-02-01}", kNoAnchor);
}

TEST_F(ManifestSignatureTest, AnAnchorForOtherSchemesOrFilesDoesNot) {
  ExpectRefused(", schemes: [ucert]", kNoAnchor);
  ExpectRefused(", subjects: [\"*.bin\"]", kNoAnchor);
}

TEST_F(ManifestSignatureTest, ARevokedKeyDoesNot) {
  ExpectRefused("", "the policy revokes key",
                fmt::format("  - {{name: gone, type: revoked, key: {}}}\n",
                            testing::kSignifyKeyId));
}

TEST_F(ManifestSignatureTest, ASignerWhomTheAnchorDoesNotNameDoesNot) {
  ExpectRefused(", signers: [\"CN=Alice\"]", "does not name the signer");
}

TEST_F(ManifestSignatureTest, AnAlgorithmThatThePolicyRefusesDoesNot) {
  ExpectRefused("", "Ed25519", "algorithms: cnsa-2.0\n");
}

TEST_F(ManifestSignatureTest, WhatIsTooOldDoesNot) {
  ExpectRefused("", "version: at least 2, found none",
                "freshness: [{scheme: signify, version: 2}]\n");
}

}  // namespace
}  // namespace assay
