#include <fmt/format.h>
#include <gtest/gtest.h>

#include "signatures/openpgp_packets.h"
#include "tests/signatures/openpgp_signer.h"
#include "tests/signatures/scheme_run.h"
#include "tests/support/hex.h"

namespace assay::signatures {
namespace {

using assay::testing::Concat;
using assay::testing::Sample;
using testing::Armored;
using testing::FindAll;
using testing::kNow;
using testing::OpenPgpSigner;
using testing::SignOptions;
using testing::Situation;
using testing::Verdict;

constexpr std::string_view kText =
    "Origin: Example\n"
    "Description: first  \n"  // blanks at the end are not signed
    "- dashed\n"
    "MD5Sum:\n"
    " d41d8cd98f00b204e9800998ecf8427e 0 old/Packages\n"
    "SHA256:\n"
    " e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 0 "
    "main/Packages\n";

class OpenpgpClearsignedTest : public ::testing::Test {
 protected:
  SignatureCheck Check(std::string_view file) const {
    return testing::Check(kOpenpgpClearsigned, "InRelease", AsBytes(file), {},
                          situation_);
  }
  std::string Sign(const SignOptions& options = {}) const {
    return signer_.Clearsigned({alice_}, kText, options);
  }
  // The framed text of `message` with other signatures below it.
  static std::string WithSignatures(const std::string& message,
                                    ByteView packets) {
    return message.substr(0, message.find("-----BEGIN PGP SIGNATURE")) +
           Armored(packets);
  }
  static Bytes PacketsOf(const std::string& message) {
    const std::size_t at = message.find("-----BEGIN PGP SIGNATURE");
    return Dearmor(std::string_view(message).substr(at), "PGP SIGNATURE")
        .value();
  }

