#include <gtest/gtest.h>

#include <string>

#include "tests/support/hex.h"
#include "tests/support/recording_sink.h"
#include "tests/support/sweep.h"
#include "verifier/formats/format.h"

namespace assay::formats {

extern const Format kMicrocode;
namespace {

using testing::Attempt;
using testing::Concat;
using testing::ForEachFlip;
using testing::ForEachPrefix;
using testing::RecordingSink;
using testing::Sample;

const Bytes kIntel = Sample("formats/microcode/intel.hex");
const Bytes kAmd = Sample("formats/microcode/amd.hex");

void ReadGood(const Bytes& updates, RecordingSink& sink) {
  ASSERT_TRUE(HasMagic(kMicrocode, updates) && kMicrocode.matches(updates));
  std::uint64_t consumed = 0;
  ASSERT_TRUE(Unpack(kMicrocode, updates, sink, &consumed));
  EXPECT_EQ(consumed, updates.size());
  EXPECT_EQ(kMicrocode.measure(updates).value_or(0), updates.size());
  EXPECT_TRUE(sink.anomalies.empty());
  std::string why;
  EXPECT_TRUE(sink.Accounts(updates.size(), &why)) << why;
}

TEST(MicrocodeTest, EachIntelUpdateIsAMember) {
  RecordingSink sink;
  ReadGood(kIntel, sink);
  ASSERT_EQ(sink.members.size(), 2U);
  EXPECT_EQ(sink.members[0].member.name, "cpu-000906ea-rev-000000f4");
  EXPECT_EQ(sink.members[1].member.name, "cpu-000806c1-rev-000000b8");
  EXPECT_EQ(AsText(sink.members[0].content).substr(0, 12), "first update");
  EXPECT_EQ(AsText(sink.members[1].content).substr(0, 13), "second update");
}

TEST(MicrocodeTest, EachAmdPatchIsAMember) {
  RecordingSink sink;
  ReadGood(kAmd, sink);
  ASSERT_EQ(sink.members.size(), 2U);
  EXPECT_EQ(sink.members[0].member.name, "equiv-a210-level-0a20107a");
  EXPECT_EQ(sink.members[1].member.name, "equiv-a210-level-0a20107b");
  EXPECT_EQ(AsText(sink.members[1].content).substr(64), "second patch");
}

TEST(MicrocodeTest, EveryFlipInAnIntelUpdateIsNoticed) {
  ForEachFlip(kMicrocode, kIntel, [&](const Attempt& attempt) {
    EXPECT_TRUE(!attempt.ok || attempt.consumed < kIntel.size() ||
                attempt.sink->Saw("microcode.checksum-mismatch"))
        << attempt.at;
  });
}

// Two flips that leave the table's own sum as it is.
TEST(MicrocodeTest, AnEntryForAnotherProcessorMustHaveItsSum) {
  Bytes forged = kIntel;
  const std::size_t entries = kIntel.size() - 24;
  ++forged[entries];       // processor
  --forged[entries + 12];  // of the second entry
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kMicrocode, forged, sink));
  EXPECT_TRUE(sink.Saw("microcode.checksum-mismatch"));
}

TEST(MicrocodeTest, EveryFlipInAContainerIsAccountedFor) {
  ForEachFlip(kMicrocode, kAmd, [](const Attempt& attempt) {
    EXPECT_LE(attempt.consumed, kAmd.size());
  });
}

TEST(MicrocodeTest, APrefixFailsOrEndsWithAnUpdate) {
  for (const Bytes& updates : {kIntel, kAmd}) {
    ForEachPrefix(kMicrocode, updates, [&](const Attempt& attempt) {
      EXPECT_TRUE(!attempt.ok || attempt.sink->members.size() < 2)
          << attempt.at;
    });
  }
}

TEST(MicrocodeTest, WhatFollowsIsNotPartOfIt) {
  for (const Bytes& updates : {kIntel, kAmd}) {
    EXPECT_EQ(
        kMicrocode.measure(Concat(updates, AsBytes("more text"))).value_or(0),
        updates.size());
  }
}

TEST(MicrocodeTest, OtherBytesAreNoUpdate) {
  struct Case {
    std::size_t at;
    std::uint8_t value;
  };
  for (const Case& wrong :
       {Case{8, 0x2a}, Case{9, 0x18}, Case{10, 0x32}, Case{11, 0x13},
        Case{15, 0xf0}, Case{20, 2}, Case{25, 1}, Case{28, 1}, Case{31, 1},
        Case{32, 1}, Case{35, 1}}) {
    Bytes other = kIntel;
    other[wrong.at] = wrong.value;
    EXPECT_FALSE(kMicrocode.matches(other)) << wrong.at;
  }
  for (const Case& wrong : {Case{4, 1}, Case{8, 0}, Case{8, 0x21}}) {
    Bytes other = kAmd;
    other[wrong.at] = wrong.value;
    EXPECT_FALSE(kMicrocode.matches(other)) << wrong.at;
  }
  EXPECT_FALSE(kMicrocode.matches({}));
}

}  // namespace
}  // namespace assay::formats
