#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/hex.h"
#include "tests/support/sweep.h"
#include "tests/support/wrapper_checks.h"

namespace assay::formats {

extern const Format kEspNvs;
namespace {

using testing::AnomaliesOf;
using testing::Concat;
using testing::Hex;
using testing::RecordingSink;
using testing::Sample;
using testing::With;

const Bytes kPages = Sample("formats/esp_nvs/two-pages.hex");
constexpr std::size_t kEntry0 = 64;

TEST(EspNvsTest, EveryKeyIsAMember) {
  const std::string blob =
      "inert blob\ninert blob\ninert blob\ninert blob\ninert blob\ninert "
      "blob\niner";
  testing::CheckParts(
      kEspNvs, kPages,
      {{"wifi/channel", std::string_view("\x0b\0\0\0", 4)},
       {"wifi/ssid", std::string_view("inert network\0", 14)},
       {"app/state.0", blob},
       {"app/state.index", std::string_view("\x46\0\0\0\x01\0\xff\xff", 8)}});
}

TEST(EspNvsTest, ErasedEntriesAreSlack) {
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kEspNvs, kPages, sink));
  EXPECT_EQ(std::count_if(sink.regions.begin(), sink.regions.end(),
                          [](const Region& region) {
                            return region.use == RegionUse::kSlack;
                          }),
            1);
}

TEST(EspNvsTest, ErasedPagesMayLieBetween) {
  const ByteView pages = kPages;
  const Bytes image =
      Concat(Concat(pages.first(4096), Bytes(4096, 0xFF)), pages.last(4096));
  EXPECT_EQ(kEspNvs.measure(Concat(image, Bytes(8192, 0xFF))).value_or(0),
            image.size());
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kEspNvs, image, sink));
  EXPECT_EQ(sink.members.size(), 4U);
}

TEST(EspNvsTest, AnyDamageIsReadWithinTheBytes) {
  const ByteView page = ByteView(kPages).first(4096);
  std::size_t said = 0;
  testing::ForEachFlip(kEspNvs, page, [&](const testing::Attempt& attempt) {
    said += attempt.ok && attempt.sink->anomalies.empty() ? 0U : 1U;
  });
  EXPECT_GT(said, 2 * 32U);
  testing::ForEachPrefix(kEspNvs, page, [](const testing::Attempt& attempt) {
    EXPECT_FALSE(attempt.ok);
  });
}

TEST(EspNvsTest, OtherBytesAreNotNvs) {
  testing::CheckRefusesNoise(kEspNvs, kPages, 27);
  EXPECT_FALSE(kEspNvs.matches(With(kPages, 0, Hex("00"))));
  EXPECT_FALSE(kEspNvs.matches(With(kPages, 4, Hex("01"))));
  EXPECT_FALSE(kEspNvs.matches(ByteView(kPages).first(4095)));
}

TEST(EspNvsTest, WrongSumsAreSaid) {
  // The entry of wifi/channel, then the bytes of wifi/ssid.
  EXPECT_EQ(AnomaliesOf(kEspNvs, With(kPages, kEntry0 + 32 + 24, Hex("0C"))),
            "esp_nvs.crc-mismatch");
  EXPECT_EQ(AnomaliesOf(kEspNvs, With(kPages, kEntry0 + 96, Hex("00"))),
            "esp_nvs.data-crc-mismatch");
}

TEST(EspNvsTest, EntriesThatAreMarkedEmptyButHoldSomethingAreSaid) {
  EXPECT_EQ(AnomaliesOf(kEspNvs, With(kPages, kEntry0 + 32 * 50, Hex("00"))),
            "esp_nvs.hidden-entry");
}

TEST(EspNvsTest, KeysWrittenTwiceAreSaid) {
  // The entry of wifi/channel in place of the namespace's second copy.
  const ByteView pages = kPages;
  const Bytes twice = Concat(pages.first(4096), pages.first(4096));
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kEspNvs, twice, sink));
  EXPECT_TRUE(sink.Saw("esp_nvs.ambiguous-key"));
  EXPECT_NE(sink.Find("wifi/channel#2"), nullptr);
}

}  // namespace
}  // namespace assay::formats
