#include <gtest/gtest.h>

#include <string>

#include "tests/support/hex.h"
#include "tests/support/image_sweep.h"
#include "tests/support/recording_sink.h"
#include "verifier/base/crc32.h"
#include "verifier/formats/format.h"

namespace assay::formats {

extern const Format kVhdx;
namespace {

using testing::Hex;
using testing::RecordingSink;

constexpr std::size_t kMegabyte = 1U << 20U;
constexpr std::size_t kMetadata = kMegabyte;
constexpr std::size_t kBat = 2 * kMegabyte;
constexpr std::size_t kFirstHeader = 64U << 10U;
constexpr std::size_t kSecondHeader = 128U << 10U;
constexpr std::size_t kFirstTable = 192U << 10U;
constexpr std::size_t kSecondTable = 256U << 10U;

void Put(Bytes& image, std::size_t at, ByteView with) {
  std::copy(with.begin(), with.end(),
            image.begin() + static_cast<std::ptrdiff_t>(at));
}

void PutNumber(Bytes& image, std::size_t at, std::uint64_t value,
               std::size_t width) {
  for (std::size_t i = 0; i < width; ++i) {
    image.at(at + i) = static_cast<std::uint8_t>(value >> (8 * i));
  }
}

void Mend(Bytes& image, std::size_t at, std::size_t size) {
  PutNumber(image, at + 4, 0, 4);
  PutNumber(image, at + 4, Crc32c(ByteView(image).subspan(at, size)), 4);
}

void PutHeader(Bytes& image, std::size_t at, std::uint64_t sequence) {
  Put(image, at, AsBytes("head"));
  PutNumber(image, at + 8, sequence, 8);
  PutNumber(image, at + 66, 1, 2);
  Mend(image, at, 4096);
}

void PutTable(Bytes& image, std::size_t at) {
  Put(image, at, AsBytes("regi"));
  PutNumber(image, at + 8, 2, 4);
  Put(image, at + 16, Hex("6677c22d23f600429d64115e9bfd4a08"));
  PutNumber(image, at + 32, kBat, 8);
  PutNumber(image, at + 40, kMegabyte, 4);
  Put(image, at + 48, Hex("06a27c8b90479a4bb8fe575f050f886e"));
  PutNumber(image, at + 64, kMetadata, 8);
  PutNumber(image, at + 72, kMegabyte, 4);
  Mend(image, at, 65536);
}

void PutItem(Bytes& image, std::size_t index, std::string_view id,
             std::uint64_t value) {
  const std::size_t entry = kMetadata + 32 + 32 * index;
  Put(image, entry, Hex(id));
  PutNumber(image, entry + 16, 65536 + 8 * index, 4);
  PutNumber(image, entry + 20, 8, 4);
  PutNumber(image, kMetadata + 65536 + 8 * index, value, 8);
}

// MS-VHDX, section 2: a disk of three blocks of 1 MiB, the last one cut; the
// first lies behind the third, the second is not there.
Bytes Image() {
  Bytes image(5 * kMegabyte);
  Put(image, 0, AsBytes("vhdxfile"));
  PutHeader(image, kFirstHeader, 5);
  PutHeader(image, kSecondHeader, 6);
  PutTable(image, kFirstTable);
  PutTable(image, kSecondTable);
  Put(image, kMetadata, AsBytes("metadata"));
  PutNumber(image, kMetadata + 10, 3, 2);
  PutItem(image, 0, "3767a1ca36fa434db3b633f0aa44e76b", kMegabyte);
  PutItem(image, 1, "2442a52f1bcd7648b2115dbed83bf4b8", 2 * kMegabyte + 4096);
  PutItem(image, 2, "1dbf41816fa90947ba47f233a8faab5f", 512);
  PutNumber(image, kBat, 4 * kMegabyte + 6, 8);
  PutNumber(image, kBat + 16, 3 * kMegabyte + 6, 8);
  Put(image, 4 * kMegabyte, AsBytes("first"));
  Put(image, 3 * kMegabyte, AsBytes("third"));
  return image;
}

void Read(ByteView image, RecordingSink& sink) {
  const auto result = Unpack(kVhdx, image, sink);
  ASSERT_TRUE(result) << result.error().what;
  std::string why;
  EXPECT_TRUE(sink.Accounts(kVhdx.measure(image).value_or(0), &why)) << why;
}

void ExpectDisk(const RecordingSink& sink) {
  const auto* disk = sink.Find("disk");
  ASSERT_NE(disk, nullptr);
  ASSERT_EQ(disk->content.size(), 2 * kMegabyte + 4096);
  const std::string_view text = AsText(disk->content);
  EXPECT_EQ(text.substr(0, 5), "first");
  EXPECT_EQ(text.substr(2 * kMegabyte, 5), "third");
  EXPECT_EQ(text.substr(kMegabyte, 5), std::string(5, '\0'));
}

TEST(VhdxTest, ReadsBlocksInAnyOrder) {
  const Bytes image = Image();
  EXPECT_TRUE(kVhdx.matches(image));
  EXPECT_EQ(kVhdx.measure(image).value_or(0), image.size());
  RecordingSink sink;
  Read(image, sink);
  EXPECT_TRUE(sink.anomalies.empty());
  ExpectDisk(sink);
}

TEST(VhdxTest, OneIntactHeaderAndTableAreEnough) {
  Bytes image = Image();
  image[kFirstHeader + 9] ^= 1U;
  image[kSecondTable + 9] ^= 1U;
  RecordingSink sink;
  Read(image, sink);
  EXPECT_TRUE(sink.Saw("vhdx.header-crc-mismatch"));
  EXPECT_TRUE(sink.Saw("vhdx.region-crc-mismatch"));
  ExpectDisk(sink);
  image[kSecondHeader + 9] ^= 1U;
  EXPECT_FALSE(kVhdx.measure(image));
}

TEST(VhdxTest, TablesThatDifferAreSaid) {
  Bytes image = Image();
  PutNumber(image, kSecondTable + 32, 3 * kMegabyte, 8);
  Mend(image, kSecondTable, 65536);
  RecordingSink sink;
  Read(image, sink);
  EXPECT_TRUE(sink.Saw("vhdx.ambiguous-regions"));
}

TEST(VhdxTest, AnUnreplayedLogIsSaid) {
  Bytes image = Image();
  image[kSecondHeader + 48] = 1;  // of the newer header
  Mend(image, kSecondHeader, 4096);
  RecordingSink sink;
  const auto result = Unpack(kVhdx, image, sink);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kUnsupported);
  EXPECT_TRUE(sink.Saw("vhdx.unreplayed-log"));
  ExpectDisk(sink);
  Bytes older = Image();
  older[kFirstHeader + 48] = 1;
  Mend(older, kFirstHeader, 4096);
  RecordingSink quiet;
  Read(older, quiet);
  EXPECT_TRUE(quiet.anomalies.empty());
}

TEST(VhdxTest, AParentIsSaid) {
  Bytes image = Image();
  image[kMetadata + 65536 + 4] = 2;
  RecordingSink sink;
  Read(image, sink);
  EXPECT_NE(sink.Find("parent"), nullptr);
}

TEST(VhdxTest, BadBlocksAreDamage) {
  const std::uint64_t entries[] = {3 * kMegabyte + 6,   // named twice
                                   99 * kMegabyte + 6,  // past the end
                                   4 * kMegabyte + 7};  // partly there
  for (const std::uint64_t entry : entries) {
    Bytes image = Image();
    PutNumber(image, kBat, entry, 8);
    RecordingSink sink;
    EXPECT_FALSE(Unpack(kVhdx, image, sink)) << entry;
    EXPECT_TRUE(sink.Saw("vhdx.unknown-blocks"));
  }
}

TEST(VhdxTest, LyingMetadataAreRefused) {
  const struct {
    std::size_t item;
    std::uint64_t value;
  } lies[] = {{0, 0}, {0, 3 * kMegabyte}, {0, 512 * kMegabyte}, {1, ~0ULL},
              {2, 0}, {2, 1024}};
  for (const auto& lie : lies) {
    Bytes image = Image();
    PutNumber(image, kMetadata + 65536 + 8 * lie.item, lie.value, 8);
    EXPECT_FALSE(kVhdx.measure(image)) << lie.item << " " << lie.value;
    RecordingSink sink;
    EXPECT_FALSE(Unpack(kVhdx, image, sink));
  }
  Bytes image = Image();
  PutNumber(image, kMetadata + 65536 + 8, 1ULL << 49U, 8);
  RecordingSink sink;  // far more blocks than the table has entries
  EXPECT_FALSE(Unpack(kVhdx, image, sink));
}

TEST(VhdxTest, TheSampleIsOnlyAStart) {
  const Bytes start = testing::Sample("formats/vhdx/identifier.hex");
  EXPECT_TRUE(kVhdx.matches(start));
  EXPECT_FALSE(kVhdx.measure(start));
  RecordingSink sink;
  EXPECT_FALSE(Unpack(kVhdx, start, sink));
}

TEST(VhdxTest, SurvivesPrefixesAndFlips) {
  const Bytes image = Image();
  testing::SweepPrefixes(kVhdx, image, 262'139);
  testing::SweepFlips(kVhdx, image, 7, kFirstHeader, kFirstHeader + 80);
  testing::SweepFlips(kVhdx, image, 11, kMetadata, kMetadata + 128);
  testing::SweepFlips(kVhdx, image, 3, kBat, kBat + 24);
}

}  // namespace
}  // namespace assay::formats
