#include <gtest/gtest.h>

#include <string>

#include "tests/support/hex.h"
#include "tests/support/image_checks.h"
#include "tests/support/wrapper_checks.h"
#include "verifier/base/digest.h"
#include "verifier/formats/format.h"

namespace assay::formats {

extern const Format kAndroidPayload;
namespace {

using testing::AnomaliesOf;
using testing::Concat;
using testing::Lines;
using testing::RecordingSink;
using testing::Sample;
using testing::With;

const Bytes kFull = Sample("formats/android_payload/full.hex");
const Bytes kDelta = Sample("formats/android_payload/delta.hex");
constexpr std::size_t kHeader = 24;

std::string Varint(std::uint64_t value) {
  std::string out;
  for (; value > 0x7F; value >>= 7U) {
    out += static_cast<char>((value & 0x7FU) | 0x80U);
  }
  return out + static_cast<char>(value);
}

std::string Number(unsigned field, std::uint64_t value) {
  return Varint(field << 3U) + Varint(value);
}

std::string Data(unsigned field, const std::string& value) {
  return Varint(field << 3U | 2U) + Varint(value.size()) + value;
}

std::string Extent(std::uint64_t start, std::uint64_t count) {
  return Data(6, Number(1, start) + Number(2, count));
}

std::string HashOf(const std::string& text) {
  const auto digest = Sha256Raw(AsBytes(text));
  return std::string(AsText(digest));
}

// An operation whose data lie at `at`.
std::string Operation(unsigned type, const std::string& extents,
                      std::uint64_t at = 0, const std::string& data = "") {
  const std::string out = Number(1, type) + extents;
  return Data(8, data.empty() ? out
                              : out + Number(2, at) + Number(3, data.size()) +
                                    Data(8, HashOf(data)));
}

std::string Partition(const std::string& operations, const std::string& content,
                      const std::string& name = "part") {
  return Data(
      13, Data(1, name) +
              Data(7, Number(1, content.size()) + Data(2, HashOf(content))) +
              operations);
}

// A payload of blocks of 512 bytes.
Bytes Payload(const std::string& partitions, const std::string& data = "",
              const std::string& basics = Number(3, 512)) {
  const std::string manifest = basics + partitions;
  std::string out("CrAU\0\0\0\0\0\0\0\x02\0\0\0\0", 16);
  for (const unsigned shift : {24U, 16U, 8U, 0U}) {
    out += static_cast<char>(manifest.size() >> shift & 0xFFU);
  }
  return CopyOf(AsBytes(out + std::string(4, '\0') + manifest + data));
}

const std::string kBlock = Lines("inert\n", 512);
const std::string kZeros(512, '\0');

TEST(AndroidPayloadTest, PutsPartitionsOfFullOperationsTogether) {
  const std::string a = Lines("system a inert\n", 1024);
  const std::string b = Lines("system b inert\n", 1024);
  const std::string c = Lines("system c inert\n", 1024);
  testing::CheckParts(
      kAndroidPayload, kFull,
      {{"boot", Lines("boot inert\n", 1024)},
       {"system", a.substr(0, 512) + c.substr(0, 512) + kZeros + b + kZeros +
                      c.substr(512) + a.substr(512) + kZeros},
       {"empty", ""}});
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kAndroidPayload, kFull, sink));
  EXPECT_TRUE(sink.Find("boot")->member.stored);
  const std::vector<std::pair<std::string, std::string>> notes = {
      {"ota.version", "1700000000"},
      {"ota.filesystem", "ext4"},
      {"ota.postinstall", "bin/otapreopt"}};
  EXPECT_EQ(sink.Find("system")->member.meta.xattrs, notes);
}

TEST(AndroidPayloadTest, DeltaOperationsNeedTheSource) {
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kAndroidPayload, kDelta, sink));
  const auto* vendor = sink.Find("vendor");
  EXPECT_EQ(vendor->problem, "needs the source image (PUFFDIFF, SOURCE_COPY)");
  ASSERT_TRUE(vendor->member.origin);
  EXPECT_EQ(AsText(*Slice(kDelta, vendor->member.origin->offset,
                          vendor->member.origin->length)),
            "PUF1 inert patch");
  EXPECT_EQ(AsText(sink.Find("odm")->content), Lines("odm inert\n", 512));
  EXPECT_TRUE(sink.anomalies.empty());
  std::string why;
  EXPECT_TRUE(sink.Accounts(kDelta.size(), &why)) << why;
}

