// What a policy says of an apt release chain and its signers, on packages.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/golden/verified.h"
#include "tests/signatures/openpgp_signer.h"
#include "tests/support/hex.h"
#include "tests/support/scratch.h"
#include "verifier/base/digest.h"

namespace assay {
namespace {

using signatures::testing::kNow;
using signatures::testing::OpenPgpSigner;
using testing::ReasonsOf;
using testing::Sample;
using testing::ScratchFolder;
using testing::VerdictsOn;

constexpr std::string_view kPackage = "hello_1_all.deb";
constexpr std::string_view kDate =
    "Thu, 23 Nov 2023 22:13:20 UTC";  // 11 days before kNow

class ReleaseRulesTest : public ::testing::Test {
 protected:
  ReleaseRulesTest() {
    const Bytes deb = Sample("signatures/debsig/signed.deb");
    product_.Write(kPackage, AsText(deb));
    const std::string packages = fmt::format(
        "Package: hello\nFilename: pool/{}\nSize: {}\nSHA256: {}\n\n", kPackage,
        deb.size(), Sha256Hex(deb));
    context_.Write("Packages", packages);
    release_ = fmt::format(
        "Origin: Example\nCodename: stable\nDate: {}\nSHA256:\n {} {} "
        "main/binary-all/Packages\n",
        kDate, Sha256Hex(AsBytes(packages)), packages.size());
  }

  // Under a policy with an anchor for each key, with limits of its own.
  [[nodiscard]] Report Verified(const std::string& archive,
                                const std::string& mirror,
                                const std::string& more) const {
    const ScratchFolder keys;
    const auto anchor = [&](const std::string& name, const std::string& key,
                            const std::string& limits) {
      const std::string file = keys.Write(name, AsText(signer_.PublicKey(key)));
      return fmt::format(
          "  - {{name: {}, type: openpgp-cert, file: \"{}\"{}}}\n", name, file,
          limits);
    };
    return testing::VerifiedUnder("anchors:\n" +
                                      anchor("archive", archive_, archive) +
                                      anchor("mirror", mirror_, mirror) + more,
                                  {.product = product_.path(),
                                   .contexts = {context_.path()},
                                   .at = kNow});
  }
  // Of the packages, which the anchor `by` has to vouch for.
  [[nodiscard]] Verdict VerdictBy(const std::string& by,
                                  const std::string& archive,
                                  const std::string& mirror) const {
    const Report report = Verified(
        archive, mirror,
        fmt::format("signatures: [{{match: \"*.deb\", anchors: [{}]}}]\n", by));
    return report.verdict;
  }

