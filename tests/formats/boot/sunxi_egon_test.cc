#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/support/hex.h"
#include "tests/support/wrapper_checks.h"

namespace assay::formats {

extern const Format kSunxiEgon;
namespace {

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

const Bytes kEgon = Sample("formats/sunxi_egon/egon.hex");

TEST(SunxiEgonTest, GivesItsProgram) {
  testing::CheckParts(kSunxiEgon, kEgon,
                      {{"payload", Numbers(1, 400, 8192 - 96)}});
}

TEST(SunxiEgonTest, EveryChangedByteContradictsTheSum) {
  for (std::size_t at = 0; at < 200; ++at) {
    Bytes changed = kEgon;
    changed[at] ^= 1U;
    RecordingSink sink;
    EXPECT_TRUE(!kSunxiEgon.matches(changed) ||
                !Unpack(kSunxiEgon, changed, sink) ||
                sink.Saw("sunxi_egon.checksum-mismatch"))
        << at;
  }
}

TEST(SunxiEgonTest, PrefixesAreSaid) {
  for (std::size_t size = 0; size < kEgon.size(); size += 31) {
    EXPECT_FALSE(kSunxiEgon.measure(ByteView(kEgon).first(size)));
    RecordingSink sink;
    EXPECT_FALSE(Unpack(kSunxiEgon, ByteView(kEgon).first(size), sink));
  }
}

TEST(SunxiEgonTest, OtherBytesAreRefused) {
  testing::CheckRefusesNoise(kSunxiEgon, kEgon, 12);
  EXPECT_TRUE(kSunxiEgon.matches(With(kEgon, 11, Hex("31"))));  // BT1
  EXPECT_FALSE(kSunxiEgon.matches(With(kEgon, 11, Hex("32"))));
  EXPECT_FALSE(kSunxiEgon.matches(With(kEgon, 16, Hex("60000000"))));
  EXPECT_FALSE(kSunxiEgon.matches(With(kEgon, 16, Hex("01200000"))));
  EXPECT_FALSE(kSunxiEgon.matches(With(kEgon, 16, Hex("000000F0"))));
}

}  // namespace
}  // namespace assay::formats
