#include <gtest/gtest.h>

#include <random>

#include "tests/support/hex.h"
#include "tests/support/recording_sink.h"
#include "verifier/formats/format.h"

namespace assay::formats {

extern const Format kOpenpgp;
namespace {

using testing::Concat;
using testing::Hex;
using testing::RecordingSink;
using testing::Sample;

const Bytes kKey = Sample("formats/openpgp/key.hex");

TEST(OpenpgpTest, WalksAKeyToItsEnd) {
  ASSERT_TRUE(kOpenpgp.matches(kKey));
  EXPECT_EQ(kOpenpgp.measure(Concat(kKey, Hex("00 01 02"))).value_or(0),
            kKey.size());
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kOpenpgp, kKey, sink));
  // gpg --list-packets: key, user id, signature, subkey, signature.
  EXPECT_EQ(sink.regions.size(), 10U);
  std::string why;
  EXPECT_TRUE(sink.Accounts(kKey.size(), &why)) << why;
}

TEST(OpenpgpTest, ReadsEveryFormOfLength) {
  // An old packet of two-byte length, new ones of one, two and five bytes.
  const Bytes signature = Hex("04 00 01 08 0000");
  Bytes packets = Concat(Hex("890006"), signature);
  packets = Concat(packets, Concat(Hex("C206"), signature));
  Bytes body = signature;
  body.resize(200);
  packets = Concat(packets, Concat(Hex("C2C008"), body));
  packets = Concat(packets, Concat(Hex("C2FF000000C8"), body));
  EXPECT_EQ(kOpenpgp.measure(packets).value_or(0), packets.size());
}

TEST(OpenpgpTest, RefusesWhatIsNoSequenceOfKeys) {
  EXPECT_FALSE(kOpenpgp.matches({}));
  EXPECT_FALSE(kOpenpgp.matches(Hex("99")));
  // Version, algorithm, tag, a partial length, what follows the key.
  for (const auto& [at, value] :
       {std::pair<std::size_t, std::uint8_t>{2, 9}, {7, 99}, {0, 0xA3}}) {
    Bytes bad = kKey;
    bad[at] = value;
    EXPECT_FALSE(kOpenpgp.matches(bad)) << at;
  }
  EXPECT_FALSE(kOpenpgp.matches(Hex("C2E1 0400010800 00")));
  Bytes alone(kKey.begin(), kKey.begin() + 53);
  alone = Concat(alone, Hex("00112233"));
  EXPECT_FALSE(kOpenpgp.matches(alone));
}

TEST(OpenpgpTest, ACutPacketIsSaid) {
  for (std::size_t size = 1; size < kKey.size(); ++size) {
    RecordingSink sink;
    const ByteView cut = ByteView(kKey).first(size);
    const auto result = Unpack(kOpenpgp, cut, sink);
    std::size_t claimed = 0;
    for (const Region& region : sink.regions) {
      claimed += region.range.length;
    }
    EXPECT_LE(claimed, size);
    EXPECT_TRUE(!result || claimed <= size) << size;
  }
}

TEST(OpenpgpTest, FlipsStayInside) {
  for (std::size_t at = 0; at < kKey.size(); ++at) {
    Bytes bad = kKey;
    bad[at] ^= 0x81;
    RecordingSink sink;
    (void)Unpack(kOpenpgp, bad, sink);
    for (const Region& region : sink.regions) {
      EXPECT_LE(region.range.end(), bad.size()) << at;
    }
  }
}

}  // namespace
}  // namespace assay::formats
