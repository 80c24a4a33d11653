#include <gtest/gtest.h>

#include "tests/signatures/firmware_checks.h"

namespace assay::signatures {
namespace {

using assay::testing::Sample;
using testing::FindAll;
using testing::Judged;
using testing::RawKey;
using testing::Situation;

const std::string kFolder = "signatures/mender/";

Situation With(std::string_view key) {
  return {.anchors = {RawKey(kFolder + std::string(key) + ".pub.pem")}};
}
Bytes Manifest(std::string_view name) {
  return Sample(kFolder + std::string(name) + ".manifest");
}
Bytes Signature(std::string_view name) {
  return Sample(kFolder + std::string(name) + ".manifest.sig");
}

std::string VerdictOf(ByteView signature, ByteView manifest,
                      const Situation& situation) {
  const auto found = FindAll(kMender, "manifest.sig", signature);
  return found.size() == 1 ? Judged(kMender, found[0], situation, manifest)
                           : "no candidate";
}

TEST(MenderTest, PassesWhatMenderArtifactSigns) {
  for (const char* name : {"rsa", "p256"}) {
    EXPECT_EQ(VerdictOf(Signature(name), Manifest(name), With(name)),
              "TOTAL-PASSED")
        << name;
  }
  EXPECT_EQ(FindAll(kMender, "manifest.sig", Signature("rsa")).at(0).targets,
            std::vector<std::string>{"manifest"});
}

TEST(MenderTest, TheManifestIsAList) {
  const auto found = FindAll(kMender, "manifest", Manifest("rsa"));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_TRUE(found[0].signature.empty());
  ASSERT_EQ(found[0].listed.size(), 3U);
  EXPECT_EQ(found[0].listed[0].name, "data/0000/payload.bin");
  EXPECT_EQ(found[0].listed[0].digests.at(0),
            DigestOf(DigestAlgorithm::kSha256, AsBytes("inert payload\n")));
  EXPECT_EQ(found[0].listed[2].name, "version");
  EXPECT_EQ(found[0].listed[2].digests.at(0),
            DigestOf(DigestAlgorithm::kSha256, Sample(kFolder + "version")));
  EXPECT_EQ(Judged(kMender, found[0], With("rsa")), "DIGEST-ONLY");
}

TEST(MenderTest, OtherManifestsAreLeftAlone) {
  for (const std::string_view text : {"", "hello", "Manifest-Version: 1.0\n",
                                      "a4564f4e067e6816b3f5e1d58735fc33681686c3"
                                      "dde71051fe3f6adccbc3ec6b  x"}) {
    EXPECT_TRUE(FindAll(kMender, "manifest", AsBytes(text)).empty()) << text;
  }
  EXPECT_TRUE(FindAll(kMender, "manifest.sig", AsBytes("no base64")).empty());
  EXPECT_TRUE(FindAll(kMender, "other.sig", Signature("rsa")).empty());
}

TEST(MenderTest, AFileIsListedOnce) {
  const Bytes twice = assay::testing::Concat(Manifest("rsa"), Manifest("rsa"));
  const auto found = FindAll(kMender, "manifest", twice);
  EXPECT_EQ(Judged(kMender, found.at(0), With("rsa")),
            "TOTAL-FAILED FORMAT_FAILURE");
}

TEST(MenderTest, EveryChangeOfTheManifestFails) {
  for (const char* name : {"rsa", "p256"}) {
    for (std::size_t at = 0; at < Manifest(name).size(); ++at) {
      Bytes changed = Manifest(name);
      changed[at] ^= 1;
      EXPECT_EQ(VerdictOf(Signature(name), changed, With(name)),
                std::string(name) == "rsa" ? "TOTAL-FAILED HASH_FAILURE"
                                           : "TOTAL-FAILED SIG_CRYPTO_FAILURE");
    }
  }
}

TEST(MenderTest, NoChangedBitOrPrefixPasses) {
  for (const char* name : {"rsa", "p256"}) {
    const Bytes signature = Signature(name);
    for (std::size_t at = 0; at < signature.size(); ++at) {
      Bytes changed = signature;
      changed[at] ^= 1;
      EXPECT_NE(VerdictOf(changed, Manifest(name), With(name)), "TOTAL-PASSED");
      EXPECT_NE(
          VerdictOf(ByteView(signature).first(at), Manifest(name), With(name)),
          "TOTAL-PASSED");
    }
  }
}

TEST(MenderTest, OtherKeysDoNotCount) {
  EXPECT_EQ(VerdictOf(Signature("p256"), Manifest("p256"), With("other")),
            "TOTAL-FAILED SIG_CRYPTO_FAILURE");
  EXPECT_EQ(VerdictOf(Signature("p256"), Manifest("p256"), With("rsa")),
            "INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND");
  EXPECT_EQ(VerdictOf(Signature("p256"), Manifest("p256"), {}),
            "INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND");
}

TEST(MenderTest, ASignatureOfZerosDoesNotHold) {  // N127
  const std::string zeros(86, 'A');
  EXPECT_EQ(VerdictOf(AsBytes(zeros + "=="), Manifest("p256"), With("p256")),
            "TOTAL-FAILED SIG_CRYPTO_FAILURE");
}

}  // namespace
}  // namespace assay::signatures
