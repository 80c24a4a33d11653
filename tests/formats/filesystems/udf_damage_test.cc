#include <gtest/gtest.h>

#include "tests/formats/filesystems/udf_samples.h"
#include "tests/support/recording_sink.h"
#include "verifier/formats/format.h"

namespace assay::formats {

extern const Format kUdf;
namespace {

using testing::Problems;
using testing::PutLe;
using testing::RecordingSink;

using namespace udf_samples;  // NOLINT(google-build-using-namespace)

TEST(UdfDamageTest, WithoutAnAnchorNothingIsFound) {
  Bytes image = kHd102;
  image[256 * 512 + 20] ^= 1U;
  image[image.size() - 512 + 20] ^= 1U;
  EXPECT_EQ(kUdf.measure(image).error().code, ErrorCode::kTruncated);
  RecordingSink sink;
  EXPECT_FALSE(Unpack(kUdf, image, sink));
}

TEST(UdfDamageTest, OneAnchorIsEnoughToReadFrom) {
  Bytes image = kHd102;
  image[256 * 512 + 20] ^= 1U;
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kUdf, image, sink));
  EXPECT_NE(sink.Find("bin/su"), nullptr);
}

TEST(UdfDamageTest, TheReserveDescriptorsStandIn) {
  for (const unsigned id : {5U, 6U}) {
    Bytes image = kHd102;
    image[DescriptorOf(image, 512, id) + 30] ^= 1U;
    RecordingSink sink;
    (void)Unpack(kUdf, image, sink);
    EXPECT_TRUE(sink.Saw("udf.reserve-mismatch"));
    image[DescriptorOf(image, 512, id, true) + 30] ^= 1U;
    RecordingSink both;
    EXPECT_FALSE(Unpack(kUdf, image, both));
  }
}

TEST(UdfDamageTest, PartitionMapsOfUnknownTypesAreRefused) {
  for (const std::uint8_t type :
       {std::uint8_t{0}, std::uint8_t{2}, std::uint8_t{3}}) {
    Bytes image = kHd102;
    for (const bool reserve : {false, true}) {
      const std::size_t at = DescriptorOf(image, 512, 6, reserve);
      image[at + 440] = type;
      Retag(image, at);
    }
    EXPECT_EQ(kUdf.measure(image).error().code, ErrorCode::kMalformed);
  }
}

TEST(UdfDamageTest, PartitionsBehindTheEndAreTruncated) {
  Bytes image = kHd102;
  for (const bool reserve : {false, true}) {
    const std::size_t at = DescriptorOf(image, 512, 5, reserve);
    PutLe(image, at + 192, 0xFFFFFFFF, 4);
    Retag(image, at);
  }
  EXPECT_EQ(kUdf.measure(image).error().code, ErrorCode::kTruncated);
  RecordingSink sink;
  EXPECT_EQ(Unpack(kUdf, image, sink).error().code, ErrorCode::kTruncated);
  EXPECT_NE(sink.Find("bin/su"), nullptr);  // what is there is given
}

TEST(UdfDamageTest, DirectoriesInACircleEnd) {
  Bytes image = kHd102;
  const std::size_t deep = IdentifierOf(image, "deep");
  PutLe(image, deep + 24, *ReadAt<Le32>(image, IdentifierOf(image, "etc") + 24),
        4);
  Retag(image, deep);
  RecordingSink sink;
  (void)Unpack(kUdf, image, sink);
  EXPECT_TRUE(sink.Saw("udf.directory-again"));
}

TEST(UdfDamageTest, AnIdentifierThatNamesNoEntryIsSaid) {
  Bytes image = kHd102;
  const std::size_t su = IdentifierOf(image, "blocks");
  PutLe(image, su + 24, 0xFFFFFF, 4);
  Retag(image, su);
  RecordingSink sink;
  EXPECT_FALSE(Unpack(kUdf, image, sink));
  EXPECT_EQ(Problems(sink), 1U);
  EXPECT_NE(sink.Find("etc/link"), nullptr);
}

TEST(UdfDamageTest, ADamagedDirectoryIsSaid) {
  Bytes image = kHd102;
  image[IdentifierOf(image, "blocks") + 30] ^= 1U;
  RecordingSink sink;
  EXPECT_FALSE(Unpack(kUdf, image, sink));
  EXPECT_TRUE(sink.Saw("udf.bad-directory"));
  EXPECT_NE(sink.Find("bin/su"), nullptr);
}

TEST(UdfDamageTest, DeletedFilesAreNoMembers) {
  Bytes image = kHd102;
  const std::size_t blocks = IdentifierOf(image, "blocks");
  image[blocks + 18] = 4;
  Retag(image, blocks);
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kUdf, image, sink));
  EXPECT_EQ(sink.Find("etc/blocks"), nullptr);
  std::string why;
  EXPECT_TRUE(sink.Accounts(image.size(), &why)) << why;
}

TEST(UdfDamageTest, BlocksOfTwoFilesAreSaid) {
  Bytes image = kHd102;
  const std::size_t first = FirstBlock(image, 512);
  const std::size_t blocks = EntryOf(image, "blocks", first, 512);
  const std::size_t su = EntryOf(image, "su", first, 512);
  PutLe(image, blocks + 176 + 4, *ReadAt<Le32>(image, su + 176 + 4), 4);
  Retag(image, blocks);
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kUdf, image, sink));
  EXPECT_TRUE(sink.Saw("udf.overlapping-blocks"));
  std::string why;
  EXPECT_TRUE(sink.Accounts(image.size(), &why)) << why;
}

