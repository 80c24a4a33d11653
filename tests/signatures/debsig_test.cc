#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

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
using testing::Situation;
using testing::Verdict;

const std::string kFormat = "TOTAL-FAILED FORMAT_FAILURE";

using Members = std::vector<std::pair<std::string, std::string>>;

std::string Archive(const Members& members) {
  std::string archive = "!<arch>\n";
  for (const auto& [name, content] : members) {
    archive += fmt::format("{:<16}{:<12}{:<6}{:<6}{:<8}{:<10}`\n", name,
                           1700000000, 0, 0, "100644", content.size());
    archive += content;
    archive += content.size() % 2 != 0 ? "\n" : "";
  }
  return archive;
}

class DebsigTest : public ::testing::Test {
 protected:
  std::string Sign(const std::string& key, std::string_view message) const {
    return std::string(AsText(signer_.Detached({key}, message)));
  }
  Members Signed() const {
    Members members = parts_;
    members.emplace_back("_gpgorigin", Sign(alice_, message_));
    return members;
  }
  std::vector<std::string> All(std::string_view archive) const {
    std::vector<std::string> verdicts;
    const Trust trust{.anchors = situation_.anchors, .at = kNow};
    for (const auto& one : FindAll(kDebsig, "a.deb", AsBytes(archive))) {
      verdicts.push_back(Verdict(kDebsig.verify(one, {}, trust)));
    }
    return verdicts;
  }
  std::string One(const Members& members) const {
    const auto all = All(Archive(members));
    return all.size() == 1 ? all[0] : fmt::format("{} signatures", all.size());
  }

  OpenPgpSigner signer_;
  std::string alice_ = signer_.AddKey("Alice");
  std::string bob_ = signer_.AddKey("Bob");
  Situation situation_{.anchors = {signer_.Anchor(alice_)}, .at = kNow};
  Members parts_ = {{"debian-binary", "2.0\n"},
                    {"control.tar.xz", "the control archive"},
                    {"data.tar.zst", "the data archive"}};
  std::string message_ = parts_[0].second + parts_[1].second + parts_[2].second;
};

TEST_F(DebsigTest, AgreesWithDebsigVerify) {
  const Bytes package = Sample("signatures/debsig/signed.deb");
  const Situation situation{
      .anchors = {{.name = "vendor",
                   .key = Sample("signatures/debsig/key.asc")}},
      .at = 1'800'000'000};
  const SignatureCheck check =
      testing::Check(kDebsig, "signed.deb", package, {}, situation);
  EXPECT_EQ(Verdict(check), "TOTAL-PASSED") << check.detail;
  EXPECT_TRUE(std::ranges::none_of(check.skipped, [](const auto& one) {
    return one.starts_with("member");
  }));
  // Every byte that is signed counts.
  const auto found = FindAll(kDebsig, "signed.deb", package);
  ASSERT_EQ(found.size(), 1U);
  std::uint64_t at = 0;
  for (const ClaimedRange& range : found[0].ranges) {
    EXPECT_EQ(range.range.offset, at);
    at = range.range.end();
    for (std::uint64_t i = range.range.offset;
         range.coverage == Coverage::kSigned && i < range.range.end(); ++i) {
      Bytes changed = package;
      changed[static_cast<std::size_t>(i)] ^= 1;
      EXPECT_EQ(
          Verdict(testing::Check(kDebsig, "a.deb", changed, {}, situation)),
          "TOTAL-FAILED SIG_CRYPTO_FAILURE")
          << i;
    }
  }
  EXPECT_EQ(at, package.size());
}

TEST_F(DebsigTest, EveryKindOfSignatureIsJudged) {
  Members members = Signed();
  members.emplace_back("_gpgmaint", Sign(bob_, message_));
  members.emplace_back("_gpgbuilder", Sign(alice_, "other"));
  EXPECT_EQ(All(Archive(members)),
            (std::vector<std::string>{
                "TOTAL-PASSED", "INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND",
                "TOTAL-FAILED SIG_CRYPTO_FAILURE"}));
  members = parts_;
  members.emplace_back("_gpgorigin",
                       Armored(signer_.Detached({alice_}, message_)));
  EXPECT_EQ(One(members), "TOTAL-PASSED");
  EXPECT_EQ(One(parts_), "0 signatures");
}

TEST_F(DebsigTest, MembersBesideThePackageAreNamed) {  // N13
  for (const char* name : {"_data.tar.gz", "evil", "data.tar.evil"}) {
    Members members = Signed();
    members.emplace_back(name, "evil");
    const std::string archive = Archive(members);
    const auto found = FindAll(kDebsig, "a.deb", AsBytes(archive));
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].ranges.back().coverage, Coverage::kUncoveredLive);
    EXPECT_EQ(found[0].ranges.back().what, name);
    const Trust trust{.anchors = situation_.anchors, .at = kNow};
    const auto check = kDebsig.verify(found[0], {}, trust);
    EXPECT_EQ(Verdict(check), "TOTAL-PASSED");
    ASSERT_EQ(check.skipped.size(), 1U);
    EXPECT_EQ(check.skipped[0],
              fmt::format("member {}: signed by nobody", name));
  }
}

