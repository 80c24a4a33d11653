#include "tests/facts/examine.h"

namespace assay::facts {
namespace {

using testing::Examine;
using testing::ExpectLawful;
using testing::PlaceText;
using testing::Sample;
using testing::Strings;
using testing::Sweep;

const Bytes kLibrary = Sample("facts/elf/libdemo.hex");

// Expected: readelf -W -h -l -d -n --dyn-syms of the sample.
TEST(ElfTest, SaysWhatReadelfSays) {
  const auto seen = Examine(kElf, "lib/libdemo.so", kLibrary);
  EXPECT_TRUE(seen.understood);
  EXPECT_EQ(
      seen.Lines(),
      (Strings{
          "elf.header x86-64 type=dyn class=64 endian=little stripped=yes "
          "static=no imports=2 exports=2",
          "elf.needed libc.so.6", "elf.soname libdemo.so.1",
          "elf.rpath /opt/demo:$ORIGIN/lib tag=RUNPATH",
          "elf.build_id 78b58b0be830494f0b7ac7ee172ea75a2945ecc2",
          "elf.constructors 2", "elf.ifunc 1 symbols=1 relocations=0",
          "elf.hardening full-relro,nx,canary,fortify relro=full pie=library "
          "nx=yes canary=yes fortify=yes",
          "elf.import __stack_chk_fail", "elf.import __printf_chk",
          "elf.export demo_pick", "elf.export demo_export"}));
  ExpectLawful(seen, kLibrary);
}

TEST(ElfTest, PointsAtTheNamesThemselves) {
  for (const Fact& fact : Examine(kElf, "x", kLibrary).facts) {
    if (fact.kind == "elf.import" || fact.kind == "elf.export" ||
        fact.kind == "elf.needed" || fact.kind == "elf.rpath") {
      EXPECT_EQ(PlaceText(fact, kLibrary), fact.value);
    }
  }
}

TEST(ElfTest, HidesNothingWhenSectionHeadersAreGone) {
  Bytes bare = kLibrary;
  std::fill(bare.begin() + 0x28, bare.begin() + 0x30,
            std::uint8_t{0});  // shoff
  std::fill(bare.begin() + 0x3C, bare.begin() + 0x40,
            std::uint8_t{0});  // shnum
  const auto seen = Examine(kElf, "x", bare);
  EXPECT_EQ(seen.Values("elf.import"),
            (Strings{"__stack_chk_fail", "__printf_chk"}));
  EXPECT_EQ(seen.Values("elf.export"), (Strings{"demo_pick", "demo_export"}));
}

TEST(ElfTest, ReportsWhatFollowsTheLastSection) {
  Bytes longer = kLibrary;
  constexpr std::string_view kPayload = "appended payload";
  longer.insert(longer.end(), kPayload.begin(), kPayload.end());
  const auto seen = Examine(kElf, "x", longer);
  EXPECT_EQ(seen.Values("elf.overlay"), Strings{"16"});
  constexpr std::string_view kSigned =
      "PKCS#7 here~Module signature appended~\n";
  longer = kLibrary;
  longer.insert(longer.end(), kSigned.begin(), kSigned.end());
  const auto module = Examine(kElf, "x", longer);
  ASSERT_EQ(module.Values("elf.overlay"), Strings{"39"});
  for (const Fact& fact : module.facts) {
    if (fact.kind == "elf.overlay") {
      EXPECT_EQ(fact.Attribute("content"), "module-signature");
      EXPECT_EQ(PlaceText(fact, longer), kSigned);
    }
  }
}

TEST(ElfTest, KeepsToTheLimitAndSaysSo) {
  Limits limits;
  limits.facts = 9;
  const auto seen = Examine(kElf, "x", kLibrary, {}, limits);
  EXPECT_EQ(seen.facts.size(), 9U);
  EXPECT_EQ(seen.facts.back().kind, "facts.truncated");
  EXPECT_EQ(seen.facts.back().value, "elf");
}

TEST(ElfTest, RefusesEverythingElse) {
  for (const std::string_view text : {"", "\x7f",
                                      "\x7f"
                                      "ELF",
                                      "MZ", "#!/bin/sh\n"}) {
    const auto seen = Examine(kElf, "x", text);
    EXPECT_FALSE(seen.understood);
    EXPECT_TRUE(seen.facts.empty());
  }
}

TEST(ElfTest, DamageNeverLeadsOutside) {
  Sweep(kElf, "x", kLibrary);
}

}  // namespace
}  // namespace assay::facts
