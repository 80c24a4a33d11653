#include <gtest/gtest.h>

#include "tests/cataloguers/examining.h"
#include "tests/support/hex.h"

namespace assay::sbom {
namespace {

using testing::Sample;

const Bytes kModule = Sample("cataloguers/linux_kernel/sample_drv.ko");

Bytes Image(std::uint8_t pointer) {
  constexpr std::string_view kVersion = "6.1.0-18-amd64 (builder@host) #1 SMP";
  Bytes image(0x400, 0);
  for (std::size_t i = 0; i < 4; ++i) {
    image[0x202 + i] = static_cast<std::uint8_t>("HdrS"[i]);
  }
  image[0x20e] = pointer;
  image[0x20f] = 1;
  for (std::size_t i = 0; i < kVersion.size(); ++i) {
    image[0x380 + i] = static_cast<std::uint8_t>(kVersion[i]);
  }
  return image;
}

TEST(LinuxKernelTest, ReadsTheHeaderOfAnImage) {
  const auto [understood, seen] =
      ExamineFile(kLinuxKernel, "not-a-kernel-name", Image(0x80));
  EXPECT_TRUE(understood);
  ASSERT_EQ(seen.components.size(), 1U);
  EXPECT_EQ(seen.components[0].component.purl,
            "pkg:generic/linux@6.1.0-18-amd64");
  EXPECT_EQ(seen.components[0].place, (Range{0x380, 14}));
}

TEST(LinuxKernelTest, ReadsModules) {
  const auto [understood, seen] = ExamineFile(kLinuxKernel, "x", kModule);
  EXPECT_TRUE(understood);
  ASSERT_EQ(seen.components.size(), 2U);
  EXPECT_EQ(seen.components[0].component.purl, "pkg:generic/sample_drv@1.4.2");
  EXPECT_EQ(seen.components[1].component.purl, "pkg:generic/linux@5.15.134");
  EXPECT_EQ(seen.components[1].strength, Strength::kUnverified)
      << "the kernel it was built for need not be here";
}

TEST(LinuxKernelTest, AnythingElseIsNone) {
  Bytes no_magic = Image(0x80);
  no_magic[0x202] = 'X';
  EXPECT_FALSE(ExamineFile(kLinuxKernel, "x", no_magic).understood);
  Bytes outside = Image(0x80);
  outside[0x20f] = 0xff;
  EXPECT_FALSE(ExamineFile(kLinuxKernel, "x", outside).understood);
  EXPECT_TRUE(
      ExamineFile(kLinuxKernel, "x", Image(0x90)).seen.components.empty())
      << "what stands there does not begin with a digit";
  EXPECT_FALSE(ExamineFile(kLinuxKernel, "x", {}).understood);
}

TEST(LinuxKernelTest, SurvivesDamage) {
  SweepContent(kLinuxKernel, "x", Image(0x80));
  SweepContent(kLinuxKernel, "x", kModule);
}

}  // namespace
}  // namespace assay::sbom
