#include "signatures/anchor.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "signatures/public_key.h"
#include "tests/signatures/cms_signer.h"
#include "tests/signatures/openpgp_signer.h"
#include "tests/support/hex.h"

namespace assay::signatures {
namespace {

using assay::testing::Concat;
using assay::testing::Sample;
using Type = TrustAnchor::Type;

TrustAnchor Anchor(Type type, Bytes key) {
  return {.name = "vendor", .type = type, .key = std::move(key)};
}

TEST(AnchorTest, DescribesEveryKind) {
  testing::OpenPgpSigner signer;
  const std::string alice = signer.AddKey("Alice");
  const std::string bob = signer.AddKey("Bob");
  for (const bool armored : {false, true}) {
    const TrustAnchor ring =
        Anchor(Type::kOpenPgpCert, Concat(signer.PublicKey(alice, armored),
                                          signer.PublicKey(bob, armored)));
    EXPECT_TRUE(ValidateAnchor(ring));
    EXPECT_EQ(DescribeAnchor(ring), (std::vector{alice, bob}));
  }
  // From `minisign -S` and from the raw bytes of the key file.
  EXPECT_EQ(DescribeAnchor(Anchor(Type::kMinisignKey,
                                  Sample("signatures/minisign/key.pub"))),
            std::vector<std::string>{"108D960A9704BCCB"});
  EXPECT_EQ(DescribeAnchor(Anchor(Type::kSignifyKey,
                                  Sample("signatures/signify/key.pub"))),
            std::vector<std::string>{"D56EE859B8F77CB4"});
  // From `openssl x509 -fingerprint -sha256`.
  EXPECT_EQ(
      DescribeAnchor(
          Anchor(Type::kX509Ca, Sample("signatures/cms_detached/ca.pem"))),
      std::vector<std::string>{
          "11A479991CF7E168777F9D57B13D209FD17932D9562408EA64974EF82B61B09F"});
}

TEST(AnchorTest, NamesTheAnchorThatIsWrong) {
  for (const Type type : {Type::kOpenPgpCert, Type::kX509Ca, Type::kX509Pin,
                          Type::kMinisignKey, Type::kSignifyKey}) {
    for (const std::string_view text : {"", "hello", "0", "\x99\x01"}) {
      const auto result = ValidateAnchor(Anchor(type, CopyOf(AsBytes(text))));
      ASSERT_FALSE(result) << text;
      EXPECT_EQ(result.error().code, ErrorCode::kConfig);
      EXPECT_NE(result.error().what.find("vendor"), std::string::npos)
          << result.error().what;
    }
  }
}

TEST(AnchorTest, PrefixesOfKeysAreNoKeys) {
  testing::OpenPgpSigner signer;
  const Bytes key = signer.PublicKey(signer.AddKey("Alice"), true);
  for (std::size_t size = 0; size + 40 < key.size(); ++size) {
    EXPECT_FALSE(ValidateAnchor(
        Anchor(Type::kOpenPgpCert, CopyOf(ByteView(key).first(size)))))
        << size;
  }
}

TEST(AnchorTest, SaysForWhichTimeAKeyIsGood) {
  const testing::Identity pinned = testing::Issue("Pinned", nullptr);
  std::vector<TrustAnchor> anchors = {
      testing::X509Anchor(pinned, Type::kX509Pin)};
  const auto time = [&](UnixTime at) {
    return KeysOf(Trust{.anchors = anchors, .at = at}).at(0).time;
  };
  EXPECT_EQ(time(testing::kCertNow), TimeModel::kNow);
  EXPECT_EQ(time(testing::kCertBorn - 1), TimeModel::kIgnore);
  EXPECT_EQ(time(testing::kCertBorn + 366 * 86400), TimeModel::kIgnore);
  // A key without a certificate has no time.
  anchors = {Anchor(Type::kRawKey, Sample("signatures/fit/rsa.pub.pem"))};
  EXPECT_EQ(time(testing::kCertNow), TimeModel::kByScheme);
}

// Who uses a bare key looks at no time, unless the policy does.
TEST(AnchorTest, PinnedKeysAreOfTheirTimeWhenThatIsAsked) {
  const testing::Identity pinned = testing::Issue("Pinned", nullptr);
  const std::vector<TrustAnchor> anchors = {
      testing::X509Anchor(pinned, Type::kX509Pin)};
  const auto keys = [&](UnixTime at, TimeModel time) {
    return KeysOf(Trust{.anchors = anchors, .at = at, .time = time}).size();
  };
  constexpr UnixTime kEnd = testing::kCertBorn + 365 * 86400;
  for (const UnixTime at : {testing::kCertBorn - 1, kEnd + 1}) {
    EXPECT_EQ(keys(at, TimeModel::kNow), 0U) << at;
    EXPECT_EQ(keys(at, TimeModel::kByScheme), 1U) << at;
    EXPECT_EQ(keys(at, TimeModel::kIgnore), 1U) << at;
  }
  for (const UnixTime at : {testing::kCertBorn, kEnd}) {
    EXPECT_EQ(keys(at, TimeModel::kNow), 1U) << at;
  }
}

TEST(AnchorTest, AllowedFingerprintsMustBeThere) {
  testing::OpenPgpSigner signer;
  const std::string alice = signer.AddKey("Alice");
  TrustAnchor anchor = signer.Anchor(alice);
  anchor.fingerprints = {
      fmt::format("{} {}", alice.substr(0, 4), alice.substr(4))};
  EXPECT_TRUE(ValidateAnchor(anchor));
  anchor.fingerprints.emplace_back(40, 'A');
  const auto result = ValidateAnchor(anchor);
  ASSERT_FALSE(result);
  EXPECT_NE(result.error().what.find("AAAA"), std::string::npos);
}

TEST(AnchorTest, SecretKeysAreNoAnchors) {
  testing::OpenPgpSigner signer;
  Bytes key = signer.PublicKey(signer.AddKey("Alice"));
  key[0] = static_cast<std::uint8_t>((key[0] & 0xC3U) | (5U << 2U));
  if ((key[0] & 0x40U) != 0) {
    key[0] = 0xC5;
  }
  EXPECT_FALSE(ValidateAnchor(Anchor(Type::kOpenPgpCert, key)));
}

TEST(AnchorTest, AppliesWithinItsScope) {
  const TrustAnchor everything;
  EXPECT_TRUE(AnchorApplies(everything, "minisign", "a!/b/c.bin", 5));
  TrustAnchor scoped;
  scoped.schemes = {"minisign"};
  scoped.subjects = {"*.bin", "**/etc/*"};
  scoped.valid_from = 10;
  scoped.valid_until = 20;
  EXPECT_TRUE(AnchorApplies(scoped, "minisign", "a!/b/c.bin", 10));
  EXPECT_TRUE(AnchorApplies(scoped, "minisign", "a!/etc/x", 20));
  EXPECT_FALSE(AnchorApplies(scoped, "minisign", "a!/b/c.txt", 15));
  EXPECT_FALSE(AnchorApplies(scoped, "signify", "c.bin", 15));
  EXPECT_FALSE(AnchorApplies(scoped, "minisign", "c.bin", 9));
  EXPECT_FALSE(AnchorApplies(scoped, "minisign", "c.bin", 21));
}

}  // namespace
}  // namespace assay::signatures
