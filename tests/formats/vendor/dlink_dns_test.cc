#include <gtest/gtest.h>

#include "tests/support/hex.h"
#include "tests/support/wrapper_checks.h"

namespace assay::formats {

extern const Format kDlinkDns;
namespace {

using testing::AnomaliesOf;
using testing::Hex;
using testing::Lines;
using testing::RecordingSink;
using testing::Sample;
using testing::With;

const Bytes kTwo = Sample("formats/dlink_dns/two.hex");

TEST(DlinkDnsTest, GivesItsParts) {
  testing::CheckParts(kDlinkDns, kTwo,
                      {{"kernel", Lines("inert kernel\n", 151)},
                       {"initrd", Lines("inert initrd\n", 96)}});
}

TEST(DlinkDnsTest, DamageShows) {
  testing::CheckDamageShows(kDlinkDns, kTwo,
                            {{16, 4}, {24, 4}, {40, 8}, {60, 68}});
}

TEST(DlinkDnsTest, OtherBytesAreRefused) {
  testing::CheckRefusesNoise(kDlinkDns, kTwo, 40);
  EXPECT_FALSE(kDlinkDns.matches(With(kTwo, 50, Hex("45"))));
  EXPECT_FALSE(kDlinkDns.matches(With(kTwo, 0, Hex("7F"))));
  EXPECT_FALSE(kDlinkDns.matches(With(kTwo, 4, Hex("00000000"))));
  EXPECT_FALSE(kDlinkDns.matches(With(kTwo, 8, Hex("10010000"))));
}

TEST(DlinkDnsTest, ChangedPartsContradictTheirSums) {
  EXPECT_EQ(AnomaliesOf(kDlinkDns, With(kTwo, 140, Hex("00"))),
            "dlink_dns.checksum-mismatch");
  RecordingSink sink;
  EXPECT_FALSE(Unpack(kDlinkDns, With(kTwo, 12, Hex("FFFFFF7F")), sink));
}

}  // namespace
}  // namespace assay::formats
