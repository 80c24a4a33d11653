#include <gtest/gtest.h>

#include "tests/signatures/firmware_checks.h"

namespace assay::signatures {
namespace {

using assay::testing::Sample;
using testing::FindAll;
using testing::Judged;
using testing::RawKey;
using testing::ReachOf;
using testing::Replaced;
using testing::Situation;

const std::string kFolder = "signatures/fit/";
const Situation kRsa = {.anchors = {RawKey(kFolder + "rsa.pub.pem")}};
const Situation kEc = {.anchors = {RawKey(kFolder + "ec.pub.pem")}};
constexpr std::string_view kPassed = "TOTAL-PASSED";

Bytes Fit(std::string_view name) {
  return Sample(kFolder + std::string(name) + ".itb");
}

std::vector<std::string> VerdictsOf(ByteView fit, const Situation& situation) {
  std::vector<std::string> verdicts;
  for (const SignatureCandidate& one : FindAll(kFit, "fit.itb", fit)) {
    verdicts.push_back(Judged(kFit, one, situation));
  }
  return verdicts;
}

using Verdicts = std::vector<std::string>;

TEST(FitTest, PassesWhatMkimageSigns) {
  EXPECT_EQ(VerdictsOf(Fit("configurations"), kRsa),
            (Verdicts{"TOTAL-PASSED", "TOTAL-FAILED SIG_CRYPTO_FAILURE",
                      "TOTAL-PASSED"}));  // PKCS #1, another key's, PSS
  EXPECT_EQ(VerdictsOf(Fit("ecdsa"), kEc), Verdicts{"TOTAL-PASSED"});
  EXPECT_EQ(VerdictsOf(Fit("external"), kRsa), Verdicts{"TOTAL-PASSED"});
}

TEST(FitTest, SaysWhoAndWith) {
  const auto found = FindAll(kFit, "fit.itb", Fit("ecdsa"));
  const SignatureCheck check =
      kFit.verify(found.at(0), {}, Trust{.anchors = kEc.anchors});
  EXPECT_EQ(check.anchor, kFolder + "ec.pub.pem");
  EXPECT_EQ(check.algorithm.key, "EC");
  EXPECT_EQ(check.algorithm.bits, 256U);
  EXPECT_EQ(check.algorithm.digest, DigestAlgorithm::kSha256);
  EXPECT_EQ(check.good_keys.size(), 1U);
  EXPECT_EQ(found.at(0).key_hint, "ec");
}

TEST(FitTest, EachConfigurationStandsForItself) {
  const Bytes fit = Fit("configurations");
  const auto found = FindAll(kFit, "fit.itb", fit);
  ASSERT_EQ(found.size(), 3U);
  const std::string_view text = AsText(fit);
  const std::size_t third = text.find("conf-3");
  const std::size_t chosen = text.find("conf-1");  // the value of "default"
  const std::size_t kernel = text.find("inert kernel");
  for (const SignatureCandidate& one : found) {
    EXPECT_EQ(ReachOf(one, third), Coverage::kUncoveredLive);
    EXPECT_EQ(ReachOf(one, chosen), Coverage::kUncoveredLive);
    EXPECT_EQ(ReachOf(one, kernel), Coverage::kByDigest);
  }
  EXPECT_EQ(ReachOf(found[0], text.find("conf-2", chosen + 7)),
            Coverage::kUncoveredLive);
  EXPECT_EQ(ReachOf(found[2], text.find("conf-2", chosen + 7)),
            Coverage::kSigned);
}

TEST(FitTest, AChangedImageFailsThoughItsSignatureHolds) {  // N53
  for (const char* name : {"configurations", "ecdsa", "external", "left_out"}) {
    for (const std::string_view image : {"inert kernel", "inert devicetree"}) {
      const Bytes changed =
          Replaced(Fit(name), image, std::string(image.size(), 'X'));
      for (const std::string& verdict : VerdictsOf(
               changed, {.anchors = {kRsa.anchors[0], kEc.anchors[0]}})) {
        EXPECT_NE(verdict, kPassed) << name;
      }
    }
  }
  EXPECT_EQ(
      VerdictsOf(Replaced(Fit("ecdsa"), "inert kernel", "other kernel"), kEc),
      Verdicts{"TOTAL-FAILED HASH_FAILURE"});
}

TEST(FitTest, ACopiedConfigurationDoesNotTakeItsSignatureAlong) {  // N54
  Bytes copied = Fit("ecdsa");
  std::string text(AsText(copied));
  // The node, not the value of "default" in front of it.
  const std::size_t at = text.find("conf-1", text.find("conf-1") + 1);
  text[at + 5] = '7';
  EXPECT_EQ(VerdictsOf(AsBytes(text), kEc),
            Verdicts{"TOTAL-FAILED SIG_CRYPTO_FAILURE"});
}

TEST(FitTest, TheFilesOwnListOfNodesDoesNotCount) {  // N55, CVE-2026-46728
  const auto found = FindAll(kFit, "fit.itb", Fit("hashed_nodes"));
  ASSERT_EQ(found.size(), 2U);
  EXPECT_NE(found[0].key_hint.find("/images/kernel-9"), std::string::npos);
  EXPECT_EQ(VerdictsOf(Fit("hashed_nodes"), kEc),
            (Verdicts{"TOTAL-FAILED SIG_CRYPTO_FAILURE", "TOTAL-PASSED"}));
  EXPECT_EQ(ReachOf(found[1], AsText(Fit("hashed_nodes")).find("evil")),
            Coverage::kUncoveredLive);
}

TEST(FitTest, ASignedImageSaysNothingOfConfigurations) {  // N56
  const Bytes fit = Fit("images");
  EXPECT_EQ(VerdictsOf(fit, kRsa), (Verdicts{"TOTAL-PASSED", "TOTAL-PASSED"}));
  for (const SignatureCandidate& one : FindAll(kFit, "fit.itb", fit)) {
    EXPECT_EQ(ReachOf(one, AsText(fit).rfind("kernel-1")),
              Coverage::kUncoveredLive);
  }
  EXPECT_EQ(VerdictsOf(Replaced(fit, "inert kernel", "other kernel"), kRsa),
            (Verdicts{"TOTAL-FAILED HASH_FAILURE", "TOTAL-PASSED"}));
}

TEST(FitTest, AnImageThatTheSignatureLeavesOutFails) {
  const auto found = FindAll(kFit, "fit.itb", Fit("left_out"));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].key_hint,
            "rsa (its hashed-nodes leaves out /images/ramdisk-1)");
  EXPECT_EQ(VerdictsOf(Fit("left_out"), kRsa),
            Verdicts{"TOTAL-FAILED HASH_FAILURE"});
}

