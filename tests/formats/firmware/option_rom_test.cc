#include <gtest/gtest.h>

#include <string>

#include "tests/support/hex.h"
#include "tests/support/recording_sink.h"
#include "tests/support/sweep.h"
#include "verifier/formats/format.h"

namespace assay::formats {

extern const Format kOptionRom;
namespace {

using testing::Attempt;
using testing::Concat;
using testing::ForEachFlip;
using testing::ForEachPrefix;
using testing::RecordedMember;
using testing::RecordingSink;
using testing::Sample;

const Bytes kRom = Sample("formats/option_rom/three.hex");
const Bytes kProgram = Sample("formats/pe/plain.hex");

TEST(OptionRomTest, EachImageIsAMember) {
  RecordingSink sink;
  std::uint64_t consumed = 0;
  const auto result = Unpack(kOptionRom, kRom, sink, &consumed);
  ASSERT_TRUE(result) << result.error().what;
  EXPECT_EQ(consumed, kRom.size());
  EXPECT_EQ(kOptionRom.measure(kRom).value_or(0), kRom.size());
  EXPECT_TRUE(sink.anomalies.empty());
  std::string why;
  EXPECT_TRUE(sink.Accounts(kRom.size(), &why)) << why;
  ASSERT_EQ(sink.members.size(), 3U);
  EXPECT_NE(AsText(sink.Find("image0.x86")->content).find("legacy code"),
            std::string_view::npos);
  const ByteView stored = sink.Find("image1.efi")->content;
  EXPECT_EQ(AsText(stored.first(kProgram.size())), AsText(kProgram));
  const RecordedMember* const packed = sink.Find("image2.efi");
  EXPECT_EQ(packed->problem, "");
  EXPECT_EQ(AsText(packed->content), AsText(kProgram));
}

TEST(OptionRomTest, TheExtentEndsWithTheLastImage) {
  const Bytes longer = Concat(kRom, kRom);
  EXPECT_EQ(kOptionRom.measure(longer).value_or(0), kRom.size());
}

TEST(OptionRomTest, ALegacyImageMustAddUp) {
  Bytes damaged = kRom;
  damaged[200] ^= 1;
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kOptionRom, damaged, sink));
  EXPECT_TRUE(sink.Saw("option_rom.checksum-mismatch"));
}

TEST(OptionRomTest, AnUnknownCompressionIsOpaque) {
  Bytes other = kRom;
  other[512 + 12] = 9;
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kOptionRom, other, sink));
  EXPECT_NE(sink.Find("image1.efi")->problem, "");
  EXPECT_FALSE(sink.Find("image1.efi")->has_content);
}

TEST(OptionRomTest, ADamagedPackedDriverIsSaid) {
  Bytes damaged = kRom;
  damaged[kRom.size() - 512 + 64 + 40] ^= 0x55;
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kOptionRom, damaged, sink));
  EXPECT_NE(sink.Find("image2.efi")->problem +
                std::string(AsText(sink.Find("image2.efi")->content)),
            std::string(AsText(kProgram)));
}

TEST(OptionRomTest, ARowThatGoesOnMustGoOn) {
  Bytes cut(kRom.begin(), kRom.begin() + 512);
  RecordingSink sink;
  EXPECT_FALSE(Unpack(kOptionRom, cut, sink));
  EXPECT_EQ(sink.members.size(), 1U);
}

TEST(OptionRomTest, EveryProperPrefixFails) {
  ForEachPrefix(kOptionRom, kRom, [](const Attempt& attempt) {
    EXPECT_FALSE(attempt.ok) << attempt.at;
  });
}

TEST(OptionRomTest, EveryFlipIsAccountedFor) {
  ForEachFlip(kOptionRom, kRom, [](const Attempt& attempt) {
    EXPECT_LE(attempt.consumed, kRom.size());
  });
}

TEST(OptionRomTest, OtherBytesAreNoRom) {
  struct Case {
    std::size_t at;
    std::uint8_t value;
  };
  for (const Case& wrong :
       {Case{0, 0x54}, Case{1, 0}, Case{24, 0}, Case{24, 0x1d}, Case{25, 0xff},
        Case{28, 'Q'}, Case{28 + 10, 4}, Case{28 + 16, 0},
        Case{28 + 21, 0x7f}}) {
    Bytes other = kRom;
    other[wrong.at] = wrong.value;
    EXPECT_FALSE(kOptionRom.matches(other)) << wrong.at;
  }
  EXPECT_FALSE(kOptionRom.matches({}));
}

}  // namespace
}  // namespace assay::formats
