#include <gtest/gtest.h>

#include "tests/signatures/firmware_checks.h"

namespace assay::signatures {
namespace {

using assay::testing::Sample;
using testing::FindAll;
using testing::Judged;
using testing::RawKey;
using testing::ReachOf;
using testing::Situation;
using Verdicts = std::vector<std::string>;

const std::string kFolder = "signatures/mcuboot/";

Bytes Image(std::string_view name) {
  return Sample(kFolder + std::string(name) + ".bin");
}

Situation With(std::string_view key) {
  return {.anchors = {RawKey(kFolder + std::string(key) + ".pub.pem")}};
}

Verdicts VerdictsOf(ByteView image, const Situation& situation) {
  Verdicts verdicts;
  for (const SignatureCandidate& one : FindAll(kMcuboot, "app.bin", image)) {
    verdicts.push_back(Judged(kMcuboot, one, situation));
  }
  return verdicts;
}

TEST(McubootTest, PassesWhatOpensslSigns) {
  for (const char* name : {"rsa", "rsa3072", "p256", "ed25519"}) {
    EXPECT_EQ(VerdictsOf(Image(name), With(name)), Verdicts{"TOTAL-PASSED"})
        << name;
  }
  EXPECT_EQ(VerdictsOf(Image("pure"), With("ed25519")),
            Verdicts{"TOTAL-PASSED"});
  EXPECT_EQ(VerdictsOf(Image("nokey"), With("p256")), Verdicts{"TOTAL-PASSED"});
}

TEST(McubootTest, EachSignatureIsJudged) {
  EXPECT_EQ(
      VerdictsOf(Image("both"), With("p256")),
      (Verdicts{"TOTAL-PASSED", "INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND"}));
  EXPECT_EQ(
      VerdictsOf(Image("both"), With("ed25519")),
      (Verdicts{"INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND", "TOTAL-PASSED"}));
}

TEST(McubootTest, ShowsVersionAndCounter) {  // N64: what a policy compares
  const auto found = FindAll(kMcuboot, "app.bin", Image("p256"));
  const auto anchors = With("p256").anchors;
  const SignatureCheck check =
      kMcuboot.verify(found.at(0), {}, Trust{.anchors = anchors});
  EXPECT_EQ(check.steps.back(), "image 1.2.3+4, security counter 7");
  EXPECT_EQ(check.age.rollback_index, 7U);
  EXPECT_EQ(check.age.version, "1.2.3+4");
  EXPECT_EQ(check.algorithm.key, "EC");
}

TEST(McubootTest, FieldsOutsideOfTheProtectedAreaAreRefused) {  // N63
  EXPECT_EQ(VerdictsOf(Image("counter"), With("p256")),
            Verdicts{"TOTAL-FAILED FORMAT_FAILURE"});
}

TEST(McubootTest, TheUnprotectedAreaIsNotReached) {
  const Bytes image = Image("p256");
  const auto found = FindAll(kMcuboot, "app.bin", image);
  const std::size_t value = static_cast<std::size_t>(found.at(0).place.offset);
  EXPECT_EQ(ReachOf(found[0], 0), Coverage::kSigned);
  EXPECT_EQ(ReachOf(found[0], 40), Coverage::kSigned);
  EXPECT_EQ(ReachOf(found[0], value), Coverage::kUncoveredInert);
  // What follows an image in its slot is nobody's.
  const Bytes longer = assay::testing::Concat(image, AsBytes("more"));
  const auto again = FindAll(kMcuboot, "app.bin", longer);
  EXPECT_EQ(ReachOf(again.at(0), image.size()), Coverage::kUncoveredLive);
}

TEST(McubootTest, ADigestMustBeStatedOnce) {
  EXPECT_EQ(VerdictsOf(Image("nodigest"), With("p256")),
            Verdicts{"TOTAL-FAILED FORMAT_FAILURE"});
  Bytes wrong = Image("p256");
  const std::size_t value = static_cast<std::size_t>(
      FindAll(kMcuboot, "app.bin", wrong).at(0).place.offset);
  wrong[value - 4 - 36 - 1] ^= 1;  // the last byte of the digest
  EXPECT_EQ(VerdictsOf(wrong, With("p256")),
            Verdicts{"TOTAL-FAILED HASH_FAILURE"});
}

TEST(McubootTest, EncryptedImagesAreUnsupported) {
  EXPECT_EQ(VerdictsOf(Image("encrypted"), With("p256")),
            Verdicts{"UNSUPPORTED"});
}

TEST(McubootTest, UnknownAlgorithmsAreUnsupported) {
  Bytes image = Image("p256");
  const std::size_t value = static_cast<std::size_t>(
      FindAll(kMcuboot, "app.bin", image).at(0).place.offset);
  image[value - 4] = 0x21;  // ECDSA on P-224
  EXPECT_EQ(VerdictsOf(image, With("p256")), Verdicts{"UNSUPPORTED"});
}

TEST(McubootTest, OtherKeysDoNotCount) {
  for (const char* key : {"other", "rsa"}) {
    EXPECT_EQ(VerdictsOf(Image("p256"), With(key)),
              Verdicts{"INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND"});
  }
  EXPECT_EQ(VerdictsOf(Image("nokey"), With("other")),
            Verdicts{"TOTAL-FAILED SIG_CRYPTO_FAILURE"});
  EXPECT_EQ(VerdictsOf(Image("p256"), {}),
            Verdicts{"INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND"});
}

TEST(McubootTest, NoByteCanChange) {
  for (const char* name : {"p256", "ed25519", "pure", "rsa"}) {
    const Situation situation =
        With(std::string_view(name) == "pure" ? "ed25519" : name);
    const Bytes image = Image(name);
    for (std::size_t at = 0; at < image.size(); ++at) {
      Bytes changed = image;
      changed[at] ^= 1;
      EXPECT_EQ(testing::Passing(kMcuboot, "app.bin", changed, situation), 0U)
          << name << " at " << at;
    }
  }
}

TEST(McubootTest, NoPrefixPasses) {
  const Bytes image = Image("p256");
  for (std::size_t size = 0; size < image.size(); ++size) {
    EXPECT_EQ(testing::Passing(kMcuboot, "app.bin", ByteView(image).first(size),
                               With("p256")),
              0U)
        << size;
  }
}

TEST(McubootTest, UnsignedImagesHaveNoSignature) {
  EXPECT_TRUE(FindAll(kMcuboot, "app.bin", Image("unsigned")).empty());
  EXPECT_TRUE(FindAll(kMcuboot, "app.bin", AsBytes("firmware")).empty());
}

}  // namespace
}  // namespace assay::signatures