TEST(FitTest, WeakHashesDoNotBindAnImage) {
  Situation legacy = kRsa;
  legacy.legacy = true;
  for (const char* name : {"crc32", "md5", "sha1", "sha1_signature"}) {
    EXPECT_EQ(VerdictsOf(Fit(name), kRsa),
              Verdicts{"INDETERMINATE CRYPTO_CONSTRAINTS_FAILURE"})
        << name;
    EXPECT_EQ(VerdictsOf(Fit(name), legacy),
              Verdicts{std::string(name) == "crc32"
                           ? "INDETERMINATE CRYPTO_CONSTRAINTS_FAILURE"
                           : "TOTAL-PASSED"})
        << name;
  }
}

TEST(FitTest, NamesThatAreReadInTwoWaysFail) {  // CVE-2021-27097, -27138
  const Bytes fit = Fit("ecdsa");
  for (const auto& [from, to] :
       {std::pair{"hash-1", "hash@1"}, std::pair{"signature-1", "signature@1"},
        std::pair{"fdt-1", "fdt@1"}}) {
    const Bytes changed = Replaced(fit, from, to);
    ASSERT_NE(changed, fit);
    EXPECT_EQ(VerdictsOf(changed, kEc), Verdicts{"TOTAL-FAILED FORMAT_FAILURE"})
        << from;
  }
  EXPECT_EQ(
      VerdictsOf(Replaced(Fit("configurations"), "conf-3", "conf-2"), kRsa)
          .at(0),
      "TOTAL-FAILED FORMAT_FAILURE");
}

TEST(FitTest, AnImageWithoutHashFails) {
  EXPECT_EQ(VerdictsOf(Replaced(Fit("ecdsa"), "hash-1", "mash-1"), kEc),
            Verdicts{"TOTAL-FAILED FORMAT_FAILURE"});
}

