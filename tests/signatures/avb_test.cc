#include <gtest/gtest.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>

#include <algorithm>
#include <functional>
#include <memory>

#include "signatures/public_key.h"
#include "tests/signatures/cms_signer.h"
#include "tests/signatures/scheme_run.h"
#include "tests/support/hex.h"
#include "verifier/base/digest.h"
#include "verifier/formats/disks/avb_footer.h"
#include "verifier/formats/disks/avb_tree.h"
#include "verifier/formats/disks/avb_vbmeta.h"

namespace assay::signatures {
namespace {

using assay::testing::Concat;
using assay::testing::Hex;
using assay::testing::Sample;
using formats::avb::Footer;
using formats::avb::Header;
using testing::FindAll;
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

// Whether every digest in the candidate's ranges is the expected one: what the
// engine asks.
bool DigestsAgree(const SignatureCandidate& candidate) {
  return std::ranges::all_of(candidate.ranges, [](const ClaimedRange& range) {
    return range.expected == range.found;
  });
}

const ClaimedRange* RangeAt(const SignatureCandidate& candidate,
                            std::uint64_t offset) {
  const auto at =
      std::ranges::find_if(candidate.ranges, [&](const ClaimedRange& range) {
        return offset >= range.range.offset && offset < range.range.end();
      });
  return at == candidate.ranges.end() ? nullptr : &*at;
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
  EXPECT_TRUE(DigestsAgree(found[0]));
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
      EXPECT_FALSE(DigestsAgree(found[0])) << sample << " " << at;
    }
  }
}

TEST(AvbTest, TheStoredTreeIsCompared) {
  Bytes image = Sample(kFolder + "system.hex");
  auto found = FindAll(kAvb, "system.img", image);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_TRUE(DigestsAgree(found[0]));
  const ClaimedRange* tree = RangeAt(found[0], 9216);
  ASSERT_NE(tree, nullptr);
  EXPECT_EQ(tree->what, "hash tree");
  image[9300] ^= 1;
  EXPECT_FALSE(DigestsAgree(FindAll(kAvb, "system.img", image)[0]));
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

// Metadata made and signed in process.
class MadeAvbTest : public ::testing::Test {
 protected:
  static Bytes Number(std::uint64_t value, int bytes) {
    Bytes result;
    for (int i = bytes - 1; i >= 0; --i) {
      result.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
    }
    return result;
  }

  static Bytes HashDescriptor(std::string_view name, std::string_view algorithm,
                              const Bytes& digest, std::uint64_t size,
                              const Bytes& salt = {}) {
    Bytes body = Number(size, 8);
    Bytes field = CopyOf(AsBytes(algorithm));
    field.resize(32);
    body = Concat(body, field);
    for (const std::size_t length :
         {name.size(), salt.size(), digest.size(), std::size_t{0}}) {
      body = Concat(body, Number(length, 4));
    }
    body.resize(116);
    body = Concat(Concat(body, AsBytes(name)), Concat(salt, digest));
    body.resize((body.size() + 7) / 8 * 8);
    return Concat(Concat(Number(2, 8), Number(body.size(), 8)), body);
  }

  Bytes PublicKey() const {
    BIGNUM* modulus = nullptr;
    EXPECT_EQ(EVP_PKEY_get_bn_param(signer_.key.get(), OSSL_PKEY_PARAM_RSA_N,
                                    &modulus),
              1);
    Bytes n(256);
    BN_bn2binpad(modulus, n.data(), 256);
    BN_free(modulus);
    return Concat(Concat(Number(2048, 4), Number(0, 4)),
                  Concat(n, Bytes(256)));  // n0inv and r^2 are not used
  }

  // `change` is applied before signing.
  Bytes Vbmeta(const Bytes& descriptors,
               const std::function<void(Bytes&)>& change = {}) const {
    const Bytes key = PublicKey();
    Bytes auxiliary = Concat(descriptors, key);
    auxiliary.resize((auxiliary.size() + 63) / 64 * 64);
    Bytes header =
        Concat(CopyOf(AsBytes("AVB0")), Concat(Number(1, 4), Number(0, 4)));
    header = Concat(header, Number(320, 8));
    header = Concat(header, Number(auxiliary.size(), 8));
    header = Concat(header, Number(1, 4));
    for (const std::uint64_t value :
         {std::uint64_t{0}, std::uint64_t{32}, std::uint64_t{32},
          std::uint64_t{256}, descriptors.size(), key.size(),
          descriptors.size() + key.size(), std::uint64_t{0}, std::uint64_t{0},
          descriptors.size(), std::uint64_t{5}}) {
      header = Concat(header, Number(value, 8));
    }
    header.resize(sizeof(Header));
    if (change) {
      change(header);
    }
    const Bytes message = Concat(header, auxiliary);
    Bytes signature(256);
    std::size_t size = signature.size();
    const std::unique_ptr<EVP_MD_CTX, Release<EVP_MD_CTX_free>> context(
        EVP_MD_CTX_new());
    EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr,
                       signer_.key.get());
    EXPECT_EQ(EVP_DigestSign(context.get(), signature.data(), &size,
                             message.data(), message.size()),
              1);
    Bytes block = Concat(*BytesFromHex(Sha256Hex(message)), signature);
    block.resize(320);
    return Concat(Concat(header, block), auxiliary);
  }

  static Bytes Partition(const Bytes& image, const Bytes& vbmeta) {
    Bytes footer =
        Concat(CopyOf(AsBytes("AVBf")), Concat(Number(1, 4), Number(0, 4)));
    footer = Concat(footer, Number(image.size(), 8));
    footer = Concat(footer, Number(image.size(), 8));
    footer = Concat(footer, Number(vbmeta.size(), 8));
    footer.resize(sizeof(Footer));
    return Concat(Concat(image, vbmeta), footer);
  }

  Situation Trusted() const {
    Bytes key = PublicKey();
    return {
        .anchors = {
            {.name = "made", .type = TrustAnchor::Type::kRawKey, .key = key}}};
  }
  std::string VerdictOf(const Bytes& image) const {
    return Verdict(Check(image, Trusted()));
  }

  inline static const testing::Identity signer_ =
      testing::Issue("avb", nullptr, {.rsa_bits = 2048});
  Bytes boot_ = CopyOf(AsBytes("inert boot"));
  Bytes descriptor_ = HashDescriptor(
      "boot", "sha256", *BytesFromHex(Sha256Hex(boot_)), boot_.size());
};

