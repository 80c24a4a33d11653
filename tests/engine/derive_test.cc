#include "verifier/engine/derive.h"

#include <gtest/gtest.h>

namespace assay::engine {
namespace {

// kernel.deb > vmlinuz > vmlinux, which carries a key in its bytes 10 to 20.
Survey Kernel() {
  Survey survey;
  for (ArtifactId id = 0; id < 3; ++id) {
    Node node;
    node.artifact.id = id;
    node.artifact.parent = id == 0 ? kNoArtifact : id - 1;
    node.artifact.depth = id;
    node.artifact.path =
        std::vector<std::string>{"kernel.deb", "kernel.deb!/vmlinuz",
                                 "kernel.deb!/vmlinuz!/vmlinux"}[id];
    node.artifact.size = 100;
    node.artifact.has_content = true;
    survey.nodes.push_back(std::move(node));
  }
  survey.nodes[1].artifact.origin = Range{0, 50};
  survey.nodes[2].artifact.origin = Range{20, 30};
  survey.nodes[2].seen.keys = {{.scheme = "linux_module",
                                .type = TrustAnchor::Type::kX509Pin,
                                .what = "certificate CN=build key",
                                .key = {1, 2, 3},
                                .place = {10, 10}}};
  return survey;
}

SignatureCheck Check(ArtifactId artifact, Range range,
                     Indication indication = Indication::kTotalPassed) {
  SignatureCheck check;
  check.scheme = "authenticode";
  check.target = "kernel.deb!/vmlinuz";
  check.signer = "CN=vendor";
  check.anchor = "vendor-ca";
  check.indication = indication;
  check.covers = {{artifact, range, Coverage::kSigned}};
  return check;
}

Policy Allowing(std::vector<std::string> schemes) {
  Policy policy;
  policy.derive = std::move(schemes);
  return policy;
}

TEST(DeriveTest, AKeyInAVerifiedImageBecomesAnAnchorWithItsSteps) {
  const auto derived =
      DeriveAnchors(Kernel(), Allowing({"linux_module"}), {Check(1, {0, 100})});
  ASSERT_EQ(derived.anchors.size(), 1U);
  const DerivedAnchor& found = derived.anchors[0];
  EXPECT_EQ(found.root, "vendor-ca");
  EXPECT_EQ(found.anchor.type, TrustAnchor::Type::kX509Pin);
  EXPECT_EQ(found.anchor.schemes, std::vector<std::string>{"linux_module"});
  ASSERT_EQ(found.anchor.derivation.size(), 2U);
  EXPECT_EQ(found.anchor.derivation[0],
            "kernel.deb!/vmlinuz passes by anchor vendor-ca: authenticode "
            "signature of CN=vendor");
  EXPECT_EQ(found.anchor.derivation[1],
            "kernel.deb!/vmlinuz!/vmlinux carries certificate CN=build key at "
            "10");
}

TEST(DeriveTest, NothingIsDerivedThatThePolicyDoesNotAllow) {
  const auto derived =
      DeriveAnchors(Kernel(), Allowing({"authenticode"}), {Check(1, {0, 100})});
  EXPECT_TRUE(derived.anchors.empty());
  EXPECT_EQ(derived.not_allowed, std::vector<std::string>{"linux_module"});
}

TEST(DeriveTest, NothingIsDerivedFromBytesThatNoGoodSignatureReaches) {
  const Policy policy = Allowing({"linux_module"});
  const std::vector<std::vector<SignatureCheck>> cases = {
      {},
      {Check(1, {0, 100}, Indication::kIndeterminate)},
      {Check(1, {0, 100}, Indication::kTotalFailed)},
      {Check(1, {0, 40})},   // the compressed kernel ends at 50
      {Check(2, {0, 15})},   // half of the key
      {Check(2, {20, 80})},  // beside it
  };
  for (const auto& checks : cases) {
    const auto derived = DeriveAnchors(Kernel(), policy, checks);
    EXPECT_TRUE(derived.anchors.empty());
    EXPECT_TRUE(derived.not_allowed.empty());
  }
}

TEST(DeriveTest, TwoSignaturesThatEachReachAHalfVouchForNothing) {
  SignatureCheck other = Check(2, {15, 85});
  other.anchor = "somebody-else";
  EXPECT_TRUE(DeriveAnchors(Kernel(), Allowing({"linux_module"}),
                            {Check(2, {0, 15}), other})
                  .anchors.empty());
}

TEST(DeriveTest, TheAnchorIsTheOneWhoseSignatureReachesTheKey) {
  SignatureCheck other = Check(2, {0, 100});
  other.anchor = "somebody-else";
  const auto derived = DeriveAnchors(Kernel(), Allowing({"linux_module"}),
                                     {Check(2, {50, 10}), other});
  ASSERT_EQ(derived.anchors.size(), 1U);
  EXPECT_EQ(derived.anchors[0].root, "somebody-else");
}

TEST(DeriveTest, AKeyVouchesForNoMoreThanTheAnchorItLeadsBackTo) {
  Policy policy = Allowing({"linux_module"});
  policy.anchors = {{.name = "vendor-ca", .subjects = {"kernel.deb*"}}};
  const auto derived = DeriveAnchors(Kernel(), policy, {Check(1, {0, 100})});
  ASSERT_EQ(derived.anchors.size(), 1U);
  EXPECT_EQ(derived.anchors[0].anchor.subjects,
            std::vector<std::string>{"kernel.deb*"});
}

TEST(DeriveTest, WhatTheFormatExcludesDoesNotCountAsSigned) {
  SignatureCheck check = Check(2, {0, 10});
  check.covers.push_back({2, {10, 5}, Coverage::kUncoveredInert});
  check.covers.push_back({2, {15, 5}, Coverage::kSigned});
  EXPECT_TRUE(DeriveAnchors(Kernel(), Allowing({"linux_module"}), {check})
                  .anchors.empty());
}

}  // namespace
}  // namespace assay::engine
