// What signed metadata reach and when they do not count, on metadata made in
// process. The samples are in avb_test.cc.

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "tests/signatures/avb_maker.h"
#include "tests/signatures/firmware_checks.h"
#include "tests/support/hex.h"
#include "verifier/base/digest.h"
#include "verifier/formats/disks/avb_footer.h"
#include "verifier/formats/disks/avb_tree.h"

namespace assay::signatures {
namespace {

using assay::testing::Concat;
using assay::testing::Sample;
using formats::avb::Footer;
using testing::AvbHashDescriptor;
using testing::AvbPartition;
using testing::FindAll;
using testing::Mismatch;
using testing::RangeAt;
using testing::Situation;
using testing::Verdict;

SignatureCheck Check(ByteView image, const Situation& situation,
                     const std::string& name = "boot.img") {
  return testing::Check(kAvb, name, image, {}, situation);
}

class MadeAvbTest : public ::testing::Test {
 protected:
  static Bytes Metadata(const Bytes& descriptors,
                        const std::function<void(Bytes&)>& change = {}) {
    return testing::AvbMetadata(signer_, descriptors, change);
  }
  static Situation Trusted() {
    return {.anchors = {{.name = "made",
                         .type = TrustAnchor::Type::kRawKey,
                         .key = testing::AvbPublicKey(signer_)}}};
  }
  static std::string VerdictOf(const Bytes& image) {
    return Verdict(Check(image, Trusted()));
  }

