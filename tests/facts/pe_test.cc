#include "tests/facts/examine.h"
#include "verifier/facts/pe_abilities.h"

namespace assay::facts {
namespace {

using testing::Concat;
using testing::Examine;
using testing::Examined;
using testing::ExpectLawful;
using testing::PlaceText;
using testing::Sample;
using testing::Strings;
using testing::Sweep;

const Bytes kDemo = Sample("facts/pe/demo.hex");
const Bytes kClr = Sample("facts/pe/clr.hex");
const Bytes kSigned = Sample("formats/pe/signed.hex");

Strings LinesOf(const Examined& seen, std::string_view kind) {
  Strings lines;
  for (const std::string& line : seen.Lines()) {
    if (line.substr(0, line.find(' ')) == kind) {
      lines.push_back(line.substr(kind.size() + 1));
    }
  }
  return lines;
}

// Expected: objdump -p and pefile.
TEST(PeTest, SaysWhatObjdumpSays) {
  const auto seen = Examine(kPe, "demo.dll", kDemo);
  EXPECT_TRUE(seen.understood);
  EXPECT_EQ(seen.Lines(),
            (Strings{
                "pe.header x86-64 type=dyn class=64 subsystem=windows "
                "imports=4 exports=3",
                "pe.needed kernel32.dll",
                "pe.needed ws2_32.dll",
                "pe.needed advapi32.dll delayed=yes",
                "pe.soname demo.dll",
                "pe.build_id 92474ca903bc447deb71d2dc53b2187e",
                "pe.pdb demo.pdb",
                "pe.constructors 2",
                "pe.hardening dynamic-base,high-entropy,nx pie=yes nx=yes "
                "guard_cf=no",
                "pe.carried RCDATA/PAYLOAD/1033 format=pe",
                "pe.version other.dll key=OriginalFilename",
                "pe.version Sample key=ProductName",
                "pe.section .text rights=r-x size=96 memory=96",
                "pe.section .patch rights=rwx size=32 memory=24",
                "pe.oddity writable-code section=.patch",
                "pe.section .didat rights=rw- size=160 memory=136",
                "pe.section .buildid rights=r-- size=64 memory=61",
                "pe.section .edata rights=r-- size=128 memory=104",
                "pe.section .idata rights=rw- size=224 memory=212",
                "pe.section .tls rights=rw- size=96 memory=72",
                "pe.section .rsrc rights=rw- size=1184 memory=1176",
                "pe.section .reloc rights=r-- size=32 memory=28",
                "pe.ability process.start function=CreateProcessW",
                "pe.ability wait.long function=Sleep",
                "pe.ability network.listen function=listen",
                "pe.ability registry.write function=RegSetValueExA",
                "pe.import CreateProcessW library=kernel32.dll",
                "pe.import Sleep library=kernel32.dll",
                "pe.import #13 library=ws2_32.dll",
                "pe.import RegSetValueExA library=advapi32.dll delayed=yes",
                "pe.export beep forward=kernel32.Beep",
                "pe.export demo",
                "pe.export #7",
            }));
  ExpectLawful(seen, kDemo);
}

TEST(PeTest, PointsAtTheNamesThemselves) {
  for (const Fact& fact : Examine(kPe, "x", kDemo).facts) {
    const bool by_number = !fact.value.empty() && fact.value[0] == '#';
    if (fact.kind == "pe.import" && by_number) {
      EXPECT_EQ(PlaceText(fact, kDemo), fact.Attribute("library"));
    } else if (fact.kind == "pe.import" || fact.kind == "pe.needed" ||
               fact.kind == "pe.soname" || fact.kind == "pe.pdb" ||
               (fact.kind == "pe.export" && !by_number)) {
      EXPECT_EQ(PlaceText(fact, kDemo), fact.value);
    }
  }
}

TEST(PeTest, ReadsAnImageOf32BitsWithAHeaderOfDotNet) {
  const auto seen = Examine(kPe, "clr.exe", kClr);
  EXPECT_EQ(LinesOf(seen, "pe.header"),
            Strings{"x86 type=exec class=32 subsystem=console imports=0 "
                    "exports=0"});
  EXPECT_EQ(LinesOf(seen, "pe.dotnet"), Strings{"v4.0.30319 only=yes"});
  for (const Fact& fact : seen.facts) {
    if (fact.kind == "pe.dotnet") {
      EXPECT_EQ(PlaceText(fact, kClr), fact.value);
    }
  }
}

TEST(PeTest, SaysWhichBytesNoHeaderDescribes) {
  EXPECT_TRUE(LinesOf(Examine(kPe, "x", kDemo), "pe.overlay").empty());
  const Bytes longer = Concat(kDemo, AsBytes("appended payload"));
  EXPECT_EQ(LinesOf(Examine(kPe, "x", longer), "pe.overlay"), Strings{"16"});
  // 40 bytes in front of the signature, by make.sh of the sample; what comes
  // behind it, the signature does not reach.
  EXPECT_EQ(LinesOf(Examine(kPe, "x", kSigned), "pe.overlay"),
            Strings{"40 covered=yes"});
  EXPECT_EQ(LinesOf(Examine(kPe, "x", Concat(kSigned, AsBytes("more"))),
                    "pe.overlay"),
            (Strings{"40 covered=yes", "4 covered=no"}));
}

// Offsets of the sample, by pefile: the optional header at 0x98, the section
// table at 0x188.
constexpr std::size_t kEntry = 0x98 + 16;
constexpr std::size_t kDllFlags = 0x98 + 70;
constexpr std::size_t kSections = 0x188;

TEST(PeTest, NoticesWhereExecutionBegins) {
  const auto oddities = [](std::uint32_t entry, bool last_is_code) {
    Bytes changed = kDemo;
    for (std::size_t i = 0; i < 4; ++i) {
      changed[kEntry + i] = static_cast<std::uint8_t>(entry >> (8 * i));
    }
    changed[kSections + 8 * 40 + 39] |= last_is_code ? 0x20 : 0;
    return LinesOf(Examine(kPe, "x", changed), "pe.oddity");
  };
  const std::string patch = "writable-code section=.patch";
  EXPECT_EQ(oddities(0, false), Strings{patch});       // a library without
  EXPECT_EQ(oddities(0x1001, false), Strings{patch});  // .text
  EXPECT_EQ(oddities(0x2001, false), Strings{patch});  // .patch: in the middle
  EXPECT_EQ(oddities(0x3001, false),
            (Strings{patch, "entry-in-data section=.didat"}));
  EXPECT_EQ(oddities(0x10, false), (Strings{patch, "entry-in-data"}));
  EXPECT_EQ(oddities(0x9001, true),
            (Strings{patch, "entry-late section=.reloc"}));
}

TEST(PeTest, NoticesCodeThatIsNotThereYet) {
  Bytes changed = kDemo;
  changed[kSections + 40 + 9] = 0x20;  // .patch: 8 KiB of memory
  changed[kSections + 40 + 16] = 0;    // and none in the file
  EXPECT_EQ(
      LinesOf(Examine(kPe, "x", changed), "pe.oddity"),
      (Strings{"writable-code section=.patch", "empty-code section=.patch"}));
}

TEST(PeTest, NoticesCodeThatLooksEncrypted) {
  Bytes longer = kDemo;
  std::uint32_t state = 1;
  while (longer.size() < kDemo.size() + 0x3000) {
    state = state * 1664525 + 1013904223;  // Numerical Recipes, 7.1
    longer.push_back(static_cast<std::uint8_t>(state >> 24U));
  }
  const auto put = [&](std::size_t at, std::uint32_t value) {
    for (std::size_t i = 0; i < 4; ++i) {
      longer[at + i] = static_cast<std::uint8_t>(value >> (8 * i));
    }
  };
  put(kSections + 8, 0x3000);
  put(kSections + 16, 0x3000);
  put(kSections + 20, static_cast<std::uint32_t>(kDemo.size()));
  EXPECT_EQ(
      LinesOf(Examine(kPe, "x", longer), "pe.oddity"),
      (Strings{"dense-code section=.text", "writable-code section=.patch"}));
}

TEST(PeTest, SaysWhichProtectionsAreMissing) {
  Bytes changed = kDemo;
  changed[kDllFlags] = 0;
  changed[kDllFlags + 1] = 0x40;
  EXPECT_EQ(LinesOf(Examine(kPe, "x", changed), "pe.hardening"),
            Strings{"guard-cf pie=no nx=no guard_cf=yes"});
}

TEST(PeTest, KnowsWhatFunctionsAreFor) {
  struct Case {
    std::string_view library, name, function, ability;
  };
  for (const Case& one :
       {Case{"KERNEL32.dll", "CreateProcessA", "CreateProcessA",
             "process.start"},
        Case{"msvcrt.dll", "_popen", "_popen", "process.shell"},
        Case{"msvcrt.dll", "_wsystem", "_wsystem", "process.shell"},
        Case{"WS2_32.dll", "#1", "accept", "network.accept"},
        Case{"other.dll", "#1", "", ""},
        Case{"user32.dll", "SetWindowsHookExW", "SetWindowsHookExW",
             "input.read"},
        Case{"kernel32.dll", "WriteProcessMemory", "WriteProcessMemory",
             "process.inject"},
        Case{"kernel32.dll", "CreateProcessX", "CreateProcessX", ""},
        Case{"kernel32.dll", "_", "_", ""}, Case{"", "W", "W", ""},
        Case{"", "", "", ""}}) {
    const PeAbility found = PeAbilityOf(one.library, one.name);
    EXPECT_EQ(found.function, one.function) << one.name;
    EXPECT_EQ(found.ability, one.ability) << one.name;
  }
}

TEST(PeTest, KeepsToTheLimitAndSaysSo) {
  Limits limits;
  limits.facts = 9;
  const auto seen = Examine(kPe, "x", kDemo, {}, limits);
  EXPECT_EQ(seen.facts.size(), 9U);
  EXPECT_EQ(seen.facts.back().kind, "facts.truncated");
  EXPECT_EQ(seen.facts.back().value, "pe");
}

TEST(PeTest, RefusesEverythingElse) {
  for (const std::string_view text : {"", "MZ",
                                      "\x7f"
                                      "ELF",
                                      "#!/bin/sh\n"}) {
    const auto seen = Examine(kPe, "x", text);
    EXPECT_FALSE(seen.understood);
    EXPECT_TRUE(seen.facts.empty());
  }
}

TEST(PeTest, DamageNeverLeadsOutside) {
  Sweep(kPe, "x", kDemo, {0x01, 0x80});
  Sweep(kPe, "x", kClr);
}

}  // namespace
}  // namespace assay::facts
