#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/signatures/rpm_builder.h"
#include "tests/signatures/scheme_run.h"
#include "tests/support/hex.h"
#include "verifier/base/digest.h"

namespace assay::signatures {
namespace {

using assay::testing::Concat;
using assay::testing::Hex;
using assay::testing::Sample;
using testing::RpmHeaderOf;
using testing::RpmNumber;
using testing::RpmPackageOf;
using testing::RpmStrings;
using testing::RpmText;
using testing::Situation;
using testing::Verdict;

const std::string kFolder = "signatures/ima/";
const Bytes kFile = Sample(kFolder + "file");
const Bytes kRsa = Sample(kFolder + "file.sig");
const Bytes kEc = Sample(kFolder + "ec.sig");
const std::string kFormat = "TOTAL-FAILED FORMAT_FAILURE";

Situation With(std::string_view key) {
  return {
      .anchors = {{.name = "ima",
                   .type = key.ends_with(".pem") ? TrustAnchor::Type::kX509Pin
                                                 : TrustAnchor::Type::kRawKey,
                   .key = Sample(kFolder + std::string(key))}},
      .at = 1'800'000'000};
}

std::vector<SignatureCandidate> Find(ByteView value, ByteView file = kFile) {
  Artifact artifact;
  artifact.name = "file";
  artifact.has_content = true;
  artifact.meta.xattrs = {{"user.other", "x"},
                          {"security.ima", std::string(AsText(value))}};
  const Limits limits;
  Observations seen;
  static_cast<void>(kIma.find({artifact, file, limits}, seen));
  return std::move(seen.candidates);
}

SignatureCheck Check(ByteView value, ByteView file = kFile,
                     const Situation& situation = With("key.pub")) {
  const auto found = Find(value, file);
  EXPECT_EQ(found.size(), 1U);
  const Trust trust{.anchors = situation.anchors,
                    .at = situation.at,
                    .legacy_algorithms = situation.legacy};
  return kIma.verify(found.at(0), {}, trust);
}

TEST(ImaTest, AgreesWithEvmctl) {
  EXPECT_EQ(Verdict(Check(kRsa)), "TOTAL-PASSED") << Check(kRsa).detail;
  EXPECT_EQ(Verdict(Check(kRsa, kFile, With("cert.pem"))), "TOTAL-PASSED");
  const SignatureCheck check = Check(kEc, kFile, With("ec.pub"));
  EXPECT_EQ(Verdict(check), "TOTAL-PASSED") << check.detail;
  EXPECT_EQ(check.anchor, "ima");
  EXPECT_EQ(check.algorithm.digest, DigestAlgorithm::kSha512);
  const auto found = Find(kRsa);
  EXPECT_EQ(found[0].key_hint, "f48110c7");  // as evmctl prints it
  ASSERT_EQ(found[0].ranges.size(), 1U);
  EXPECT_EQ(found[0].ranges[0].range, (Range{0, kFile.size()}));
}

TEST(ImaTest, EveryChangeOfTheFileFails) {
  for (std::size_t at = 0; at < kFile.size(); ++at) {
    Bytes changed = kFile;
    changed[at] ^= 1;
    EXPECT_EQ(Verdict(Check(kRsa, changed)), "TOTAL-FAILED SIG_CRYPTO_FAILURE");
    EXPECT_EQ(Verdict(Check(kEc, changed, With("ec.pub"))),
              "TOTAL-FAILED SIG_CRYPTO_FAILURE");
  }
}

TEST(ImaTest, NoChangedByteOfTheValuePassesButTheKeysId) {
  for (const auto& [value, key] :
       {std::pair{kRsa, "key.pub"}, std::pair{kEc, "ec.pub"}}) {
    for (std::size_t at = 0; at < value.size(); ++at) {
      if (at >= 3 && at < 7) {
        continue;  // a hint
      }
      Bytes changed = value;
      changed[at] ^= static_cast<std::uint8_t>(1U << at % 8);
      EXPECT_NE(Check(changed, kFile, With(key)).indication,
                Indication::kTotalPassed)
          << at;
    }
  }
}

TEST(ImaTest, LengthsMustFit) {
  for (std::size_t size = 0; size < kRsa.size(); ++size) {
    EXPECT_NE(Check(ByteView(kRsa).first(size)).indication,
              Indication::kTotalPassed)
        << size;
  }
  EXPECT_EQ(Verdict(Check(Concat(kRsa, Hex("00")))), kFormat);
  EXPECT_EQ(Verdict(Check({})), kFormat);
  EXPECT_EQ(Verdict(Check(Bytes(5000, 3))), kFormat);
}

TEST(ImaTest, OtherKeysDoNotCount) {
  EXPECT_EQ(Verdict(Check(kRsa, kFile, With("ec.pub"))),
            "INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND");
  EXPECT_EQ(Verdict(Check(kRsa, kFile, {})),
            "INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND");
}

TEST(ImaTest, WhatIsNotKnownIsUnsupported) {
  for (const auto& [at, value] :
       {std::pair{0, 5}, std::pair{0, 6}, std::pair{1, 1}, std::pair{1, 3},
        std::pair{2, 18}}) {
    Bytes changed = kRsa;
    changed[static_cast<std::size_t>(at)] = static_cast<std::uint8_t>(value);
    EXPECT_EQ(Verdict(Check(changed)), "UNSUPPORTED") << at << " " << value;
  }
}

TEST(ImaTest, DigestsAreNoSignatures) {
  const auto value = [](std::string_view head, DigestAlgorithm algorithm) {
    return Concat(Hex(head), Hex(DigestOf(algorithm, kFile).hex));
  };
  for (const Bytes& one : {value("0404", DigestAlgorithm::kSha256),
                           value("01", DigestAlgorithm::kSha1)}) {
    const auto found = Find(one);
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].ranges[0].coverage, Coverage::kByDigest);
    EXPECT_EQ(found[0].ranges[0].expected, found[0].ranges[0].found);
    EXPECT_EQ(Verdict(Check(one)), "DIGEST-ONLY");
    const auto other = Find(one, AsBytes("other"));
    EXPECT_NE(other[0].ranges[0].expected, other[0].ranges[0].found);
  }
  EXPECT_EQ(Verdict(Check(Hex("0404aabb"))), kFormat);
}

std::vector<SignatureCandidate> FindInPackage(
    const std::vector<std::string>& signatures, const std::string& digest) {
  const Bytes header =
      RpmHeaderOf(63, {RpmStrings(1035, {digest, digest}),
                       RpmStrings(1117, {"one", "two"}), RpmNumber(5011, 8)});
  const Bytes package =
      RpmPackageOf(RpmHeaderOf(62, {RpmStrings(274, signatures)}), header, {});
  Artifact artifact;
  artifact.name = "a.rpm";
  const Limits limits;
  Observations seen;
  static_cast<void>(kIma.find({artifact, package, limits}, seen));
  for (const auto& candidate : seen.candidates) {
    const std::string text(AsText(
        *Slice(package, candidate.place.offset, candidate.place.length)));
    EXPECT_NE(std::ranges::find(signatures, text), signatures.end());
  }
  return std::move(seen.candidates);
}

TEST(ImaTest, PackagesHaveThemForTheirFiles) {  // N22
  const Situation situation = With("key.pub");
  const Trust trust{.anchors = situation.anchors, .at = situation.at};
  const auto verdict = [&](const SignatureCandidate& candidate) {
    return Verdict(kIma.verify(candidate, {}, trust));
  };
  Bytes damaged = kRsa;
  damaged.back() ^= 1;
  const auto found =
      FindInPackage({HexOf(kRsa), HexOf(damaged)}, Sha256Hex(kFile));
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(verdict(found[0]), "TOTAL-PASSED");
  EXPECT_EQ(verdict(found[1]), "TOTAL-FAILED SIG_CRYPTO_FAILURE");
  EXPECT_TRUE(found[0].listed_inside);
  ASSERT_EQ(found[0].listed.size(), 1U);
  EXPECT_EQ(found[0].listed[0].name, "one");
  const auto other = FindInPackage({HexOf(kRsa)}, Sha256Hex(AsBytes("x")));
  EXPECT_EQ(verdict(other[0]), "TOTAL-FAILED SIG_CRYPTO_FAILURE");
  const auto odd = FindInPackage({"zz", "", HexOf(kRsa)}, Sha256Hex(kFile));
  ASSERT_EQ(odd.size(), 2U);
  EXPECT_EQ(verdict(odd[0]), kFormat);
  EXPECT_EQ(verdict(odd[1]), kFormat);  // a third, of two files
}

}  // namespace
}  // namespace assay::signatures
