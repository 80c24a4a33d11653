#include "signatures/apt_archive.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <lzma.h>

#include "tests/signatures/openpgp_signer.h"
#include "tests/signatures/scheme_run.h"
#include "verifier/base/digest.h"

namespace assay::signatures {
namespace {

using testing::kNow;
using testing::kSigned;
using testing::OpenPgpSigner;
using testing::Verdict;

constexpr std::string_view kDeb = "the bytes of hello_1.0-1_amd64.deb";
constexpr std::string_view kDate =
    "Thu, 23 Nov 2023 22:13:20 UTC";  // kSigned - 1 day

std::string Sha(std::string_view text) {
  return Sha256Hex(AsBytes(text));
}

std::string PackagesOf(std::string_view deb) {
  return fmt::format(
      "Package: hello\nVersion: 2:1.0-1\nArchitecture: amd64\n"
      "Description: says\n Filename: pool/evil.deb\n"
      "Filename: pool/main/h/hello/hello_1.0-1_amd64.deb\nSize: {}\n"
      "MD5sum: d41d8cd98f00b204e9800998ecf8427e\nSHA256: {}\n\n",
      deb.size(), Sha(deb));
}

std::string Listing(std::string_view name, std::string_view content) {
  return fmt::format(" {} {:>8} {}\n", Sha(content), content.size(), name);
}

Bytes Xz(std::string_view text) {
  Bytes out(text.size() + 4096);
  std::size_t used = 0;
  EXPECT_EQ(lzma_easy_buffer_encode(6, LZMA_CHECK_CRC64, nullptr,
                                    AsBytes(text).data(), text.size(),
                                    out.data(), &used, out.size()),
            LZMA_OK);
  out.resize(used);
  return out;
}

class AptArchiveTest : public ::testing::Test {
 protected:
  std::string Release(std::string_view listing,
                      std::string_view more = "") const {
    return fmt::format(
        "Origin: Example\nCodename: stable\nDate: {}\n{}"
        "SHA256:\n{}",
        kDate, more, listing);
  }
  std::string InRelease(const std::string& release) const {
    return signer_.Clearsigned({key_}, release);
  }
  AptContext Build(std::vector<std::pair<std::string, std::string>> files,
                   UnixTime at = kNow, std::uint32_t signatures = 1) const {
    std::vector<ContextFile> context;
    for (auto& [name, text] : files) {
      context.push_back({name, ByteSource::Own(CopyOf(AsBytes(text)))});
    }
    const std::vector<TrustAnchor> anchors = {signer_.Anchor(key_, "archive")};
    return AptContext::Build(context, {.anchors = anchors, .at = at},
                             signatures);
  }
  static std::string VerdictOf(
      const AptContext& context, std::string_view deb = kDeb,
      std::string_view name = "x/hello_1.0-1_amd64.deb") {
    return Verdict(context.CheckFile(Sha(deb), deb.size(), name));
  }

