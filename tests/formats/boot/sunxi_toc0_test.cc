#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/support/hex.h"
#include "tests/support/wrapper_checks.h"

namespace assay::formats {

extern const Format kSunxiToc0;
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

const Bytes kToc0 = Sample("formats/sunxi_toc0/toc0.hex");

TEST(SunxiToc0Test, GivesCertificateAndProgram) {
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kSunxiToc0, kToc0, sink));
  EXPECT_TRUE(sink.anomalies.empty());
  std::string why;
  EXPECT_TRUE(sink.Accounts(kToc0.size(), &why)) << why;
  ASSERT_NE(sink.Find("certificate"), nullptr);
  ASSERT_NE(sink.Find("firmware"), nullptr);
  EXPECT_EQ(AsText(sink.Find("firmware")->content).substr(0, 1492),
            Numbers(1, 400, 1492));
  EXPECT_EQ(kSunxiToc0.measure(Concat(kToc0, Hex("FF"))).value_or(0),
            kToc0.size());
}

TEST(SunxiToc0Test, EveryChangedByteContradictsTheSum) {
  for (std::size_t at = 0; at < 200; ++at) {
    Bytes changed = kToc0;
    changed[at] ^= 1U;
    RecordingSink sink;
    EXPECT_TRUE(!kSunxiToc0.matches(changed) ||
                !Unpack(kSunxiToc0, changed, sink) ||
                sink.Saw("sunxi_toc0.checksum-mismatch"))
        << at;
  }
}

TEST(SunxiToc0Test, PrefixesAreSaid) {
  for (std::size_t size = 0; size < kToc0.size(); size += 31) {
    EXPECT_FALSE(kSunxiToc0.measure(ByteView(kToc0).first(size)));
    RecordingSink sink;
    EXPECT_FALSE(Unpack(kSunxiToc0, ByteView(kToc0).first(size), sink));
  }
}

TEST(SunxiToc0Test, OtherBytesAreRefused) {
  testing::CheckRefusesNoise(kSunxiToc0, kToc0, 12);
  EXPECT_FALSE(kSunxiToc0.matches(With(kToc0, 8, Hex("01"))));
  EXPECT_FALSE(kSunxiToc0.matches(With(kToc0, 24, Hex("00000000"))));
  EXPECT_FALSE(kSunxiToc0.matches(With(kToc0, 24, Hex("FFFFFFFF"))));
  EXPECT_FALSE(kSunxiToc0.matches(With(kToc0, 28, Hex("10000000"))));
  EXPECT_FALSE(kSunxiToc0.matches(With(kToc0, 44, Hex("00"))));
}

TEST(SunxiToc0Test, ItemsThatLieAreSaid) {
  RecordingSink sink;
  EXPECT_FALSE(Unpack(kSunxiToc0, With(kToc0, 48 + 4, Hex("FFFFFFFF")), sink));
  EXPECT_FALSE(Unpack(kSunxiToc0, With(kToc0, 48 + 28, Hex("00")), sink));
}

}  // namespace
}  // namespace assay::formats
