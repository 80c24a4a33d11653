#include "signatures/listed_files.h"

#include <gtest/gtest.h>

#include "tests/signatures/scheme_run.h"

namespace assay::signatures {
namespace {

using testing::Verdict;

Digest Of(DigestAlgorithm algorithm, std::string_view text) {
  return DigestOf(algorithm, AsBytes(text));
}

class ListedFilesTest : public ::testing::Test {
 protected:
  SignatureCheck Check(const ListedFile& listed, std::string_view content,
                       bool legacy = false) const {
    SignatureCandidate candidate;
    candidate.listed = {listed};
    const auto checks = CheckListed(
        candidate, outer_,
        [&](const ListedFile& file) -> std::optional<PresentFile> {
          if (file.name != "a.bin") {
            return std::nullopt;
          }
          return PresentFile{.size = content.size(),
                             .digests = {Of(DigestAlgorithm::kMd5, content),
                                         Of(DigestAlgorithm::kSha256, content)},
                             .artifact = 7,
                             .path = "top!/a.bin"};
        },
        legacy);
    EXPECT_EQ(checks.size(), 1U);
    return checks.at(0);
  }

  SignatureCheck outer_{.holder = "top!/hello.dsc",
                        .indication = Indication::kTotalPassed,
                        .good_keys = {{.key = "K"}}};
  ListedFile listed_{.name = "a.bin",
                     .size = 5,
                     .digests = {Of(DigestAlgorithm::kSha256, "hello")}};
};

TEST_F(ListedFilesTest, ASignedDigestCoversTheWholeFile) {
  const SignatureCheck check = Check(listed_, "hello");
  EXPECT_EQ(Verdict(check), "TOTAL-PASSED");
  EXPECT_EQ(check.target, "top!/a.bin");
  EXPECT_EQ(check.steps.size(), 1U);
  ASSERT_EQ(check.covers.size(), 1U);
  EXPECT_EQ(check.covers[0].artifact, 7U);
  EXPECT_EQ(check.covers[0].range, (Range{0, 5}));
  EXPECT_EQ(check.covers[0].coverage, Coverage::kByDigest);
}

TEST_F(ListedFilesTest, OtherBytesFail) {  // N12
  for (const char* content : {"hellp", "hello ", "hell", ""}) {
    const SignatureCheck check = Check(listed_, content);
    EXPECT_EQ(Verdict(check), "TOTAL-FAILED HASH_FAILURE") << content;
    EXPECT_TRUE(check.covers.empty());
    EXPECT_TRUE(check.good_keys.empty());
    EXPECT_FALSE(check.detail.empty());
  }
  listed_.size = 6;
  EXPECT_EQ(Verdict(Check(listed_, "hello")), "TOTAL-FAILED HASH_FAILURE");
}

TEST_F(ListedFilesTest, EveryListedDigestMustAgree) {
  listed_.digests.push_back(Of(DigestAlgorithm::kMd5, "other"));
  EXPECT_EQ(Verdict(Check(listed_, "hello")), "TOTAL-FAILED HASH_FAILURE");
}

TEST_F(ListedFilesTest, WeakDigestsAloneTieNothing) {
  listed_.digests = {Of(DigestAlgorithm::kMd5, "hello")};
  EXPECT_EQ(Verdict(Check(listed_, "hello")),
            "INDETERMINATE CRYPTO_CONSTRAINTS_FAILURE");
  EXPECT_EQ(Verdict(Check(listed_, "hello", true)), "TOTAL-PASSED");
}

TEST_F(ListedFilesTest, WhatCannotBeComparedIsNotPassed) {
  listed_.digests = {Of(DigestAlgorithm::kSha512, "hello")};
  EXPECT_EQ(Verdict(Check(listed_, "hello")),
            "INDETERMINATE SIGNED_DATA_NOT_FOUND");
  listed_.digests.clear();
  EXPECT_EQ(Verdict(Check(listed_, "hello")),
            "INDETERMINATE SIGNED_DATA_NOT_FOUND");
  listed_.name = "missing.bin";
  EXPECT_EQ(Verdict(Check(listed_, "hello")),
            "INDETERMINATE SIGNED_DATA_NOT_FOUND");
}

TEST_F(ListedFilesTest, NothingIsBetterThanItsList) {
  outer_.good_keys.clear();
  for (const Indication indication :
       {Indication::kIndeterminate, Indication::kTotalFailed,
        Indication::kUnsupported, Indication::kDigestOnly}) {
    outer_.indication = indication;
    const SignatureCheck check = Check(listed_, "hello");
    EXPECT_EQ(check.indication, indication);
    EXPECT_TRUE(check.covers.empty());
    EXPECT_EQ(Verdict(Check(listed_, "hellp")), "TOTAL-FAILED HASH_FAILURE");
  }
}

}  // namespace
}  // namespace assay::signatures
