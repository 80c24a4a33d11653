#include <gtest/gtest.h>

#include <string>

#include "tests/support/hex.h"
#include "tests/support/recording_sink.h"
#include "tests/support/sweep.h"
#include "verifier/formats/format.h"

namespace assay::formats {

extern const Format kCapsule;
namespace {

using testing::Attempt;
using testing::Concat;
using testing::ForEachFlip;
using testing::ForEachPrefix;
using testing::Hex;
using testing::RecordedMember;
using testing::RecordingSink;
using testing::Sample;

const Bytes kPlain = Sample("formats/capsule/plain.hex");
const Bytes kSigned = Sample("formats/capsule/signed.hex");
const Bytes kAccept = Sample("formats/capsule/accept.hex");
const std::string kPayload = "payload0-09D7CF52-0720-4710-91D1-08469B7FE9C8/";

std::string ContentOf(const RecordingSink& sink, const std::string& name) {
  const RecordedMember* const member = sink.Find(name);
  return member == nullptr ? "(none)" : std::string(AsText(member->content));
}

void ReadGood(const Bytes& capsule, RecordingSink& sink) {
  ASSERT_TRUE(HasMagic(kCapsule, capsule) && kCapsule.matches(capsule));
  std::uint64_t consumed = 0;
  ASSERT_TRUE(Unpack(kCapsule, capsule, sink, &consumed));
  EXPECT_EQ(consumed, capsule.size());
  EXPECT_EQ(kCapsule.measure(capsule).value_or(0), capsule.size());
  EXPECT_TRUE(sink.anomalies.empty());
  std::string why;
  EXPECT_TRUE(sink.Accounts(capsule.size(), &why)) << why;
}

TEST(CapsuleTest, TheImageIsAMember) {
  RecordingSink sink;
  ReadGood(kPlain, sink);
  EXPECT_EQ(sink.members.size(), 1U);
  EXPECT_EQ(ContentOf(sink, kPayload + "image"), "the new firmware");
}

TEST(CapsuleTest, ASignatureStandsInFrontOfTheImage) {
  RecordingSink sink;
  ReadGood(kSigned, sink);
  EXPECT_EQ(sink.members.size(), 2U);
  EXPECT_EQ(ContentOf(sink, kPayload + "image"), "the new firmware");
  EXPECT_EQ(sink.Find(kPayload + "certificate")->content[0], 0x30);
}

TEST(CapsuleTest, OtherCapsulesHaveOneMember) {
  RecordingSink sink;
  ReadGood(kAccept, sink);
  ASSERT_EQ(sink.members.size(), 1U);
  EXPECT_EQ(sink.members[0].content.size(), 16U);  // the image's type
}

// A driver and a payload of the third version, with vendor code and a header
// of FmpDevicePkg.
Bytes WithDriver() {
  Bytes capsule(kPlain.begin(), kPlain.begin() + 28);
  capsule = Concat(capsule,
                   Hex("01000000 0100 0100 1800000000000000 2000000000000000"));
  capsule = Concat(capsule, AsBytes("a driver"));
  capsule = Concat(capsule, Hex("03000000 52cfd709200710479 1d108469b7fe9c8"
                                "03000000 14000000 06000000"
                                "0000000000000000 0000000000000000"));
  capsule = Concat(capsule, Hex("4d535331 10000000 01000000 01000000"));
  capsule = Concat(capsule, AsBytes("codevendor"));
  capsule[24] = static_cast<std::uint8_t>(capsule.size());
  return capsule;
}

TEST(CapsuleTest, DriversAndVendorCodeAreMembers) {
  RecordingSink sink;
  ReadGood(WithDriver(), sink);
  EXPECT_EQ(ContentOf(sink, "driver0"), "a driver");
  EXPECT_EQ(ContentOf(sink, kPayload + "image"), "code");
  EXPECT_EQ(ContentOf(sink, kPayload + "vendor-code"), "vendor");
}

TEST(CapsuleTest, ItemsThatOverlapAreReported) {
  Bytes capsule = WithDriver();
  capsule[36] = 0x10;  // the driver begins in the list
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kCapsule, capsule, sink));
  EXPECT_TRUE(sink.Saw("capsule.overlapping-items"));
}

TEST(CapsuleTest, ItemsOutsideOfTheCapsuleFail) {
  for (const std::size_t at : {36U, 44U, 60U + 24, 60U + 28}) {
    Bytes capsule = WithDriver();
    capsule[at + 3] = 0x7f;
    RecordingSink sink;
    EXPECT_FALSE(Unpack(kCapsule, capsule, sink)) << at;
    std::string why;
    EXPECT_TRUE(sink.Accounts(capsule.size(), &why)) << why;
  }
}

TEST(CapsuleTest, EveryProperPrefixFails) {
  for (const Bytes& capsule : {kPlain, kSigned, kAccept}) {
    ForEachPrefix(kCapsule, capsule, [](const Attempt& attempt) {
      EXPECT_FALSE(attempt.ok) << attempt.at;
    });
  }
}

TEST(CapsuleTest, EveryFlipIsAccountedFor) {
  for (const Bytes& capsule : {kPlain, kSigned, kAccept, WithDriver()}) {
    ForEachFlip(kCapsule, capsule, [&](const Attempt& attempt) {
      EXPECT_LE(attempt.consumed, capsule.size());
    });
  }
}

TEST(CapsuleTest, OtherBytesAreNoCapsule) {
  struct Case {
    std::size_t at;
    std::uint8_t value;
  };
  for (const Case& wrong :
       {Case{16, 27}, Case{18, 2}, Case{23, 1}, Case{24, 10}}) {
    Bytes other = kPlain;
    other[wrong.at] = wrong.value;
    EXPECT_FALSE(kCapsule.matches(other)) << wrong.at;
  }
  EXPECT_FALSE(kCapsule.matches(ByteView(kPlain).first(27)));
  Bytes other = kPlain;
  other[0] ^= 1;
  EXPECT_FALSE(HasMagic(kCapsule, other));
}

}  // namespace
}  // namespace assay::formats
