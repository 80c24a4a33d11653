#include <gtest/gtest.h>

#include "tests/support/hex.h"
#include "tests/support/image_checks.h"
#include "tests/support/volume_checks.h"
#include "tests/support/wrapper_checks.h"
#include "verifier/formats/format.h"

namespace assay::formats {

extern const Format kNsis;
namespace {

using testing::Problems;
using testing::PutLe;
using testing::RecordingSink;
using testing::Sample;

const Bytes kStored = Sample("formats/nsis/stored.hex");
const Bytes kZlib = Sample("formats/nsis/zlib.hex");
const Bytes kZlibSolid = Sample("formats/nsis/zlib-solid.hex");
const Bytes kLzma = Sample("formats/nsis/lzma.hex");
const Bytes kLzmaSolid = Sample("formats/nsis/lzma-solid.hex");
const Bytes kBzip2 = Sample("formats/nsis/bzip2.hex");
const Bytes kBzip2Solid = Sample("formats/nsis/bzip2-solid.hex");

std::vector<Bytes> Everything() {
  return {kStored, kZlib, kZlibSolid, kLzma, kLzmaSolid, kBzip2, kBzip2Solid};
}

std::string Numbers() {
  std::string text;
  for (int i = 1; i <= 200; ++i) {
    text += std::to_string(i) + "\n";
  }
  return text;
}

// Of the stored sample: the header lies behind the first header and a length.
constexpr std::size_t kHeader = 28 + 4;
constexpr std::size_t kEntriesAt = kHeader + 4 + 2 * 8;
constexpr std::size_t kEntry = 28;

std::size_t EntryOf(const Bytes& image, unsigned what) {
  const std::size_t first = kHeader + *ReadAt<Le32>(image, kEntriesAt);
  const std::size_t count = *ReadAt<Le32>(image, kEntriesAt + 4);
  for (std::size_t i = 0; i < count; ++i) {
    if (*ReadAt<Le32>(image, first + i * kEntry) == what) {
      return first + i * kEntry;
    }
  }
  ADD_FAILURE() << "no instruction " << what;
  return 0;
}
constexpr unsigned kExtract = 20, kFolder = 11, kUninstaller = 62;

TEST(NsisTest, ReadsEveryPacking) {
  for (const Bytes& image : Everything()) {
    testing::ExpectGood(kNsis, image);
    RecordingSink sink;
    ASSERT_TRUE(Unpack(kNsis, image, sink));
    ASSERT_EQ(sink.members.size(), 5U);
    EXPECT_EQ(AsText(sink.Find("tool.exe")->content), "inert: not a program\n");
    EXPECT_EQ(AsText(sink.Find("data/numbers.txt")->content), Numbers());
    EXPECT_EQ(AsText(sink.Find("$TEMP/copy.txt")->content), Numbers());
    EXPECT_EQ(sink.Find("tool.exe")->member.meta.mtime, 1'000'000'000);
    // The uninstaller is such an installer again.
    EXPECT_TRUE(kNsis.matches(sink.Find("remove.exe")->content));
    testing::ExpectKept(kNsis, sink.Find("remove.exe")->content, "inner");
  }
}

TEST(NsisTest, WhatIsStoredIsAWindow) {
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kNsis, kStored, sink));
  EXPECT_TRUE(sink.Find("tool.exe")->member.stored);
  EXPECT_FALSE(sink.Find("$TEMP/copy.txt")->member.origin);  // shared
}

TEST(NsisTest, EveryProperPrefixFails) {
  for (const Bytes& image : Everything()) {
    testing::CheckVolumePrefixes(kNsis, image, 13);
  }
}

TEST(NsisTest, AnyFlipIsReadWithinTheBytes) {
  for (const Bytes& image : Everything()) {
    testing::SweepImage(kNsis, image, 5);
  }
}

TEST(NsisTest, RefusesNoise) {
  testing::CheckRefusesNoise(kNsis, kZlib, 19);
}

TEST(NsisTest, HeadersThatContradictThemselvesAreNotNsis) {
  struct Case {
    std::size_t at;
    std::uint64_t value;
  };
  for (const Case& wrong : std::initializer_list<Case>{{0, 0x100},
                                                       {4, 0xDEADBEEE},
                                                       {8, 0x6C6C754E},
                                                       {20, 0},
                                                       {20, 68},
                                                       {24, 0},
                                                       {24, 32}}) {
    Bytes image = kZlib;
    PutLe(image, wrong.at, wrong.value, 4);
    image[8] ^= wrong.at == 8 ? 1U : 0U;
    EXPECT_FALSE(kNsis.matches(image)) << wrong.at;
    EXPECT_FALSE(kNsis.measure(image)) << wrong.at;
    RecordingSink sink;
    EXPECT_FALSE(Unpack(kNsis, image, sink)) << wrong.at;
  }
}

TEST(NsisTest, AHeaderOfAnotherSizeThanStatedIsDamage) {
  for (const Bytes& image : {kZlib, kLzma, kBzip2, kZlibSolid}) {
    for (const std::uint32_t by : {~0U, 1U}) {
      Bytes changed = image;
      const std::uint32_t size = *ReadAt<Le32>(image, 20);
      PutLe(changed, 20, size + by, 4);
      RecordingSink sink;
      EXPECT_FALSE(Unpack(kNsis, changed, sink)) << by;
    }
  }
}

TEST(NsisTest, TooLargeAHeaderIsALimit) {
  Bytes image = kZlib;
  PutLe(image, 20, 0x7FFFFFFF, 4);
  RecordingSink sink;
  EXPECT_EQ(Unpack(kNsis, image, sink).error().code, ErrorCode::kLimit);
}

TEST(NsisTest, BlocksThatDoNotLieInTheHeaderAreDamage) {
  struct Case {
    std::size_t at;
    std::uint64_t value;
  };
  for (const Case& wrong :
       std::initializer_list<Case>{{kEntriesAt, 4},
                                   {kEntriesAt, 0xFFFFFFF0},
                                   {kEntriesAt + 4, 0},
                                   {kEntriesAt + 4, 0x10000000},
                                   {kEntriesAt + 8, 0xFFFFFFF0}}) {
    Bytes image = kStored;
    PutLe(image, wrong.at, wrong.value, 4);
    RecordingSink sink;
    EXPECT_FALSE(Unpack(kNsis, image, sink)) << wrong.at;
  }
}

TEST(NsisTest, DataThatAreMissingAreSaid) {
  for (const std::uint64_t offset : {0x7FFFFFFFULL, 0xFFFFFFFFULL}) {
    Bytes image = kStored;
    PutLe(image, EntryOf(image, kExtract) + 12, offset, 4);
    RecordingSink sink;
    ASSERT_TRUE(Unpack(kNsis, image, sink));
    EXPECT_TRUE(sink.Saw("nsis.missing-block"));
    EXPECT_EQ(Problems(sink), 1U);
    std::string why;
    EXPECT_TRUE(sink.Accounts(image.size(), &why)) << why;
  }
}

TEST(NsisTest, AnUninstallerThatIsMissingIsSaid) {
  Bytes image = kStored;
  PutLe(image, EntryOf(image, kUninstaller) + 8, 0x7FFFFFF0, 4);
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kNsis, image, sink));
  EXPECT_TRUE(sink.Saw("nsis.missing-block"));
}

