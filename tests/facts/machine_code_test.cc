#include <algorithm>

#include "tests/facts/examine.h"

namespace assay::facts {
namespace {

using testing::Examine;
using testing::Examined;
using testing::ExpectLawful;
using testing::Sample;
using testing::Strings;

const Bytes kDaemon = Sample("facts/machine_code/daemon.hex");

// The attributes of one fact that are named.
Strings Chosen(const Examined& seen, std::string_view kind,
               const std::vector<std::string_view>& names) {
  Strings lines;
  for (const Fact& fact : seen.facts) {
    if (fact.kind == kind) {
      std::string line = fact.value;
      for (const std::string_view name : names) {
        line.append(" ").append(fact.Attribute(name));
      }
      lines.push_back(line);
    }
  }
  return lines;
}

TEST(MachineCodeTest, TellsWhatAConstantLetsHappen) {
  const auto seen = Examine(kMachineCode, "usr/sbin/x", kDaemon);
  EXPECT_TRUE(seen.understood);
  ExpectLawful(seen, kDaemon);
  EXPECT_EQ(
      Chosen(seen, "gate", {"opens", "text", "number"}),
      (Strings{"clock process  1893456000",
               "credential success Zk81-master-77 ",
               "network process  1522790413",
               "request privilege xml9f3kservice ", "network sends STATUS "}));
}

TEST(MachineCodeTest, TellsTheSameOfEveryProcessor) {
  for (const char* sample :
       {"daemon", "daemon_arm64", "daemon_arm", "daemon_mips"}) {
    const Bytes program =
        Sample("facts/machine_code/" + std::string(sample) + ".hex");
    const auto seen = Examine(kMachineCode, "usr/sbin/x", program);
    EXPECT_TRUE(seen.understood) << sample;
    ExpectLawful(seen, program);
    Strings gates =
        Chosen(seen, "gate", {"comparand", "opens", "text", "bytes", "order"});
    std::sort(gates.begin(), gates.end());
    EXPECT_EQ(gates, (Strings{"clock number process  4 yes",
                              "credential text success Zk81-master-77 14 ",
                              "network number process  4 ",
                              "network word sends STATUS 6 ",
                              "request text privilege xml9f3kservice 14 "}))
        << sample;
    const Strings calls = Chosen(seen, "code.call", {"a0", "from0", "gate"});
    for (const char* expected :
         {"unlink /etc/example.conf  clock", "system reboot  clock",
          "getenv HTTP_USER_AGENT  ", "setuid 0  request", "system id  request",
          "system  network network"}) {
      EXPECT_EQ(std::count(calls.begin(), calls.end(), expected), 1)
          << sample << ": " << expected;
    }
  }
}

const Bytes kTricks = Sample("facts/machine_code/tricks.hex");

TEST(MachineCodeTest, TellsWhatIsHandedOverSentAndCalled) {
  const auto seen = Examine(kMachineCode, "usr/lib/x.so", kTricks);
  ExpectLawful(seen, kTricks);
  const Strings calls = Chosen(seen, "code.call", {"does", "a4", "callback"});
  for (const char* expected :
       {"SSL_CTX_set_verify   1", "SSL_CTX_set_verify   ",
        "sendto network.send 198.51.100.41:12300 ", " memory.run  "}) {
    EXPECT_EQ(std::count(calls.begin(), calls.end(), expected), 1) << expected;
  }
}

TEST(MachineCodeTest, TellsCommandsWithoutHelpAndResolversThatLookAround) {
  const auto seen = Examine(kMachineCode, "usr/lib/x.so", kTricks);
  EXPECT_EQ(Chosen(seen, "code.handler", {"reaches", "silent"}),
            (Strings{"bench_q process.shell yes"}));
  EXPECT_EQ(Chosen(seen, "code.start", {"reaches"}),
            (Strings{"resolver file.open"}));
}

TEST(MachineCodeTest, TellsBitsThatSpareACheck) {
  const auto seen = Examine(kMachineCode, "usr/lib/x.so", kTricks);
  EXPECT_EQ(Chosen(seen, "gate", {"opens", "bits", "number", "skips"}),
            (Strings{"file success yes 64 signature.check"}));
}

const Bytes kChecks = Sample("facts/machine_code/checks.hex");

TEST(MachineCodeTest, TellsChecksThatSomethingElseSparesOrNobodyHeeds) {
  const auto seen = Examine(kMachineCode, "usr/lib/x.so", kChecks);
  ExpectLawful(seen, kChecks);
  EXPECT_EQ(Chosen(seen, "code.spared", {"by", "always", "reaches"}),
            (Strings{"signature stat  process.start",
                     "signature  yes process.start"}));
}

TEST(MachineCodeTest, TellsMaskedBytesAndWordsThatTheHelpLeavesOut) {
  const auto seen = Examine(kMachineCode, "usr/lib/x.so", kChecks);
  EXPECT_EQ(Chosen(seen, "gate", {"opens", "text", "masked", "unlisted"}),
            (Strings{"credential success  yes ", "input process orchid  yes"}));
}

TEST(MachineCodeTest, TellsKeysNumbersAndTextsByWhatTheyAreMadeOf) {
  const auto seen = Examine(kMachineCode, "usr/lib/x.so", kChecks);
  const Strings calls =
      Chosen(seen, "code.call", {"does", "a2", "from0", "fixed"});
  for (const char* expected :
       {"EVP_EncryptInit_ex  0  3", "system process.shell  network ",
        "srand random.seed  clock ", "rand random.byte   ",
        "memcmp text.compare 2 digest ",
        "gethostbyname network.resolve  host "}) {
    EXPECT_EQ(std::count(calls.begin(), calls.end(), expected), 1) << expected;
  }
  EXPECT_EQ(Chosen(seen, "code.text", {"from"}),
            (Strings{"%s.n.example.com host"}));
}

// Who can do no harm has nothing to hide.
TEST(MachineCodeTest, PassesOverWhatReachesNothing) {
  EXPECT_TRUE(Examine(kMachineCode, "x", Sample("facts/elf/libdemo.hex"))
                  .facts.empty());
  EXPECT_FALSE(Examine(kMachineCode, "x", "#!/bin/sh\nexit 0\n").understood);
}

TEST(MachineCodeTest, KeepsTheLawsOnDamagedPrograms) {
  for (std::size_t size = 0; size < kDaemon.size(); size += 13) {
    const Bytes prefix = CopyOf(ByteView(kDaemon).first(size));
    ExpectLawful(Examine(kMachineCode, "x", prefix), prefix);
  }
  for (std::size_t at = 0; at < kDaemon.size(); at += 3) {
    Bytes damaged = kDaemon;
    damaged[at] =
        static_cast<std::uint8_t>(damaged[at] ^ (at % 2 ? 0xFF : 0x01));
    ExpectLawful(Examine(kMachineCode, "x", damaged), damaged);
  }
}

}  // namespace
}  // namespace assay::facts