TEST_F(DebsigTest, PartsStandOnceAndInOrder) {  // N14
  Members twice = Signed();
  twice.insert(twice.begin() + 3, {"data.tar.zst", "evil"});
  EXPECT_EQ(One(twice), kFormat);
  Members other_compression = Signed();
  other_compression.insert(other_compression.begin() + 2,
                           {"data.tar.gz", "evil"});
  EXPECT_EQ(One(other_compression), kFormat);
  Members slashed = Signed();
  slashed.emplace_back("data.tar.zst/", "evil");
  EXPECT_EQ(One(slashed), kFormat);
  Members swapped = Signed();
  std::swap(swapped[1], swapped[2]);
  EXPECT_EQ(One(swapped), kFormat);
  Members missing = Signed();
  missing.erase(missing.begin() + 2);
  EXPECT_EQ(One(missing), kFormat);
  EXPECT_EQ(All(Archive(Signed()) + "trailing"),
            std::vector<std::string>{kFormat});
}

TEST_F(DebsigTest, WhatIsSignedIsTheConcatenation) {
  Members moved = Signed();  // the same bytes, another border
  moved[1].second += moved[2].second.substr(0, 1);
  moved[2].second.erase(0, 1);
  // debsigs signs no borders: the members' own formats keep them apart.
  EXPECT_EQ(One(moved), "TOTAL-PASSED");
  Members changed = Signed();
  changed[0].second = "2.1\n";
  EXPECT_EQ(One(changed), "TOTAL-FAILED SIG_CRYPTO_FAILURE");
}

TEST_F(DebsigTest, NoPrefixPasses) {
  const std::string archive = Archive(Signed());
  const std::size_t end =  // but for the newline that pads
      archive.size() - (archive.back() == '\n' ? 1 : 0);
  for (std::size_t size = 0; size < end; ++size) {
    for (const std::string& verdict : All(archive.substr(0, size))) {
      EXPECT_NE(verdict, "TOTAL-PASSED") << size;
    }
  }
}

TEST_F(DebsigTest, OtherSignaturesFail) {
  for (const std::string& bad : {std::string("no signature"), std::string(),
                                 Sign(alice_, message_) + "x"}) {
    Members members = parts_;
    members.emplace_back("_gpgorigin", bad);
    EXPECT_EQ(One(members), kFormat) << bad;
  }
  Members newer = Signed();
  newer[3].second[2] = 6;
  EXPECT_EQ(One(newer), "UNSUPPORTED");  // N15
  Members text = Signed();
  text[3].second[3] = 1;  // a text signature over binary data
  EXPECT_EQ(One(text), kFormat);
}

TEST_F(DebsigTest, LargePackagesNeedTheirMessageAgain) {
  parts_[2].second = std::string(5UL << 20U, 'x');
  message_ = parts_[0].second + parts_[1].second + parts_[2].second;
  const std::string archive = Archive(Signed());
  const auto found = FindAll(kDebsig, "a.deb", AsBytes(archive));
  ASSERT_EQ(found.size(), 1U);
  const Trust trust{.anchors = situation_.anchors, .at = kNow};
  EXPECT_EQ(Verdict(kDebsig.verify(found[0], {}, trust)), "UNSUPPORTED");
  EXPECT_EQ(Verdict(kDebsig.verify(found[0], AsBytes(message_), trust)),
            "TOTAL-PASSED");
}

TEST_F(DebsigTest, OnlyDebianPackagesAreLookedAt) {
  EXPECT_TRUE(All("!<arch>\n").empty());
  Members library = Signed();
  library[0].first = "a.o";
  EXPECT_TRUE(All(Archive(library)).empty());
}

}  // namespace
}  // namespace assay::signatures
