#include "tests/facts/examine.h"

namespace assay::facts {
namespace {

using testing::Examine;
using testing::ExpectLawful;
using testing::Sample;
using testing::Strings;
using testing::Sweep;

const Bytes kLibrary = Sample("facts/bpf/libfilter.hex");
const Bytes kObject = Sample("facts/bpf/watch.hex");

// Where the packet filter lies: its first instruction, ldh [12].
std::size_t FilterIn(const Bytes& library) {
  constexpr std::array<std::uint8_t, 8> kFirst = {0x28, 0, 0, 0, 12, 0, 0, 0};
  return static_cast<std::size_t>(std::search(library.begin(), library.end(),
                                              kFirst.begin(), kFirst.end()) -
                                  library.begin());
}

TEST(BpfTest, FindsFiltersAndWhatTheyCompareWith) {
  const auto seen = Examine(kBpf, "lib/x.so", kLibrary);
  EXPECT_FALSE(seen.understood);
  EXPECT_EQ(seen.Lines(),
            (Strings{"bpf.filter 9 of=packets compared=2048,6,29170",
                     "bpf.filter 4 of=system-calls compared=59"}));
  ASSERT_FALSE(seen.facts.empty());
  EXPECT_EQ(seen.facts[0].place->offset, FilterIn(kLibrary));
  EXPECT_EQ(seen.facts[0].place->length, 72U);
}

// One byte at `offset` of the packet filter makes it something else.
TEST(BpfTest, WhatTheKernelRefusesIsNoFilter) {
  struct Case {
    const char* why;
    std::size_t offset;
    std::uint8_t value;
  };
  for (const Case& each : {
           Case{"an opcode that does not exist", 3 * 8, 0x1f},
           Case{"a load does not jump", 2 * 8 + 2, 1},
           Case{"a jump leads behind the end", 6 * 8 + 3, 200},
           Case{"code is sixteen bits wide", 4 * 8 + 1, 1},
       }) {
    Bytes changed = kLibrary;
    changed[FilterIn(kLibrary) + each.offset] = each.value;
    for (const Fact& fact : Examine(kBpf, "x", changed).facts) {
      EXPECT_NE(fact.value, "9") << each.why;
    }
  }
}

TEST(BpfTest, TextAndCodeAreNoFilters) {
  EXPECT_TRUE(
      Examine(kBpf, "x", Sample("facts/elf/libdemo.hex")).facts.empty());
  EXPECT_TRUE(Examine(kBpf, "x", "#!/bin/sh\n").facts.empty());
  Bytes zeros = kLibrary;
  std::fill(zeros.begin() + 64 + 56 * 3, zeros.end(), std::uint8_t{0});
  EXPECT_TRUE(Examine(kBpf, "x", zeros).facts.empty());
}

TEST(BpfTest, SaysWhatAnObjectIsAttachedToAndCalls) {
  const Strings expected = {
      "bpf.program tracepoint/syscalls/sys_exit_getdents64",
      "bpf.helper probe_read_user", "bpf.helper probe_write_user",
      "bpf.program kprobe/do_exit", "bpf.helper 134"};
  EXPECT_EQ(Examine(kBpf, "x.o", kObject).Lines(), expected);

  // A loader has it within itself.
  Bytes loader = kLibrary;
  loader.insert(loader.end(), kObject.begin(), kObject.end());
  const auto seen = Examine(kBpf, "x", loader);
  ASSERT_EQ(seen.facts.size(), expected.size() + 2);
  EXPECT_EQ(seen.facts[0].value, "tracepoint/syscalls/sys_exit_getdents64");
  EXPECT_GE(seen.facts[0].place->offset, kLibrary.size());
}

TEST(BpfTest, DamageNeverLeadsOutside) {
  Sweep(kBpf, "x", kObject);
  Sweep(kBpf, "x", kLibrary, {0x80});
}

}  // namespace
}  // namespace assay::facts
