#include <gtest/gtest.h>

#include "tests/support/hex.h"
#include "tests/support/wrapper_checks.h"

namespace assay::formats {

extern const Format kUf2;
namespace {

using testing::AnomaliesOf;
using testing::Concat;
using testing::Hex;
using testing::Lines;
using testing::RecordingSink;
using testing::Sample;
using testing::With;

const Bytes kFamilies = Sample("formats/uf2/families.hex");
const Bytes kMd5 = Sample("formats/uf2/md5.hex");

TEST(Uf2Test, GivesWhatEachFamilyFills) {
  testing::CheckParts(
      kUf2, kFamilies,
      {{"family-68ed2b88/0x00002000", Lines("inert main\n", 700)},
       {"family-e48bff56/0x10000000", Lines("inert other\n", 100)}});
  testing::CheckParts(kUf2, kMd5,
                      {{"no-family/0x00002000", Lines("inert main\n", 512)}});
}

// A flip of a block's magic ends the format there: that is measure's to say.
TEST(Uf2Test, DamageShows) {
  RecordingSink sink;
  for (std::size_t size = 0; size < kFamilies.size(); ++size) {
    EXPECT_LE(kUf2.measure(ByteView(kFamilies).first(size)).value_or(0), size);
  }
  ASSERT_TRUE(Unpack(kUf2, ByteView(kFamilies).first(1024), sink));
  EXPECT_TRUE(sink.Saw("uf2.size-mismatch"));
  // But for the flags, a tag and the filler behind it.
  testing::CheckDamageShows(kUf2, ByteView(kFamilies).last(512),
                            {{8, 4}, {132, 376}});
}

TEST(Uf2Test, OtherBytesAreNotUf2) {
  testing::CheckRefusesNoise(kUf2, kFamilies, 32);
  EXPECT_FALSE(kUf2.matches(With(kFamilies, 16, Hex("DD01"))));
  EXPECT_FALSE(kUf2.matches(With(kFamilies, 511, Hex("00"))));
}

TEST(Uf2Test, WrongDigestsAreSaid) {
  EXPECT_EQ(AnomaliesOf(kUf2, With(kMd5, 40, Hex("00"))),
            "uf2.checksum-mismatch");
  // Both blocks state it, and may state different ones.
  EXPECT_EQ(AnomaliesOf(kUf2, With(kMd5, 507, Hex("00"))),
            "uf2.checksum-mismatch");
}

TEST(Uf2Test, MissingAndDoubledBlocksAreSaid) {
  const ByteView image = kFamilies;
  EXPECT_EQ(AnomaliesOf(kUf2, Concat(image.first(512), image.last(1024))),
            "uf2.size-mismatch");
  EXPECT_EQ(AnomaliesOf(kUf2, Concat(image.last(512), image)),
            "uf2.size-mismatch uf2.overlapping-data");
  EXPECT_EQ(AnomaliesOf(kUf2, With(kFamilies, 20, Hex("09"))),
            "uf2.size-mismatch");
}

TEST(Uf2Test, HiddenBytesBehindThePayloadAreSlack) {
  const Bytes hidden = With(kFamilies, 400, Hex("AA"));
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kUf2, hidden, sink));
  bool slack = false;
  for (const Region& region : sink.regions) {
    slack = slack || (region.use == RegionUse::kSlack &&
                      region.range == Range{288, 220});
  }
  EXPECT_TRUE(slack);
}

TEST(Uf2Test, FilesOfAContainerAreNamed) {
  Bytes file = CopyOf(ByteView(kFamilies).last(512));
  file = With(file, 8, Hex("00100000 00000000"));
  file = With(file, 132, AsBytes(std::string_view("dir/a.txt\0", 10)));
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kUf2, file, sink));
  EXPECT_NE(sink.Find("dir/a.txt/0x00000000"), nullptr);
  file = With(file, 8, Hex("01"));
  RecordingSink marked;
  ASSERT_TRUE(Unpack(kUf2, file, marked));
  EXPECT_NE(marked.Find("not-flashed/dir/a.txt/0x00000000"), nullptr);
}

}  // namespace
}  // namespace assay::formats