TEST(NsisTest, WhatTheScriptDoesNotExtractIsSlack) {
  Bytes image = kStored;
  PutLe(image, EntryOf(image, kExtract), 2, 4);  // does nothing
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kNsis, image, sink));
  EXPECT_EQ(sink.Find("tool.exe"), nullptr);
  const std::size_t at = AsText(image).find("inert: not a program");
  bool slack = false;
  for (const Region& region : sink.regions) {
    slack = slack || (region.use == RegionUse::kSlack &&
                      region.range.offset <= at && at < region.range.end());
  }
  EXPECT_TRUE(slack);
}

TEST(NsisTest, StringsBehindTheTableAreEmpty) {
  Bytes image = kStored;
  PutLe(image, EntryOf(image, kExtract) + 8, 0xFFFFFFFF, 4);
  PutLe(image, EntryOf(image, kFolder) + 4, 0xFFFFFFFF, 4);
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kNsis, image, sink));
  EXPECT_EQ(sink.members.size(), 5U);
}

TEST(NsisTest, DamagedPackedDataAreSaid) {
  for (const Bytes& image : {kZlibSolid, kLzmaSolid, kBzip2Solid}) {
    Bytes damaged = image;
    for (std::size_t i = 0; i < 40; ++i) {
      damaged[image.size() / 2 + i] = 0xFF;
    }
    RecordingSink good;
    ASSERT_TRUE(Unpack(kNsis, image, good));
    RecordingSink sink;
    const auto result = Unpack(kNsis, damaged, sink);
    bool same = sink.members.size() == good.members.size();
    for (std::size_t i = 0; same && i < sink.members.size(); ++i) {
      same = sink.members[i].content == good.members[i].content;
    }
    EXPECT_FALSE(result && sink.anomalies.empty() && same);
  }
}

TEST(NsisTest, TrailingDataAreNotTheInstallers) {
  const Bytes longer = testing::Concat(kLzma, testing::Hex("01020304"));
  EXPECT_EQ(kNsis.measure(longer).value_or(0), kLzma.size());
}

}  // namespace
}  // namespace assay::formats
