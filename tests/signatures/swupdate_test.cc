#include <gtest/gtest.h>

#include "signatures/libconfig.h"
#include "tests/signatures/firmware_checks.h"

namespace assay::signatures {
namespace {

using assay::testing::Sample;
using testing::FindAll;
using testing::Judged;
using testing::RawKey;
using testing::Replaced;
using testing::Situation;

const std::string kFolder = "signatures/swupdate/";
const std::string kSum(64, 'a');
const Bytes kDescription = Sample(kFolder + "sw-description");
constexpr UnixTime kNow = 1'800'000'000;

Situation Pinned(std::string_view certificate) {
  return {.anchors = {{.name = "vendor",
                       .type = TrustAnchor::Type::kX509Pin,
                       .key = Sample(kFolder + std::string(certificate))}},
          .at = kNow};
}

const Situation kRaw = {.anchors = {RawKey(kFolder + "rsa.pub.pem")}};

std::string SignatureVerdict(ByteView signature, const Situation& situation,
                             ByteView message = kDescription) {
  const auto found = FindAll(kSwupdate, "sw-description.sig", signature);
  return found.size() == 1 ? Judged(kSwupdate, found[0], situation, message)
                           : "no candidate";
}

Bytes Signature(std::string_view name) {
  return Sample(kFolder + std::string(name) + ".sig");
}

SignatureCandidate Described(std::string_view text) {
  return FindAll(kSwupdate, "sw-description", AsBytes(text)).at(0);
}

TEST(SwupdateTest, SignaturesHold) {
  for (const char* name : {"rsa", "pss"}) {
    EXPECT_EQ(SignatureVerdict(Signature(name), kRaw), "TOTAL-PASSED") << name;
  }
  EXPECT_EQ(SignatureVerdict(Signature("email"), Pinned("email.pem")),
            "TOTAL-PASSED");
  EXPECT_EQ(
      FindAll(kSwupdate, "sw-description.sig", Signature("rsa")).at(0).targets,
      std::vector<std::string>{"sw-description"});
}

TEST(SwupdateTest, StatesTheVersionOfTheDescription) {  // N64
  const auto found = FindAll(kSwupdate, "sw-description", kDescription);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].age.version, "1.0");
  EXPECT_EQ(found[0].age.scheme, "swupdate");  // whoever signs it
  const auto without = FindAll(kSwupdate, "sw-description",
                               AsBytes("software = { images: (); }"));
  ASSERT_EQ(without.size(), 1U);
  EXPECT_EQ(without[0].age.version, "");
  EXPECT_EQ(without[0].age.scheme, "swupdate");
}

TEST(SwupdateTest, ListsWhatTheDescriptionNames) {
  const auto found = FindAll(kSwupdate, "sw-description", kDescription);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_TRUE(found[0].signature.empty());
  EXPECT_FALSE(found[0].listed_inside);
  EXPECT_TRUE(found[0].problems.empty());
  ASSERT_EQ(found[0].listed.size(), 2U);
  for (const ListedFile& file : found[0].listed) {
    EXPECT_EQ(file.digests.at(0),
              DigestOf(DigestAlgorithm::kSha256, Sample(kFolder + file.name)));
  }
  EXPECT_EQ(Judged(kSwupdate, found[0], kRaw), "DIGEST-ONLY");
}

TEST(SwupdateTest, EveryFileNeedsOneDigest) {  // N62
  for (const std::string& text :
       {std::string("software = { images: ({ filename = \"a\"; }); }"),
        std::string("software = { scripts: ({ filename = \"a\"; sha256 = "
                    "\"@a\"; }); }"),
        "software = { images: ({ filename = \"a\"; sha256 = \"" + kSum +
            "\"; }); files: ({ filename = \"a\"; sha256 = \"" +
            std::string(64, 'b') + "\"; }); }"}) {
    const SignatureCandidate candidate = Described(text);
    EXPECT_FALSE(candidate.problems.empty()) << text;
    EXPECT_EQ(Judged(kSwupdate, candidate, kRaw),
              "TOTAL-FAILED FORMAT_FAILURE");
  }
}

TEST(SwupdateTest, JsonIsReadToo) {
  const SignatureCandidate candidate = Described(
      R"({"software": {"version": "1", "x": true, "n": -1.5e3, "images": [
          {"filename": "a", "sha256": ")" +
      kSum + R"("}], "files": []}})");
  EXPECT_TRUE(candidate.problems.empty());
  ASSERT_EQ(candidate.listed.size(), 1U);
  EXPECT_EQ(candidate.listed[0].name, "a");
}

