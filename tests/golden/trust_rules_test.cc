// What a policy says of time, age and lists, on whole products.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "tests/golden/verified.h"
#include "tests/support/hex.h"
#include "tests/support/scratch.h"
#include "verifier/base/crc32.h"
#include "verifier/base/digest.h"
#include "verifier/base/text.h"

namespace assay {
namespace {

using testing::ReasonsOf;
using testing::Sample;
using testing::SamplePath;
using testing::ScratchFolder;
using testing::VerdictsOn;

constexpr UnixTime kAt = 1'800'000'000;  // 2027-01-15

Report Verify(const ScratchFolder& product, const std::string& trust) {
  return testing::VerifiedUnder(trust, {.product = product.path(), .at = kAt});
}

std::string Anchors(std::string_view type, std::string_view sample) {
  return fmt::format("anchors: [{{name: vendor, type: {}, file: \"{}\"}}]\n",
                     type, SamplePath(sample));
}

class PartitionsTest : public ::testing::Test {
 protected:
  PartitionsTest() {
    boot_.resize(330);
    system_.resize(18 * 512 + 1536 + 64);  // blocks, tree, error correction
  }

  [[nodiscard]] Report Verified(const std::string& more = "",
                                const std::string& key = "device") const {
    const ScratchFolder folder;
    folder.Write("vbmeta.img", AsText(vbmeta_));
    if (!boot_.empty()) {
      folder.Write("boot.img", AsText(boot_));
    }
    folder.Write("system.img", AsText(system_));
    return Verify(folder,
                  Anchors("raw-key", "signatures/avb/" + key + ".pub.pem") +
                      "signatures:\n"
                      "  - {match: \"*.img\", anchors: [vendor]}\n" +
                      more);
  }

