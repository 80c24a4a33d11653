#include <gtest/gtest.h>

#include "tests/cataloguers/examining.h"
#include "tests/support/hex.h"

namespace assay::sbom {
namespace {

using testing::Sample;

// The note of Debian's journalctl, in a small ELF object.
const Bytes kObject = Sample("cataloguers/elf_package/journalctl.elf");

TEST(ElfPackageTest, NamesThePackage) {
  const auto [understood, seen] = ExamineFile(kElfPackage, "x", kObject);
  EXPECT_TRUE(understood);
  ASSERT_EQ(seen.components.size(), 1U);
  EXPECT_EQ(seen.components[0].component.purl,
            "pkg:deb/debian/systemd@252.39-1~deb12u2?arch=amd64");
  EXPECT_EQ(seen.components[0].strength, Strength::kBuildRecord);
}

TEST(ElfPackageTest, OtherNotesAndOtherFilesAreNone) {
  const std::string_view text = AsText(kObject);
  const std::size_t owner = text.find("FDO");
  for (const std::size_t at : {owner, owner - 4, text.find("version")}) {
    Bytes changed = kObject;
    changed[at] ^= 1;
    EXPECT_FALSE(ExamineFile(kElfPackage, "x", changed).understood) << at;
  }
  EXPECT_FALSE(ExamineFile(kElfPackage, "x", {}).understood);
  EXPECT_FALSE(
      ExamineFile(kElfPackage, "x", ByteView(kObject).subspan(1)).understood);
}

TEST(ElfPackageTest, SurvivesDamage) {
  SweepContent(kElfPackage, "x", kObject);
}

}  // namespace
}  // namespace assay::sbom