TEST(SwupdateTest, StringsAreThoseOfLibconfig) {
  const auto groups = ReadLibconfig(
      "a = { /* no \" */ filename = \"x\" # \"\n \"\\x41\\\\\"; b = 5L, };");
  ASSERT_TRUE(groups);
  EXPECT_EQ(groups->back().path, "/a");
  EXPECT_EQ(groups->back().strings.at("filename"), "xA\\");
}

TEST(SwupdateTest, WhatCannotBeReadFails) {
  for (const std::string_view text :
       {"software = {", "software = }", "software", "= {}", "a = \"x",
        "a = { b = 1; b = 2; }", "@include \"more\"", "a = (1; 2)", "/* ",
        "a = [ { b = \"\\u0041\" } ]", "{ \"a\": [ }", "a = { ) ;",
        "a = \"\\x4\"", "a = { filename \"x\" }"}) {
    EXPECT_FALSE(ReadLibconfig(text)) << text;
    EXPECT_FALSE(Described(text).problems.empty()) << text;
  }
  EXPECT_FALSE(ReadLibconfig("a = " + std::string(100, '(')));
}

TEST(SwupdateTest, NoDamagedDescriptionCrashes) {
  const std::string text(AsText(kDescription));
  for (std::size_t at = 0; at < text.size(); ++at) {
    static_cast<void>(Described(text.substr(0, at)));
    std::string changed = text;
    changed[at] = static_cast<char>(changed[at] ^ 4);
    static_cast<void>(Described(changed));
  }
}

TEST(SwupdateTest, AnotherDescriptionFails) {
  const Bytes changed = Replaced(kDescription, "mmcblk0p1", "mmcblk0p9");
  EXPECT_EQ(SignatureVerdict(Signature("rsa"), kRaw, changed),
            "TOTAL-FAILED HASH_FAILURE");
  EXPECT_EQ(SignatureVerdict(Signature("pss"), kRaw, changed),
            "TOTAL-FAILED SIG_CRYPTO_FAILURE");
  EXPECT_EQ(SignatureVerdict(Signature("email"), Pinned("email.pem"), changed),
            "TOTAL-FAILED HASH_FAILURE");
}

TEST(SwupdateTest, OthersDoNotCount) {
  const Situation other = {.anchors = {RawKey(kFolder + "other.pub.pem")}};
  EXPECT_EQ(SignatureVerdict(Signature("rsa"), other),
            "TOTAL-FAILED SIG_CRYPTO_FAILURE");
  EXPECT_EQ(SignatureVerdict(Signature("rsa"), {}),
            "INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND");
  EXPECT_EQ(SignatureVerdict(Signature("email"), Pinned("tls.pem")),
            "INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND");
  EXPECT_EQ(SignatureVerdict(Signature("tls"), Pinned("tls.pem")),
            "INDETERMINATE CHAIN_CONSTRAINTS_FAILURE");
}

TEST(SwupdateTest, NoChangedByteOrPrefixPasses) {
  for (const char* name : {"rsa", "pss"}) {
    const Bytes signature = Signature(name);
    for (std::size_t at = 0; at < signature.size(); ++at) {
      Bytes changed = signature;
      changed[at] ^= 1;
      EXPECT_NE(SignatureVerdict(changed, kRaw), "TOTAL-PASSED");
      EXPECT_NE(SignatureVerdict(ByteView(signature).first(at), kRaw),
                "TOTAL-PASSED");
    }
  }
}

TEST(SwupdateTest, OpenPgpSignaturesAreLeftAlone) {
  const Bytes openpgp = Sample("signatures/openpgp_detached/firmware.txt.sig");
  EXPECT_TRUE(FindAll(kSwupdate, "sw-description.sig", openpgp).empty());
  EXPECT_EQ(FindAll(kOpenpgpDetached, "sw-description.sig", openpgp).size(),
            1U);
  // A number that begins like a packet is this scheme's alone.
  Bytes number(256, 0x88);
  EXPECT_EQ(FindAll(kSwupdate, "sw-description.sig", number).size(), 1U);
  EXPECT_TRUE(FindAll(kOpenpgpDetached, "sw-description.sig", number).empty());
  EXPECT_TRUE(FindAll(kSwupdate, "other.sig", Signature("rsa")).empty());
}

}  // namespace
}  // namespace assay::signatures
