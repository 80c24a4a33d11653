// The boot chain of Debian, as its packages install it: OVMF's db vouches for
// shim, shim's vendor certificate for GRUB. Skipped where they are not.

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "tests/signatures/cms_signer.h"
#include "tests/signatures/pe_signer.h"
#include "tests/signatures/scheme_run.h"
#include "verifier/base/byte_source.h"

namespace assay::signatures {
namespace {

using Type = TrustAnchor::Type;

const std::string kShimFolder = "/usr/lib/shim/";
const std::string kGrub = "/usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed";
const std::string kVariables = "/usr/share/OVMF/OVMF_VARS_4M.ms.fd";
constexpr UnixTime kLongAfter = 2'500'000'000;  // 2049, when all has expired

std::optional<Bytes> Installed(const std::string& path) {
  const auto file = ByteSource::MapFile(path);
  return file ? std::optional(CopyOf(file->bytes())) : std::nullopt;
}

std::vector<std::string> Verdicts(ByteView image,
                                  const std::vector<TrustAnchor>& anchors) {
  std::vector<std::string> all;
  for (const auto& candidate :
       testing::FindAll(kAuthenticode, "image.efi", image)) {
    all.push_back(testing::Verdict(kAuthenticode.verify(
        candidate, {}, {.anchors = anchors, .at = kLongAfter})));
  }
  return all;
}

// Shim's own lists, as anchors.
std::vector<TrustAnchor> KeysIn(ByteView shim) {
  Artifact artifact;
  artifact.name = "shimx64.efi";
  const Limits limits;
  Observations seen;
  static_cast<void>(kAuthenticode.find(
      {.artifact = artifact, .content = shim, .limits = limits}, seen));
  std::vector<TrustAnchor> anchors;
  for (const EmbeddedKey& key : seen.keys) {
    anchors.push_back({.name = key.what, .type = key.type, .key = key.key});
  }
  return anchors;
}

TEST(BootChainTest, OvmfVouchesForOneOfShimsSignatures) {
  const auto shim = Installed(kShimFolder + "shimx64.efi.signed");
  const auto variables = Installed(kVariables);
  if (!shim || !variables) {
    GTEST_SKIP() << "needs shim-signed and ovmf";
  }
  // The second entry is by the CA of 2023, which this db does not have.
  EXPECT_EQ(
      Verdicts(*shim,
               {{.name = "db", .type = Type::kUefiDb, .key = *variables},
                {.name = "dbx", .type = Type::kUefiDbx, .key = *variables}}),
      (std::vector<std::string>{"TOTAL-PASSED",
                                "INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND"}));
}

TEST(BootChainTest, ShimVouchesForGrub) {
  const auto shim = Installed(kShimFolder + "shimx64.efi");
  const auto grub = Installed(kGrub);
  if (!shim || !grub) {
    GTEST_SKIP() << "needs shim-unsigned and grub-efi-amd64-signed";
  }
  auto anchors = KeysIn(*shim);
  ASSERT_EQ(anchors.size(), 2U);
  EXPECT_EQ(anchors[0].name,
            "shim's vendor certificate CN=Debian Secure Boot CA");
  anchors.push_back({.name = "level",
                     .type = Type::kSbatLevel,
                     .key = CopyOf(AsBytes("sbat,1,2025051000\nshim,4\n"
                                           "grub,5\ngrub.proxmox,2\n"))});
  EXPECT_EQ(Verdicts(*grub, anchors), std::vector<std::string>{"TOTAL-PASSED"});
  anchors.back().key = CopyOf(AsBytes("grub,6\n"));
  EXPECT_EQ(Verdicts(*grub, anchors),
            std::vector<std::string>{"TOTAL-FAILED REVOKED"});
}

// sbverify 0.9.4 says "Signature verification OK".
TEST(BootChainTest, AForgedChainWithoutItsRootIsRefused) {  // N28
  const auto shim = Installed(kShimFolder + "shimx64.efi");
  auto grub = Installed(kGrub);
  if (!shim || !grub) {
    GTEST_SKIP() << "needs shim-unsigned and grub-efi-amd64-signed";
  }
  const std::size_t directory = testing::SecurityDirectoryOf(*grub);
  grub->resize(*ReadAt<Le32>(*grub, directory));
  testing::Put32(*grub, directory, 0);
  testing::Put32(*grub, directory + 4, 0);
  std::ranges::copy(AsBytes("EVIL"), grub->begin() + 8192);
  const auto root = testing::IssueCa("Evil root");
  const auto middle = testing::IssueCa("Evil CA", &root);
  const auto leaf = testing::Issue("Evil", &middle, {.purpose = "codeSigning"});
  EXPECT_EQ(
      Verdicts(testing::SignPe(*grub, leaf, {.cms = {.enclosed = {middle}}}),
               KeysIn(*shim)),
      std::vector<std::string>{"INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND"});
}

}  // namespace
}  // namespace assay::signatures
