#include <gtest/gtest.h>

#include "tests/support/hex.h"
#include "tests/support/recording_sink.h"
#include "tests/support/sweep.h"
#include "verifier/formats/format.h"

namespace assay::formats {

extern const Format kMachoFat;
namespace {

using testing::Attempt;
using testing::Concat;
using testing::ForEachFlip;
using testing::Hex;
using testing::RecordingSink;
using testing::Sample;

const Bytes kUniversal = Sample("formats/macho_fat/universal.hex");

// Offsets by llvm-objdump --macho --universal-headers.
TEST(MachoFatTest, SlicesAreMembers) {
  RecordingSink sink;
  std::uint64_t consumed = 0;
  ASSERT_TRUE(
      Unpack(kMachoFat, Concat(kUniversal, AsBytes("more")), sink, &consumed));
  EXPECT_EQ(consumed, kUniversal.size());
  EXPECT_EQ(kMachoFat.measure(kUniversal).value_or(0), kUniversal.size());
  ASSERT_EQ(sink.members.size(), 2U);
  EXPECT_EQ(sink.members[0].member.name, "x86-64");
  EXPECT_EQ(sink.members[0].member.origin, (Range{4096, 344}));
  EXPECT_EQ(sink.members[1].member.name, "aarch64");
  EXPECT_EQ(sink.members[1].member.origin, (Range{16384, 368}));
  EXPECT_TRUE(sink.anomalies.empty());
  std::string why;
  EXPECT_TRUE(sink.Accounts(kUniversal.size(), &why)) << why;
}

TEST(MachoFatTest, SlicesThatShareBytesAreBothGiven) {
  Bytes changed = kUniversal;
  changed[8 + 20 + 10] = 0x10;  // the second begins where the first does
  changed[8 + 20 + 3] = 0x07;   // and is for the same processor
  changed[8 + 20 + 19] = 12;    // aligned to 4 KiB
  changed[8 + 20 + 7] = 0x08;
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kMachoFat, changed, sink));
  ASSERT_EQ(sink.members.size(), 2U);
  EXPECT_EQ(sink.members[0].member.name, "x86-64-3");
  EXPECT_EQ(sink.members[1].member.name, "x86-64-8");
  ASSERT_EQ(sink.anomalies.size(), 1U);
  EXPECT_EQ(sink.anomalies[0].id, "macho_fat.overlapping-members");
}

TEST(MachoFatTest, WhatLiesOutsideIsSaid) {
  const ByteView half = ByteView(kUniversal).first(kUniversal.size() - 1);
  EXPECT_FALSE(kMachoFat.measure(half));
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kMachoFat, half, sink));
  EXPECT_EQ(sink.members.size(), 1U);
  ASSERT_EQ(sink.anomalies.size(), 1U);
  EXPECT_EQ(sink.anomalies[0].id, "macho_fat.outside");
}

TEST(MachoFatTest, AnyDamagedHeaderIsRefusedOrAccountedFor) {
  ForEachFlip(kMachoFat, ByteView(kUniversal).first(4096 + 344),
              [](const Attempt& attempt) {
                EXPECT_LE(attempt.consumed, kUniversal.size());
              });
}

// The virtual machine specification of Java, 4.1: magic, minor, major.
TEST(MachoFatTest, ClassFilesOfJavaAreNot) {
  EXPECT_FALSE(kMachoFat.matches(Hex("CAFEBABE 00000034 0010 0A0002")));
  EXPECT_FALSE(kMachoFat.matches(Hex("CAFEBABE 0000002D 0010 0A0002")));
  EXPECT_FALSE(kMachoFat.matches(Hex("CAFEBABE 00000000")));
  EXPECT_TRUE(kMachoFat.matches(kUniversal));
}

}  // namespace
}  // namespace assay::formats
