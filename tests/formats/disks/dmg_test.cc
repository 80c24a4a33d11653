#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/hex.h"
#include "tests/support/recording_sink.h"
#include "tests/support/sweep.h"
#include "tests/support/wrapper_checks.h"
#include "verifier/base/text.h"
#include "verifier/formats/codecs/adc_decoder.h"
#include "verifier/formats/format.h"

namespace assay::formats {

extern const Format kDmg;
namespace {

using testing::AnomaliesOf;
using testing::Concat;
using testing::Hex;
using testing::Lines;
using testing::RecordingSink;
using testing::Sample;

const Bytes kAll = Sample("formats/dmg/all.hex");
const Bytes kLzfse = Sample("formats/dmg/lzfse.hex");
constexpr std::size_t kTrailer = 512;

std::string Disk() {
  std::string disk;
  for (int i = 0; i < 16; ++i) {
    disk += i == 3 || i == 9
                ? std::string(512, '\0')
                : Lines("sector " + std::to_string(i) + " inert\n", 512);
  }
  return disk;
}

std::string Be(std::uint64_t value, int width) {
  std::string bytes;
  for (int i = width - 1; i >= 0; --i) {
    const std::uint64_t byte = i < 8 ? value >> (8 * i) & 0xFFU : 0;
    bytes.push_back(static_cast<char>(byte));
  }
  return bytes;
}

struct ChunkOf {
  std::uint32_t type = 1;
  std::uint64_t sector = 0, sectors = 1, offset = 0, length = 512;
};

struct TableOf {
  std::uint64_t first = 0, sectors = 2;
  std::vector<ChunkOf> chunks = {};
  std::uint64_t count = ~0ULL;  // that is stated instead
};

std::string Mish(const TableOf& table) {
  const std::uint64_t count =
      table.count == ~0ULL ? table.chunks.size() : table.count;
  std::string raw = "mish" + Be(1, 4) + Be(table.first, 8) +
                    Be(table.sectors, 8) + Be(0, 8) + Be(0, 8) +
                    std::string(24 + 136, '\0') + Be(count, 4);
  for (const ChunkOf& chunk : table.chunks) {
    raw += Be(chunk.type, 4) + Be(0, 4) + Be(chunk.sector, 8) +
           Be(chunk.sectors, 8) + Be(chunk.offset, 8) + Be(chunk.length, 8);
  }
  return raw;
}

std::string Plist(const std::string& blocks) {
  return "<plist><dict><key>resource-fork</key><dict><key>blkx</key><array>" +
         blocks + "</array></dict></dict></plist>";
}

std::string Block(const std::string& mish) {
  return "<dict><key>Data</key><data>" + Base64(mish) + "</data></dict>";
}

// An image without checksums.
Bytes Image(const std::string& fork, const std::string& xml,
            std::uint64_t sectors, std::uint32_t segments = 1) {
  std::string koly = "koly" + Be(4, 4) + Be(512, 4) + Be(1, 4) + Be(0, 16) +
                     Be(fork.size(), 8) + Be(0, 16) + Be(1, 4) +
                     Be(segments, 4) + std::string(16 + 136, '\0') +
                     Be(fork.size(), 8) + Be(xml.size(), 8);
  koly.resize(488, '\0');
  koly += Be(1, 4) + Be(sectors, 8) + Be(0, 12);
  return CopyOf(AsBytes(fork + xml + koly));
}

Bytes Image(const std::string& fork, const std::vector<TableOf>& tables,
            std::uint64_t sectors = 2) {
  std::string blocks;
  for (const TableOf& table : tables) {
    blocks += Block(Mish(table));
  }
  return Image(fork, Plist(blocks), sectors);
}

const std::string kFork = Lines("one\n", 512) + Lines("two\n", 512);
const ChunkOf kOne = {};
const ChunkOf kTwo = {.sector = 1, .offset = 512};

TEST(DmgTest, EveryKindOfChunkIsDecoded) {
  testing::CheckParts(kDmg, kAll, {{"disk", Disk()}});
}

TEST(DmgTest, DamageShows) {
  // Not read: what nobody needs in trailer, tables and property list.
  const std::size_t xml = AsText(kAll).find("<?xml");
  testing::CheckDamageShows(kDmg, kAll, {{xml, kAll.size() - xml}});
}

TEST(DmgTest, FlippedTablesAreKept) {
  for (const Bytes& image : {kAll, kLzfse}) {
    testing::ForEachFlip(kDmg, image, [](const testing::Attempt&) {});
  }
}

TEST(DmgTest, RefusesNoise) {
  testing::CheckRefusesNoise(kDmg, kAll, 512);
  EXPECT_FALSE(kDmg.matches_end(Concat(kAll, Hex("00"))));
  for (std::size_t size = 0; size < kAll.size(); ++size) {
    EXPECT_FALSE(kDmg.matches_end(ByteView(kAll).first(size)));
  }
}

TEST(DmgTest, TrailersThatPointOutsideAreNone) {
  for (const std::size_t at :
       {4U, 8U, 24U, 32U, 40U, 48U, 216U, 224U, 296U, 304U}) {
    Bytes image = kAll;
    image[image.size() - kTrailer + at] = 0x7F;
    EXPECT_FALSE(kDmg.matches_end(image)) << at;
    RecordingSink sink;
    EXPECT_FALSE(Unpack(kDmg, image, sink)) << at;
  }
}

TEST(DmgTest, LzfseIsOpaque) {
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kDmg, kLzfse, sink));
  EXPECT_EQ(sink.Find("disk")->problem, "not decoded: LZFSE");
  EXPECT_TRUE(sink.Find("disk")->member.origin);
  EXPECT_TRUE(sink.anomalies.empty());
  std::string why;
  EXPECT_TRUE(sink.Accounts(kLzfse.size(), &why)) << why;
}