  inline static const testing::Identity signer_ =
      testing::Issue("avb", nullptr, {.rsa_bits = 2048});
  Bytes boot_ = CopyOf(AsBytes("inert boot"));
  Bytes descriptor_ = AvbHashDescriptor(
      "boot", "sha256", *BytesFromHex(Sha256Hex(boot_)), boot_.size());
};

TEST_F(MadeAvbTest, Passes) {
  const Bytes image = AvbPartition(boot_, Metadata(descriptor_));
  EXPECT_EQ(VerdictOf(image), "TOTAL-PASSED");
  EXPECT_EQ(Mismatch(FindAll(kAvb, "boot.img", image)[0]), "");
}

// Android looks at no time, and no certificate; a pin has one nevertheless.
TEST_F(MadeAvbTest, TheKeyOfAPinIsOfItsTime) {
  const std::vector<TrustAnchor> pin = {
      testing::X509Anchor(signer_, TrustAnchor::Type::kX509Pin)};
  const Bytes image = AvbPartition(boot_, Metadata(descriptor_));
  for (const auto& [at, time] :
       {std::pair{testing::kCertNow, TimeModel::kNow},
        std::pair{testing::kCertBorn - 1, TimeModel::kIgnore}}) {
    const SignatureCheck check = Check(image, {.anchors = pin, .at = at});
    ASSERT_EQ(check.good_keys.size(), 1U) << check.detail;
    EXPECT_EQ(check.good_keys[0].time, time);
    EXPECT_EQ(check.time, time);
  }
}

TEST_F(MadeAvbTest, DisabledVerificationNeverPasses) {  // N58
  for (const std::uint8_t flags : Bytes{1, 2, 3}) {
    EXPECT_EQ(VerdictOf(Metadata(descriptor_,
                                 [&](Bytes& header) { header[123] = flags; })),
              "INDETERMINATE SIG_CONSTRAINTS_FAILURE")
        << +flags;
  }
}

TEST_F(MadeAvbTest, UnknownThingsAreUnsupported) {
  const struct {
    std::size_t at;
    std::uint8_t value;
  } kCases[] = {{7, 2}, {11, 4}, {31, 7}};  // major, minor, algorithm
  for (const auto& one : kCases) {
    const Bytes vbmeta = Metadata(
        descriptor_, [&](Bytes& header) { header[one.at] = one.value; });
    EXPECT_EQ(VerdictOf(vbmeta), "UNSUPPORTED") << one.at;
    EXPECT_EQ(VerdictOf(AvbPartition(boot_, vbmeta)), "UNSUPPORTED") << one.at;
  }
  Bytes footer = AvbPartition(boot_, Metadata(descriptor_));
  footer[footer.size() - 57] = 2;  // its major version
  EXPECT_EQ(VerdictOf(footer), "UNSUPPORTED");
  const Bytes odd = AvbHashDescriptor("boot", "blake2b-256", Bytes(32), 10);
  EXPECT_EQ(VerdictOf(AvbPartition(boot_, Metadata(odd))), "UNSUPPORTED");
}

TEST_F(MadeAvbTest, Sha1NeedsALegacyPolicy) {
  const Bytes digest =
      *BytesFromHex(DigestOf(DigestAlgorithm::kSha1, boot_).hex);
  const Bytes image = AvbPartition(
      boot_, Metadata(AvbHashDescriptor("boot", "sha1", digest, boot_.size())));
  EXPECT_EQ(VerdictOf(image), "INDETERMINATE CRYPTO_CONSTRAINTS_FAILURE");
  Situation legacy = Trusted();
  legacy.legacy = true;
  EXPECT_EQ(Verdict(Check(image, legacy)), "TOTAL-PASSED");
}

TEST_F(MadeAvbTest, SizesAndPlacesThatDoNotFitAreMalformed) {
  const Bytes longer =
      AvbHashDescriptor("boot", "sha256", Bytes(32), boot_.size() + 1);
  EXPECT_EQ(VerdictOf(AvbPartition(boot_, Metadata(longer))),
            "TOTAL-FAILED FORMAT_FAILURE");
  Bytes damaged = descriptor_;
  damaged[14] = 0xFF;  // longer than the descriptors
  EXPECT_EQ(VerdictOf(Metadata(damaged)), "TOTAL-FAILED FORMAT_FAILURE");
  EXPECT_EQ(
      VerdictOf(Metadata(descriptor_, [](Bytes& header) { header[31] = 2; })),
      "TOTAL-FAILED FORMAT_FAILURE");  // a 4096-bit algorithm
  Bytes astray = AvbPartition(boot_, Metadata(descriptor_));
  astray[astray.size() - 44] = 0xFF;  // vbmeta offset
  EXPECT_EQ(VerdictOf(astray), "TOTAL-FAILED FORMAT_FAILURE");
}

TEST_F(MadeAvbTest, ANameDecidesBetweenSeveralDescriptors) {
  const Bytes other = AvbHashDescriptor("dtbo", "sha256", Bytes(32), 5);
  const Bytes image = AvbPartition(boot_, Metadata(Concat(other, descriptor_)));
  for (const char* name : {"boot", "boot.img", "boot_a", "boot_b.img"}) {
    const auto found = FindAll(kAvb, name, image);
    EXPECT_EQ(Mismatch(found[0]), "") << name;
    EXPECT_NE(RangeAt(found[0], 0), nullptr) << name;
  }
  // No name fits: nothing is reached rather than the wrong thing.
  EXPECT_EQ(RangeAt(FindAll(kAvb, "bootloader.img", image)[0], 0), nullptr);
}

// Anybody can put metadata that the vendor signed behind an image of his own.
TEST_F(MadeAvbTest, MetadataOfOtherImagesDoNotPassBehindOne) {
  const Bytes evil = CopyOf(AsBytes("evil boot!"));
  const Bytes other = AvbHashDescriptor("dtbo", "sha256", Bytes(32), 5);
  const Bytes nothing =
      AvbHashDescriptor("evil", "sha256", *BytesFromHex(Sha256Hex({})), 0);
  for (const Bytes& descriptors :
       {Concat(other, descriptor_), Bytes(), nothing}) {
    EXPECT_EQ(Verdict(Check(AvbPartition(evil, Metadata(descriptors)),
                            Trusted(), "evil.img")),
              "INDETERMINATE SIG_CONSTRAINTS_FAILURE");
  }
  // The same metadata in a partition of their own.
  EXPECT_EQ(Verdict(Check(Metadata(Concat(other, descriptor_)), Trusted(),
                          "vbmeta.img")),
            "TOTAL-PASSED");
}

// ... or put an image of his own behind them.
TEST_F(MadeAvbTest, MetadataInFrontOfOtherBytesDoNotPass) {
  const Bytes vbmeta = Metadata(descriptor_);
  EXPECT_EQ(VerdictOf(Concat(vbmeta, Bytes(4096))), "TOTAL-PASSED");
  Bytes late(4096);
  late.back() = 1;
  const Bytes own = AvbPartition({}, vbmeta);
  for (const Bytes& behind : {CopyOf(AsBytes("evil boot!")), Bytes{0xFF}, late,
                              AvbPartition(boot_, vbmeta), own}) {
    EXPECT_EQ(Verdict(Check(Concat(vbmeta, behind), Trusted(), "boot.img")),
              "INDETERMINATE SIG_CONSTRAINTS_FAILURE");
  }
}

// A partition that holds nothing but metadata may have a footer that says so.
TEST_F(MadeAvbTest, MetadataMayHaveAFooterOfTheirOwn) {
  Bytes vbmeta = Metadata(descriptor_);
  const Bytes alone = AvbPartition({}, vbmeta);
  const auto found = FindAll(kAvb, "boot.img", alone);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(Verdict(Check(alone, Trusted())), "TOTAL-PASSED");
  EXPECT_EQ(found[0].listed.size(), 1U);
  Bytes between = alone;
  between.insert(between.end() - sizeof(Footer), 'X');
  EXPECT_EQ(Verdict(Check(between, Trusted())),
            "INDETERMINATE SIG_CONSTRAINTS_FAILURE");
}

TEST_F(MadeAvbTest, FoldersAreNoPartOfAName) {
  const Bytes other = AvbHashDescriptor("dtbo", "sha256", Bytes(32), 5);
  const Bytes image = AvbPartition(boot_, Metadata(Concat(other, descriptor_)));
  for (const char* name : {"images/boot.img", "v1.0/boot_a.img"}) {
    EXPECT_NE(RangeAt(FindAll(kAvb, name, image)[0], 0), nullptr) << name;
  }
  EXPECT_EQ(RangeAt(FindAll(kAvb, "boot.img/other", image)[0], 0), nullptr);
  const auto slot =
      FindAll(kAvb, "v1.0/vbmeta_b.img", Sample("signatures/avb/device.hex"));
  EXPECT_EQ(slot.at(0).listed.at(0).name, "boot_b.img");
}

TEST_F(MadeAvbTest, AFewDescriptorsOfOneImageAreRead) {
  Bytes descriptors;
  for (int i = 0; i < 8; ++i) {
    descriptors = Concat(descriptors, descriptor_);
  }
  EXPECT_EQ(VerdictOf(AvbPartition(boot_, Metadata(descriptors))),
            "TOTAL-PASSED");
  const Bytes more =
      AvbPartition(boot_, Metadata(Concat(descriptors, descriptor_)));
  EXPECT_EQ(VerdictOf(more), "TOTAL-FAILED FORMAT_FAILURE");
  const auto found = FindAll(kAvb, "boot.img", more);
  for (const ClaimedRange& range : found.at(0).ranges) {
    EXPECT_FALSE(range.found) << range.what;  // none was computed
  }
}

TEST_F(MadeAvbTest, SaltsAreAsLongAsVeritysetupWritesThem) {
  for (const auto& [size, verdict] :
       {std::pair{256U, "TOTAL-PASSED"}, std::pair{257U, "UNSUPPORTED"}}) {
    const Bytes salt(size, 0x5A);
    const Bytes digest = *BytesFromHex(Sha256Hex(Concat(salt, boot_)));
    const Bytes descriptor =
        AvbHashDescriptor("boot", "sha256", digest, boot_.size(), salt);
    const Bytes image = AvbPartition(boot_, Metadata(descriptor));
    EXPECT_EQ(VerdictOf(image), verdict) << size;
    EXPECT_EQ(Mismatch(FindAll(kAvb, "boot.img", image)[0]), "") << size;
    const auto apart = FindAll(kAvb, "vbmeta.img", Metadata(descriptor));
    EXPECT_EQ(apart.at(0).listed.size(), size == 256 ? 1U : 0U);
    const auto tree =
        formats::avb::ComputeTree("sha256", salt, Bytes(1024), 512);
    EXPECT_EQ(tree.has_value(), size == 256);
  }
}

TEST_F(MadeAvbTest, EverySignatureIsACandidate) {
  const Bytes first = Metadata(descriptor_);
  const auto found =
      FindAll(kAvb, "vbmeta.img", AvbPartition(first, Metadata(descriptor_)));
  EXPECT_EQ(found.size(), 2U);
  EXPECT_TRUE(FindAll(kAvb, "x.img", boot_).empty());
}

}  // namespace
}  // namespace assay::signatures