  OpenPgpSigner signer_;
  std::string key_ = signer_.AddKey("Archive");
  std::string other_ = signer_.AddKey("Other archive");
  std::string packages_ = PackagesOf(kDeb);
  std::string release_ =
      Release(Listing("main/binary-amd64/Packages", packages_));
};

TEST_F(AptArchiveTest, ProvesThePackageDownFromTheSignature) {
  const AptContext context =
      Build({{"InRelease", InRelease(release_)}, {"Packages", packages_}});
  ASSERT_EQ(context.checks().size(), 2U);
  const SignatureCheck check =
      context.CheckFile(Sha(kDeb), kDeb.size(), "x/hello_1.0-1_amd64.deb");
  EXPECT_EQ(Verdict(check), "TOTAL-PASSED") << check.detail;
  EXPECT_EQ(check.scheme, "apt_archive");
  EXPECT_EQ(check.target, "x/hello_1.0-1_amd64.deb");
  EXPECT_EQ(testing::GoodKeys(check), std::vector{key_});
  ASSERT_EQ(check.steps.size(), 5U);
  EXPECT_NE(check.steps[1].find("Codename stable"), std::string::npos);
  EXPECT_NE(check.steps[3].find("main/binary-amd64/Packages"),
            std::string::npos);
  EXPECT_NE(check.steps[4].find("pool/main/h/hello"), std::string::npos);
}

TEST_F(AptArchiveTest, OtherBytesUnderAListedNameFail) {
  const AptContext context =
      Build({{"InRelease", InRelease(release_)}, {"Packages", packages_}});
  for (const char* name : {"hello_1.0-1_amd64.deb", "hello_2%3a1.0-1_amd64.deb",
                           "a!/b/hello_1.0-1_amd64.deb"}) {
    EXPECT_EQ(VerdictOf(context, "evil", name), "TOTAL-FAILED HASH_FAILURE");
  }
  EXPECT_EQ(VerdictOf(context, "evil", "other_1.0_amd64.deb"),
            "INDETERMINATE SIGNED_DATA_NOT_FOUND");
  // The right digest counts under any name, the wrong size under none.
  EXPECT_EQ(VerdictOf(context, kDeb, "renamed.deb"), "TOTAL-PASSED");
  EXPECT_NE(Verdict(context.CheckFile(Sha(kDeb), 1, "hello_1.0-1_amd64.deb")),
            "TOTAL-PASSED");
}

TEST_F(AptArchiveTest, SwappedIndexesAreNotRead) {
  const std::string evil = PackagesOf("evil");
  const AptContext context =
      Build({{"InRelease", InRelease(release_)}, {"Packages", evil}});
  EXPECT_EQ(context.checks().size(), 1U);
  EXPECT_EQ(VerdictOf(context, "evil"), "INDETERMINATE SIGNED_DATA_NOT_FOUND");
}

TEST_F(AptArchiveTest, OnlyTheSha256SectionCounts) {  // N10
  const std::string listing = Listing("main/binary-amd64/Packages", packages_);
  const std::string release =
      fmt::format("Codename: stable\nDate: {}\nMD5Sum:\n{}SHA1:\n{}", kDate,
                  listing, listing);
  const AptContext context =
      Build({{"InRelease", InRelease(release)}, {"Packages", packages_}});
  EXPECT_EQ(VerdictOf(context), "INDETERMINATE SIGNED_DATA_NOT_FOUND");
}

TEST_F(AptArchiveTest, TheListedSizeMustMatchToo) {
  const std::string listing = fmt::format(" {} {} main/binary-amd64/Packages\n",
                                          Sha(packages_), packages_.size() + 1);
  const AptContext context = Build(
      {{"InRelease", InRelease(Release(listing))}, {"Packages", packages_}});
  EXPECT_EQ(VerdictOf(context), "INDETERMINATE SIGNED_DATA_NOT_FOUND");
}

TEST_F(AptArchiveTest, TextAroundTheSignedMessageFails) {  // N1, N2
  const std::string good = InRelease(release_);
  for (const std::string& bad :
       {fmt::format("SHA256:\n{}", good), fmt::format("{}SHA256:\n", good)}) {
    const AptContext context =
        Build({{"deb_dists_InRelease", bad}, {"Packages", packages_}});
    ASSERT_EQ(context.checks().size(), 1U);
    EXPECT_EQ(Verdict(context.checks()[0]), "TOTAL-FAILED FORMAT_FAILURE");
    EXPECT_EQ(VerdictOf(context), "TOTAL-FAILED FORMAT_FAILURE");
  }
}

TEST_F(AptArchiveTest, OtherKeysAndMissingSignaturesDoNotPass) {  // N11
  const AptContext other =
      Build({{"InRelease", signer_.Clearsigned({other_}, release_)},
             {"Packages", packages_}});
  EXPECT_EQ(VerdictOf(other), "INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND");
  const AptContext unsigned_release =
      Build({{"Release", release_}, {"Packages", packages_}});
  EXPECT_TRUE(unsigned_release.empty());
  EXPECT_EQ(VerdictOf(unsigned_release), "INDETERMINATE SIGNED_DATA_NOT_FOUND");
  const AptContext too_few = Build(
      {{"InRelease", InRelease(release_)}, {"Packages", packages_}}, kNow, 2);
  EXPECT_EQ(VerdictOf(too_few), "INDETERMINATE SIG_CONSTRAINTS_FAILURE");
  std::string tampered = InRelease(release_);
  tampered[tampered.find("stable")] = 'S';
  EXPECT_EQ(
      VerdictOf(Build({{"InRelease", tampered}, {"Packages", packages_}})),
      "TOTAL-FAILED SIG_CRYPTO_FAILURE");
}

TEST_F(AptArchiveTest, TimesAreCheckedAgainstTheCallers) {  // N9
  const auto with = [&](std::string_view field, UnixTime at) {
    const std::string release =
        Release(Listing("main/binary-amd64/Packages", packages_), field);
    return VerdictOf(Build(
        {{"InRelease", InRelease(release)}, {"Packages", packages_}}, at));
  };
  EXPECT_EQ(with("Valid-Until: Sun, 03 Dec 2023 22:13:20 UTC\n", kSigned),
            "TOTAL-PASSED");
  EXPECT_EQ(with("Valid-Until: Sun, 03 Dec 2023 22:13:20 UTC\n", kNow),
            "INDETERMINATE OUT_OF_BOUNDS_NO_POE");
  EXPECT_EQ(with("Valid-Until: never\n", kNow),
            "INDETERMINATE OUT_OF_BOUNDS_NO_POE");
  EXPECT_EQ(with("", kSigned - 1), "INDETERMINATE OUT_OF_BOUNDS_NO_POE");
  std::string late = release_;
  late[late.find("2023") + 2] = '3';
  EXPECT_EQ(VerdictOf(Build(
                {{"InRelease", InRelease(late)}, {"Packages", packages_}})),
            "INDETERMINATE OUT_OF_BOUNDS_NO_POE");
}

TEST_F(AptArchiveTest, EveryLinkStatesTheAgeOfItsRelease) {  // N9
  const std::string release =
      Release(Listing("main/binary-amd64/Packages", packages_),
              "Valid-Until: Sun, 03 Dec 2023 22:13:20 UTC\n");
  const AptContext context = Build(
      {{"InRelease", InRelease(release)}, {"Packages", packages_}}, kSigned);
  const SignatureCheck package =
      context.CheckFile(Sha(kDeb), kDeb.size(), "x/hello_1.0-1_amd64.deb");
  ASSERT_EQ(context.checks().size(), 2U);
  for (const SignatureCheck& check :
       {context.checks()[0], context.checks()[1], package}) {
    EXPECT_EQ(check.age.date, kSigned - 86400);
    EXPECT_EQ(check.age.valid_until, kSigned + 9 * 86400);
  }
}

TEST_F(AptArchiveTest, ReadsXzIndexesAndSplitReleases) {
  const Bytes xz = Xz(packages_);
  const std::string release =
      Release(Listing("main/binary-amd64/Packages.xz", AsText(xz)));
  const Bytes signature = signer_.Detached({key_}, release);
  const AptContext context =
      Build({{"Release", release},
             {"Release.gpg", std::string(AsText(signature))},
             {"p.xz", std::string(AsText(xz))}});
  EXPECT_EQ(VerdictOf(context), "TOTAL-PASSED");
  const AptContext changed =
      Build({{"Release", release + "\n"},
             {"Release.gpg", std::string(AsText(signature))},
             {"p.xz", std::string(AsText(xz))}});
  EXPECT_EQ(VerdictOf(changed), "TOTAL-FAILED SIG_CRYPTO_FAILURE");
}

TEST_F(AptArchiveTest, SourcesVouchForTheirFiles) {
  const std::string sources = fmt::format(
      "Package: hello\nDirectory: pool/main/h/hello\n"
      "Files:\n d41d8cd98f00b204e9800998ecf8427e 4 hello_1.dsc\n"
      "Checksums-Sha256:\n {} 3 hello_1.dsc\n {} 4 hello_1.orig.tar.gz\n",
      Sha("dsc"), Sha("orig"));
  const AptContext context =
      Build({{"InRelease",
              InRelease(Release(Listing("main/source/Sources", sources)))},
             {"Sources", sources}});
  EXPECT_EQ(VerdictOf(context, "dsc", "hello_1.dsc"), "TOTAL-PASSED");
  EXPECT_EQ(VerdictOf(context, "orig", "hello_1.orig.tar.gz"), "TOTAL-PASSED");
  EXPECT_EQ(VerdictOf(context, "orih", "hello_1.orig.tar.gz"),
            "TOTAL-FAILED HASH_FAILURE");
}

TEST_F(AptArchiveTest, AnyPrefixOfAnIndexIsSafe) {
  for (std::size_t size = 0; size < packages_.size(); size += 7) {
    const std::string cut = packages_.substr(0, size);
    const AptContext context =
        Build({{"InRelease", InRelease(Release(Listing("main/Packages", cut)))},
               {"Packages", cut}});
    EXPECT_EQ(VerdictOf(context, "evil", "evil.deb"),
              "INDETERMINATE SIGNED_DATA_NOT_FOUND");
  }
}

}  // namespace
}  // namespace assay::signatures