TEST(DmgTest, UnknownChunksAreNamed) {
  RecordingSink sink;
  ASSERT_TRUE(Unpack(
      kDmg, Image(kFork, {{.chunks = {{.type = 0x80000009}, kTwo}}}), sink));
  EXPECT_EQ(sink.Find("disk")->problem, "not decoded: chunk type 0x80000009");
}

TEST(DmgTest, StoredChunksAreAWindow) {
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kDmg, Image(kFork, {{.chunks = {kTwo, kOne}}}), sink));
  EXPECT_TRUE(sink.Find("disk")->member.stored);
  EXPECT_EQ(AsText(sink.Find("disk")->content), kFork);
}

TEST(DmgTest, PlacesWithoutAChunkAreHoles) {
  RecordingSink sink;
  ASSERT_TRUE(
      Unpack(kDmg, Image(kFork, {{.first = 1, .chunks = {kOne}}}, 4), sink));
  EXPECT_EQ(
      AsText(sink.Find("disk")->content),
      std::string(512, '\0') + kFork.substr(0, 512) + std::string(1024, '\0'));
}

TEST(DmgTest, ChunksOverEachOtherOrOutsideAreSaid) {
  for (const std::vector<TableOf>& tables :
       std::initializer_list<std::vector<TableOf>>{
           {{.chunks = {kOne, kOne}}},
           {{.chunks = {kOne}}, {.chunks = {kOne}}},
           {{.first = 2, .chunks = {kOne}}},
           {{.first = 1, .chunks = {kTwo}}},
           {{.chunks = {{.length = 513}}}}}) {
    RecordingSink sink;
    const Bytes image = Image(kFork, tables);
    ASSERT_TRUE(Unpack(kDmg, image, sink));
    EXPECT_TRUE(sink.Saw("dmg.bad-table"));
    EXPECT_NE(sink.Find("disk")->problem, "");
    std::string why;
    EXPECT_TRUE(sink.Accounts(image.size(), &why)) << why;
  }
}

TEST(DmgTest, TablesThatContradictThemselvesAreDamage) {
  for (const TableOf& table : std::initializer_list<TableOf>{
           {.first = ~0ULL, .chunks = {kOne}},
           {.sectors = ~0ULL, .chunks = {kOne}},
           {.sectors = 1, .chunks = {kTwo}},
           {.chunks = {{.sector = ~0ULL}}},
           {.chunks = {{.sectors = ~0ULL}}},
           {.chunks = {{.offset = ~0ULL}}},
           {.chunks = {kOne}, .count = 2},
           {.chunks = {kOne}, .count = 0xFFFFFFFF}}) {
    RecordingSink sink;
    EXPECT_FALSE(Unpack(kDmg, Image(kFork, {table}), sink));
    EXPECT_NE(sink.Find("disk")->problem, "");
  }
}

TEST(DmgTest, DataBehindTheEndAreDamage) {
  RecordingSink sink;
  EXPECT_FALSE(Unpack(
      kDmg, Image(kFork, {{.chunks = {{.offset = 1ULL << 40U}, kTwo}}}), sink));
  EXPECT_TRUE(sink.Saw("dmg.unknown-blocks"));
}

