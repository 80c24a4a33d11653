#include <gtest/gtest.h>

#include "signatures/public_key.h"
#include "tests/signatures/avb_maker.h"
#include "tests/signatures/firmware_checks.h"
#include "tests/support/hex.h"
#include "verifier/formats/disks/avb_vbmeta.h"

namespace assay::signatures {
namespace {

using assay::testing::Sample;
using formats::avb::Header;
using testing::FindAll;
using testing::Mismatch;
using testing::RangeAt;
using testing::Situation;
using testing::Verdict;

const std::string kFolder = "signatures/avb/";

Situation With(const std::string& key) {
  return {.anchors = {{.name = "vendor",
                       .type = TrustAnchor::Type::kRawKey,
                       .key = Sample(kFolder + key)}}};
}

SignatureCheck Check(ByteView image, const Situation& situation,
                     const std::string& name = "boot.img") {
  return testing::Check(kAvb, name, image, {}, situation);
}

TEST(AvbTest, PassesEveryAlgorithmWithItsKey) {
  const struct {
    const char* sample;
    const char* key;
    std::uint32_t bits;
  } kCases[] = {{"vbmeta.hex", "4096.pub.pem", 4096},
                {"sha512.hex", "8192.pub.pem", 8192},
                {"boot.hex", "2048.pub.pem", 2048},
                {"system.hex", "2048.pub.pem", 2048}};
  for (const auto& one : kCases) {
    const SignatureCheck check =
        Check(Sample(kFolder + one.sample), With(one.key));
    EXPECT_EQ(Verdict(check), "TOTAL-PASSED") << one.sample << check.detail;
    EXPECT_EQ(check.anchor, "vendor");
    EXPECT_EQ(check.algorithm.bits, one.bits);
    EXPECT_EQ(testing::GoodKeys(check), std::vector{check.key});
  }
}

TEST(AvbTest, AnEmbeddedKeyIsNoAnchor) {  // N57
  for (const char* sample : {"vbmeta.hex", "boot.hex", "system.hex"}) {
    const Bytes image = Sample(kFolder + sample);
    EXPECT_EQ(Verdict(Check(image, With("other.pub.pem"))),
              "INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND");
    EXPECT_EQ(Verdict(Check(image, {})),
              "INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND");
  }
  Situation not_allowed = With("2048.pub.pem");
  not_allowed.anchors[0].fingerprints = {std::string(64, '0')};
  EXPECT_EQ(Verdict(Check(Sample(kFolder + "boot.hex"), not_allowed)),
            "INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND");
}

TEST(AvbTest, ReachesTheImageByDigestAndNoFurther) {
  const Bytes image = Sample(kFolder + "boot.hex");
  const auto found = FindAll(kAvb, "boot.img", image);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(Mismatch(found[0]), "");
  const ClaimedRange* boot = RangeAt(found[0], 0);
  ASSERT_NE(boot, nullptr);
  EXPECT_EQ(boot->range, (Range{0, 330}));
  EXPECT_EQ(boot->coverage, Coverage::kByDigest);
  // Everything else is signed, or inert: no byte is left out.
  std::uint64_t named = 0;
  for (const ClaimedRange& range : found[0].ranges) {
    named += range.range.length;
  }
  // But for the zeros between the image and the metadata.
  EXPECT_EQ(named, image.size() - (512 - 330));
}

TEST(AvbTest, BytesBehindTheImageAreNotCovered) {  // N59
  Bytes image = Sample(kFolder + "boot.hex");
  image[400] = 'X';
  image[image.size() - 70] = 'X';  // between metadata and footer
  image[image.size() - 1] = 'X';   // reserved in the footer
  const auto found = FindAll(kAvb, "boot.img", image);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(Verdict(Check(image, With("2048.pub.pem"))), "TOTAL-PASSED");
  for (const std::uint64_t at :
       {std::uint64_t{400}, image.size() - 70, image.size() - 1}) {
    EXPECT_EQ(RangeAt(found[0], at), nullptr) << at;
  }
}

TEST(AvbTest, AChangedImageHasAnotherDigest) {
  for (const auto& [sample, size] :
       {std::pair{"boot.hex", 330U}, std::pair{"system.hex", 9216U}}) {
    const Bytes whole = Sample(kFolder + sample);
    for (std::size_t at = 0; at < size; at += 41) {
      Bytes image = whole;
      image[at] ^= 1;
      const auto found = FindAll(kAvb, "x.img", image);
      ASSERT_EQ(found.size(), 1U);
      EXPECT_NE(Mismatch(found[0]), "") << sample << " " << at;
    }
  }
}

TEST(AvbTest, TheStoredTreeIsCompared) {
  Bytes image = Sample(kFolder + "system.hex");
  auto found = FindAll(kAvb, "system.img", image);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(Mismatch(found[0]), "");
  const ClaimedRange* tree = RangeAt(found[0], 9216);
  ASSERT_NE(tree, nullptr);
  EXPECT_EQ(tree->what, "hash tree");
  image[9300] ^= 1;
  EXPECT_NE(Mismatch(FindAll(kAvb, "system.img", image)[0]), "");
}

TEST(AvbTest, NoChangedByteOfTheMetadataPasses) {
  const Bytes vbmeta = Sample(kFolder + "vbmeta.hex");
  const auto whole = FindAll(kAvb, "vbmeta.img", vbmeta);
  ASSERT_EQ(whole.size(), 1U);
  for (std::size_t at = 0; at < vbmeta.size(); at += at < 512 ? 1 : 5) {
    const ClaimedRange* range = RangeAt(whole[0], at);
    if (range != nullptr && range->what == "padding") {
      continue;
    }
    Bytes changed = vbmeta;
    changed[at] ^= 1;
    EXPECT_NE(Check(changed, With("4096.pub.pem")).indication,
              Indication::kTotalPassed)
        << at;
  }
}

TEST(AvbTest, SaysWhichValueIsWrong) {
  Bytes changed = Sample(kFolder + "vbmeta.hex");
  changed[124] ^= 1;  // of the rollback index
  const SignatureCheck check = Check(changed, With("4096.pub.pem"));
  EXPECT_EQ(Verdict(check), "TOTAL-FAILED HASH_FAILURE");
  EXPECT_NE(check.detail.find("expected"), std::string::npos);
  Bytes signature = Sample(kFolder + "vbmeta.hex");
  signature[sizeof(Header) + 32] ^= 1;
  EXPECT_EQ(Verdict(Check(signature, With("4096.pub.pem"))),
            "TOTAL-FAILED SIG_CRYPTO_FAILURE");
}

TEST(AvbTest, NoPrefixPasses) {
  for (const char* sample : {"sha512.hex", "boot.hex"}) {
    const Bytes whole = Sample(kFolder + sample);
    for (std::size_t size = 0; size < whole.size(); ++size) {
      const ByteView part = ByteView(whole).first(size);
      EXPECT_NE(Check(part, With("8192.pub.pem")).indication,
                Indication::kTotalPassed);
      EXPECT_NE(Check(part, With("2048.pub.pem")).indication,
                Indication::kTotalPassed);
    }
  }
}

TEST(AvbTest, AlgorithmNoneIsNoSignature) {
  EXPECT_EQ(Verdict(Check(Sample(kFolder + "none.hex"), With("2048.pub.pem"))),
            "NONE");
  EXPECT_EQ(Verdict(Check(Sample("formats/avb_footer/tree.hex"),
                          With("2048.pub.pem"))),
            "NONE");
}

TEST(AvbTest, ChainedKeysAreShownAndNotTrusted) {
  Artifact artifact;
  artifact.name = "vbmeta.img";
  const Limits limits;
  Observations seen;
  const Bytes content = Sample(kFolder + "vbmeta.hex");
  EXPECT_TRUE(kAvb.find(
      Subject{.artifact = artifact, .content = content, .limits = limits},
      seen));
  ASSERT_EQ(seen.keys.size(), 1U);
  EXPECT_EQ(seen.keys[0].scheme, "avb");
  EXPECT_EQ(seen.keys[0].type, TrustAnchor::Type::kRawKey);
  const auto chained =
      KeysOf(TrustAnchor{.name = "derived", .key = seen.keys[0].key});
  const auto other = KeysOf(With("other.pub.pem").anchors[0]);
  ASSERT_TRUE(chained && other);
  EXPECT_EQ(chained->at(0).fingerprint, other->at(0).fingerprint);
  const Range place = seen.keys[0].place;
  EXPECT_EQ(CopyOf(*Slice(content, place.offset, place.length)),
            seen.keys[0].key);
}

TEST(AvbTest, ListsTheImagesOfOtherPartitions) {
  const Bytes vbmeta = Sample(kFolder + "device.hex");
  const auto found = FindAll(kAvb, "vbmeta.img", vbmeta);
  ASSERT_EQ(found.size(), 1U);
  ASSERT_EQ(found[0].listed.size(), 2U);
  const ListedFile& boot = found[0].listed[0];
  EXPECT_EQ(boot.name, "boot.img");
  ASSERT_TRUE(boot.part);
  EXPECT_EQ(boot.part->length, 330U);
  EXPECT_EQ(boot.part->salt.size(), 16U);
  EXPECT_EQ(boot.part->block, 0U);
  const ListedFile& system = found[0].listed[1];
  EXPECT_EQ(system.name, "system.img");
  ASSERT_TRUE(system.part);
  EXPECT_EQ(system.part->length, 18U * 512);
  EXPECT_EQ(system.part->block, 512U);
  EXPECT_EQ(system.part->tree, (Range{18 * 512, 1536}));
  const SignatureCheck check = Check(vbmeta, With("device.pub.pem"));
  EXPECT_EQ(Verdict(check), "TOTAL-PASSED") << check.detail;
  EXPECT_EQ(check.age.rollback_index, 7U);
}

TEST(AvbTest, OneSlotIsNeverTakenForTheOther) {
  const Bytes vbmeta = Sample(kFolder + "device.hex");
  const auto found = FindAll(kAvb, "vbmeta_b.img", vbmeta);
  ASSERT_EQ(found.size(), 1U);
  const ListedFile& boot = found[0].listed.at(0);
  EXPECT_EQ(boot.name, "boot_b.img");
  for (const std::string& name : boot.also) {
    EXPECT_EQ(name.find("_a"), std::string::npos) << name;
  }
}

}  // namespace
}  // namespace assay::signatures