TEST_F(MadeAvbTest, Passes) {
  const Bytes image = Partition(boot_, Vbmeta(descriptor_));
  EXPECT_EQ(VerdictOf(image), "TOTAL-PASSED");
  EXPECT_TRUE(DigestsAgree(FindAll(kAvb, "boot.img", image)[0]));
}

// Android looks at no time, and no certificate; a pin has one nevertheless.
TEST_F(MadeAvbTest, TheKeyOfAPinIsOfItsTime) {
  const std::vector<TrustAnchor> pin = {
      testing::X509Anchor(signer_, TrustAnchor::Type::kX509Pin)};
  const Bytes image = Partition(boot_, Vbmeta(descriptor_));
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
    EXPECT_EQ(VerdictOf(Vbmeta(descriptor_,
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
    const Bytes vbmeta =
        Vbmeta(descriptor_, [&](Bytes& header) { header[one.at] = one.value; });
    EXPECT_EQ(VerdictOf(vbmeta), "UNSUPPORTED") << one.at;
    EXPECT_EQ(VerdictOf(Partition(boot_, vbmeta)), "UNSUPPORTED") << one.at;
  }
  Bytes footer = Partition(boot_, Vbmeta(descriptor_));
  footer[footer.size() - 57] = 2;  // its major version
  EXPECT_EQ(VerdictOf(footer), "UNSUPPORTED");
  const Bytes odd = HashDescriptor("boot", "blake2b-256", Bytes(32), 10);
  EXPECT_EQ(VerdictOf(Partition(boot_, Vbmeta(odd))), "UNSUPPORTED");
}

TEST_F(MadeAvbTest, Sha1NeedsALegacyPolicy) {
  const Bytes digest =
      *BytesFromHex(DigestOf(DigestAlgorithm::kSha1, boot_).hex);
  const Bytes image = Partition(
      boot_, Vbmeta(HashDescriptor("boot", "sha1", digest, boot_.size())));
  EXPECT_EQ(VerdictOf(image), "INDETERMINATE CRYPTO_CONSTRAINTS_FAILURE");
  Situation legacy = Trusted();
  legacy.legacy = true;
  EXPECT_EQ(Verdict(Check(image, legacy)), "TOTAL-PASSED");
}

TEST_F(MadeAvbTest, SizesAndPlacesThatDoNotFitAreMalformed) {
  const Bytes longer =
      HashDescriptor("boot", "sha256", Bytes(32), boot_.size() + 1);
  EXPECT_EQ(VerdictOf(Partition(boot_, Vbmeta(longer))),
            "TOTAL-FAILED FORMAT_FAILURE");
  Bytes damaged = descriptor_;
  damaged[14] = 0xFF;  // longer than the descriptors
  EXPECT_EQ(VerdictOf(Vbmeta(damaged)), "TOTAL-FAILED FORMAT_FAILURE");
  EXPECT_EQ(
      VerdictOf(Vbmeta(descriptor_, [](Bytes& header) { header[31] = 2; })),
      "TOTAL-FAILED FORMAT_FAILURE");  // a 4096-bit algorithm
  Bytes astray = Partition(boot_, Vbmeta(descriptor_));
  astray[astray.size() - 44] = 0xFF;  // vbmeta offset
  EXPECT_EQ(VerdictOf(astray), "TOTAL-FAILED FORMAT_FAILURE");
}

TEST_F(MadeAvbTest, ANameDecidesBetweenSeveralDescriptors) {
  const Bytes other = HashDescriptor("dtbo", "sha256", Bytes(32), 5);
  const Bytes image = Partition(boot_, Vbmeta(Concat(other, descriptor_)));
  for (const char* name : {"boot", "boot.img", "boot_a", "boot_b.img"}) {
    const auto found = FindAll(kAvb, name, image);
    EXPECT_TRUE(DigestsAgree(found[0])) << name;
    EXPECT_NE(RangeAt(found[0], 0), nullptr) << name;
  }
  // No name fits: nothing is reached rather than the wrong thing.
  EXPECT_EQ(RangeAt(FindAll(kAvb, "bootloader.img", image)[0], 0), nullptr);
}

// Anybody can put metadata that the vendor signed behind an image of his own.
TEST_F(MadeAvbTest, MetadataOfOtherImagesDoNotPassBehindOne) {
  const Bytes evil = CopyOf(AsBytes("evil boot!"));
  const Bytes other = HashDescriptor("dtbo", "sha256", Bytes(32), 5);
  const Bytes nothing =
      HashDescriptor("evil", "sha256", *BytesFromHex(Sha256Hex({})), 0);
  for (const Bytes& descriptors :
       {Concat(other, descriptor_), Bytes(), nothing}) {
    EXPECT_EQ(Verdict(Check(Partition(evil, Vbmeta(descriptors)), Trusted(),
                            "evil.img")),
              "INDETERMINATE SIG_CONSTRAINTS_FAILURE");
  }
  // The same metadata in a partition of their own.
  EXPECT_EQ(Verdict(Check(Vbmeta(Concat(other, descriptor_)), Trusted(),
                          "vbmeta.img")),
            "TOTAL-PASSED");
}

// ... or put an image of his own behind them.
TEST_F(MadeAvbTest, MetadataInFrontOfOtherBytesDoNotPass) {
  const Bytes vbmeta = Vbmeta(descriptor_);
  EXPECT_EQ(VerdictOf(Concat(vbmeta, Bytes(4096))), "TOTAL-PASSED");
  Bytes late(4096);
  late.back() = 1;
  const Bytes own = Partition({}, vbmeta);
  for (const Bytes& behind : {CopyOf(AsBytes("evil boot!")), Bytes{0xFF}, late,
                              Partition(boot_, vbmeta), own}) {
    EXPECT_EQ(Verdict(Check(Concat(vbmeta, behind), Trusted(), "boot.img")),
              "INDETERMINATE SIG_CONSTRAINTS_FAILURE");
  }
}

// A partition that holds nothing but metadata may have a footer that says so.
TEST_F(MadeAvbTest, MetadataMayHaveAFooterOfTheirOwn) {
  Bytes vbmeta = Vbmeta(descriptor_);
  const Bytes alone = Partition({}, vbmeta);
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
  const Bytes other = HashDescriptor("dtbo", "sha256", Bytes(32), 5);
  const Bytes image = Partition(boot_, Vbmeta(Concat(other, descriptor_)));
  for (const char* name : {"images/boot.img", "v1.0/boot_a.img"}) {
    EXPECT_NE(RangeAt(FindAll(kAvb, name, image)[0], 0), nullptr) << name;
  }
  EXPECT_EQ(RangeAt(FindAll(kAvb, "boot.img/other", image)[0], 0), nullptr);
  const auto slot =
      FindAll(kAvb, "v1.0/vbmeta_b.img", Sample(kFolder + "device.hex"));
  EXPECT_EQ(slot.at(0).listed.at(0).name, "boot_b.img");
}

TEST_F(MadeAvbTest, AFewDescriptorsOfOneImageAreRead) {
  Bytes descriptors;
  for (int i = 0; i < 8; ++i) {
    descriptors = Concat(descriptors, descriptor_);
  }
  EXPECT_EQ(VerdictOf(Partition(boot_, Vbmeta(descriptors))), "TOTAL-PASSED");
  const Bytes more = Partition(boot_, Vbmeta(Concat(descriptors, descriptor_)));
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
        HashDescriptor("boot", "sha256", digest, boot_.size(), salt);
    const Bytes image = Partition(boot_, Vbmeta(descriptor));
    EXPECT_EQ(VerdictOf(image), verdict) << size;
    EXPECT_TRUE(DigestsAgree(FindAll(kAvb, "boot.img", image)[0])) << size;
    const auto apart = FindAll(kAvb, "vbmeta.img", Vbmeta(descriptor));
    EXPECT_EQ(apart.at(0).listed.size(), size == 256 ? 1U : 0U);
    const auto tree =
        formats::avb::ComputeTree("sha256", salt, Bytes(1024), 512);
    EXPECT_EQ(tree.has_value(), size == 256);
  }
}

TEST_F(MadeAvbTest, EverySignatureIsACandidate) {
  const Bytes first = Vbmeta(descriptor_);
  const auto found =
      FindAll(kAvb, "vbmeta.img", Partition(first, Vbmeta(descriptor_)));
  EXPECT_EQ(found.size(), 2U);
  EXPECT_TRUE(FindAll(kAvb, "x.img", boot_).empty());
}

}  // namespace
}  // namespace assay::signatures
