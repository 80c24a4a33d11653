#include <gtest/gtest.h>

#include "tests/support/hex.h"
#include "tests/support/recording_sink.h"
#include "tests/support/sweep.h"
#include "verifier/formats/format.h"

namespace assay::formats {

extern const Format kMacho;
namespace {

using testing::Attempt;
using testing::Concat;
using testing::ForEachFlip;
using testing::ForEachPrefix;
using testing::RecordingSink;
using testing::Sample;

const Bytes kObject = Sample("formats/macho/object.hex");
const Bytes kProgram = Sample("formats/macho/program.hex");
const Bytes kOld = Sample("formats/macho/old.hex");

RegionUse UseAt(const RecordingSink& sink, std::uint64_t offset) {
  for (const Region& region : sink.regions) {
    if (offset >= region.range.offset && offset < region.range.end()) {
      return region.use;
    }
  }
  return RegionUse::kUnknown;
}

TEST(MachoTest, EveryKindIsReadToItsEnd) {
  for (const Bytes& image : {kObject, kProgram, kOld}) {
    RecordingSink sink;
    std::uint64_t consumed = 0;
    const auto result =
        Unpack(kMacho, Concat(image, AsBytes("more")), sink, &consumed);
    EXPECT_TRUE(result) << result.error().what;
    EXPECT_EQ(consumed, image.size());
    EXPECT_EQ(kMacho.measure(Concat(image, AsBytes("more"))).value_or(0),
              image.size());
    EXPECT_TRUE(sink.members.empty());
    EXPECT_TRUE(sink.anomalies.empty());
    std::string why;
    EXPECT_TRUE(sink.Accounts(image.size(), &why)) << why;
  }
}

// Offsets by llvm-objdump --macho --private-headers.
TEST(MachoTest, TablesAndTheSignatureAreMetadata) {
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kMacho, kProgram, sink));
  EXPECT_EQ(UseAt(sink, 0), RegionUse::kMetadata);
  EXPECT_EQ(UseAt(sink, 32 + 1208 - 1), RegionUse::kMetadata);
  EXPECT_NE(UseAt(sink, 0x4f8), RegionUse::kMetadata);  // __text
  EXPECT_EQ(UseAt(sink, 49256), RegionUse::kMetadata);  // symbols
  EXPECT_EQ(UseAt(sink, 49352), RegionUse::kMetadata);  // strings
  EXPECT_EQ(UseAt(sink, 49424), RegionUse::kMetadata);  // signature
  EXPECT_EQ(UseAt(sink, 49424 + 543), RegionUse::kMetadata);
}

TEST(MachoTest, NoProperPrefixIsMeasured) {
  ForEachPrefix(kMacho, kObject, [&](const Attempt& attempt) {
    EXPECT_LE(attempt.consumed, kObject.size());
  });
  for (std::size_t size = 0; size < kObject.size(); ++size) {
    EXPECT_FALSE(kMacho.measure(ByteView(kObject).first(size))) << size;
  }
}

TEST(MachoTest, AnyDamagedHeaderIsRefusedOrAccountedFor) {
  for (const Bytes& image : {kObject, kOld}) {
    ForEachFlip(kMacho, image, [&](const Attempt& attempt) {
      EXPECT_LE(attempt.consumed, image.size());
    });
  }
}

TEST(MachoTest, WhatLiesOutsideIsSaid) {
  Bytes changed = kOld;
  changed[28 + 8 + 16 + 14] = 0x01;  // filesize of __TEXT
  EXPECT_FALSE(kMacho.measure(changed));
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kMacho, changed, sink));
  ASSERT_EQ(sink.anomalies.size(), 1U);
  EXPECT_EQ(sink.anomalies[0].id, "macho.outside");
}

TEST(MachoTest, OtherBytesAreNotMacho) {
  EXPECT_TRUE(kMacho.matches(kObject));
  Bytes changed = kObject;
  changed[4] = 0x63;  // no such processor
  EXPECT_FALSE(kMacho.matches(changed));
  changed = kObject;
  changed[12] = 0x7f;  // no such type of file
  EXPECT_FALSE(kMacho.matches(changed));
  EXPECT_FALSE(kMacho.matches(ByteView(kObject).first(27)));
}

}  // namespace
}  // namespace assay::formats
