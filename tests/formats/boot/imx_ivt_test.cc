#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/support/hex.h"
#include "tests/support/wrapper_checks.h"

namespace assay::formats {

extern const Format kImxIvt;
namespace {

using testing::Concat;
using testing::Hex;
using testing::RecordingSink;
using testing::Sample;
using testing::With;

// What make_boot.sh puts in, and how mkimage fills it up.
std::string Numbers(int from, int to, std::size_t size) {
  std::string text;
  for (int i = from; i <= to; ++i) {
    text += fmt::format("{}\n", i);
  }
  text.resize(size);
  return text;
}

const Bytes kDcd = Sample("formats/imx_ivt/dcd.hex");

TEST(ImxIvtTest, GivesProgramAndConfiguration) {
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kImxIvt, kDcd, sink));
  EXPECT_TRUE(sink.anomalies.empty());
  std::string why;
  EXPECT_TRUE(sink.Accounts(kDcd.size(), &why)) << why;
  ASSERT_NE(sink.Find("payload"), nullptr);
  EXPECT_EQ(AsText(sink.Find("payload")->content).substr(0, 1492),
            Numbers(1, 400, 1492));
  ASSERT_NE(sink.Find("dcd"), nullptr);
  // One command that writes one word, as mkimage was told.
  EXPECT_EQ(CopyOf(ByteView(sink.Find("dcd")->content).last(8)),
            Hex("020C4068 FFFFFFFF"));
  EXPECT_EQ(kImxIvt.measure(Concat(kDcd, Hex("FF"))).value_or(0), kDcd.size());
}

TEST(ImxIvtTest, PrefixesAreSaid) {
  for (std::size_t size = 0; size < kDcd.size(); size += 31) {
    EXPECT_FALSE(kImxIvt.measure(ByteView(kDcd).first(size)));
    RecordingSink sink;
    EXPECT_FALSE(Unpack(kImxIvt, ByteView(kDcd).first(size), sink));
  }
}

TEST(ImxIvtTest, OtherBytesAreRefused) {
  testing::CheckRefusesNoise(kImxIvt, kDcd, 20);
  const auto refuses = [](std::size_t at, const char* bytes) {
    return !kImxIvt.matches(With(kDcd, at, Hex(bytes)));
  };
  EXPECT_TRUE(refuses(2, "24"));
  EXPECT_TRUE(refuses(8, "01"));
  EXPECT_TRUE(refuses(28, "01"));
  EXPECT_TRUE(refuses(20, "01"));
  EXPECT_TRUE(refuses(16, "00000000"));
  EXPECT_TRUE(refuses(24, "FFFFFFFF"));
  EXPECT_TRUE(refuses(12, "00000001"));
  EXPECT_TRUE(refuses(32, "FFFFFFFF"));
  EXPECT_TRUE(refuses(36, "00000000"));
  EXPECT_TRUE(refuses(40, "02"));
}

TEST(ImxIvtTest, ASignatureIsAMember) {
  const auto self = ReadAt<Le32>(kDcd, 20);
  ASSERT_TRUE(self);
  const std::uint32_t csf = *self + 6144;
  Bytes image = kDcd;
  for (unsigned i = 0; i < 4; ++i) {
    image[24 + i] = static_cast<std::uint8_t>(csf >> 8 * i);
  }
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kImxIvt, image, sink));
  ASSERT_NE(sink.Find("csf"), nullptr);
  EXPECT_EQ(sink.Find("csf")->member.origin, (Range{6144, 1024}));
}

}  // namespace
}  // namespace assay::formats