TEST(AndroidPayloadTest, UnknownOperationsAreNamed) {
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kAndroidPayload,
                     Payload(Partition(Operation(99, Extent(0, 1)), kBlock)),
                     sink));
  EXPECT_EQ(sink.Find("part")->problem,
            "needs the source image (operation 99)");
}

TEST(AndroidPayloadTest, DamageShows) {
  // Nothing vouches here for signatures, nor for the minor version; and zeros
  // are zeros, whichever operation writes them, or none.
  const auto at = [](ByteView image, std::string_view text) {
    return AsText(image).find(text);
  };
  const std::string minor = Number(12, 0) + "\x6A";
  testing::CheckDamageShows(
      kAndroidPayload, kFull,
      {{at(kFull, minor), 2},
       {at(kFull, Operation(6, Extent(5, 1))), 20},
       {at(kFull, std::string(8, '\xCD')) - 12, 12 + 64 + 5},
       {at(kFull, std::string(8, '\xAB')) - 12, 12 + 64 + 5}});
}

TEST(AndroidPayloadTest, SweepsAreKept) {
  testing::SweepImage(kAndroidPayload, kFull);
  testing::SweepImage(kAndroidPayload, kDelta);
}

TEST(AndroidPayloadTest, RefusesNoise) {
  testing::CheckRefusesNoise(kAndroidPayload, kFull, 12);
  testing::CheckRefusesNoise(kAndroidPayload, kFull, kHeader + 2);
}

TEST(AndroidPayloadTest, HeadersThatContradictThemselvesAreNone) {
  for (const auto& [at, bytes] : {std::pair(11U, Bytes{1}),
                                  {11U, Bytes{3}},
                                  {12U, Bytes{1}},
                                  {18U, Bytes(2)},
                                  {20U, Bytes{1}},
                                  {24U, Bytes{0, 0}},
                                  {24U, Bytes{0x1B}}}) {
    EXPECT_FALSE(kAndroidPayload.matches(With(kFull, at, bytes))) << at;
  }
  EXPECT_TRUE(kAndroidPayload.matches(kFull));
  EXPECT_FALSE(kAndroidPayload.measure(Payload("")));  // no partitions
  EXPECT_FALSE(
      kAndroidPayload.measure(Payload(Partition("", ""), "", Number(3, 0))));
  EXPECT_FALSE(kAndroidPayload.measure(Payload(Partition("", "", ""))));
}

TEST(AndroidPayloadTest, ATruncatedPayloadGivesWhatIsThere) {
  const ByteView cut = ByteView(kFull).first(kFull.size() - 100);
  EXPECT_EQ(kAndroidPayload.measure(cut).error().code, ErrorCode::kTruncated);
  RecordingSink sink;
  EXPECT_EQ(Unpack(kAndroidPayload, cut, sink).error().code,
            ErrorCode::kTruncated);
  EXPECT_EQ(AsText(sink.Find("boot")->content), Lines("boot inert\n", 1024));
}

TEST(AndroidPayloadTest, WrongHashesAreSaid) {
  const std::string operation = Operation(0, Extent(0, 1), 0, kBlock);
  EXPECT_EQ(AnomaliesOf(kAndroidPayload,
                        Payload(Partition(operation, kBlock), kBlock)),
            "");
  EXPECT_EQ(AnomaliesOf(kAndroidPayload,
                        Payload(Partition(operation, kZeros), kBlock)),
            "android_payload.hash-mismatch");
  EXPECT_EQ(AnomaliesOf(kAndroidPayload, Payload(Partition(operation, kBlock),
                                                 Lines("evil\n", 512))),
            "android_payload.data-hash-mismatch android_payload.hash-mismatch");
}

TEST(AndroidPayloadTest, MissingHashesAreSaid) {
  const std::string operation =
      Data(8, Extent(0, 1) + Number(2, 0) + Number(3, 512));
  EXPECT_EQ(
      AnomaliesOf(kAndroidPayload,
                  Payload(Data(13, Data(1, "part") + Data(7, Number(1, 512)) +
                                       operation),
                          kBlock)),
      "android_payload.unhashed-data "
      "android_payload.unverified-partition");
}

