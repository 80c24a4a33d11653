#include <gtest/gtest.h>

#include <string>

#include "tests/support/hex.h"
#include "tests/support/recording_sink.h"
#include "tests/support/sweep.h"
#include "verifier/formats/format.h"

namespace assay::formats {

extern const Format kCab;
namespace {

using testing::Attempt;
using testing::Concat;
using testing::Hex;
using testing::RecordingSink;
using testing::Sample;

const Bytes kMszip = Sample("formats/cab/mszip.hex");
const Bytes kStored = Sample("formats/cab/stored.hex");

std::string Numbers(int last) {
  std::string text;
  for (int i = 1; i <= last; ++i) {
    text += std::to_string(i) + "\n";
  }
  return text;
}

void ExpectTree(const RecordingSink& sink, const std::string& numbers) {
  ASSERT_EQ(sink.members.size(), 3U);
  ASSERT_NE(sink.Find("numbers"), nullptr);
  EXPECT_EQ(AsText(sink.Find("numbers")->content), numbers);
  EXPECT_EQ(sink.Find("numbers")->member.meta.mtime, 1'000'000'000);
  ASSERT_NE(sink.Find("sub/tool"), nullptr);
  EXPECT_EQ(AsText(sink.Find("sub/tool")->content), "inert: not a program\n");
  ASSERT_NE(sink.Find("empty"), nullptr);
  EXPECT_TRUE(sink.Find("empty")->has_content);
}

Bytes With(Bytes image, std::size_t at, std::string_view hex) {
  const Bytes bytes = Hex(hex);
  std::copy(bytes.begin(), bytes.end(),
            image.begin() + static_cast<std::ptrdiff_t>(at));
  return image;
}

TEST(CabTest, StoredAndMszipWithHistory) {
  const std::string long_one =
      Numbers(500) + std::string(33'000, 'x') + Numbers(500);
  for (const auto& [image, numbers] :
       {std::pair(kMszip, long_one), {kStored, Numbers(900)}}) {
    const Bytes longer = Concat(image, Hex("4d53"));
    RecordingSink sink;
    std::uint64_t consumed = 0;
    const auto result = Unpack(kCab, longer, sink, &consumed);
    ASSERT_TRUE(result) << result.error().what;
    EXPECT_EQ(consumed, image.size());
    EXPECT_EQ(kCab.measure(longer).value_or(0), image.size());
    ExpectTree(sink, numbers);
    EXPECT_TRUE(sink.anomalies.empty());
    std::string why;
    EXPECT_TRUE(sink.Accounts(image.size(), &why)) << why;
  }
}

TEST(CabTest, EveryProperPrefixIsAnError) {
  testing::ForEachPrefix(kCab, kStored, [](const Attempt& attempt) {
    EXPECT_FALSE(attempt.ok) << attempt.at;
    EXPECT_FALSE(kCab.measure(ByteView(kStored).first(attempt.at)));
  });
}

// Tables have no checksum; data have.
TEST(CabTest, EveryFlippedByteOfTheDataIsNoticed) {
  const std::size_t data = *ReadAt<Le32>(kMszip, 36);
  testing::ForEachFlip(kCab, kMszip, [&](const Attempt& attempt) {
    if (attempt.at >= data + 4) {
      EXPECT_TRUE(!attempt.ok || !attempt.sink->anomalies.empty())
          << attempt.at;
    }
  });
}

TEST(CabTest, ADamagedBlockIsReportedAndTheFileSaysSo) {
  Bytes damaged = kMszip;
  damaged[*ReadAt<Le32>(kMszip, 36) + 300] ^= 0xffU;
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kCab, damaged, sink));
  EXPECT_TRUE(sink.Saw("cab.checksum-mismatch"));
  EXPECT_NE(sink.Find("numbers")->problem, "");
}

TEST(CabTest, WhatIsNotDecodedIsOpaque) {
  for (const char* kind : {"0215", "1203", "0f00"}) {  // LZX, Quantum, none
    RecordingSink sink;
    ASSERT_TRUE(Unpack(kCab, With(kStored, 42, kind), sink));
    ASSERT_EQ(sink.members.size(), 3U);
    EXPECT_FALSE(sink.members[0].has_content);
    EXPECT_NE(sink.members[0].problem, "");
    std::string why;
    EXPECT_TRUE(sink.Accounts(kStored.size(), &why)) << why;
  }
}

// The entry of "numbers" stands at 44; its folder at 44 + 8.
TEST(CabTest, FilesOfACabinetSetNameTheOther) {
  RecordingSink next;
  ASSERT_TRUE(Unpack(kCab, With(kStored, 52, "feff"), next));
  EXPECT_NE(next.Find("numbers")->problem.find("goes on"), std::string::npos);
  RecordingSink previous;
  ASSERT_TRUE(Unpack(kCab, With(kStored, 52, "fdff"), previous));
  EXPECT_NE(previous.Find("numbers")->problem.find("begins in"),
            std::string::npos);
  EXPECT_EQ(AsText(previous.Find("sub/tool")->content),
            "inert: not a program\n");
}

TEST(CabTest, ContentInNoFileAndInTwoIsReported) {
  // "numbers" one byte shorter leaves a gap; one longer, an overlap.
  RecordingSink gap;
  const std::uint32_t size = *ReadAt<Le32>(kStored, 44);
  const auto sized = [&](std::uint32_t value) {
    Bytes changed = kStored;
    for (unsigned i = 0; i < 4; ++i) {
      changed[44 + i] = static_cast<std::uint8_t>(value >> (8 * i));
    }
    return changed;
  };
  ASSERT_TRUE(Unpack(kCab, sized(size - 1), gap));
  EXPECT_TRUE(gap.Saw("cab.hidden-content"));
  EXPECT_EQ(AsText(gap.Find("sub/tool")->content), "inert: not a program\n");
  RecordingSink overlap;
  ASSERT_TRUE(Unpack(kCab, sized(size + 1), overlap));
  EXPECT_TRUE(overlap.Saw("cab.overlapping-files"));
  RecordingSink too_long;
  ASSERT_TRUE(Unpack(kCab, sized(0x7fffffff), too_long));
  EXPECT_NE(too_long.Find("numbers")->problem, "");
}

TEST(CabTest, LyingTablesAreErrors) {
  for (const auto& [at, hex] :
       std::initializer_list<std::pair<std::size_t, std::string_view>>{
           {8, "ffffff7f"},   // the cabinet's size
           {8, "2d000000"},   // that ends among the files
           {8, "26000000"},   // among the folders
           {8, "10000000"},   // in the header
           {16, "00000000"},  // files before the folders
           {16, "ff0d0000"},  // files at the end
           {26, "ffff"},      // folders
           {28, "ffff"},      // files
           {36, "ffffff7f"},  // data past the end
           {40, "ffff"},      // blocks
           {52, "0100"},      // a folder that is not there
       }) {
    RecordingSink sink;
    EXPECT_FALSE(Unpack(kCab, With(kStored, at, hex), sink)) << at;
    EXPECT_FALSE(kCab.measure(With(kStored, at, hex))) << at;
  }
}

// A name of another cabinet and reserved areas, put into the sample.
TEST(CabTest, ReservedAreasThatHoldSomethingAreSlack) {
  Bytes image(kStored.begin(), kStored.begin() + 36);
  image[30] = 4;  // flags: reserve
  const Bytes reserve = Hex("0400 02 00 41424344");
  image.insert(image.end(), reserve.begin(), reserve.end());
  image.insert(image.end(), kStored.begin() + 36, kStored.begin() + 44);
  const Bytes folder_reserve = Hex("0000");
  image.insert(image.end(), folder_reserve.begin(), folder_reserve.end());
  image.insert(image.end(), kStored.begin() + 44, kStored.end());
  const auto add = [&](std::size_t at) {
    const std::uint32_t value = *ReadAt<Le32>(image, at) + 10;
    for (unsigned i = 0; i < 4; ++i) {
      image[at + i] = static_cast<std::uint8_t>(value >> (8 * i));
    }
  };
  add(8);   // the cabinet's size
  add(16);  // files
  add(44);  // data
  RecordingSink sink;
  const auto result = Unpack(kCab, image, sink);
  ASSERT_TRUE(result) << result.error().what;
  ExpectTree(sink, Numbers(900));
  std::string why;
  EXPECT_TRUE(sink.Accounts(image.size(), &why)) << why;
  EXPECT_EQ(sink.regions[0].use, RegionUse::kSlack);
  EXPECT_EQ(sink.regions[0].range, (Range{40, 4}));
}

TEST(CabTest, ASignatureBehindTheCabinetIsAMember) {
  Bytes image(kStored.begin(), kStored.begin() + 36);
  image[30] = 4;
  const auto size = static_cast<std::uint32_t>(kStored.size() + 24);
  Bytes reserve = Hex("1400 00 00 00001000 00000000 05000000 0000000000000000");
  for (unsigned i = 0; i < 4; ++i) {
    image[8 + i] = static_cast<std::uint8_t>(size >> (8 * i));
    reserve[8 + i] = static_cast<std::uint8_t>(size >> (8 * i));
  }
  image.insert(image.end(), reserve.begin(), reserve.end());
  image.insert(image.end(), kStored.begin() + 36, kStored.end());
  image[16] = static_cast<std::uint8_t>(image[16] + 24);
  image[60] = static_cast<std::uint8_t>(image[60] + 24);
  image = Concat(image, Hex("3003020100"));
  RecordingSink sink;
  const auto result = Unpack(kCab, image, sink);
  ASSERT_TRUE(result) << result.error().what;
  ASSERT_NE(sink.Find("signature.p7b"), nullptr);
  EXPECT_EQ(sink.Find("signature.p7b")->content, Hex("3003020100"));
  EXPECT_EQ(kCab.measure(image).value_or(0), image.size());
  std::string why;
  EXPECT_TRUE(sink.Accounts(image.size(), &why)) << why;
}

// Two folders of the same blocks would be a cabinet larger than itself.
TEST(CabTest, FoldersThatShareBlocksAreReported) {
  Bytes image(kStored.begin(), kStored.begin() + 44);
  image[26] = 2;
  image.insert(image.end(), kStored.begin() + 36, kStored.end());
  for (const std::size_t at : {8U, 16U, 36U, 44U}) {
    image[at] = static_cast<std::uint8_t>(image[at] + 8);
  }
  image[52 + 8] = 1;  // "numbers" is in the second
  RecordingSink sink;
  const auto result = Unpack(kCab, image, sink);
  ASSERT_TRUE(result) << result.error().what;
  EXPECT_TRUE(sink.Saw("cab.overlapping-blocks"));
  std::string why;
  EXPECT_TRUE(sink.Accounts(image.size(), &why)) << why;
}

}  // namespace
}  // namespace assay::formats
