#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/hex.h"
#include "tests/support/recording_sink.h"
#include "tests/support/sweep.h"
#include "verifier/formats/format.h"

namespace assay::formats {

extern const Format kAvb;
namespace {

using testing::Attempt;
using testing::Concat;
using testing::ForEachFlip;
using testing::ForEachPrefix;
using testing::Hex;
using testing::RecordedMember;
using testing::RecordingSink;
using testing::Sample;

const Bytes kSigned = Sample("formats/avb/vbmeta.hex");
const Bytes kUnsigned = Sample("formats/avb/unsigned.hex");
constexpr std::size_t kAuxiliary = 256 + 320;  // of the signed one

std::string Names(const RecordingSink& sink) {
  std::string names;
  for (const RecordedMember& member : sink.members) {
    names += member.member.name + " ";
    EXPECT_TRUE(member.member.stored) << member.member.name;
  }
  return names;
}

TEST(AvbTest, GivesEveryDescriptor) {
  RecordingSink sink;
  std::uint64_t consumed = 0;
  const auto result =
      Unpack(kAvb, Concat(kSigned, Hex("0000")), sink, &consumed);
  ASSERT_TRUE(result) << result.error().what;
  EXPECT_EQ(consumed, kSigned.size());
  EXPECT_EQ(Names(sink),
            "signature public_key property/com.android.build.boot.os_version "
            "hash/boot hashtree/system cmdline/3 chain/vendor ");
  EXPECT_TRUE(sink.anomalies.empty());
  EXPECT_EQ(AsText(sink.members[2].content), "14");
  EXPECT_EQ(AsText(sink.Find("cmdline/3")->content), "root=/dev/dm-0 inert");
  EXPECT_EQ(AsText(sink.Find("chain/vendor")->content),
            "inert keyinert keyinert keyinert key");
  EXPECT_EQ(sink.Find("hash/boot")->content.size(), 32U);
  EXPECT_EQ(sink.Find("signature")->content.size(), 256U);
  EXPECT_EQ(sink.Find("public_key")->content.size(), 8U + 2 * 256);
  std::string why;
  EXPECT_TRUE(sink.Accounts(kSigned.size(), &why)) << why;
  EXPECT_EQ(kAvb.measure(Concat(kSigned, Hex("00"))).value_or(0),
            kSigned.size());
}

TEST(AvbTest, WhatWeakensVerificationIsSaid) {
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kAvb, kUnsigned, sink));
  EXPECT_EQ(Names(sink), "hash/boot ");
  EXPECT_TRUE(sink.Saw("avb.unsigned"));
  EXPECT_TRUE(sink.Saw("avb.verification-disabled"));
  EXPECT_TRUE(sink.Saw("avb.hashtree-disabled"));
}

TEST(AvbTest, EveryProperPrefixFails) {
  for (const Bytes& image : {kSigned, kUnsigned}) {
    ForEachPrefix(kAvb, image, [&](const Attempt& attempt) {
      EXPECT_FALSE(attempt.ok) << attempt.at;
      EXPECT_FALSE(kAvb.measure(ByteView(image).first(attempt.at)));
    });
  }
}

// The hash covers header and descriptors; the signature is not ours to check.
TEST(AvbTest, EveryFlippedByteIsNoticed) {
  ForEachFlip(kAvb, kSigned, [&](const Attempt& attempt) {
    const bool signature = attempt.at >= 256 + 32 && attempt.at < kAuxiliary;
    EXPECT_TRUE(signature || !attempt.ok ||
                attempt.sink->Saw("avb.checksum-mismatch") ||
                attempt.sink->Saw("avb.unsigned"))
        << attempt.at;
  });
  ForEachFlip(kAvb, kUnsigned, [&](const Attempt& attempt) {
    EXPECT_LE(attempt.consumed, kUnsigned.size());
  });
}

TEST(AvbTest, HeadersThatContradictThemselvesAreRefused) {
  for (const auto& [at, value] : {std::pair<std::size_t, std::uint8_t>{0, 'a'},
                                  {7, 2},   // version
                                  {12, 1},  // sizes of the blocks
                                  {19, 65},
                                  {27, 1},
                                  {31, 7},     // algorithm
                                  {39, 0xff},  // hash
                                  {38, 0x10},
                                  {46, 0x10},
                                  {62, 0x10},  // signature
                                  {70, 0x10},  // key
                                  {78, 0x10},
                                  {102, 0x10},  // descriptors
                                  {110, 0x10},
                                  {180, 1}}) {  // reserved
    Bytes image = kSigned;
    image[at] = value;
    if (at == 39) {
      image[38] = 1;
    }
    EXPECT_FALSE(kAvb.matches(image)) << at;
  }
}

TEST(AvbTest, DescriptorsThatEndOutsideAreReported) {
  for (const auto& [at, value] :
       {std::pair<std::size_t, std::uint8_t>{kAuxiliary + 8, 0xff},
        {kAuxiliary + 16, 0xff},  // a key's length
        {kAuxiliary + 23, 0xff},
        {kAuxiliary + 24, 0xff},  // a value's
        {kAuxiliary + 31, 0xff}}) {
    Bytes image = kSigned;
    image[at] = value;
    RecordingSink sink;
    ASSERT_TRUE(Unpack(kAvb, image, sink)) << at;
    EXPECT_TRUE(sink.Saw("avb.bad-descriptors")) << at;
    EXPECT_EQ(Names(sink), "signature public_key ");
    std::string why;
    EXPECT_TRUE(sink.Accounts(image.size(), &why)) << why;
  }
}

TEST(AvbTest, LaterDescriptorsAreMetadata) {
  Bytes image = kUnsigned;
  image[256 + 7] = 9;
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kAvb, image, sink));
  EXPECT_TRUE(sink.members.empty());
  std::string why;
  EXPECT_TRUE(sink.Accounts(image.size(), &why)) << why;
}

TEST(AvbTest, APartitionDescribedTwiceIsReported) {
  // The descriptor once more, where the unsigned one has its padding.
  Bytes image = kUnsigned;
  const auto size = ReadAt<Be64>(image, 104);
  ASSERT_TRUE(size);
  const auto length = static_cast<std::size_t>(*size);
  Bytes twice(image.begin(), image.begin() + 256);
  const auto start = image.begin() + 256;
  const auto end = start + static_cast<std::ptrdiff_t>(length);
  twice.insert(twice.end(), start, end);
  twice.insert(twice.end(), start, end);
  twice.resize(256 + (2 * length + 63) / 64 * 64);
  const auto put = [&](std::size_t at, std::size_t value) {
    twice[at] = static_cast<std::uint8_t>(value >> 8U);
    twice[at + 1] = static_cast<std::uint8_t>(value);
  };
  put(26, twice.size() - 256);
  put(110, 2 * length);
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kAvb, twice, sink));
  EXPECT_TRUE(sink.Saw("avb.ambiguous-descriptor"));
  EXPECT_EQ(sink.members.size(), 2U);
}

}  // namespace
}  // namespace assay::formats
