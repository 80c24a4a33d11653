// A machine's boot chain as Debian ships it, by the policy for such a machine:
// from its signature database to shim, and by shim's own certificate to GRUB.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>

#include "tests/golden/verified.h"
#include "tests/support/hex.h"
#include "tests/support/scratch.h"

namespace assay {
namespace {

namespace fs = std::filesystem;
using testing::ScratchFolder;

constexpr const char* kShim = "/usr/lib/shim/shimx64.efi.signed";
constexpr const char* kGrub =
    "/usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed";

class BootChainTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!fs::exists(kShim) || !fs::exists(kGrub)) {
      GTEST_SKIP() << "the signed boot loaders are packages of amd64";
    }
  }

  void Take(const char* file) {
    fs::copy_file(file, fs::path(folder_.path()) / fs::path(file).filename());
  }

  [[nodiscard]] std::string PathOf(const char* file) const {
    return (fs::path(folder_.path()) / fs::path(file).filename()).string();
  }

  [[nodiscard]] Report Verify() const {
    return testing::Verified(
        {.product = folder_.path(),
         .policy = testing::SamplePath("policies/uefi-machine.yaml"),
         .jobs = 2});
  }

  static std::vector<SignatureCheck> On(const Report& report,
                                        const std::string& name,
                                        Indication indication) {
    std::vector<SignatureCheck> checks;
    std::copy_if(report.checks.begin(), report.checks.end(),
                 std::back_inserter(checks), [&](const SignatureCheck& check) {
                   return check.target == name &&
                          check.indication == indication;
                 });
    return checks;
  }

  ScratchFolder folder_;
};

constexpr std::string_view kShimName = "shimx64.efi.signed";
constexpr std::string_view kGrubName = "grubx64.efi.signed";

TEST_F(BootChainTest, ShimLeadsToTheDatabaseAndGrubToShim) {
  Take(kShim);
  Take(kGrub);
  const Report report = Verify();
  const auto shim =
      On(report, std::string(kShimName), Indication::kTotalPassed);
  const auto grub =
      On(report, std::string(kGrubName), Indication::kTotalPassed);
  ASSERT_FALSE(shim.empty());
  ASSERT_EQ(grub.size(), 1U);
  EXPECT_EQ(grub[0].anchor, "db");
  EXPECT_TRUE(std::all_of(grub[0].covers.begin(), grub[0].covers.end(),
                          [](const CoveredRange& cover) {
                            return cover.coverage != Coverage::kSigned;
                          }))
      << "only a derived key reaches it";
  testing::ExpectBalanced(report);
}

TEST_F(BootChainTest, WithoutShimNobodyVouchesForGrub) {
  Take(kGrub);
  const Report report = Verify();
  EXPECT_TRUE(
      On(report, std::string(kGrubName), Indication::kTotalPassed).empty());
  EXPECT_EQ(report.verdict, Verdict::kInconclusive);
}

TEST_F(BootChainTest, AByteOfGrubsCodeIsNoticed) {
  Take(kShim);
  Take(kGrub);
  testing::FlipByte(PathOf(kGrub), 100'000);
  const Report report = Verify();
  const auto grub =
      On(report, std::string(kGrubName), Indication::kTotalFailed);
  ASSERT_EQ(grub.size(), 1U);
  EXPECT_EQ(grub[0].sub_indication, "HASH_FAILURE");
  EXPECT_EQ(report.verdict, Verdict::kFail);
}

TEST_F(BootChainTest, AChangedShimVouchesForNobody) {
  Take(kShim);
  Take(kGrub);
  testing::FlipByte(PathOf(kShim), 100'000);
  const Report report = Verify();
  EXPECT_TRUE(
      On(report, std::string(kGrubName), Indication::kTotalPassed).empty());
  EXPECT_EQ(report.verdict, Verdict::kFail);
}

}  // namespace
}  // namespace assay