TEST(UdfDamageTest, BlocksThatThePartitionDoesNotHaveAreSaid) {
  Bytes image = kHd102;
  const std::size_t blocks =
      EntryOf(image, "blocks", FirstBlock(image, 512), 512);
  PutLe(image, blocks + 176 + 4, 0xFFFFFFF0, 4);
  Retag(image, blocks);
  RecordingSink sink;
  (void)Unpack(kUdf, image, sink);
  EXPECT_TRUE(sink.Saw("udf.bad-map"));
  EXPECT_EQ(Problems(sink), 1U);
}

TEST(UdfDamageTest, DescriptorsThatGoOnInThemselvesEnd) {
  Bytes image = kHd102;
  const std::size_t first = FirstBlock(image, 512);
  const std::size_t blocks = EntryOf(image, "blocks", first, 512);
  const std::size_t at = *ReadAt<Le32>(image, blocks + 176 + 4);
  PutLe(image, blocks + 176, 512 | 3U << 30U, 4);
  Retag(image, blocks);
  const std::size_t more = (first + at) * 512;
  std::fill_n(image.begin() + static_cast<std::ptrdiff_t>(more), 512,
              std::uint8_t{0});
  PutLe(image, more, 258, 2);
  PutLe(image, more + 2, 2, 2);
  PutLe(image, more + 10, 16, 2);
  PutLe(image, more + 20, 8, 4);
  PutLe(image, more + 24, 512 | 3U << 30U, 4);
  PutLe(image, more + 28, at, 4);
  Retag(image, more);
  RecordingSink sink;
  (void)Unpack(kUdf, image, sink);
  EXPECT_TRUE(sink.Saw("udf.bad-map"));
}

TEST(UdfDamageTest, SizesThatLieAreBounded) {
  Bytes image = kHd102;
  const std::size_t first = FirstBlock(image, 512);
  for (const char* name : {"blocks", "deep", "link"}) {
    const std::size_t entry = EntryOf(image, name, first, 512);
    PutLe(image, entry + 56, ~0ULL >> 1U, 8);
    Retag(image, entry);
  }
  RecordingSink sink;
  EXPECT_FALSE(Unpack(kUdf, image, sink));
}

TEST(UdfDamageTest, AnotherNumberOfNamesIsSaid) {
  Bytes image = kHd102;
  const std::size_t su = EntryOf(image, "su", FirstBlock(image, 512), 512);
  PutLe(image, su + 48, 3, 2);
  Retag(image, su);
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kUdf, image, sink));
  EXPECT_TRUE(sink.Saw("udf.link-count"));
}

TEST(UdfDamageTest, BlocksInUseThatAreSaidToBeFreeAreSaid) {
  Bytes image = kHd102;
  const std::size_t partition = DescriptorOf(image, 512, 5);
  const std::size_t bitmap =
      (FirstBlock(image, 512) + *ReadAt<Le32>(image, partition + 56 + 12)) *
      512;
  image[bitmap + 24] = 0xFF;
  Retag(image, bitmap);
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kUdf, image, sink));
  EXPECT_TRUE(sink.Saw("udf.bitmap-mismatch"));
}

TEST(UdfDamageTest, AMirrorThatDiffersIsSaidAndSlack) {
  Bytes image = kMetadata;
  const std::size_t two = AsText(image).rfind("with.streams");
  ASSERT_NE(two, Find(image, "with.streams"));
  image[two] = 'W';
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kUdf, image, sink));
  EXPECT_TRUE(sink.Saw("udf.mirror-mismatch"));
  bool slack = false;
  for (const Region& region : sink.regions) {
    slack = slack || (region.use == RegionUse::kSlack &&
                      region.range.offset <= two && two < region.range.end());
  }
  EXPECT_TRUE(slack);
}

TEST(UdfDamageTest, SparedPacketsAreReadFromWhereTheyAre) {
  Bytes image = kSparable;
  const std::size_t first = FirstBlock(image, 2048);
  const std::size_t packet = 32;
  const std::size_t su = EntryOf(image, "su", first, 2048);
  const std::size_t origin = (su / 2048 - first) / packet * packet;
  for (std::size_t at = 0; at + 16 < image.size(); at += 2048) {
    if (AsText(image).substr(at + 17, 18) != "*UDF Sparing Table") {
      continue;
    }
    const std::size_t target = *ReadAt<Le32>(image, at + 60);
    PutLe(image, at + 56, origin, 4);
    Retag(image, at);
    for (std::size_t i = 0; i < packet * 2048; ++i) {
      image[target * 2048 + i] = kSparable[(first + origin) * 2048 + i];
    }
  }
  for (std::size_t i = 0; i < packet * 2048; ++i) {
    image[(first + origin) * 2048 + i] = 0;
  }
  RecordingSink sink;
  const auto result = Unpack(kUdf, image, sink);
  ASSERT_TRUE(result) << result.error().what;
  EXPECT_EQ(AsText(sink.Find("bin/su")->content), "inert: not a program\n");
}

TEST(UdfDamageTest, WithoutItsTableAVirtualPartitionIsNotRead) {
  Bytes image = kVirtual260;
  for (std::size_t at = 257 * 2048; at < image.size(); at += 2048) {
    if (image[at + 27] == 248) {
      image[at + 40] ^= 1U;
    }
  }
  EXPECT_FALSE(kUdf.measure(image));
  RecordingSink sink;
  EXPECT_FALSE(Unpack(kUdf, image, sink));
}

TEST(UdfDamageTest, TextInFreeBlocksIsSlack) {
  Bytes image = kHd102;
  const std::size_t at = image.size() - 512 * 20;
  image[at] = 'h';
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kUdf, image, sink));
  bool slack = false;
  for (const Region& region : sink.regions) {
    slack = slack || (region.use == RegionUse::kSlack &&
                      region.range.offset <= at && at < region.range.end());
  }
  EXPECT_TRUE(slack);
}

}  // namespace
}  // namespace assay::formats
