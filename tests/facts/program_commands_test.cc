#include "tests/facts/examine.h"

namespace assay::facts {
namespace {

using testing::Examine;
using testing::ExpectLawful;
using testing::PlaceText;
using testing::Sample;
using testing::Strings;
using testing::Sweep;

const Bytes kLibrary = Sample("facts/program_commands/libcommands.hex");

TEST(ProgramCommandsTest, ReadsCommandsAndLeavesSentences) {
  const auto seen = Examine(kProgramCommands, "usr/lib/x.so", kLibrary);
  EXPECT_FALSE(seen.understood);
  EXPECT_EQ(
      seen.Lines(),
      (Strings{"command wget -q -O- http://fw.example.com/%s program=wget "
               "pipe_to=sh within=program",
               "command sh program=sh within=program",
               "command /sbin/reboot program=reboot within=program",
               "command flashcp -v /tmp/fw.img /dev/mtd4 "
               "program=flashcp within=program",
               "command sync program=sync within=program",
               "command telnetd -l /bin/sh -p 2329 program=telnetd "
               "within=program"}));
  for (const Fact& fact : seen.facts) {
    EXPECT_NE(PlaceText(fact, kLibrary).find(fact.Attribute("program")),
              std::string::npos);
  }
  ExpectLawful(seen, kLibrary);
}

// Who cannot start a program has no commands, whatever its strings say.
TEST(ProgramCommandsTest, OnlyProgramsThatStartOthers) {
  Bytes unable = kLibrary;
  constexpr std::string_view kImport = "system";
  const auto name =
      std::search(unable.begin(), unable.end(), kImport.begin(), kImport.end());
  ASSERT_NE(name, unable.end());
  *name = 'S';
  EXPECT_TRUE(Examine(kProgramCommands, "x", unable).facts.empty());
  EXPECT_TRUE(
      Examine(kProgramCommands, "x", "telnetd -l /bin/sh").facts.empty());
}

// Without section headers every byte is looked at.
TEST(ProgramCommandsTest, HidesNothingWhenSectionHeadersAreGone) {
  Bytes bare = kLibrary;
  std::fill(bare.begin() + 0x28, bare.begin() + 0x30, std::uint8_t{0});
  std::fill(bare.begin() + 0x3C, bare.begin() + 0x40, std::uint8_t{0});
  EXPECT_EQ(Examine(kProgramCommands, "x", bare).Values("command"),
            Examine(kProgramCommands, "x", kLibrary).Values("command"));
}

TEST(ProgramCommandsTest, DamageNeverLeadsOutside) {
  Sweep(kProgramCommands, "x", kLibrary, {0x80});
}

}  // namespace
}  // namespace assay::facts