TEST(DmgTest, AChunkThatDoesNotDecodeEndsTheDisk) {
  for (const std::uint32_t type :
       {0x80000004U, 0x80000005U, 0x80000006U, 0x80000008U}) {
    RecordingSink sink;
    (void)Unpack(kDmg, Image(kFork, {{.chunks = {{.type = type}, kTwo}}}),
                 sink);
    EXPECT_NE(sink.Find("disk")->problem, "") << type;
  }
}

TEST(DmgTest, AChunkThatHoldsTooMuchIsOpaque) {
  RecordingSink sink;
  ASSERT_TRUE(
      Unpack(kDmg,
             Image(kFork,
                   {{.sectors = 1ULL << 30U,
                     .chunks = {{.type = 0x80000005, .sectors = 1ULL << 30U}}}},
                   1ULL << 30U),
             sink));
  EXPECT_NE(sink.Find("disk")->problem.find("at once"), std::string::npos);
}

TEST(DmgTest, BytesThatNoChunkHasAreSlack) {
  RecordingSink sink;
  const Bytes image = Image(kFork + "hidden", {{.chunks = {kOne, kTwo}}});
  ASSERT_TRUE(Unpack(kDmg, image, sink));
  bool slack = false;
  for (const Region& region : sink.regions) {
    slack =
        slack || (region.use == RegionUse::kSlack && region.range.length == 6);
  }
  EXPECT_TRUE(slack);
}

TEST(DmgTest, ASegmentIsOpaque) {
  RecordingSink sink;
  ASSERT_TRUE(Unpack(
      kDmg, Image(kFork, Plist(Block(Mish({.chunks = {kOne}}))), 2, 3), sink));
  EXPECT_EQ(sink.Find("disk")->problem, "segment 1 of 3");
}

TEST(DmgTest, PropertyListsThatCannotBeReadAreDamage) {
  const std::string block = Block(Mish({.chunks = {kOne, kTwo}}));
  std::string deep;
  for (int i = 0; i < 100; ++i) {
    deep += "<array>";
  }
  for (const std::string& xml :
       {std::string("text"), std::string("<plist>"), Plist(""),
        Plist("<dict/>"), Plist("<dict><key>Data</key><data>!!</data></dict>"),
        Plist("<dict><key>Data</key><data>AAAA</data></dict>"),
        Plist(block) + "<more/>", Plist(block) + "more",
        Plist(block + "</dict>"), Plist(block + "<dict>"),
        Plist(block + "<!-- "), Plist(block + "< >"),
        Plist(block + "<array><key>k</key></array>"), deep,
        "<dict>" + block + "</dict>"}) {
    const Bytes image = Image(kFork, xml, 2);
    RecordingSink sink;
    EXPECT_FALSE(Unpack(kDmg, image, sink)) << xml.substr(0, 80);
    EXPECT_EQ(sink.members.size(), 1U);
  }
  EXPECT_EQ(AnomaliesOf(kDmg, Image(kFork,
                                    "<?xml version='1.0'?><!DOCTYPE plist>\n"
                                    "<!-- > -->" +
                                        Plist(block) + "\n",
                                    2)),
            "");
}

TEST(DmgTest, AdcStaysInItsBuffers) {
  Bytes out(16);
  const auto decode = [&](std::string_view hex) {
    return codecs::DecodeAdc(Hex(hex), out);
  };
  EXPECT_EQ(decode("81 4142 00 01"), 5U);  // two literals, 3 from 2 back
  EXPECT_EQ(AsText(ByteView(out).first(5)), "ABABA");
  EXPECT_EQ(decode("80 41 41 0000"), 6U);
  EXPECT_EQ(AsText(ByteView(out).first(6)), "AAAAAA");
  EXPECT_EQ(decode(""), 0U);
  EXPECT_FALSE(decode("00 00"));          // from in front of the start
  EXPECT_FALSE(decode("80 41 00 01"));    //
  EXPECT_FALSE(decode("80 41 40 0001"));  //
  EXPECT_FALSE(decode("81 41"));          // cut short
  EXPECT_FALSE(decode("80 41 00"));       //
  EXPECT_FALSE(decode("80 41 40 00"));    //
  EXPECT_FALSE(decode("80 41 7F 0000"));  // longer than the buffer
  EXPECT_FALSE(decode("8F 41414141414141414141414141414141 80 41"));
}

}  // namespace
}  // namespace assay::formats
