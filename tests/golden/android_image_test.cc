// Partitions and packages under the policy for an Android device.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "tests/golden/verified.h"
#include "tests/support/hex.h"
#include "tests/support/scratch.h"
#include "verifier/formats/disks/avb_footer.h"

namespace assay {
namespace {

using testing::Sample;
using testing::ScratchFolder;

struct Product {
  Bytes partition = Sample("signatures/avb/boot.hex");
  Bytes package = Sample("signatures/apk_v2/rsa.apk");
};

Report Verify(const Product& product) {
  const ScratchFolder folder;
  folder.Write("boot.img", AsText(product.partition));
  folder.Write("app.apk", AsText(product.package));
  return testing::Verified(
      {.product = folder.path(),
       .policy = testing::SamplePath("policies/android-image.yaml"),
       .jobs = 2});
}

bool Passes(const Report& report, const std::string& name,
            const std::string& scheme) {
  return std::any_of(report.checks.begin(), report.checks.end(),
                     [&](const SignatureCheck& check) {
                       return check.target == name && check.scheme == scheme &&
                              check.indication == Indication::kTotalPassed;
                     });
}

TEST(AndroidImageTest, PartitionAndPackageLeadToTheirAnchors) {
  const Report report = Verify({});
  EXPECT_TRUE(Passes(report, "boot.img", "avb"));
  EXPECT_TRUE(Passes(report, "app.apk", "apk_v2"));
  EXPECT_EQ(report.verdict, Verdict::kPass)
      << fmt::format("{}", fmt::join(report.reasons, "\n"));
  testing::ExpectBalanced(report);
}

// The vendor's metadata, and somebody's image in a file with them.
TEST(AndroidImageTest, MetadataOfAnotherImageCoverNone) {
  const Bytes vendor = Sample("signatures/avb/boot.hex");
  const auto footer = formats::avb::ReadFooter(vendor);
  ASSERT_TRUE(footer);
  const Bytes vbmeta =
      CopyOf(*Slice(vendor, footer->vbmeta_offset, footer->vbmeta_size));
  Product product;
  product.partition = testing::Concat(vbmeta, AsBytes("somebody's kernel"));
  const Report report = Verify(product);
  EXPECT_EQ(report.verdict, Verdict::kFail);
  EXPECT_TRUE(std::any_of(
      report.reasons.begin(), report.reasons.end(), [](const auto& reason) {
        return reason.find("the policy demands 100 %") != std::string::npos;
      }));
}

TEST(AndroidImageTest, AByteOfThePartitionFails) {
  Product product;
  product.partition[10] ^= 1;
  const Report report = Verify(product);
  EXPECT_FALSE(Passes(report, "boot.img", "avb"));
  EXPECT_EQ(report.verdict, Verdict::kFail);
}

TEST(AndroidImageTest, APackageOfAnotherMakerDoesNotPass) {
  Product product;
  product.package = Sample("signatures/apk_v2/dsa.apk");
  const Report report = Verify(product);
  EXPECT_FALSE(Passes(report, "app.apk", "apk_v2"));
  EXPECT_NE(report.verdict, Verdict::kPass);
}

}  // namespace
}  // namespace assay
