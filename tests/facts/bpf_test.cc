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

// An ELF file with nothing but a segment of data (System V ABI, figures 4-3
// and 5-1).
Bytes WithData(const Bytes& data) {
  constexpr std::size_t kHeaders = 64 + 56;
  Bytes file(kHeaders, 0);
  const auto put = [&](std::size_t at, std::uint64_t value, int size) {
    for (int i = 0; i < size; ++i) {
      file[at + static_cast<std::size_t>(i)] =
          static_cast<std::uint8_t>(value >> (8 * i));
    }
  };
  put(0, 0x010102464c457fU, 8);  // 64 bits, little-endian
  put(16, 3, 2);                 // a library
  put(18, 62, 2);                // x86-64
  put(20, 1, 4);
  put(32, 64, 8);  // where the segments are told
  put(52, 64, 2);
  put(54, 56, 2);
  put(56, 1, 2);
  put(64, 1, 4);  // loaded, read only
  put(68, 4, 4);
  put(72, kHeaders, 8);
  put(96, data.size(), 8);
  put(104, data.size(), 8);
  file.insert(file.end(), data.begin(), data.end());
  return file;
}

// Tables of registers read as thousands of loads; nothing returns, and every
// start would lead over all of them again.
TEST(BpfTest, TablesOfLoadsAreReadOnce) {
  Bytes data;
  for (int table = 0; table < 2; ++table) {
    for (int i = 0; i < 3000; ++i) {
      data.insert(data.end(), {0x20, 0, 0, 0, 8, 0, 0, 0});
    }
    data.insert(data.end(), 8, std::uint8_t{0xff});
  }
  EXPECT_TRUE(Examine(kBpf, "x.ko", WithData(data)).facts.empty());
  // A filter behind them is found all the same: ld [8], jeq 7, ret 1, ret 0.
  data.insert(data.end(),
              {0x20, 0, 0, 0, 8, 0, 0, 0, 0x15, 0, 0, 1, 7, 0, 0, 0,
               0x06, 0, 0, 0, 1, 0, 0, 0, 0x06, 0, 0, 0, 0, 0, 0, 0});
  EXPECT_EQ(Examine(kBpf, "x.ko", WithData(data)).Lines(),
            Strings{"bpf.filter 4 of=system-calls compared=7"});
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
