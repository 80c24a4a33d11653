#include <gtest/gtest.h>

#include "tests/support/hex.h"
#include "tests/support/wrapper_checks.h"

namespace assay::formats {

extern const Format kEspPartitions;
namespace {

using testing::AnomaliesOf;
using testing::Concat;
using testing::Hex;
using testing::RecordingSink;
using testing::Sample;
using testing::With;

const Bytes kTable = Sample("formats/esp_partitions/table.hex");

// A boot loader at 0x1000, the table at 0x8000, two partitions of 0x1000.
Bytes Dump() {
  Bytes dump(0xB000, 0xFF);
  dump = With(dump, 0x1000, AsBytes("boot loader"));
  dump = With(dump, 0x8000, kTable);
  dump = With(dump, 0x9000, AsBytes("settings"));
  return With(dump, 0xA000, AsBytes("program"));
}

std::string Filled(std::string_view text, std::size_t size) {
  return std::string(text) + std::string(size - text.size(), '\xff');
}

TEST(EspPartitionsTest, ATableListsItsPartitions) {
  testing::CheckParts(kEspPartitions, kTable, {{"nvs", ""}, {"factory", ""}});
}

TEST(EspPartitionsTest, ADumpHoldsThem) {
  testing::CheckParts(kEspPartitions, Dump(),
                      {{"nvs", Filled("settings", 0x1000)},
                       {"factory", Filled("program", 0x1000)},
                       {"bootloader", Filled("boot loader", 0x7000)}});
}

TEST(EspPartitionsTest, DamageShows) {
  testing::CheckDamageShows(kEspPartitions, ByteView(kTable).first(96 + 32));
}

TEST(EspPartitionsTest, OtherBytesAreNotTables) {
  testing::CheckRefusesNoise(kEspPartitions, kTable, 64);
  const auto refuses = [](std::size_t at, const char* bytes) {
    return !kEspPartitions.matches(With(kTable, at, Hex(bytes)));
  };
  EXPECT_TRUE(refuses(0, "AB"));
  EXPECT_TRUE(refuses(4, "01"));        // offsets are whole sectors
  EXPECT_TRUE(refuses(8, "00000000"));  // empty
  EXPECT_TRUE(refuses(12, "00"));       // no label
  EXPECT_TRUE(refuses(13, "01"));       // not printable
  EXPECT_TRUE(refuses(31, "01"));       // unknown flags
  EXPECT_TRUE(refuses(0x60, "00"));     // a table ends with erased flash
}

TEST(EspPartitionsTest, AChangedTableContradictsItsDigest) {
  EXPECT_EQ(AnomaliesOf(kEspPartitions, With(kTable, 2, Hex("40"))),
            "esp_partitions.checksum-mismatch");
}

TEST(EspPartitionsTest, PartitionsPastTheDumpAreSaid) {
  const Bytes dump = Dump();
  RecordingSink sink;
  const auto result =
      Unpack(kEspPartitions, ByteView(dump).first(0xA800), sink);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kTruncated);
  EXPECT_TRUE(sink.Find("nvs")->has_content);
  EXPECT_FALSE(sink.Find("factory")->has_content);
}

TEST(EspPartitionsTest, OverlapsAreSaid) {
  EXPECT_EQ(AnomaliesOf(kEspPartitions, With(Dump(), 0x8000 + 9, Hex("20"))),
            "esp_partitions.checksum-mismatch "
            "esp_partitions.overlapping-parts");
  // A partition over the table itself.
  EXPECT_EQ(AnomaliesOf(kEspPartitions, With(Dump(), 0x8000 + 5, Hex("80"))),
            "esp_partitions.checksum-mismatch "
            "esp_partitions.overlapping-parts");
}

}  // namespace
}  // namespace assay::formats