TEST(AndroidPayloadTest, WhatTheDeviceAddsIsSaid) {
  const std::string tree = Data(11, Number(1, 1) + Number(2, 1));
  EXPECT_EQ(AnomaliesOf(
                kAndroidPayload,
                Payload(Partition(tree + Operation(0, Extent(0, 1), 0, kBlock),
                                  kBlock + kZeros),
                        kBlock)),
            "android_payload.unverified-partition");
}

TEST(AndroidPayloadTest, OperationsThatContradictThemselvesAreNotFollowed) {
  const std::string packed = Lines("not bzip2\n", 100);
  for (const std::string& operations :
       {Operation(0, Extent(1, 1), 0, kBlock),      // outside
        Operation(0, Extent(~0ULL, 1), 0, kBlock),  // a hole mark
        Operation(6, Extent(0, 1) + Extent(0, 1)),  // twice
        Operation(6, Extent(0, 1)) + Operation(6, Extent(0, 1)),
        Operation(6, Extent(0, ~0ULL >> 10U)),  // huge
        Operation(0, "", 0, kBlock)}) {         // nowhere to go
    const Bytes image = Payload(Partition(operations, kBlock), kBlock);
    RecordingSink sink;
    const auto result = Unpack(kAndroidPayload, image, sink);
    EXPECT_TRUE(!result || (sink.Saw("android_payload.bad-operations") &&
                            sink.Find("part")->problem != ""));
  }
  RecordingSink sink;
  ASSERT_TRUE(Unpack(
      kAndroidPayload,
      Payload(Partition(Operation(1, Extent(0, 1), 0, packed), kBlock), packed),
      sink));
  EXPECT_NE(sink.Find("part")->problem, "");
}

TEST(AndroidPayloadTest, AnOperationThatWritesTooMuchAtOnceIsOpaque) {
  constexpr std::uint64_t kHuge = 1ULL << 40U;
  const std::string info = Data(7, Number(1, kHuge));
  const Bytes image =
      Payload(Data(13, Data(1, "part") + info +
                           Operation(8, Extent(0, kHuge / 512), 0, "xz")),
              "xz");
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kAndroidPayload, image, sink));
  EXPECT_NE(sink.Find("part")->problem.find("at once"), std::string::npos);
}

TEST(AndroidPayloadTest, OperationsThatShareDataAreCheckedWithinBounds) {
  std::string operations;
  for (unsigned i = 0; i < 64; ++i) {
    operations += Operation(0, Extent(8 * i, 8), 0, std::string(4096, 'x'));
  }
  EXPECT_EQ(
      AnomaliesOf(kAndroidPayload,
                  Payload(Partition(operations, std::string(64UL * 4096, 'x')),
                          std::string(4096, 'x'))),
      "android_payload.shared-data");
}

TEST(AndroidPayloadTest, APartitionThatIsWrittenTwiceIsSaid) {
  const std::string one = Partition("", "");
  EXPECT_EQ(AnomaliesOf(kAndroidPayload, Payload(one + one)),
            "android_payload.repeated-partition");
}

TEST(AndroidPayloadTest, BytesThatNoOperationHasAreSlack) {
  const Bytes image =
      Payload(Partition(Operation(0, Extent(0, 1), 16, kBlock), kBlock),
              "hidden in a gap\n" + kBlock);
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kAndroidPayload, image, sink));
  bool slack = false;
  for (const Region& region : sink.regions) {
    slack =
        slack || (region.use == RegionUse::kSlack && region.range.length == 16);
  }
  EXPECT_TRUE(slack);
}

TEST(AndroidPayloadTest, ManifestsThatAreNoMessageAreRefused) {
  const std::string good = Partition("", "");
  for (const std::string& wrong :
       {std::string("\x80", 1),          // a varint that does not end
        std::string(11, '\xFF'),         // or is too long
        std::string("\x0B", 1),          // a group
        std::string("\x02\x00", 2),      // field 0
        std::string("\x0A\x7F", 2),      // a string that is cut
        std::string("\x0D\x01\x02", 3),  // a number that is cut
        std::string("\x09\x01\x02", 3)}) {
    EXPECT_FALSE(kAndroidPayload.measure(Payload(good + wrong)))
        << HexOf(AsBytes(wrong));
  }
}

}  // namespace
}  // namespace assay::formats
