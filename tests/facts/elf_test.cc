#include "tests/facts/examine.h"
#include "verifier/code/abilities.h"

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

TEST(ElfTest, KnowsWhatFunctionsAreFor) {
  EXPECT_EQ(code::AbilityOf("system"), "process.shell");
  EXPECT_EQ(code::AbilityOf("accept4"), "network.accept");
  EXPECT_EQ(code::AbilityOf("register_kprobe"), "kernel.patch");
  for (const std::string_view none :
       {"", "sys", "systemd", "System", "listener", "accept4x", "printf",
        "zzz"}) {
    EXPECT_EQ(code::AbilityOf(none), "") << none;
  }
}

TEST(ElfTest, SaysWhatAnObjectIsAbleToDo) {
  const Bytes library = Sample("facts/program_commands/libcommands.hex");
  const auto seen = Examine(kElf, "x", library);
  EXPECT_EQ(seen.Values("elf.ability"), Strings{"process.shell"});
  for (const Fact& fact : seen.facts) {
    if (fact.kind == "elf.ability") {
      EXPECT_EQ(PlaceText(fact, library), fact.Attribute("function"));
      EXPECT_EQ(fact.Attribute("linked"), "");
    }
  }
  EXPECT_TRUE(Examine(kElf, "x", kLibrary).Values("elf.ability").empty());
}

TEST(ElfTest, ReadsWhatAKernelModuleNeeds) {
  const Bytes module = Sample("facts/elf/module.hex");
  const auto seen = Examine(kElf, "x.ko", module);
  EXPECT_EQ(seen.Values("elf.import"), (Strings{"register_kprobe", "printk"}));
  EXPECT_EQ(seen.Values("elf.ability"), Strings{"kernel.patch"});
  EXPECT_TRUE(seen.Values("elf.export").empty());
  for (const Fact& fact : seen.facts) {
    if (fact.kind == "elf.import") {
      EXPECT_EQ(PlaceText(fact, module), fact.value);
    }
  }
  Sweep(kElf, "x.ko", module, {0x80});
}

// Only functions that the program has within itself for everybody: labels
// and what is local to one of its sources may be something else by that name.
TEST(ElfTest, SaysWhatIsLinkedIn) {
  const Bytes program = Sample("facts/elf/static.hex");
  Strings abilities;
  for (const std::string& line : Examine(kElf, "x", program).Lines()) {
    if (line.rfind("elf.ability", 0) == 0) {
      abilities.push_back(line);
    }
  }
  EXPECT_EQ(abilities,
            Strings{"elf.ability process.start function=execve linked=yes"});
  Bytes bare = program;  // no section headers: nothing is known
  std::fill(bare.begin() + 0x28, bare.begin() + 0x30, std::uint8_t{0});
  std::fill(bare.begin() + 0x3C, bare.begin() + 0x40, std::uint8_t{0});
  EXPECT_TRUE(Examine(kElf, "x", bare).Values("elf.ability").empty());
}

// The first program header of the sample: executable, from 0.
constexpr std::size_t kFirstSegment = 64;

TEST(ElfTest, NoticesCodeThatMayBeWritten) {
  EXPECT_TRUE(Examine(kElf, "x", kLibrary).Values("elf.oddity").empty());
  Bytes changed = kLibrary;
  changed[kFirstSegment + 4] |= 2;
  EXPECT_EQ(Examine(kElf, "x", changed).Values("elf.oddity"),
            Strings{"writable-code"});
}

TEST(ElfTest, NoticesWhereExecutionBegins) {
  Bytes changed = kLibrary;
  changed[0x18] = 0x88;  // in the code
  changed[0x19] = 0x03;
  EXPECT_TRUE(Examine(kElf, "x", changed).Values("elf.oddity").empty());
  changed[0x19] = 0x05;  // in the data
  EXPECT_EQ(Examine(kElf, "x", changed).Values("elf.oddity"),
            Strings{"entry-in-data"});
}

TEST(ElfTest, NoticesCodeThatLooksEncrypted) {
  Bytes longer = kLibrary;
  std::uint32_t state = 1;
  const auto grow = [&](bool random) {
    longer.resize(kLibrary.size());
    while (longer.size() < 0x8000) {
      state = state * 1664525 + 1013904223;  // Numerical Recipes, 7.1
      longer.push_back(
          static_cast<std::uint8_t>(random ? state >> 24U : state >> 30U));
    }
    longer[kFirstSegment + 33] = 0x7f;  // p_filesz
    return Examine(kElf, "x", longer).Values("elf.oddity");
  };
  EXPECT_EQ(grow(true), Strings{"dense-code"});
  EXPECT_TRUE(grow(false).empty());
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
