#include <gtest/gtest.h>

#include <chrono>

#include "tests/cataloguers/examining.h"
#include "tests/support/hex.h"

namespace assay::sbom {
namespace {

using testing::Sample;

// An ELF object with a record laid out after debug/buildinfo.
const Bytes kAgent = Sample("cataloguers/go_build/agent.elf");

std::vector<std::string> Purls(const Observations& seen) {
  std::vector<std::string> purls;
  for (const ComponentEvidence& one : seen.components) {
    EXPECT_EQ(one.strength, Strength::kBuildRecord);
    purls.push_back(one.component.purl);
  }
  return purls;
}

TEST(GoBuildTest, NamesToolchainAndModules) {
  const auto [understood, seen] = ExamineFile(kGoBuild, "any/name", kAgent);
  EXPECT_TRUE(understood);
  EXPECT_EQ(Purls(seen), (std::vector<std::string>{
                             "pkg:golang/stdlib@1.21.4",
                             "pkg:golang/example.org/router@v1.4.2",
                             "pkg:golang/github.com/gorilla/mux@v1.8.0",
                             "pkg:golang/example.org/fork/sys@v0.1.1"}))
      << "a replaced module is the one that replaces it; (devel) is none";
  ASSERT_EQ(seen.components.size(), 4U);
  EXPECT_EQ(seen.components[1].component.type, "application");
  EXPECT_EQ(seen.components[2].component.type, "library");
}

TEST(GoBuildTest, BeforeGo118TheRecordPointsToTheTexts) {
  // One PT_LOAD that maps the whole file at 0x10000; record at 0x80, string
  // headers at 0xa0 and 0xb0, text at 0xc0.
  const Bytes elf = testing::Hex(
      "7f454c46 02010100 00000000 00000000 0200 3e00 01000000"
      "0000010000000000 4000000000000000 0000000000000000"
      "00000000 4000 3800 0100 4000 0000 0000"
      "01000000 04000000 0000000000000000 0000010000000000"
      "0000010000000000 d000000000000000 d000000000000000"
      "1000000000000000 0000000000000000"
      "ff20476f 20627569 6c64696e 663a 08 00"
      "a000010000000000 b000010000000000"
      "c000010000000000 0800000000000000"
      "c800010000000000 0000000000000000"
      "676f312e31372e33 0000000000000000");
  EXPECT_EQ(Purls(ExamineFile(kGoBuild, "a", elf).seen),
            std::vector<std::string>{"pkg:golang/stdlib@1.17.3"});
}

// Each points nowhere; the program headers would be read again for each.
TEST(GoBuildTest, ManyRecordsTakeBoundedTime) {
  constexpr std::size_t kHeaders = 0xFFFE;
  constexpr std::size_t kRecords = 0x8000;
  Bytes elf = testing::Hex(
      "7f454c46 02010100 00000000 00000000 0200 3e00 01000000"
      "0000010000000000 4000000000000000 0000000000000000"
      "00000000 4000 3800 feff 4000 0000 0000");
  for (std::size_t i = 0; i < kHeaders; ++i) {
    const Bytes header = testing::Hex(
        "01000000 04000000 0000000000000000 0000010000000000"
        "0000010000000000 1000000000000000 1000000000000000"
        "1000000000000000");
    elf.insert(elf.end(), header.begin(), header.end());
  }
  elf.resize((elf.size() + 15) / 16 * 16);
  const Bytes record = testing::Hex(
      "ff20476f 20627569 6c64696e 663a 08 00"
      "0000000000000080 0000000000000080");
  for (std::size_t i = 0; i < kRecords; ++i) {
    elf.insert(elf.end(), record.begin(), record.end());
  }
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_FALSE(ExamineFile(kGoBuild, "a", elf).understood);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
}

TEST(GoBuildTest, AnythingElseIsNone) {
  Bytes moved = kAgent;
  moved.insert(moved.begin() + 120, 1, 0);  // no longer aligned
  EXPECT_FALSE(ExamineFile(kGoBuild, "a", moved).understood);
  const std::string text =
      "text\xff Go buildinf:" + std::string("\x08\x02", 2) +
      std::string(64, 'a');
  EXPECT_FALSE(ExamineFile(kGoBuild, "a", AsBytes(text)).understood);
  EXPECT_FALSE(ExamineFile(kGoBuild, "a", {}).understood);
}

TEST(GoBuildTest, LengthsThatLieAreRefused) {
  const std::string_view text = AsText(kAgent);
  const std::size_t at = text.find(" Go buildinf:") - 1;
  for (const std::size_t where : {at + 32, at + 41}) {
    Bytes damaged = kAgent;
    damaged[where] = damaged[where + 1] = damaged[where + 2] = 0xff;
    EXPECT_FALSE(ExamineFile(kGoBuild, "a", damaged).understood) << where;
  }
}

TEST(GoBuildTest, SurvivesDamage) {
  SweepContent(kGoBuild, "agent", kAgent);
}

}  // namespace
}  // namespace assay::sbom
