#include "tests/facts/examine.h"

namespace assay::facts {
namespace {

using testing::Concat;
using testing::Examine;
using testing::ExpectLawful;
using testing::PlaceText;
using testing::Sample;
using testing::Strings;
using testing::Sweep;

const Bytes kSigned = Sample("facts/macho/signed.hex");
const Bytes kChained = Sample("facts/macho/chained.hex");

// Expected: llvm-objdump --macho --private-headers, llvm-nm -p, and make.sh.
TEST(MachoTest, SaysWhatObjdumpSays) {
  const auto seen = Examine(kMacho, "demo", kSigned);
  EXPECT_TRUE(seen.understood);
  EXPECT_EQ(
      seen.Lines(),
      (Strings{
          "macho.header x86-64 type=exec class=64 endian=little stripped=no "
          "imports=5 exports=3",
          "macho.rpath /tmp/lib",
          "macho.interpreter /usr/lib/dyld",
          "macho.build_id 4c4c441a55553144a1f9d26fc93a1ca1",
          "macho.needed /usr/lib/libSystem.B.dylib",
          "macho.needed @rpath/libother.dylib how=weak",
          "macho.constructors 2",
          "macho.hardening pie,nx,canary pie=yes nx=yes canary=yes signed=yes",
          "macho.identifier org.example.demo",
          "macho.entitlement com.apple.security.cs.allow-jit to=true",
          "macho.entitlement com.apple.security.cs.debugger to=false",
          "macho.entitlement application-identifier to=ABCDE.demo",
          "macho.segment __PAGEZERO rights=--- size=0 memory=4294967296",
          "macho.segment __TEXT rights=r-x size=4096 memory=4096",
          "macho.segment __DATA_CONST rights=rw- size=4096 memory=4096",
          "macho.segment __DATA rights=rw- size=4096 memory=4096",
          "macho.segment __LINKEDIT rights=r-- size=805 memory=4096",
          "macho.ability network.listen function=listen",
          "macho.ability process.shell function=system",
          "macho.ability process.trace function=task_for_pid",
          "macho.import __stack_chk_fail",
          "macho.import listen",
          "macho.import system",
          "macho.import task_for_pid",
          "macho.import dyld_stub_binder",
          "macho.export main",
          "macho.export demo",
          "macho.export _mh_execute_header"}));
  ExpectLawful(seen, kSigned);
}

TEST(MachoTest, PointsAtTheNamesThemselves) {
  for (const Bytes& image : {kSigned, kChained}) {
    for (const Fact& fact : Examine(kMacho, "x", image).facts) {
      if (fact.kind == "macho.import" || fact.kind == "macho.export" ||
          fact.kind == "macho.needed" || fact.kind == "macho.entitlement" ||
          fact.kind == "macho.identifier" || fact.kind == "macho.soname") {
        EXPECT_EQ(PlaceText(fact, image), fact.value);
      }
    }
  }
}

// By make.sh: what is bound in chains, without a table of symbols.
TEST(MachoTest, HidesNothingWithoutSymbols) {
  const auto seen = Examine(kMacho, "x", kChained);
  EXPECT_TRUE(seen.understood);
  EXPECT_EQ(seen.Values("macho.import"), (Strings{"connect", "dlopen"}));
  EXPECT_EQ(seen.Values("macho.ability"),
            (Strings{"network.connect", "library.load"}));
  EXPECT_EQ(seen.Values("macho.soname"), Strings{"@rpath/libchained.dylib"});
  EXPECT_EQ(seen.Values("macho.needed"),
            (Strings{"lib/relative.dylib", "/usr/lib/libother.dylib"}));
  EXPECT_EQ(seen.Values("macho.encrypted"), Strings{"64"});
  EXPECT_EQ(seen.Values("macho.oddity"), Strings{"writable-code"});

  // The same without the table of symbols: what dyld binds is left. The
  // command is the seventh, by llvm-objdump.
  Bytes bare = kSigned;
  std::size_t at = 32;
  for (int i = 0; i < 6; ++i) {
    at += bare[at + 4] + bare[at + 5] * 256U;
  }
  ASSERT_EQ(bare[at], 0x02);  // LC_SYMTAB
  std::fill_n(bare.begin() + static_cast<std::ptrdiff_t>(at) + 8, 16,
              std::uint8_t{0});
  EXPECT_EQ(Examine(kMacho, "x", bare).Values("macho.import"),
            (Strings{"dyld_stub_binder", "task_for_pid", "__stack_chk_fail",
                     "listen", "system"}));
}

TEST(MachoTest, NoticesWhereExecutionBegins) {
  Bytes changed = kChained;
  std::size_t at = 32;
  while (changed[at] != 0x28) {  // LC_MAIN
    at += changed[at + 4];
  }
  changed[at + 9] = 0x02;  // 0x280: __LINKEDIT, which is only read
  changed[at + 8] = 0x80;
  EXPECT_EQ(Examine(kMacho, "x", changed).Values("macho.oddity"),
            (Strings{"writable-code", "entry-in-data"}));
}

TEST(MachoTest, ReportsWhatFollowsTheLastSegment) {
  const Bytes longer = Concat(kChained, AsBytes("appended payload"));
  EXPECT_TRUE(Examine(kMacho, "x", kChained).Values("macho.overlay").empty());
  EXPECT_EQ(Examine(kMacho, "x", longer).Values("macho.overlay"),
            Strings{"16"});
}

TEST(MachoTest, ReadsOldProcessors) {
  EXPECT_EQ(Examine(kMacho, "x", Sample("formats/macho/old.hex")).Lines(),
            (Strings{"macho.header powerpc type=exec class=32 endian=big "
                     "stripped=yes imports=0 exports=0",
                     "macho.build_id 00112233445566778899aabbccddeeff",
                     "macho.hardening nx pie=no nx=yes canary=no signed=no",
                     "macho.segment __TEXT rights=r-x size=192 memory=4096"}));
}

TEST(MachoTest, KeepsToTheLimitAndSaysSo) {
  Limits limits;
  limits.facts = 9;
  const auto seen = Examine(kMacho, "x", kSigned, {}, limits);
  EXPECT_EQ(seen.facts.size(), 9U);
  EXPECT_EQ(seen.facts.back().kind, "facts.truncated");
  EXPECT_EQ(seen.facts.back().value, "macho");
}

TEST(MachoTest, RefusesEverythingElse) {
  for (const std::string_view text : {"", "\xcf\xfa\xed\xfe", "MZ"}) {
    const auto seen = Examine(kMacho, "x", text);
    EXPECT_FALSE(seen.understood);
    EXPECT_TRUE(seen.facts.empty());
  }
}

TEST(MachoTest, DamageNeverLeadsOutside) {
  Sweep(kMacho, "x", kChained);
}

}  // namespace
}  // namespace assay::facts
