#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/support/hex.h"
#include "tests/support/recording_sink.h"
#include "tests/support/sweep.h"
#include "verifier/base/digest.h"
#include "verifier/formats/format.h"

namespace assay::formats {

extern const Format kOle2;
namespace {

using testing::Attempt;
using testing::Concat;
using testing::Hex;
using testing::RecordingSink;
using testing::Sample;

const Bytes kMsi = Sample("formats/ole2/msi.hex");

constexpr std::size_t kSector = 512;

Bytes With(Bytes image, std::size_t at, std::string_view hex) {
  const Bytes bytes = Hex(hex);
  std::copy(bytes.begin(), bytes.end(),
            image.begin() + static_cast<std::ptrdiff_t>(at));
  return image;
}

std::string Le(std::uint32_t value) {
  std::string text;
  for (unsigned i = 0; i < 4; ++i) {
    text += fmt::format("{:02x}", value >> (8 * i) & 0xffU);
  }
  return text;
}

std::size_t SectorAt(std::size_t field) {
  return (*ReadAt<Le32>(kMsi, field) + 1U) * kSector;
}
std::size_t Fat() {
  return SectorAt(76);
}
std::size_t Directory() {
  return SectorAt(48);
}

// Where the directory entry of a stream with that many bytes stands.
std::size_t EntryOfSize(std::uint32_t size) {
  std::size_t sector = *ReadAt<Le32>(kMsi, 48);
  while (true) {
    for (std::size_t at = 0; at < kSector; at += 128) {
      const std::size_t entry = (sector + 1) * kSector + at;
      if (*ReadAt<Le32>(kMsi, entry + 120) == size) {
        return entry;
      }
    }
    sector = *ReadAt<Le32>(kMsi, Fat() + 4 * sector);
  }
}

TEST(Ole2Test, StreamsOfAnMsiWithTheirNamesUnpacked) {
  const Bytes longer = Concat(kMsi, Hex("d0cf"));
  RecordingSink sink;
  std::uint64_t consumed = 0;
  const auto result = Unpack(kOle2, longer, sink, &consumed);
  ASSERT_TRUE(result) << result.error().what;
  EXPECT_EQ(consumed, kMsi.size());
  EXPECT_EQ(kOle2.measure(longer).value_or(0), kMsi.size());
  EXPECT_TRUE(sink.anomalies.empty()) << sink.anomalies[0].detail;
  std::string why;
  EXPECT_TRUE(sink.Accounts(kMsi.size(), &why)) << why;
  ASSERT_NE(sink.Find("sample.cab"), nullptr);
  EXPECT_EQ(Sha256Hex(sink.Find("sample.cab")->content),
            "d7c3e97188fdb84003c967d717432d7435f227aaa436b3c2eada12962deea98f");
  ASSERT_NE(sink.Find("\x05SummaryInformation"), nullptr);
  EXPECT_TRUE(sink.Find("\x05SummaryInformation")->member.meta.xattrs.empty());
  const auto* pool = sink.Find("!_StringPool");
  ASSERT_NE(pool, nullptr);
  ASSERT_EQ(pool->member.meta.xattrs.size(), 1U);
  EXPECT_EQ(pool->member.meta.xattrs[0].first, "raw-name");
  for (const char* name : {"!_StringData", "!_Tables", "!_Columns", "!File",
                           "!Component", "!Property", "!Media"}) {
    EXPECT_NE(sink.Find(name), nullptr) << name;
  }
  EXPECT_EQ(sink.members[0].member.name, ".");
  EXPECT_EQ(sink.members[0].member.meta.type, FileType::kDirectory);
}

TEST(Ole2Test, EveryProperPrefixIsAnErrorOrSaysWhatIsCut) {
  testing::ForEachPrefix(kOle2, kMsi, [](const Attempt& attempt) {
    EXPECT_TRUE(!attempt.ok || !attempt.sink->anomalies.empty() ||
                kMsi.size() - attempt.at < kSector)
        << attempt.at;
  });
}

// There are no checksums; what ForEachFlip asks is that nothing is lost.
TEST(Ole2Test, AFlippedByteOfTheTablesKeepsTheAccounting) {
  for (const std::size_t start : {std::size_t{0}, Fat(), Directory()}) {
    for (std::size_t at = start; at < start + kSector; ++at) {
      for (const unsigned mask : {0x01U, 0x80U, 0xffU}) {
        Bytes damaged = kMsi;
        damaged[at] = static_cast<std::uint8_t>(damaged[at] ^ mask);
        RecordingSink sink;
        std::uint64_t consumed = 0;
        if (Unpack(kOle2, damaged, sink, &consumed)) {
          std::string why;
          EXPECT_TRUE(sink.Accounts(consumed, &why) ||
                      sink.Saw("ole2.overlapping-sectors"))
              << at << why;
        }
      }
    }
  }
}

TEST(Ole2Test, ChainsThatLoopOrAreSharedAreReported) {
  RecordingSink whole;
  ASSERT_TRUE(Unpack(kOle2, kMsi, whole));
  const auto size =
      static_cast<std::uint32_t>(whole.Find("sample.cab")->content.size());
  const std::size_t entry = EntryOfSize(size);
  const std::uint32_t start = *ReadAt<Le32>(kMsi, entry + 116);
  Bytes loop = kMsi;
  std::copy_n(kMsi.begin() + static_cast<std::ptrdiff_t>(entry + 116), 4,
              loop.begin() + static_cast<std::ptrdiff_t>(Fat() + 4 * start));
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kOle2, loop, sink));
  EXPECT_TRUE(sink.Saw("ole2.damaged-chain"));
  EXPECT_NE(sink.Find("sample.cab")->problem, "");
  // A stream that begins in the directory.
  RecordingSink shared;
  ASSERT_TRUE(Unpack(
      kOle2, With(kMsi, entry + 116, Le(*ReadAt<Le32>(kMsi, 48))), shared));
  EXPECT_TRUE(shared.Saw("ole2.damaged-chain"));
}

