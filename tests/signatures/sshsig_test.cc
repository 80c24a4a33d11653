#include <gtest/gtest.h>
#include <openssl/evp.h>

#include "signatures/anchor.h"
#include "signatures/ssh_keys.h"
#include "tests/signatures/scheme_run.h"
#include "tests/support/hex.h"
#include "verifier/base/text.h"

namespace assay::signatures {
namespace {

using assay::testing::Sample;
using testing::FindAll;
using testing::Situation;
using testing::Verdict;

const std::string kFolder = "signatures/sshsig/";
const Bytes kMessage = Sample(kFolder + "firmware.txt");
const Bytes kSignature = Sample(kFolder + "ed25519.sig");
constexpr UnixTime kIn2024 = 1'720'000'000;

Situation With(std::string_view list, UnixTime at = kIn2024) {
  return {.anchors = {{.name = "vendor",
                       .type = TrustAnchor::Type::kSshSigners,
                       .key = Sample(kFolder + std::string(list))}},
          .at = at};
}

SignatureCheck Check(ByteView signature, ByteView message = kMessage,
                     const Situation& situation = With("allowed")) {
  return testing::Check(kSshsig, "firmware.txt.sig", signature, message,
                        situation);
}

Bytes Signature(std::string_view name) {
  return Sample(kFolder + std::string(name) + ".sig");
}

TEST(SshsigTest, PassesWhatSshKeygenMakes) {
  for (const char* name : {"ed25519", "p256", "p384", "p521", "rsa"}) {
    const SignatureCheck check = Check(Signature(name));
    EXPECT_EQ(Verdict(check), "TOTAL-PASSED") << name << check.detail;
    EXPECT_EQ(check.signer, std::string(name) + "@example.org");
    EXPECT_EQ(check.good_keys.size(), 1U);
  }
  EXPECT_EQ(Verdict(Check(Signature("sha256"))), "TOTAL-PASSED");
}

TEST(SshsigTest, TheFingerprintIsSshKeygens) {
  // As make.sh's ssh-keygen -l shows it, in base64 without padding.
  const SignatureCheck check = Check(kSignature);
  EXPECT_EQ(check.key, DescribeAnchor(With("allowed").anchors[0]).at(0));
  EXPECT_EQ(check.algorithm.key, "Ed25519");
  EXPECT_EQ(check.algorithm.digest, DigestAlgorithm::kSha512);
}

TEST(SshsigTest, NamespacesKeepPurposesApart) {  // N68
  EXPECT_EQ(Verdict(Check(Signature("git"))),
            "INDETERMINATE SIG_CONSTRAINTS_FAILURE");
  EXPECT_EQ(Verdict(Check(Signature("git"), kMessage, With("namespaces"))),
            "TOTAL-PASSED");
  EXPECT_EQ(Verdict(Check(kSignature, kMessage, With("namespaces"))),
            "INDETERMINATE SIG_CONSTRAINTS_FAILURE");
}

TEST(SshsigTest, ALineCountsInItsPeriod) {
  EXPECT_EQ(Verdict(Check(kSignature, kMessage, With("period"))),
            "TOTAL-PASSED");
  for (const UnixTime at : {UnixTime{1'704'067'199}, UnixTime{1'735'732'801}}) {
    EXPECT_EQ(Verdict(Check(kSignature, kMessage, With("period", at))),
              "INDETERMINATE OUT_OF_BOUNDS_NO_POE");
  }
  for (const UnixTime at : {UnixTime{1'704'067'200}, UnixTime{1'735'732'800}}) {
    EXPECT_EQ(Verdict(Check(kSignature, kMessage, With("period", at))),
              "TOTAL-PASSED");
  }
  // Another line may still allow it.
  Situation both = With("period", 4'000'000'000);
  both.anchors.push_back(With("allowed").anchors[0]);
  EXPECT_EQ(Verdict(Check(kSignature, kMessage, both)), "TOTAL-PASSED");
}

TEST(SshsigTest, OtherKeysDoNotCount) {
  for (const char* list : {"other", "authority"}) {
    EXPECT_EQ(Verdict(Check(kSignature, kMessage, With(list))),
              "INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND");
  }
  EXPECT_EQ(Verdict(Check(kSignature, kMessage, {})),
            "INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND");
  Situation not_allowed = With("allowed");
  not_allowed.anchors[0].fingerprints = {"00"};
  EXPECT_EQ(Verdict(Check(kSignature, kMessage, not_allowed)),
            "INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND");
  Situation other_type = With("allowed");
  other_type.anchors[0].type = TrustAnchor::Type::kSignifyKey;
  EXPECT_EQ(Verdict(Check(kSignature, kMessage, other_type)),
            "INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND");
}

TEST(SshsigTest, SmallKeysAndCertificatesDoNotPass) {
  EXPECT_EQ(Verdict(Check(Signature("small"))),
            "INDETERMINATE CRYPTO_CONSTRAINTS_FAILURE");
  EXPECT_EQ(
      Verdict(Check(Signature("certificate"), kMessage, With("authority"))),
      "UNSUPPORTED");
}

TEST(SshsigTest, EveryChangeOfTheMessageFails) {
  for (const char* name : {"ed25519", "p256", "p521", "rsa"}) {
    for (std::size_t at = 0; at < kMessage.size(); ++at) {
      Bytes changed = kMessage;
      changed[at] ^= 1;
      EXPECT_EQ(Verdict(Check(Signature(name), changed)),
                "TOTAL-FAILED SIG_CRYPTO_FAILURE");
    }
  }
}

TEST(SshsigTest, NoChangedBitPasses) {
  for (const char* name : {"ed25519", "p256"}) {
    const Bytes signature = Signature(name);
    for (std::size_t at = 0; at + 1 < signature.size(); ++at) {
      for (unsigned bit = 0; bit < 8; ++bit) {
        Bytes changed = signature;
        changed[at] ^= static_cast<std::uint8_t>(1U << bit);
        // A line of base64 may end elsewhere: "\n" is skipped.
        const Indication found = Check(changed).indication;
        EXPECT_NE(found, Indication::kTotalPassed) << at << " bit " << bit;
      }
    }
  }
}

TEST(SshsigTest, NoPrefixPassesAndNothingStandsAround) {
  for (std::size_t size = 0; size + 1 < kSignature.size(); ++size) {
    EXPECT_NE(Check(ByteView(kSignature).first(size)).indication,
              Indication::kTotalPassed)
        << size;
  }
  EXPECT_EQ(Verdict(Check(assay::testing::Concat(kSignature, AsBytes("x\n")))),
            "TOTAL-FAILED FORMAT_FAILURE");
}

// PROTOCOL.sshsig, put together by hand.
void Append(Bytes& to, ByteView part) {
  for (const unsigned shift : {24U, 16U, 8U, 0U}) {
    to.push_back(static_cast<std::uint8_t>(part.size() >> shift));
  }
  to.insert(to.end(), part.begin(), part.end());
}

struct Token {
  KeyPtr key = KeyPtr(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  Bytes blob = {};

  Token() {
    Bytes raw(32);
    std::size_t size = raw.size();
    EVP_PKEY_get_raw_public_key(key.get(), raw.data(), &size);
    Append(blob, AsBytes("sk-ssh-ed25519@openssh.com"));
    Append(blob, raw);
    Append(blob, AsBytes("ssh:"));
  }

  [[nodiscard]] Bytes Value(ByteView message) const {
    Bytes value(64);
    std::size_t size = value.size();
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    EVP_DigestSignInit(context, nullptr, nullptr, nullptr, key.get());
    EVP_DigestSign(context, value.data(), &size, message.data(),
                   message.size());
    EVP_MD_CTX_free(context);
    return value;
  }
};

struct Made {
  std::string_view hash = "sha512";
  std::uint8_t version = 1;
  std::string_view name_space = "file";
};

Bytes Armoured(const Token& token, const Made& made) {
  Bytes data = CopyOf(AsBytes("SSHSIG"));
  Append(data, AsBytes(made.name_space));
  Append(data, {});
  Append(data, AsBytes(made.hash));
  Append(data, *BytesFromHex(DigestOf(DigestAlgorithm::kSha512, kMessage).hex));
  Bytes signed_by_token;
  const auto application = Sha256Raw(AsBytes("ssh:"));
  const auto digest = Sha256Raw(data);
  const Bytes state = {1, 0, 0, 0, 7};  // touched; the counter
  for (const ByteView part :
       {ByteView(application), ByteView(state), ByteView(digest)}) {
    signed_by_token.insert(signed_by_token.end(), part.begin(), part.end());
  }
  Bytes signature;
  Append(signature, AsBytes("sk-ssh-ed25519@openssh.com"));
  Append(signature, token.Value(signed_by_token));
  signature.insert(signature.end(), state.begin(), state.end());
  Bytes blob = CopyOf(AsBytes("SSHSIG"));
  blob.insert(blob.end(), {0, 0, 0, made.version});
  Append(blob, token.blob);
  Append(blob, AsBytes(made.name_space));
  Append(blob, {});
  Append(blob, AsBytes(made.hash));
  Append(blob, signature);
  return CopyOf(AsBytes("-----BEGIN SSH SIGNATURE-----\n" +
                        Base64(AsText(blob)) +
                        "\n-----END SSH SIGNATURE-----\n"));
}

TEST(SshsigTest, TokensSignOnBehalfOfAnApplication) {
  const Token token;
  const std::string line = "a@example.org sk-ssh-ed25519@openssh.com " +
                           Base64(AsText(token.blob)) + "\n";
  const Situation situation = {
      .anchors = {{.name = "vendor",
                   .type = TrustAnchor::Type::kSshSigners,
                   .key = CopyOf(AsBytes(line))}}};
  const Bytes good = Armoured(token, {});
  EXPECT_EQ(Verdict(Check(good, kMessage, situation)), "TOTAL-PASSED");
  EXPECT_EQ(Verdict(Check(good, AsBytes("other"), situation)),
            "TOTAL-FAILED SIG_CRYPTO_FAILURE");
  EXPECT_EQ(
      Verdict(Check(Armoured(token, {.version = 2}), kMessage, situation)),
      "UNSUPPORTED");
  EXPECT_EQ(Verdict(Check(Armoured(token, {.hash = "sha3-512"}), kMessage,
                          situation)),
            "UNSUPPORTED");
  EXPECT_EQ(
      Verdict(Check(Armoured(token, {.name_space = ""}), kMessage, situation)),
      "TOTAL-FAILED FORMAT_FAILURE");
}

TEST(SshsigTest, AnchorsThatCannotBeReadAreRefused) {
  for (const std::string_view text :
       {"", "a@b", "a@b ssh-ed25519 AAAA", "a@b ssh-ed25519 !!!!",
        "a@b unknown-option ssh-ed25519 AAAA"}) {
    const TrustAnchor anchor = {.name = "vendor",
                                .type = TrustAnchor::Type::kSshSigners,
                                .key = CopyOf(AsBytes(text))};
    EXPECT_FALSE(ValidateAnchor(anchor)) << text;
  }
  EXPECT_TRUE(ValidateAnchor(With("allowed").anchors[0]));
  EXPECT_FALSE(ValidateAnchor(With("authority").anchors[0]));
}

TEST(SshsigTest, PatternsAreThoseOfSsh) {
  EXPECT_TRUE(MatchesSshPatterns("git,mail*", "mail@x"));
  EXPECT_FALSE(MatchesSshPatterns("git,mail*", "file"));
  EXPECT_FALSE(MatchesSshPatterns("*,!git", "git"));
  EXPECT_TRUE(MatchesSshPatterns("*,!git", "file"));
  EXPECT_FALSE(MatchesSshPatterns("!git", "file"));
  EXPECT_TRUE(MatchesSshPatterns("f?le", "file"));
  EXPECT_FALSE(MatchesSshPatterns("", "file"));
}

TEST(SshsigTest, FindsItsTargetAndLeavesOthersAlone) {
  const auto found = FindAll(kSshsig, "firmware.txt.sig", kSignature);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].targets, std::vector<std::string>{"firmware.txt"});
  EXPECT_TRUE(FindAll(kSshsig, "firmware.txt", kSignature).empty());
  EXPECT_TRUE(FindAll(kSshsig, "firmware.txt.sig",
                      Sample("signatures/signify/firmware.txt.sig"))
                  .empty());
}

}  // namespace
}  // namespace assay::signatures
