#include <gtest/gtest.h>

#include "tests/support/hex.h"
#include "tests/support/recording_sink.h"
#include "tests/support/sweep.h"
#include "verifier/formats/format.h"

namespace assay::formats {

extern const Format kQcdt;
namespace {

using testing::Attempt;
using testing::Concat;
using testing::ForEachFlip;
using testing::ForEachPrefix;
using testing::Hex;
using testing::RecordingSink;
using testing::Sample;

const Bytes kImage = Sample("formats/qcdt/v2.hex");

TEST(QcdtTest, GivesEachTreeOnceInEveryVersion) {
  for (const char* name : {"v1", "v2", "v3"}) {
    const Bytes image = Sample(std::string("formats/qcdt/") + name + ".hex");
    RecordingSink sink;
    std::uint64_t consumed = 0;
    ASSERT_TRUE(Unpack(kQcdt, Concat(image, Hex("ff")), sink, &consumed));
    EXPECT_EQ(consumed, image.size());
    ASSERT_EQ(sink.members.size(), 2U) << name;
    EXPECT_NE(AsText(sink.Find("dtb0")->content).find("inert"),
              std::string_view::npos);
    EXPECT_NE(AsText(sink.Find("dtb1")->content).find("second"),
              std::string_view::npos);
    EXPECT_TRUE(sink.anomalies.empty());
    std::string why;
    EXPECT_TRUE(sink.Accounts(image.size(), &why)) << why;
    EXPECT_EQ(kQcdt.measure(Concat(image, Hex("ff"))).value_or(0),
              image.size());
  }
}

TEST(QcdtTest, EveryProperPrefixFails) {
  ForEachPrefix(kQcdt, kImage, [&](const Attempt& attempt) {
    EXPECT_FALSE(attempt.ok) << attempt.at;
    EXPECT_FALSE(kQcdt.measure(ByteView(kImage).first(attempt.at)));
  });
}

TEST(QcdtTest, EveryFlipIsAccountedFor) {
  ForEachFlip(kQcdt, kImage, [&](const Attempt& attempt) {
    EXPECT_LE(attempt.consumed, kImage.size());
  });
}

TEST(QcdtTest, TreesThatOverlapAreReported) {
  Bytes image = kImage;
  image[12 + 20] += 4;  // the first goes on in the second
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kQcdt, image, sink));
  EXPECT_TRUE(sink.Saw("qcdt.overlapping-trees"));
  std::string why;
  EXPECT_TRUE(sink.Accounts(image.size(), &why)) << why;
}

TEST(QcdtTest, TablesThatContradictThemselvesAreRefused) {
  for (const auto& [at, value] : {std::pair<std::size_t, std::uint8_t>{0, 'q'},
                                  {4, 0},
                                  {4, 4},
                                  {8, 0},  // entries
                                  {9, 0x20},
                                  {28, 11},    // a tree in the header
                                  {28, 0xee},  // no tree there
                                  {31, 0x7f},
                                  {32, 0}}) {
    Bytes image = kImage;
    image[at] = value;
    EXPECT_FALSE(kQcdt.measure(image)) << at;
    RecordingSink sink;
    EXPECT_FALSE(Unpack(kQcdt, image, sink)) << at;
  }
}

}  // namespace
}  // namespace assay::formats