TEST(FitTest, StringsMustReachAllSignedNames) {
  Bytes fit = Fit("ecdsa");
  const SignatureCandidate before = FindAll(kFit, "fit.itb", fit).at(0);
  // The last range that is signed is the strings block; its size stands in
  // hashed-strings.
  Range strings = {};
  for (const ClaimedRange& range : before.ranges) {
    strings = range.coverage == Coverage::kSigned ? range.range : strings;
  }
  bool changed = false;
  for (std::size_t at = 4; at + 4 <= fit.size() && !changed; at += 4) {
    const auto size = ReadAt<Be32>(fit, at);
    const auto zero = ReadAt<Be32>(fit, at - 4);
    if (at > 40 && size && *zero == 0U && *size == strings.length) {
      fit[at + 3] = 8;
      changed = true;
    }
  }
  ASSERT_TRUE(changed);
  EXPECT_EQ(VerdictsOf(fit, kEc), Verdicts{"TOTAL-FAILED FORMAT_FAILURE"});
}

TEST(FitTest, OtherKeysDoNotCount) {
  EXPECT_EQ(VerdictsOf(Fit("ecdsa"), {}),
            Verdicts{"INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND"});
  EXPECT_EQ(VerdictsOf(Fit("ecdsa"), kRsa),
            Verdicts{"INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND"});
  const Situation other = {.anchors = {RawKey(kFolder + "other.pub.pem")}};
  EXPECT_EQ(VerdictsOf(Fit("external"), other),
            Verdicts{"TOTAL-FAILED SIG_CRYPTO_FAILURE"});
  Situation not_allowed = kEc;
  not_allowed.anchors[0].fingerprints = {"00"};
  EXPECT_EQ(VerdictsOf(Fit("ecdsa"), not_allowed),
            Verdicts{"INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND"});
}

TEST(FitTest, UnknownAlgorithmsAreUnsupported) {
  for (const auto& [from, to] :
       {std::pair{"sha256,ecdsa256", "sha256,mldsa87\0"},
        std::pair{"sha256,ecdsa256", "sha3,ecdsa256\0\0"}}) {
    EXPECT_EQ(VerdictsOf(Replaced(Fit("ecdsa"), {from, 15}, {to, 15}), kEc),
              Verdicts{"UNSUPPORTED"});
  }
}

TEST(FitTest, NoSignedByteCanChange) {
  for (const char* name : {"ecdsa", "external"}) {
    const Bytes fit = Fit(name);
    const Situation& situation = name[1] == 'c' ? kEc : kRsa;
    const auto before = FindAll(kFit, "fit.itb", fit);
    const Range value = before.at(0).place;
    for (std::size_t at = 0; at < fit.size(); ++at) {
      const Coverage reach = ReachOf(before.at(0), at);
      const bool in_value = at >= value.offset && at < value.end();
      if (!in_value && reach != Coverage::kSigned &&
          reach != Coverage::kByDigest) {
        continue;
      }
      Bytes changed = fit;
      changed[at] ^= 1;
      EXPECT_EQ(testing::Passing(kFit, "fit.itb", changed, situation), 0U)
          << name << " at " << at;
    }
  }
}

TEST(FitTest, NoPrefixPasses) {
  for (const char* name : {"ecdsa", "external"}) {
    const Bytes fit = Fit(name);
    for (std::size_t size = 0; size < fit.size(); ++size) {
      const bool padding = std::string_view(name) == "external" &&
                           AsText(fit).substr(size).find_first_not_of('\0') ==
                               std::string_view::npos;
      EXPECT_TRUE(padding ||
                  testing::Passing(kFit, "fit.itb", ByteView(fit).first(size),
                                   name[1] == 'c' ? kEc : kRsa) == 0)
          << name << " " << size;
    }
  }
}

TEST(FitTest, PlainDevicetreesAreLeftAlone) {
  EXPECT_TRUE(FindAll(kFit, "fit.itb", AsBytes("not a devicetree")).empty());
  EXPECT_TRUE(FindAll(kFit, "fit.itb", {}).empty());
}

}  // namespace
}  // namespace assay::signatures