TEST(Ole2Test, ADirectoryThatLoopsEnds) {
  // The root's child is the root.
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kOle2, With(kMsi, Directory() + 76, "00000000"), sink));
  EXPECT_TRUE(sink.Saw("ole2.ambiguous-entry"));
  EXPECT_TRUE(sink.Saw("ole2.unlisted-entry"));
  std::string why;
  EXPECT_TRUE(sink.Accounts(kMsi.size(), &why)) << why;
  // Its left neighbour is itself.
  const std::uint32_t child = *ReadAt<Le32>(kMsi, Directory() + 76);
  const std::size_t entry = Directory() + child * 128;
  if (child < 4) {
    RecordingSink self;
    ASSERT_TRUE(Unpack(kOle2, With(kMsi, entry + 68, Le(child)), self));
    EXPECT_TRUE(self.Saw("ole2.ambiguous-entry"));
  }
}

TEST(Ole2Test, UnreachableEntriesAreReportedAndTheirSectorsAreSlack) {
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kOle2, With(kMsi, Directory() + 76, "ffffffff"), sink));
  EXPECT_TRUE(sink.Saw("ole2.unlisted-entry"));
  ASSERT_EQ(sink.members.size(), 1U);
  bool slack = false;
  for (const Region& region : sink.regions) {
    slack = slack || region.use == RegionUse::kSlack;
  }
  EXPECT_TRUE(slack);
}

TEST(Ole2Test, LyingHeadersAreErrors) {
  for (const auto& [at, hex] :
       std::initializer_list<std::pair<std::size_t, std::string_view>>{
           {44, "ffffff7f"},  // FAT sectors
           {44, "02000000"},  // more than are listed
           {48, "f0ffff7f"},  // the directory
           {48, "ffffffff"},
           {60, "ffffff7f"},           // the mini FAT
           {72, "ffffff7f"},           // DIFAT sectors
           {68, "00000000 01000000"},  // a DIFAT sector that holds no list
           {76, "ffffff7f"},           // the FAT's first sector
       }) {
    RecordingSink sink;
    EXPECT_FALSE(Unpack(kOle2, With(kMsi, at, hex), sink)) << at << hex;
    EXPECT_FALSE(kOle2.measure(With(kMsi, at, hex))) << at << hex;
  }
}

TEST(Ole2Test, RefusesOtherHeaders) {
  EXPECT_TRUE(kOle2.matches(kMsi));
  for (const auto& [at, hex] :
       std::initializer_list<std::pair<std::size_t, std::string_view>>{
           {0, "d1"},     // the magic
           {26, "0500"},  // a version
           {28, "fffe"},  // byte order
           {30, "0c00"},  // a sector size that is another version's
           {32, "0700"},  // mini sectors
           {56, "0020"},  // the cutoff
           {44, "00000000"},
       }) {
    EXPECT_FALSE(kOle2.matches(With(kMsi, at, hex))) << at;
  }
}

}  // namespace
}  // namespace assay::formats
