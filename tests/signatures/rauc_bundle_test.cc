#include "verifier/formats/vendor/rauc_bundle.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/signatures/cms_signer.h"
#include "tests/signatures/firmware_checks.h"

namespace assay::signatures {
namespace {

using assay::testing::Sample;
using testing::FindAll;
using testing::Judged;
using testing::ReachOf;
using testing::Replaced;
using testing::Situation;

const std::string kFolder = "signatures/rauc_bundle/";
constexpr UnixTime kNow = 1'800'000'000;

Situation With(std::string_view ca) {
  return {.anchors = {{.name = "vendor",
                       .type = TrustAnchor::Type::kX509Ca,
                       .key = Sample(kFolder + std::string(ca))}},
          .at = kNow};
}

Bytes Bundle(std::string_view name) {
  return Sample(kFolder + std::string(name) + ".raucb");
}

std::string VerdictOf(ByteView bundle,
                      const Situation& situation = With("ca.pem")) {
  const auto found = FindAll(kRaucBundle, "update.raucb", bundle);
  return found.size() == 1 ? Judged(kRaucBundle, found[0], situation)
                           : "no candidate";
}

// A bundle with this CMS, or the manifest of a verity bundle changed and
// signed anew by a key of the test's.
Bytes Behind(ByteView payload, ByteView cms) {
  Bytes bundle = assay::testing::Concat(payload, cms);
  for (int shift = 56; shift >= 0; shift -= 8) {
    bundle.push_back(static_cast<std::uint8_t>(
        static_cast<std::uint64_t>(cms.size()) >> shift));
  }
  return bundle;
}

TEST(RaucBundleTest, PassesWhatRaucSigns) {
  for (const char* name : {"plain", "verity", "code"}) {
    EXPECT_EQ(VerdictOf(Bundle(name)), "TOTAL-PASSED") << name;
  }
  const auto found = FindAll(kRaucBundle, "x", Bundle("verity"));
  const auto anchors = With("ca.pem").anchors;
  const SignatureCheck check =
      kRaucBundle.verify(found.at(0), {}, {.anchors = anchors, .at = kNow});
  EXPECT_EQ(check.signer, "CN=inert release");
  EXPECT_EQ(check.anchor, "vendor");
  EXPECT_EQ(check.good_keys.size(), 1U);
}

TEST(RaucBundleTest, EveryByteIsReachedOrTheSignatures) {
  for (const char* name : {"plain", "verity"}) {
    const Bytes bundle = Bundle(name);
    const auto found = FindAll(kRaucBundle, "x", bundle);
    for (std::size_t at = 0; at < bundle.size(); ++at) {
      const Coverage reach = ReachOf(found.at(0), at);
      EXPECT_NE(reach, Coverage::kUncoveredLive) << name << " " << at;
      EXPECT_TRUE(reach != Coverage::kUncoveredInert ||
                  at >= found.at(0).place.offset)
          << name << " " << at;
    }
  }
}

TEST(RaucBundleTest, ImagesAreListed) {
  const auto verity = FindAll(kRaucBundle, "x", Bundle("verity"));
  ASSERT_EQ(verity.at(0).listed.size(), 2U);
  EXPECT_TRUE(verity[0].listed_inside);
  const auto plain = FindAll(kRaucBundle, "manifest.raucm",
                             Sample(kFolder + "manifest.raucm"));
  ASSERT_EQ(plain.size(), 1U);
  EXPECT_TRUE(plain[0].signature.empty());
  EXPECT_FALSE(plain[0].listed_inside);
  for (const auto* listed : {&verity[0].listed, &plain[0].listed}) {
    EXPECT_EQ((*listed)[1].name, "app.img");
    EXPECT_EQ((*listed)[1].size, 18U);
    EXPECT_EQ(
        (*listed)[1].digests.at(0),
        DigestOf(DigestAlgorithm::kSha256, AsBytes("inert application\n")));
  }
  EXPECT_EQ(Judged(kRaucBundle, plain[0], With("ca.pem")), "DIGEST-ONLY");
  const Bytes damaged =
      Replaced(Sample(kFolder + "manifest.raucm"), "sha256=c", "sha256=x");
  EXPECT_EQ(
      Judged(kRaucBundle, FindAll(kRaucBundle, "manifest.raucm", damaged).at(0),
             With("ca.pem")),
      "TOTAL-FAILED FORMAT_FAILURE");
}

TEST(RaucBundleTest, AChangedPayloadFails) {  // N60
  for (const std::size_t at : {std::size_t{100}, std::size_t{5000}}) {
    Bytes plain = Bundle("plain");
    plain[at] ^= 1;
    EXPECT_EQ(VerdictOf(plain), "TOTAL-FAILED HASH_FAILURE");
    Bytes verity = Bundle("verity");
    verity[at] ^= 1;
    EXPECT_EQ(VerdictOf(verity), "TOTAL-FAILED HASH_FAILURE");
  }
}

TEST(RaucBundleTest, AChangedTreeFails) {  // N60
  Bytes bundle = Bundle("verity");
  const auto found = FindAll(kRaucBundle, "x", bundle);
  const auto tree = std::ranges::find_if(
      found.at(0).ranges,
      [](const ClaimedRange& range) { return range.what == "verity tree"; });
  ASSERT_NE(tree, found[0].ranges.end());
  bundle[static_cast<std::size_t>(tree->range.offset) + 10] ^= 1;
  EXPECT_EQ(VerdictOf(bundle), "TOTAL-FAILED HASH_FAILURE");
  // Another payload with a sound tree of its own.
  Bytes other = Bundle("verity");
  other[5000] ^= 1;
  const auto data =
      ByteView(other).first(static_cast<std::size_t>(tree->range.offset));
  EXPECT_NE(
      VerdictOf(Behind(
          data,
          Slice(other, found[0].place.offset, found[0].place.length).value())),
      "TOTAL-PASSED");
}

TEST(RaucBundleTest, SignersForAnotherPurposeDoNotCount) {  // N61
  EXPECT_EQ(VerdictOf(Bundle("server")),
            "INDETERMINATE CHAIN_CONSTRAINTS_FAILURE");
}

TEST(RaucBundleTest, AnEnclosedManifestMustCoverThePayload) {
  const testing::Identity signer = testing::IssueCa("inert signer");
  const Situation situation = {.anchors = {testing::X509Anchor(signer)},
                               .at = testing::kCertNow};
  const Bytes payload = CopyOf(ByteView(Bundle("verity")).first(8192));
  for (const std::string_view manifest :
       {"[bundle]\nformat=plain\n", "[update]\n", "[bundle]\nformat=verity\n",
        "[bundle]\nformat=verity\nverity-hash=00\nverity-salt=\nverity-size="
        "0\n",
        "[bundle]\nformat=verity\nverity-hash=00\nverity-salt=00\n"
        "verity-size=99999999999999999999\n"}) {
    const Bytes cms = testing::SignCms(
        {signer}, AsBytes(manifest), {.afterwards = [&](CMS_ContentInfo* made) {
          ASN1_OCTET_STRING** content = CMS_get0_content(made);
          *content = ASN1_OCTET_STRING_new();
          ASN1_OCTET_STRING_set(*content, AsBytes(manifest).data(),
                                static_cast<int>(manifest.size()));
        }});
    EXPECT_EQ(VerdictOf(Behind(payload, cms), situation),
              "TOTAL-FAILED FORMAT_FAILURE")
        << manifest;
  }
}

TEST(RaucBundleTest, EncryptedManifestsAreUnsupported) {
  EXPECT_EQ(VerdictOf(Bundle("crypt")), "UNSUPPORTED");
}

TEST(RaucBundleTest, OthersDoNotCount) {
  for (const char* name : {"plain", "verity"}) {
    EXPECT_EQ(VerdictOf(Bundle(name), With("other.pem")),
              "INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND");
    EXPECT_EQ(VerdictOf(Bundle(name), {.at = kNow}),
              "INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND");
    Situation late = With("ca.pem");
    late.at = 4'000'000'000;
    EXPECT_NE(VerdictOf(Bundle(name), late), "TOTAL-PASSED");
  }
}

TEST(RaucBundleTest, NoByteThatIsReachedCanChange) {
  for (const char* name : {"plain", "verity"}) {
    const Bytes bundle = Bundle(name);
    const auto found = FindAll(kRaucBundle, "x", bundle);
    const std::size_t cms = static_cast<std::size_t>(found.at(0).place.offset);
    const std::size_t value = bundle.size() - 8 - 64;  // of the signature
    for (std::size_t at = 0; at < bundle.size(); at += at < cms ? 97 : 1) {
      Bytes changed = bundle;
      changed[at] ^= 1;
      const std::string verdict = VerdictOf(changed);
      // CMS has fields that nothing depends on (digestAlgorithms).
      EXPECT_TRUE(
          verdict != "TOTAL-PASSED" ||
          (at < value && ReachOf(found[0], at) == Coverage::kUncoveredInert))
          << name << " " << at;
    }
  }
}

TEST(RaucBundleTest, NoPrefixPasses) {
  const Bytes bundle = Bundle("verity");
  for (std::size_t size = 0; size < bundle.size(); size += 13) {
    EXPECT_NE(VerdictOf(ByteView(bundle).first(size)), "TOTAL-PASSED") << size;
  }
}

TEST(RaucBundleTest, BytesInFrontFail) {
  EXPECT_NE(VerdictOf(assay::testing::Concat(AsBytes("hsqs"), Bundle("plain"))),
            "TOTAL-PASSED");
}

}  // namespace
}  // namespace assay::signatures