  Bytes vbmeta_ = Sample("signatures/avb/device.hex");
  Bytes boot_ = Sample("signatures/avb/boot.hex");
  Bytes system_ = Sample("signatures/avb/system.hex");
};

TEST_F(PartitionsTest, OtherPartitionsAreReachedByTheirDigests) {
  const Report report =
      Verified("  - {match: \"*.img\", anchors: [vendor], coverage: 100}\n");
  for (const char* name : {"vbmeta.img", "boot.img", "system.img"}) {
    EXPECT_EQ(VerdictsOn(report, name), "TOTAL-PASSED") << name;
  }
  EXPECT_EQ(report.verdict, Verdict::kPass) << ReasonsOf(report);
  testing::ExpectBalanced(report);
}

TEST_F(PartitionsTest, EveryChangedByteOfThemIsSeen) {
  const Bytes boot = boot_;
  const Bytes system = system_;
  for (const std::size_t at : {std::size_t{0}, boot.size() - 1}) {
    boot_[at] ^= 1U;
    const Report report = Verified();
    EXPECT_EQ(VerdictsOn(report, "boot.img"), "TOTAL-FAILED HASH_FAILURE");
    EXPECT_EQ(VerdictsOn(report, "system.img"), "TOTAL-PASSED");
    EXPECT_EQ(report.verdict, Verdict::kFail);
    boot_ = boot;
  }
  // First and last block, first and last byte of the tree.
  for (const std::size_t at : {std::size_t{0}, std::size_t{18 * 512 - 1},
                               std::size_t{18 * 512}, system.size() - 65}) {
    system_[at] ^= 1U;
    const Report report = Verified();
    EXPECT_EQ(VerdictsOn(report, "system.img"), "TOTAL-FAILED HASH_FAILURE")
        << at;
    EXPECT_EQ(report.verdict, Verdict::kFail);
    system_ = system;
  }
}

TEST_F(PartitionsTest, TooShortOrMissingOnesDoNotPass) {
  boot_.pop_back();
  system_.resize(18 * 512 + 1535);  // the tree ends early
  const Report report = Verified();
  EXPECT_EQ(VerdictsOn(report, "boot.img"), "TOTAL-FAILED HASH_FAILURE");
  EXPECT_EQ(VerdictsOn(report, "system.img"), "TOTAL-FAILED HASH_FAILURE");
  boot_.clear();
  EXPECT_EQ(VerdictsOn(Verified(), "boot.img"),
            "INDETERMINATE SIGNED_DATA_NOT_FOUND");
}

TEST_F(PartitionsTest, BytesBehindThemAreNotReached) {  // N59
  boot_.push_back('X');
  const Report report =
      Verified("  - {match: boot.img, anchors: [vendor], coverage: 100}\n");
  EXPECT_EQ(VerdictsOn(report, "boot.img"), "TOTAL-PASSED");
  EXPECT_EQ(report.verdict, Verdict::kFail);
  EXPECT_NE(ReasonsOf(report).find("reach 99.698 %"), std::string::npos)
      << ReasonsOf(report);
  testing::ExpectBalanced(report);
}

TEST_F(PartitionsTest, AnotherKeyReachesNone) {  // N57
  const Report report = Verified("", "other");
  for (const char* name : {"vbmeta.img", "boot.img", "system.img"}) {
    EXPECT_EQ(VerdictsOn(report, name),
              "INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND")
        << name;
  }
  EXPECT_NE(report.verdict, Verdict::kPass);
}

TEST_F(PartitionsTest, AnOldRollbackIndexFails) {  // N64
  EXPECT_EQ(Verified("freshness: [{scheme: avb, rollback_index: 7}]\n").verdict,
            Verdict::kPass);
  for (const char* rule : {"{scheme: avb, rollback_index: 8}",
                           "{match: vbmeta.img, version: 1}"}) {
    const Report report = Verified(fmt::format("freshness: [{}]\n", rule));
    EXPECT_EQ(report.verdict, Verdict::kFail) << rule;
    EXPECT_EQ(VerdictsOn(report, "vbmeta.img"),
              "INDETERMINATE SIG_CONSTRAINTS_FAILURE");
    EXPECT_EQ(VerdictsOn(report, "boot.img"),
              "INDETERMINATE SIG_CONSTRAINTS_FAILURE");
    EXPECT_NE(ReasonsOf(report).find("older than the policy allows"),
              std::string::npos)
        << ReasonsOf(report);
  }
  // What is said of one file holds for that one.
  const Report one =
      Verified("freshness: [{match: boot.img, rollback_index: 8}]\n");
  EXPECT_EQ(VerdictsOn(one, "vbmeta.img"), "TOTAL-PASSED");
  EXPECT_EQ(VerdictsOn(one, "boot.img"),
            "INDETERMINATE SIG_CONSTRAINTS_FAILURE");
  EXPECT_EQ(one.verdict, Verdict::kFail);
}

// What anybody can add to a product must not keep the vendor's from being read.
TEST_F(PartitionsTest, UnsignedMetadataDoNotUseUpThePassesOverAnImage) {
  const ScratchFolder folder;
  Bytes forged = vbmeta_;
  forged[256 + 32] ^= 1U;  // of the signature
  for (char name = 'a'; name <= 'i'; ++name) {
    folder.Write(fmt::format("{}.img", name), AsText(forged));
  }
  folder.Write("vbmeta.img", AsText(vbmeta_));
  folder.Write("boot.img", AsText(boot_));
  const Report report =
      Verify(folder, Anchors("raw-key", "signatures/avb/device.pub.pem"));
  EXPECT_NE(VerdictsOn(report, "boot.img").find("TOTAL-PASSED"),
            std::string::npos)
      << VerdictsOn(report, "boot.img");
}

TEST_F(PartitionsTest, ARuleOfFreshnessForWhatIsNotThereIsNotMet) {
  const Report report =
      Verified("freshness: [{scheme: mcuboot, rollback_index: 1}]\n");
  EXPECT_EQ(report.verdict, Verdict::kInconclusive);
  EXPECT_NE(ReasonsOf(report).find("how old \"mcuboot\" may be"),
            std::string::npos)
      << ReasonsOf(report);
}

// A signature beside the description that is not SWUpdate's own.
TEST(UpdateRuleTest, AnOldDescriptionFailsWhoeverSignsIt) {
  const ScratchFolder product;
  for (const char* name : {"sw-description", "rootfs.img", "update.sh"}) {
    product.Write(name,
                  AsText(Sample(fmt::format("signatures/swupdate/{}", name))));
  }
  product.Write("sw-description.p7s",
                AsText(Sample("signatures/swupdate/email.sig")));
  const auto report = [&](const std::string& version) {
    return Verify(product,
                  Anchors("x509-pin", "signatures/swupdate/email.pem") +
                      "signatures: [{match: rootfs.img, anchors: [vendor]}]\n"
                      "freshness: [{scheme: swupdate, version: \"" +
                      version + "\"}]\n");
  };
  EXPECT_EQ(VerdictsOn(report("1.0"), "rootfs.img"), "TOTAL-PASSED");
  EXPECT_EQ(report("1.0").verdict, Verdict::kPass) << ReasonsOf(report("1.0"));
  const Report stale = report("1.1");
  EXPECT_NE(VerdictsOn(stale, "sw-description")
                .find("INDETERMINATE SIG_CONSTRAINTS_FAILURE"),
            std::string::npos)
      << VerdictsOn(stale, "sw-description");
  // What is too old vouches for none of the files that it lists.
  EXPECT_EQ(VerdictsOn(stale, "rootfs.img"), "DIGEST-ONLY");
  EXPECT_EQ(stale.verdict, Verdict::kFail);
}

TEST(McubootRuleTest, AnOldCounterOrVersionFails) {  // N64
  const ScratchFolder product;
  product.Write("app.bin", AsText(Sample("signatures/mcuboot/p256.bin")));
  const auto verdict = [&](const std::string& rule) {
    return Verify(product,
                  Anchors("raw-key", "signatures/mcuboot/p256.pub.pem") +
                      "signatures: [{match: app.bin, anchors: [vendor]}]\n"
                      "freshness: [{scheme: mcuboot, " +
                      rule + "}]\n")
        .verdict;
  };
  EXPECT_EQ(verdict("rollback_index: 7"), Verdict::kPass);
  EXPECT_EQ(verdict("version: 1.2.3"), Verdict::kPass);
  EXPECT_EQ(verdict("rollback_index: 8"), Verdict::kFail);
  EXPECT_EQ(verdict("version: 1.2.4"), Verdict::kFail);
  EXPECT_EQ(verdict("version: 1.10.0"), Verdict::kFail);
  EXPECT_EQ(verdict("date: 2026-01-01"), Verdict::kFail);
}

TEST(BundleRuleTest, AnOldVersionOfABundleFails) {
  const ScratchFolder product;
  product.Write("update.raucb",
                AsText(Sample("signatures/rauc_bundle/verity.raucb")));
  const auto report = [&](const std::string& version) {
    return Verify(product,
                  Anchors("x509-ca", "signatures/rauc_bundle/ca.pem") +
                      "signatures: [{match: update.raucb, anchors: [vendor]}]\n"
                      "freshness: [{scheme: rauc_bundle, version: " +
                      version + "}]\n");
  };
  EXPECT_EQ(VerdictsOn(report("1"), "update.raucb"), "TOTAL-PASSED");
  EXPECT_EQ(VerdictsOn(report("99"), "update.raucb"),
            "INDETERMINATE SIG_CONSTRAINTS_FAILURE");
  EXPECT_EQ(report("99").verdict, Verdict::kFail);
}

TEST(BundleRuleTest, TheSignatureOfABundleIsNamedOnce) {
  for (const char* bundle : {"plain", "verity"}) {
    const ScratchFolder product;
    product.Write(
        "update.raucb",
        AsText(Sample(fmt::format("signatures/rauc_bundle/{}.raucb", bundle))));
    const Report report =
        Verify(product, Anchors("x509-ca", "signatures/rauc_bundle/ca.pem"));
    EXPECT_EQ(VerdictsOn(report, "update.raucb"), "TOTAL-PASSED") << bundle;
    for (const SignatureCheck& check : report.checks) {
      EXPECT_NE(check.scheme, "cms_detached") << bundle;
    }
  }
}

class TimeRuleTest : public ::testing::Test {
 protected:
  // Signed by a certificate that is good now, without a time stamp.
  TimeRuleTest() {
    for (const char* name : {"firmware.txt", "firmware.txt.p7s"}) {
      product_.Write(
          name,
          AsText(Sample(fmt::format("signatures/cms_detached/{}", name))));
    }
  }
  [[nodiscard]] Report Timed(const std::string& time) const {
    return Verify(product_,
                  Anchors("x509-ca", "signatures/cms_detached/ca.pem") +
                      "signatures: [{match: firmware.txt, anchors: [vendor]" +
                      (time.empty() ? "" : ", time: " + time) + "}]\n");
  }
  ScratchFolder product_;
};

TEST_F(TimeRuleTest, ADemandedTimeStampHasToBeThere) {
  const Report report = Timed("trusted-timestamp");
  EXPECT_EQ(VerdictsOn(report, "firmware.txt"), "INDETERMINATE NO_POE");
  EXPECT_EQ(report.verdict, Verdict::kInconclusive);
  EXPECT_NE(ReasonsOf(report).find("at the time \"trusted-timestamp\""),
            std::string::npos)
      << ReasonsOf(report);
  for (const char* other : {"", "now", "ignore"}) {
    const Report passes = Timed(other);
    EXPECT_EQ(VerdictsOn(passes, "firmware.txt"), "TOTAL-PASSED") << other;
    EXPECT_EQ(passes.verdict, Verdict::kPass) << ReasonsOf(passes);
  }
}

// Text that a package carries where its signature does not look is no list of
// the signer: two readings of one file, of which one is signed.
TEST(SignedListTest, AListHasToBeReachedWhole) {
  constexpr std::size_t kReserved = 1000;  // within the reserved space
  const std::string evil = "not what the packager meant";
  Bytes package = Sample("signatures/rpm_signature/signed.rpm");
  const std::string line =
      fmt::format("\n{}  evil.bin\n", Sha256Hex(AsBytes(evil)));
  std::copy(line.begin(), line.end(), package.begin() + kReserved);
  const ScratchFolder product;
  product.Write("SHA256SUMS", AsText(package));
  product.Write("evil.bin", evil);
  const Report report = Verify(
      product, Anchors("openpgp-cert", "signatures/rpm_signature/key.asc") +
                   "signatures: [{match: evil.bin, anchors: [vendor]}]\n");
  EXPECT_EQ(VerdictsOn(report, "evil.bin"), "DIGEST-ONLY");
  EXPECT_TRUE(std::any_of(report.checks.begin(), report.checks.end(),
                          [](const SignatureCheck& check) {
                            return check.scheme == "rpm_signature" &&
                                   check.indication == Indication::kTotalPassed;
                          }));  // the package's own signature holds
  EXPECT_NE(report.verdict, Verdict::kPass);
}

// A gzip member of one stored block.
std::string Gzip(std::string_view text) {
  const auto number = [](std::uint64_t value, int bytes) {
    std::string out;
    for (int i = 0; i < bytes; ++i) {
      out.push_back(static_cast<char>(value >> (8 * i)));
    }
    return out;
  };
  const std::string head("\x1F\x8B\x08\0\0\0\0\0\0\xFF\x01", 11);
  return head + number(text.size(), 2) + number(~text.size(), 2) +
         std::string(text) + number(Crc32(AsBytes(text)), 4) +
         number(text.size(), 4);
}

// fwupd's jcat-tool says "PASSED" of a file with nothing but its digest.
TEST(ChecksumTest, AJcatOfChecksumsAloneVouchesForNothing) {  // N126
  const std::string firmware = "anybody's firmware";
  const ScratchFolder product;
  product.Write("firmware.bin", firmware);
  product.Write(
      "firmware.jcat",
      Gzip(fmt::format(R"({{"JcatVersionMajor":0,"JcatVersionMinor":1,)"
                       R"("Items":[{{"Id":"firmware.bin","Blobs":[)"
                       R"({{"Kind":1,"Flags":1,"Data":"{}"}}]}}]}})",
                       Sha256Hex(AsBytes(firmware)))));
  const Report report = Verify(
      product, Anchors("openpgp-cert", "signatures/rpm_signature/key.asc") +
                   "signatures: [{match: firmware.bin, anchors: [vendor]}]\n");
  for (const SignatureCheck& check : report.checks) {
    EXPECT_NE(check.indication, Indication::kTotalPassed) << check.scheme;
  }
  EXPECT_EQ(report.verdict, Verdict::kFail);
}

}  // namespace
}  // namespace assay
