#include <gtest/gtest.h>

#include "tests/signatures/firmware_checks.h"

namespace assay::signatures {
namespace {

using assay::testing::Sample;
using testing::FindAll;
using testing::Judged;
using testing::ReachOf;
using testing::Replaced;
using testing::Situation;

const std::string kFolder = "signatures/dm_verity/";
const Bytes kPartition = Sample(kFolder + "verity-signature.bin");

Situation With(std::string_view certificate) {
  return {.anchors = {{.name = "vendor",
                       .type = TrustAnchor::Type::kX509Pin,
                       .key = Sample(kFolder + std::string(certificate))}},
          .at = 1'800'000'000};
}

std::string VerdictOf(ByteView partition,
                      const Situation& situation = With("signer.pem")) {
  const auto found = FindAll(kDmVerity, "partition", partition);
  return found.size() == 1 ? Judged(kDmVerity, found[0], situation)
                           : "no candidate";
}

TEST(DmVerityTest, TheRootHashIsSigned) {
  EXPECT_EQ(VerdictOf(kPartition), "TOTAL-PASSED");
  const auto found = FindAll(kDmVerity, "x", kPartition);
  EXPECT_EQ(found.at(0).message.size(), 64U);
  EXPECT_EQ(ReachOf(found[0], AsText(kPartition).find("rootHash") + 12),
            Coverage::kSigned);
  EXPECT_EQ(ReachOf(found[0], kPartition.size() - 1),
            Coverage::kUncoveredInert);
}

TEST(DmVerityTest, WhatIsNotLookedAtIsSaid) {
  const auto anchors = With("signer.pem").anchors;
  const SignatureCheck check =
      kDmVerity.verify(FindAll(kDmVerity, "x", kPartition).at(0), {},
                       {.anchors = anchors, .at = 1'800'000'000});
  EXPECT_EQ(check.skipped.back(),
            "the tree and the data: they lie in other partitions");
}

TEST(DmVerityTest, AnotherHashFails) {
  const std::size_t at = AsText(kPartition).find("rootHash") + 11;
  for (std::size_t i = at; i < at + 64; ++i) {
    Bytes changed = kPartition;
    changed[i] = changed[i] == 'a' ? 'b' : 'a';
    EXPECT_NE(VerdictOf(changed), "TOTAL-PASSED");
  }
}

TEST(DmVerityTest, OthersDoNotCount) {
  EXPECT_EQ(VerdictOf(kPartition, With("other.pem")),
            "INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND");
  EXPECT_EQ(VerdictOf(kPartition, {}),
            "INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND");
}

TEST(DmVerityTest, DamageFails) {
  for (const auto& [from, to] :
       {std::pair{"\"signature\":\"MI", "\"signature\":\"!!"},
        std::pair{"rootHash\":\"", "rootHash\":\"x"},
        std::pair{"{\"rootHash\"", "{\"rootHash\":\"\",\"rootHash\""}}) {
    EXPECT_EQ(VerdictOf(Replaced(kPartition, from, to)),
              "TOTAL-FAILED FORMAT_FAILURE");
  }
  EXPECT_EQ(ReachOf(FindAll(kDmVerity, "x",
                            assay::testing::Concat(kPartition, AsBytes("x")))
                        .at(0),
                    kPartition.size()),
            Coverage::kUncoveredLive);
}

TEST(DmVerityTest, NoPrefixPasses) {
  const std::size_t end = AsText(kPartition).find('\0');
  for (std::size_t size = 0; size < end; ++size) {
    EXPECT_NE(VerdictOf(ByteView(kPartition).first(size)), "TOTAL-PASSED");
  }
}

TEST(DmVerityTest, OtherJsonIsLeftAlone) {
  EXPECT_TRUE(FindAll(kDmVerity, "x", AsBytes("{\"rootHash\":1}")).empty());
  EXPECT_TRUE(FindAll(kDmVerity, "x", AsBytes("text")).empty());
}

}  // namespace
}  // namespace assay::signatures
