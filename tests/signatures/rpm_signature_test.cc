#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/signatures/openpgp_signer.h"
#include "tests/signatures/rpm_builder.h"
#include "tests/signatures/scheme_run.h"
#include "tests/support/hex.h"
#include "verifier/base/digest.h"
#include "verifier/base/text.h"

namespace assay::signatures {
namespace {

using assay::testing::Concat;
using assay::testing::Hex;
using assay::testing::Sample;
using testing::FindAll;
using testing::kNow;
using testing::OpenPgpSigner;
using testing::RpmBinary;
using testing::RpmHeaderOf;
using testing::RpmNumber;
using testing::RpmPackageOf;
using testing::RpmStrings;
using testing::RpmTag;
using testing::RpmText;
using testing::Situation;
using testing::Verdict;

const std::string kFolder = "signatures/rpm_signature/";
const std::string kFormat = "TOTAL-FAILED FORMAT_FAILURE";

// What the engine makes of digests that do not match, and the rest.
std::string Outcome(const SignatureCandidate& candidate,
                    const Situation& situation) {
  const Trust trust{.anchors = situation.anchors,
                    .at = situation.at,
                    .legacy_algorithms = situation.legacy};
  const SignatureCheck check = kRpmSignature.verify(candidate, {}, trust);
  const bool differs =
      std::ranges::any_of(candidate.ranges, [](const ClaimedRange& range) {
        return range.coverage == Coverage::kByDigest &&
               range.expected != range.found;
      });
  const bool judged = check.indication == Indication::kTotalPassed ||
                      check.indication == Indication::kDigestOnly;
  return judged && differs ? "TOTAL-FAILED HASH_FAILURE" : Verdict(check);
}

std::vector<std::string> Outcomes(ByteView package,
                                  const Situation& situation) {
  std::vector<std::string> outcomes;
  for (const auto& candidate : FindAll(kRpmSignature, "a.rpm", package)) {
    outcomes.push_back(Outcome(candidate, situation));
  }
  return outcomes;
}

std::vector<std::string> Each(std::initializer_list<const char*> all) {
  return {all.begin(), all.end()};
}

// The ranges as "coverage what" of a candidate whose ranges leave no gap.
std::vector<std::string> Coverages(const SignatureCandidate& candidate,
                                   std::size_t size) {
  std::vector<std::string> all;
  std::uint64_t at = 0;
  for (const ClaimedRange& range : candidate.ranges) {
    EXPECT_EQ(range.range.offset, at) << range.what;
    at = range.range.end();
    all.push_back(fmt::format("{} {}", NameOf(range.coverage), range.what));
  }
  EXPECT_EQ(at, size);
  return all;
}

bool Has(const std::vector<std::string>& all, std::string_view one) {
  return std::ranges::find(all, one) != all.end();
}

TEST(RpmSampleTest, AgreesWithRpmkeys) {
  const Situation situation{
      .anchors = {{.name = "vendor", .key = Sample(kFolder + "key.asc")}},
      .at = 1'800'000'000};
  const auto outcomes = [&](std::string_view name) {
    return Outcomes(Sample(kFolder + std::string(name)), situation);
  };
  EXPECT_EQ(outcomes("signed.rpm"), Each({"TOTAL-PASSED"}));
  EXPECT_EQ(outcomes("both.rpm"), Each({"TOTAL-PASSED", "TOTAL-PASSED"}));
  EXPECT_EQ(outcomes("other.rpm"),
            Each({"INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND"}));
  EXPECT_EQ(outcomes("plain.rpm"), Each({"DIGEST-ONLY"}));  // N16
}

TEST(RpmSampleTest, NoBytePassesThatRpmkeysWouldNotAccept) {
  const Situation situation{
      .anchors = {{.name = "vendor", .key = Sample(kFolder + "key.asc")}},
      .at = 1'800'000'000};
  const Bytes package = Sample(kFolder + "signed.rpm");
  const auto found = FindAll(kRpmSignature, "a.rpm", package);
  ASSERT_EQ(found.size(), 1U);
  Coverages(found[0], package.size());
  // Every byte of header and payload, and of what the lead must say.
  for (std::size_t at = 0; at < package.size(); ++at) {
    const auto claimed = std::ranges::find_if(
        found[0].ranges,
        [&](const ClaimedRange& range) { return at < range.range.end(); });
    if (claimed->coverage == Coverage::kUncoveredInert ||
        (at % 7 != 0 && claimed->coverage == Coverage::kSigned)) {
      continue;
    }
    Bytes changed = package;
    changed[at] ^= 1;
    EXPECT_FALSE(Has(Outcomes(changed, situation), "TOTAL-PASSED")) << at;
  }
}

class RpmSignatureTest : public ::testing::Test {
 protected:
  std::vector<RpmTag> HeaderTags(std::vector<RpmTag> more = {}) const {
    std::vector<RpmTag> tags = {
        RpmText(1000, "hello"), RpmText(1001, "1"), RpmText(1002, "1"),
        RpmStrings(5092, {Sha256Hex(payload_)}), RpmNumber(5093, 8)};
    tags.insert(tags.end(), more.begin(), more.end());
    std::ranges::stable_sort(tags, {}, &RpmTag::tag);
    return tags;
  }
  Bytes SignatureOver(ByteView message, const std::string& key) const {
    return signer_.Detached({key}, AsText(message));
  }
  // A package with a header signature by Alice and what `more` adds.
  Bytes Package(ByteView header, std::vector<RpmTag> more = {}) const {
    more.push_back(RpmBinary(268, SignatureOver(header, alice_)));
    return Unsigned(header, std::move(more));
  }
  Bytes Unsigned(ByteView header, std::vector<RpmTag> tags = {}) const {
    tags.push_back(RpmText(273, Sha256Hex(header)));
    tags.push_back(RpmNumber(
        1000, static_cast<std::uint32_t>(header.size() + payload_.size())));
    std::ranges::stable_sort(tags, {}, &RpmTag::tag);
    return RpmPackageOf(RpmHeaderOf(62, tags), header, payload_);
  }
  std::vector<std::string> All(ByteView package) const {
    return Outcomes(package, situation_);
  }

  OpenPgpSigner signer_;
  std::string alice_ = signer_.AddKey("Alice");
  std::string bob_ = signer_.AddKey("Bob");
  Situation situation_{.anchors = {signer_.Anchor(alice_)}, .at = kNow};
  Bytes payload_ = CopyOf(AsBytes("the compressed archive"));
  Bytes header_ = RpmHeaderOf(63, HeaderTags());
};

TEST_F(RpmSignatureTest, SaysWhatIsSignedAndWhatIsNot) {
  const Bytes package = Package(header_);
  const auto found = FindAll(kRpmSignature, "a.rpm", package);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].key_hint, alice_);
  EXPECT_EQ(
      CopyOf(*Slice(package, found[0].place.offset, found[0].place.length)),
      found[0].signature);
  const auto coverages = Coverages(found[0], package.size());
  EXPECT_EQ(coverages.front(), "uncovered-inert lead");
  EXPECT_TRUE(Has(coverages, "uncovered-inert signature header"));
  EXPECT_EQ(coverages[coverages.size() - 2], "signed header");
  EXPECT_EQ(coverages.back(), "signed-by-digest payload");
  EXPECT_EQ(All(package), Each({"TOTAL-PASSED"}));
}

TEST_F(RpmSignatureTest, UnsignedPackagesNeverPass) {  // N16
  EXPECT_EQ(All(Unsigned(header_)), Each({"DIGEST-ONLY"}));
  Bytes changed = Unsigned(header_);
  changed.back() ^= 1;
  EXPECT_EQ(All(changed), Each({"TOTAL-FAILED HASH_FAILURE"}));
  // Without any digest there is nothing at all.
  const Bytes bare = RpmHeaderOf(63, {RpmText(1000, "hello")});
  EXPECT_EQ(
      All(RpmPackageOf(RpmHeaderOf(62, {RpmNumber(1007, 1)}), bare, payload_)),
      Each({"NONE"}));
}

TEST_F(RpmSignatureTest, WithoutPayloadDigestTheHeaderAloneIsSigned) {  // N17
  for (const std::vector<RpmTag>& tags :
       {std::vector{RpmText(1000, "hello")},
        std::vector{RpmText(1000, "hello"), RpmStrings(5092, {"00"})},
        std::vector{RpmText(1000, "hello"),
                    RpmStrings(5092, {Sha256Hex(payload_)}),
                    RpmNumber(5093, 1)}}) {
    const Bytes package = Package(RpmHeaderOf(63, tags));
    const auto found = FindAll(kRpmSignature, "a.rpm", package);
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(Coverages(found[0], package.size()).back(),
              "uncovered-live payload");
    const Trust trust{.anchors = situation_.anchors, .at = kNow};
    const SignatureCheck check = kRpmSignature.verify(found[0], {}, trust);
    EXPECT_EQ(Verdict(check), "TOTAL-PASSED");
    EXPECT_TRUE(Has(check.skipped, "payload: signed by nobody"));
  }
}

TEST_F(RpmSignatureTest, EveryChangeOfThePayloadFails) {  // N18
  const Bytes package = Package(header_);
  for (std::size_t i = 1; i <= payload_.size(); ++i) {
    Bytes changed = package;
    changed[changed.size() - i] ^= 1;
    EXPECT_EQ(All(changed), Each({"TOTAL-FAILED HASH_FAILURE"}));
  }
  // Of two digests that the header names, both have to match.
  payload_ = CopyOf(AsBytes("another archive"));
  const Bytes wrong =
      RpmHeaderOf(63, HeaderTags({RpmText(5121, std::string(128, '0'))}));
  EXPECT_EQ(All(Package(wrong)), Each({"TOTAL-FAILED HASH_FAILURE"}));
  const Bytes right = RpmHeaderOf(
      63, HeaderTags({RpmText(
              5121, DigestOf(DigestAlgorithm::kSha512, payload_).hex)}));
  EXPECT_EQ(All(Package(right)), Each({"TOTAL-PASSED"}));
}

TEST_F(RpmSignatureTest, FilledReservedSpaceIsShown) {  // N19
  for (const std::uint32_t tag : {999U, 1008U}) {
    const auto coverages = [&](ByteView space) {
      const Bytes package = Package(header_, {RpmBinary(tag, space)});
      EXPECT_EQ(All(package), Each({"TOTAL-PASSED"}));
      return Coverages(FindAll(kRpmSignature, "a.rpm", package)[0],
                       package.size());
    };
    const std::string live = "uncovered-live reserved space that is not empty";
    EXPECT_FALSE(Has(coverages(Bytes(100, 0)), live));
    EXPECT_TRUE(Has(coverages(Concat(Bytes(90, 0), Hex("6576696c"))), live));
  }
  const Bytes unknown = Package(header_, {RpmText(300, "evil")});
  EXPECT_TRUE(Has(
      Coverages(FindAll(kRpmSignature, "a.rpm", unknown)[0], unknown.size()),
      "uncovered-live tag 300 of the signature header, which rpm does not "
      "know"));
}

TEST_F(RpmSignatureTest, TheLeadSaysNothing) {  // N20
  Bytes renamed = Package(header_);
  std::ranges::copy(AsBytes("evil"), renamed.begin() + 10);
  EXPECT_EQ(All(renamed), Each({"TOTAL-PASSED"}));
  EXPECT_EQ(FindAll(kRpmSignature, "a.rpm", renamed)[0].ranges[0].coverage,
            Coverage::kUncoveredInert);
}

TEST_F(RpmSignatureTest, HeadersThatReadersDisagreeAboutFail) {  // N21
  const std::vector<std::pair<std::string, Bytes>> headers = {
      {"signature tag", RpmHeaderOf(63, HeaderTags({RpmText(268, "x")}))},
      {"digest tag", RpmHeaderOf(63, HeaderTags({RpmText(273, "x")}))},
      {"region of another", RpmHeaderOf(63, HeaderTags({RpmText(62, "x")}))},
      {"twice", RpmHeaderOf(63, HeaderTags({RpmText(1000, "evil")}))},
      {"outside", RpmHeaderOf(63, HeaderTags(), {RpmText(5200, "evil")})},
      {"no region", RpmHeaderOf(0, HeaderTags())},
      {"unsorted", RpmHeaderOf(63, {RpmText(1001, "1"), RpmText(1000, "a")})},
  };
  for (const auto& [what, header] : headers) {
    EXPECT_EQ(All(Package(header)), Each({kFormat.c_str()})) << what;
  }
  EXPECT_EQ(
      All(RpmPackageOf(
          RpmHeaderOf(62, {RpmBinary(268, SignatureOver(header_, alice_))},
                      {RpmText(1000, "evil")}),
          header_, payload_)),
      Each({kFormat.c_str()}));
}

TEST_F(RpmSignatureTest, BytesAfterThePayloadFail) {  // N23
  EXPECT_EQ(All(Concat(Package(header_), Hex("00"))), Each({kFormat.c_str()}));
  // Where the signature header, which nobody signs, does not say a size, the
  // digest speaks.
  const Bytes package = RpmPackageOf(
      RpmHeaderOf(62, {RpmBinary(268, SignatureOver(header_, alice_))}),
      header_, payload_);
  EXPECT_EQ(All(package), Each({"TOTAL-PASSED"}));
  EXPECT_EQ(All(Concat(package, Hex("00"))),
            Each({"TOTAL-FAILED HASH_FAILURE"}));
}

TEST_F(RpmSignatureTest, EverySignatureIsJudged) {  // N24
  const Bytes bad = SignatureOver(AsBytes("another header"), alice_);
  const Bytes whole = SignatureOver(Concat(header_, payload_), alice_);
  EXPECT_EQ(All(Package(header_, {RpmBinary(1002, bad)})),
            Each({"TOTAL-PASSED", "TOTAL-FAILED SIG_CRYPTO_FAILURE"}));
  EXPECT_EQ(All(Package(header_, {RpmBinary(1002, whole)})),
            Each({"TOTAL-PASSED", "TOTAL-PASSED"}));
  const Bytes both = Package(header_, {RpmBinary(1005, whole)});
  const auto found = FindAll(kRpmSignature, "a.rpm", both);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(Coverages(found[1], both.size()).back(), "signed payload");
  Bytes changed = both;
  changed.back() ^= 1;
  EXPECT_EQ(All(changed), Each({"TOTAL-FAILED HASH_FAILURE",
                                "TOTAL-FAILED SIG_CRYPTO_FAILURE"}));
}

TEST_F(RpmSignatureTest, Version6HasAListOfSignatures) {
  const auto encoded = [&](const std::string& key, ByteView message) {
    return Base64(AsText(SignatureOver(message, key)));
  };
  const std::string good = encoded(alice_, header_);
  const std::string strange = encoded(bob_, header_);
  const std::string bad = encoded(alice_, payload_);
  const auto all = [&](const std::vector<std::string>& list) {
    return All(Unsigned(header_, {RpmStrings(278, list)}));
  };
  EXPECT_EQ(all({strange, good}),
            Each({"INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND", "TOTAL-PASSED"}));
  EXPECT_EQ(all({good, bad}),
            Each({"TOTAL-PASSED", "TOTAL-FAILED SIG_CRYPTO_FAILURE"}));
  EXPECT_EQ(all({"!"}), Each({kFormat.c_str()}));
  EXPECT_EQ(all(std::vector<std::string>(40, good)).size(), 16U);
  EXPECT_EQ(all(std::vector<std::string>(40, good)).back(), kFormat);
  const Bytes package = Unsigned(header_, {RpmStrings(278, {strange, good})});
  const auto found = FindAll(kRpmSignature, "a.rpm", package);
  EXPECT_EQ(
      AsText(*Slice(package, found[1].place.offset, found[1].place.length)),
      good);
}

TEST_F(RpmSignatureTest, WhatIsNotKnownIsUnsupported) {  // N15
  Bytes signature = SignatureOver(header_, alice_);
  for (const std::size_t field : {2U, 4U}) {  // version, key algorithm
    Bytes newer = signature;
    newer[field] = field == 2 ? 6 : 30;
    EXPECT_EQ(All(Unsigned(header_, {RpmBinary(268, newer)})),
              Each({"UNSUPPORTED"}));
    // As in rpm's package with ML-DSA-87 beside RSA: both are reported.
    EXPECT_EQ(
        All(Unsigned(header_, {RpmStrings(278, {Base64(AsText(newer)),
                                                Base64(AsText(signature))})})),
        Each({"UNSUPPORTED", "TOTAL-PASSED"}));
  }
}

TEST_F(RpmSignatureTest, LargeMessagesAreSaidToBeTooLarge) {
  payload_ = Bytes(5UL << 20U, 7);
  header_ = RpmHeaderOf(63, HeaderTags());
  const Bytes whole = SignatureOver(Concat(header_, payload_), alice_);
  EXPECT_EQ(All(Package(header_, {RpmBinary(1002, whole)})),
            Each({"TOTAL-PASSED", "UNSUPPORTED"}));
}

TEST_F(RpmSignatureTest, SignaturesAreOneBinaryDocumentSignature) {
  const Bytes good = SignatureOver(header_, alice_);
  Bytes text = good;
  text[3] = 1;  // type
  for (const Bytes& bad : {Concat(good, good), Concat(good, Hex("00")), text,
                           Hex("00"), signer_.PublicKey(alice_)}) {
    EXPECT_EQ(All(Unsigned(header_, {RpmBinary(268, bad)})),
              Each({kFormat.c_str()}));
  }
  RpmTag typed = RpmText(268, "signature");
  EXPECT_EQ(All(Unsigned(header_, {typed})), Each({kFormat.c_str()}));
  // Two under one tag: readers take either.
  EXPECT_EQ(All(Package(header_, {RpmBinary(268, good)})),
            Each({kFormat.c_str(), kFormat.c_str()}));
}

TEST_F(RpmSignatureTest, NoPrefixPasses) {
  const Bytes package = Package(header_);
  for (std::size_t size = 0; size < package.size(); ++size) {
    EXPECT_FALSE(Has(All(ByteView(package).first(size)), "TOTAL-PASSED"))
        << size;
  }
}

TEST_F(RpmSignatureTest, NoChangedBytePassesWithoutBeingNamedLive) {
  const Bytes package = Package(header_);
  const auto found = FindAll(kRpmSignature, "a.rpm", package);
  for (const ClaimedRange& range : found[0].ranges) {
    if (range.coverage == Coverage::kUncoveredInert) {
      continue;
    }
    for (std::uint64_t at = range.range.offset; at < range.range.end(); ++at) {
      Bytes changed = package;
      changed[static_cast<std::size_t>(at)] ^= 1;
      EXPECT_FALSE(Has(All(changed), "TOTAL-PASSED")) << at;
    }
  }
}

TEST_F(RpmSignatureTest, OldPackagesWithoutRegionsAreSignedAsAWhole) {
  const Bytes header = RpmHeaderOf(0, {RpmText(1000, "hello")});
  const Bytes package = RpmPackageOf(
      RpmHeaderOf(0, {RpmBinary(1002, SignatureOver(Concat(header, payload_),
                                                    alice_))}),
      header, payload_);
  EXPECT_EQ(All(package), Each({"TOTAL-PASSED"}));
}

TEST_F(RpmSignatureTest, OnlyPackagesAreLookedAt) {
  EXPECT_TRUE(FindAll(kRpmSignature, "a.rpm", AsBytes("hello")).empty());
  EXPECT_TRUE(FindAll(kRpmSignature, "a.rpm", {}).empty());
  // A lead and a damaged header: something is signed wrongly, not unsigned.
  Bytes damaged = Package(header_);
  damaged[96 + 16 + 4] = 0xFF;  // the type of the first entry
  EXPECT_EQ(All(damaged), Each({kFormat.c_str()}));
}

}  // namespace
}  // namespace assay::signatures