  OpenPgpSigner signer_;
  std::string archive_ = signer_.AddKey("Archive");
  std::string mirror_ = signer_.AddKey("Mirror");
  ScratchFolder product_;
  ScratchFolder context_;
  std::string release_;
};

constexpr const char* kForPackages = ", subjects: [\"*.deb\"]";
constexpr const char* kForSources = ", subjects: [\"*.dsc\"]";

TEST_F(ReleaseRulesTest, EverySignerIsAskedForItsSubjects) {
  for (const auto& signers :
       {std::vector{archive_, mirror_}, std::vector{mirror_, archive_}}) {
    context_.Write("InRelease", signer_.Clearsigned(signers, release_));
    EXPECT_EQ(VerdictBy("archive", kForPackages, kForSources), Verdict::kPass);
    EXPECT_NE(VerdictBy("mirror", kForPackages, kForSources), Verdict::kPass);
    EXPECT_EQ(VerdictBy("mirror", kForSources, kForPackages), Verdict::kPass);
    EXPECT_NE(VerdictBy("archive", kForSources, kForPackages), Verdict::kPass);
    const std::string both = "signatures: [{match: \"*.deb\", count: 2}]\n";
    EXPECT_EQ(Verified("", kForPackages, both).verdict, Verdict::kPass);
    EXPECT_NE(Verified("", kForSources, both).verdict, Verdict::kPass);
  }
}

TEST_F(ReleaseRulesTest, SignersOfOtherSubjectsVouchForNone) {
  context_.Write("InRelease",
                 signer_.Clearsigned({mirror_, archive_}, release_));
  const Report report = Verified(kForSources, kForSources, "");
  EXPECT_NE(VerdictsOn(report, kPackage)
                .find("INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND"),
            std::string::npos)
      << VerdictsOn(report, kPackage);
  EXPECT_EQ(VerdictsOn(report, kPackage).find("TOTAL-PASSED"),
            std::string::npos);
  // For the chain itself subjects do not matter.
  EXPECT_EQ(VerdictsOn(report, "InRelease"), "TOTAL-PASSED");
}

// A list hands on the trust in its signers as far as each of them may go.
TEST_F(ReleaseRulesTest, AListVouchesForTheSubjectsOfItsSigners) {
  const std::string firmware = "inert";
  product_.Write("firmware.bin", firmware);
  const std::string text = fmt::format(
      "Format: 1.8\nDate: {}\nChecksums-Sha256:\n {} {} firmware.bin\n", kDate,
      Sha256Hex(AsBytes(firmware)), firmware.size());
  product_.Write("firmware.changes",
                 signer_.Clearsigned({archive_, mirror_}, text));
  const auto by = [&](const char* anchor, const std::string& archive,
                      const std::string& mirror) {
    return Verified(archive, mirror,
                    fmt::format("signatures: [{{match: firmware.bin, "
                                "anchors: [{}]}}]\n",
                                anchor));
  };
  const std::string list = ", subjects: [\"*.changes\"]";
  EXPECT_EQ(by("archive", "", "").verdict, Verdict::kPass);
  EXPECT_EQ(by("mirror", list, "").verdict, Verdict::kPass);
  EXPECT_NE(by("archive", list, "").verdict, Verdict::kPass);
  EXPECT_NE(by("mirror", "", list).verdict, Verdict::kPass);
  const Report none = by("archive", list, list);
  EXPECT_EQ(VerdictsOn(none, "firmware.changes"), "TOTAL-PASSED");
  EXPECT_EQ(VerdictsOn(none, "firmware.bin"),
            "INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND");
}

// However a Release is signed, it is as old as it says.
TEST_F(ReleaseRulesTest, ASplitReleaseIsAskedForItsAgeAsAnInReleaseIs) {
  const std::string signature(AsText(signer_.Detached({archive_}, release_)));
  for (const ScratchFolder* folder : {&product_, &context_}) {
    folder->Write("stable/Release", release_);
    folder->Write("stable/Release.gpg", signature);
    folder->Write("other/InRelease", signer_.Clearsigned({archive_}, release_));
  }
  const auto with = [&](const std::string& rule) {
    return Verified("", "",
                    "freshness: [{scheme: apt_archive, " + rule + "}]\n");
  };
  const Report fresh = with("max_age: 12");
  EXPECT_EQ(fresh.verdict, Verdict::kPass) << ReasonsOf(fresh);
  for (const char* rule :
       {"max_age: 10", "date: 2023-12-01", "valid_until: required"}) {
    const Report stale = with(rule);
    EXPECT_EQ(stale.verdict, Verdict::kFail) << rule;
    for (const char* name : {"stable/Release", "other/InRelease"}) {
      EXPECT_NE(
          VerdictsOn(stale, name).find("INDETERMINATE SIG_CONSTRAINTS_FAILURE"),
          std::string::npos)
          << rule << name << VerdictsOn(stale, name);
      EXPECT_EQ(VerdictsOn(stale, name).find("TOTAL-PASSED"),
                std::string::npos);
    }
    EXPECT_EQ(VerdictsOn(stale, kPackage).find("TOTAL-PASSED"),
              std::string::npos)
        << rule;
  }
}

// Source and upload files have no such age: a rule for archives is not theirs.
TEST_F(ReleaseRulesTest, ARuleForArchivesSpeaksOfReleasesAlone) {
  product_.Write("firmware.dsc",
                 signer_.Clearsigned({archive_}, "Format: 3.0\n"));
  context_.Write("InRelease", signer_.Clearsigned({archive_}, release_));
  const Report report =
      Verified("", "", "freshness: [{scheme: apt_archive, max_age: 12}]\n");
  EXPECT_EQ(VerdictsOn(report, "firmware.dsc"), "TOTAL-PASSED");
  EXPECT_EQ(report.verdict, Verdict::kPass) << ReasonsOf(report);
}

}  // namespace
}  // namespace assay