  OpenPgpSigner signer_;
  std::string alice_ = signer_.AddKey("Alice <alice@example.org>");
  std::string bob_ = signer_.AddKey("Bob <bob@example.org>");
  Situation situation_{.anchors = {signer_.Anchor(alice_)}, .at = kNow};
};

TEST_F(OpenpgpClearsignedTest, HandsOutTheTextThatWasHashed) {
  const std::string file = Sign();
  const auto found = FindAll(kOpenpgpClearsigned, "InRelease", AsBytes(file));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_TRUE(found[0].problems.empty());
  std::string expected(kText);
  expected.erase(expected.find("  \n"), 2);
  EXPECT_EQ(AsText(found[0].message), expected);
  EXPECT_EQ(Verdict(Check(file)), "TOTAL-PASSED") << Check(file).detail;
}

TEST_F(OpenpgpClearsignedTest, ReadsWhatGnuPgWrites) {
  const std::string folder = "signatures/openpgp_clearsigned/";
  const Situation gnupg{
      .anchors = {{.name = "gpg",
                   .key = Sample("signatures/openpgp_detached/key.asc")}},
      .at = 1'800'000'000};
  const SignatureCheck check =
      testing::Check(kOpenpgpClearsigned, "hello.dsc",
                     Sample(folder + "hello.dsc"), {}, gnupg);
  EXPECT_EQ(Verdict(check), "TOTAL-PASSED") << check.detail;
}

TEST_F(OpenpgpClearsignedTest, OnlySha256SectionsList) {  // N10
  const auto found = FindAll(kOpenpgpClearsigned, "InRelease", AsBytes(Sign()));
  ASSERT_EQ(found.size(), 1U);
  ASSERT_EQ(found[0].listed.size(), 1U);
  EXPECT_EQ(found[0].listed[0].name, "main/Packages");
  EXPECT_EQ(found[0].listed[0].size, 0U);
  const auto dsc = FindAll(kOpenpgpClearsigned, "hello.dsc",
                           Sample("signatures/openpgp_clearsigned/hello.dsc"));
  ASSERT_EQ(dsc.size(), 1U);
  ASSERT_EQ(dsc[0].listed.size(), 1U);
  EXPECT_EQ(dsc[0].listed[0].name, "hello_1.0.orig.tar.gz");
  EXPECT_EQ(dsc[0].listed[0].size, 5U);
}

TEST_F(OpenpgpClearsignedTest, NothingMayStandOutsideOfTheMessage) {  // N1, N2
  const std::string file = Sign();
  const std::vector<std::pair<std::string_view, std::string_view>> around = {
      {"SHA256:\n evil\n", ""}, {"\n", ""}, {" ", ""}, {"", "\n\n"},
      {"", "SHA256:\n evil\n"}, {"", file}, {"", " "}};
  for (const auto& [before, after] : around) {
    const std::string one = fmt::format("{}{}{}", before, file, after);
    const auto found = FindAll(kOpenpgpClearsigned, "InRelease", AsBytes(one));
    ASSERT_EQ(found.size(), 1U);
    EXPECT_FALSE(found[0].problems.empty());
    EXPECT_EQ(
        FindAll(kOpenpgpClearsigned, "dists/stable/InRelease", AsBytes(one))
            .size(),
        1U);
    EXPECT_TRUE(found[0].listed.empty());
    EXPECT_TRUE(found[0].message.empty());
    EXPECT_EQ(Verdict(Check(one)), "TOTAL-FAILED FORMAT_FAILURE");
  }
}

TEST_F(OpenpgpClearsignedTest, HeadersAreOneHashLineAtMost) {  // N3
  const std::string file = Sign();
  const std::size_t header = file.find("Hash: ");
  ASSERT_NE(header, std::string::npos);
  for (const char* line : {"Hash: SHA512\n", "Comment: signed by the board\n",
                           "Hash: SHA256 evil\n", "Hash:\n", "x\n"}) {
    const std::string changed = fmt::format("{}{}{}", file.substr(0, header),
                                            line, file.substr(header));
    EXPECT_EQ(Verdict(Check(changed)), "TOTAL-FAILED FORMAT_FAILURE") << line;
  }
}

TEST_F(OpenpgpClearsignedTest, EveryChangeOfTheTextFails) {
  const std::string file = Sign();
  const std::size_t first = file.find("Origin");
  const std::size_t last = file.find("\n-----BEGIN PGP SIGNATURE");
  for (std::size_t at = first; at < last; ++at) {
    if (file[at] == '\r') {
      continue;  // blanks at a line's end, of whatever kind, are not signed
    }
    std::string changed = file;
    changed[at] = static_cast<char>(changed[at] ^ 0x04);
    EXPECT_NE(Check(changed).indication, Indication::kTotalPassed)
        << at << " '" << file[at] << "'";
  }
}

TEST_F(OpenpgpClearsignedTest, NoPrefixPasses) {
  const std::string file = Sign();
  const std::size_t end = file.rfind("-----") + 5;
  for (std::size_t size = 0; size < end; ++size) {
    EXPECT_NE(Check(std::string_view(file).substr(0, size)).indication,
              Indication::kTotalPassed)
        << size;
  }
}

TEST_F(OpenpgpClearsignedTest, LineEndsMayChangeButNotTheLines) {
  const std::string file = Sign();
  std::string crlf;
  for (const char c : file) {
    if (c == '\n' && (crlf.empty() || crlf.back() != '\r')) {
      crlf.push_back('\r');
    }
    crlf.push_back(c);
  }
  EXPECT_EQ(Verdict(Check(crlf)), "TOTAL-PASSED");
  const std::size_t line = file.find("MD5Sum");
  EXPECT_EQ(Verdict(Check(fmt::format("{}\n{}", file.substr(0, line),
                                      file.substr(line)))),
            "TOTAL-FAILED SIG_CRYPTO_FAILURE");
}

TEST_F(OpenpgpClearsignedTest, DashesMustBeEscaped) {
  const std::string file = Sign();
  const std::size_t dashed = file.find("- - dashed");
  ASSERT_NE(dashed, std::string::npos);
  EXPECT_EQ(Verdict(Check(fmt::format("{}-dashed{}", file.substr(0, dashed),
                                      file.substr(dashed + 10)))),
            "TOTAL-FAILED FORMAT_FAILURE");
}

TEST_F(OpenpgpClearsignedTest, AllSignaturesCount) {
  const std::string file = Sign();
  const Bytes mine = PacketsOf(file);
  const Bytes bobs = PacketsOf(signer_.Clearsigned({bob_}, kText));
  const Bytes wrong = PacketsOf(signer_.Clearsigned({alice_}, "other\n"));
  const Bytes binary = signer_.Detached({alice_}, kText);

  const SignatureCheck one = Check(WithSignatures(file, Concat(bobs, mine)));
  EXPECT_EQ(Verdict(one), "TOTAL-PASSED");
  EXPECT_EQ(testing::GoodKeys(one), std::vector{alice_});
  EXPECT_EQ(one.steps.size(), 2U);
  EXPECT_EQ(Verdict(Check(WithSignatures(file, bobs))),
            "INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND");
  EXPECT_EQ(Verdict(Check(WithSignatures(file, Concat(mine, wrong)))),
            "TOTAL-FAILED SIG_CRYPTO_FAILURE");
  // Cleartext is signed as text: a binary signature belongs to another form.
  EXPECT_EQ(Verdict(Check(WithSignatures(file, binary))),
            "TOTAL-FAILED FORMAT_FAILURE");
  situation_.anchors.push_back(signer_.Anchor(bob_));
  EXPECT_EQ(Check(WithSignatures(file, Concat(bobs, mine))).good_keys.size(),
            2U);
}

TEST_F(OpenpgpClearsignedTest, AReleaseSpeaksOfItsTimeAlone) {  // N9
  const auto with = [&](std::string_view fields) {
    const SignatureCheck check = Check(
        signer_.Clearsigned({alice_}, fmt::format("{}{}", fields, kText)));
    EXPECT_EQ(check.good_keys.empty(),
              check.indication != Indication::kTotalPassed);
    return Verdict(check);
  };
  const std::string outside = "INDETERMINATE OUT_OF_BOUNDS_NO_POE";
  EXPECT_EQ(with("Date: Thu, 01 Jan 1970 00:00:00 UTC\n"), "TOTAL-PASSED");
  EXPECT_EQ(with("Valid-Until: Wed, 01 Jan 2098 00:00:00 UTC\n"),
            "TOTAL-PASSED");
  EXPECT_EQ(with("Valid-Until: Thu, 01 Jan 1970 00:00:00 UTC\n"), outside);
  EXPECT_EQ(with("Valid-Until: never\n"), outside);
  EXPECT_EQ(with("Date: Wed, 01 Jan 2098 00:00:00 UTC\n"), outside);
}

TEST_F(OpenpgpClearsignedTest, StatesTheAgeOfARelease) {  // N9
  const std::string text = fmt::format(
      "Date: Thu, 01 Jan 1970 00:01:00 UTC\n"
      "Valid-Until: Wed, 01 Jan 2098 00:00:00 UTC\n{}",
      kText);
  const SignatureCheck check = Check(signer_.Clearsigned({alice_}, text));
  EXPECT_EQ(check.age.date, 60);
  EXPECT_EQ(check.age.valid_until, ParseTime("2098-01-01"));
  EXPECT_FALSE(Check(Sign()).age.date);
  EXPECT_FALSE(Check(Sign()).age.valid_until);
}

TEST_F(OpenpgpClearsignedTest, WeakHashIsRefused) {  // N8
  EXPECT_EQ(Verdict(Check(Sign({.hash = "SHA1"}))),
            "INDETERMINATE CRYPTO_CONSTRAINTS_FAILURE");
}

TEST_F(OpenpgpClearsignedTest, OtherTextsThatQuoteAMessageAreNotSigned) {
  const std::string quoted = fmt::format("see:\n{}", Sign());
  EXPECT_TRUE(FindAll(kOpenpgpClearsigned, "README", AsBytes(quoted)).empty());
  EXPECT_TRUE(
      FindAll(kOpenpgpClearsigned, "a.dsc", AsBytes("Format: 3.0\n")).empty());
}

}  // namespace
}  // namespace assay::signatures
