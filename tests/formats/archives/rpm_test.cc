#include <gtest/gtest.h>

#include <string>

#include "tests/support/hex.h"
#include "tests/support/recording_sink.h"
#include "tests/support/sweep.h"
#include "verifier/formats/archives/rpm_header.h"
#include "verifier/formats/format.h"

namespace assay::formats {

extern const Format kRpm;
namespace {

using testing::Attempt;
using testing::Concat;
using testing::Hex;
using testing::RecordingSink;
using testing::Sample;

const Bytes kGzip = Sample("formats/rpm/gzip.hex");
const Bytes kPlain = Sample("formats/rpm/plain.hex");

constexpr std::size_t kSignatureAt = 96;
constexpr std::size_t kIntro = 16;

Bytes WithBytes(Bytes image, std::size_t at, std::string_view hex) {
  const Bytes bytes = Hex(hex);
  std::copy(bytes.begin(), bytes.end(),
            image.begin() + static_cast<std::ptrdiff_t>(at));
  return image;
}

// Where the index entry of a tag stands.
std::size_t EntryOf(const Bytes& image, std::size_t header, std::uint32_t tag) {
  for (std::size_t at = header + kIntro;; at += 16) {
    if (*ReadAt<Be32>(image, at) == tag) {
      return at;
    }
  }
}

std::size_t HeaderAt(const Bytes& image) {
  const std::uint64_t size =
      *RpmHeaderSize(ByteView(image).subspan(kSignatureAt));
  return kSignatureAt + static_cast<std::size_t>((size + 7) / 8 * 8);
}

TEST(RpmTest, PayloadAndScriptsAreStoredMembers) {
  for (const Bytes& image : {kGzip, kPlain}) {
    RecordingSink sink;
    std::uint64_t consumed = 0;
    const Bytes longer = Concat(image, Hex("EDABEEDB"));
    const auto result = Unpack(kRpm, longer, sink, &consumed);
    ASSERT_TRUE(result) << result.error().what;
    EXPECT_EQ(consumed, image.size());
    EXPECT_EQ(kRpm.measure(longer).value_or(0), image.size());
    std::string why;
    EXPECT_TRUE(sink.Accounts(image.size(), &why)) << why;
    EXPECT_TRUE(sink.anomalies.empty());
    ASSERT_EQ(sink.members.size(), 3U);
    EXPECT_EQ(AsText(sink.Find("scripts/postin")->content), "echo post");
    EXPECT_EQ(AsText(sink.Find("scripts/preun")->content), "echo preun");
    for (const auto& recorded : sink.members) {
      EXPECT_TRUE(recorded.member.stored);
      EXPECT_TRUE(recorded.member.origin);
    }
  }
}

TEST(RpmTest, ThePayloadIsNamedByFormatAndCompressor) {
  RecordingSink gzip;
  RecordingSink plain;
  ASSERT_TRUE(Unpack(kRpm, kGzip, gzip));
  ASSERT_TRUE(Unpack(kRpm, kPlain, plain));
  ASSERT_NE(gzip.Find("payload.cpio.gz"), nullptr);
  EXPECT_EQ(gzip.Find("payload.cpio.gz")->content[0], 0x1f);
  ASSERT_NE(plain.Find("payload.cpio"), nullptr);
  EXPECT_EQ(AsText(plain.Find("payload.cpio")->content).substr(0, 6), "070701");
}

TEST(RpmTest, ReadsTheSameFromAStream) {
  RecordingSink sink;
  RecordingSink streamed;
  ASSERT_TRUE(Unpack(kRpm, kGzip, sink));
  ASSERT_TRUE(UnpackStream(kRpm, kGzip, streamed, 7));
  EXPECT_EQ(Fingerprint(sink), Fingerprint(streamed));
}

TEST(RpmTest, EveryProperPrefixIsAnError) {
  testing::ForEachPrefix(kRpm, kGzip, [](const Attempt& attempt) {
    EXPECT_FALSE(attempt.ok) << attempt.at;
    EXPECT_FALSE(kRpm.measure(ByteView(kGzip).first(attempt.at)));
  });
}

// Bytes that nobody checks: of the lead architecture, system and the like, of
// the signature header what rpm itself ignores.
TEST(RpmTest, EveryFlippedByteOfHeaderAndPayloadIsNoticed) {
  const std::size_t header = HeaderAt(kGzip);
  testing::ForEachFlip(kRpm, kGzip, [&](const Attempt& attempt) {
    if (attempt.at >= header) {
      EXPECT_TRUE(!attempt.ok || !attempt.sink->anomalies.empty())
          << attempt.at;
    }
  });
}

TEST(RpmTest, DigestsThatDisagreeAreReported) {
  Bytes damaged = kGzip;
  damaged.back() ^= 1U;
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kRpm, damaged, sink));
  ASSERT_EQ(sink.anomalies.size(), 2U);  // MD5 of all, SHA-256 of the payload
  EXPECT_EQ(sink.anomalies[0].id, "rpm.checksum-mismatch");
  EXPECT_EQ(sink.anomalies[1].id, "rpm.checksum-mismatch");
}

TEST(RpmTest, ALeadThatNamesAnotherPackageIsReported) {
  Bytes renamed = kGzip;
  renamed[10] = 'S';
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kRpm, renamed, sink));
  EXPECT_TRUE(sink.Saw("rpm.name-mismatch"));
}

// What lies outside the region is not covered by the header's signature.
TEST(RpmTest, EntriesOutsideTheRegionAreReported) {
  for (const std::size_t header : {kSignatureAt, HeaderAt(kGzip)}) {
    const std::uint32_t count = *ReadAt<Be32>(kGzip, header + 8);
    const std::uint32_t trailer = *ReadAt<Be32>(kGzip, header + kIntro + 8);
    const std::size_t at = header + kIntro + count * 16 + trailer + 8;
    const std::uint32_t one_less = ~((count - 1) * 16) + 1;
    Bytes changed = kGzip;
    for (unsigned i = 0; i < 4; ++i) {
      changed[at + i] = static_cast<std::uint8_t>(one_less >> (24 - 8 * i));
    }
    RecordingSink sink;
    ASSERT_TRUE(Unpack(kRpm, changed, sink));
    EXPECT_TRUE(sink.Saw("rpm.hidden-entries"));
    RecordingSink damaged;
    ASSERT_TRUE(Unpack(kRpm, WithBytes(kGzip, at, "00000001"), damaged));
    EXPECT_TRUE(damaged.Saw("rpm.hidden-entries"));
  }
}

TEST(RpmTest, TwoScriptsInOnePlaceAreReported) {
  const std::size_t header = HeaderAt(kGzip);
  Bytes changed = kGzip;
  const std::size_t postin = EntryOf(kGzip, header, 1024);
  const std::size_t preun = EntryOf(kGzip, header, 1025);
  std::copy_n(kGzip.begin() + static_cast<std::ptrdiff_t>(postin + 8), 4,
              changed.begin() + static_cast<std::ptrdiff_t>(preun + 8));
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kRpm, changed, sink));
  EXPECT_TRUE(sink.Saw("rpm.overlapping-scripts"));
  std::string why;
  EXPECT_TRUE(sink.Accounts(kGzip.size(), &why)) << why;
}

TEST(RpmTest, LyingIndexEntriesAreErrors) {
  const std::size_t header = HeaderAt(kGzip);
  const std::size_t name = EntryOf(kGzip, header, 1000);
  const std::size_t sizes = EntryOf(kGzip, header, 1028);
  const std::size_t strings = EntryOf(kGzip, header, 1118);
  for (const auto& [at, hex] :
       std::initializer_list<std::pair<std::size_t, std::string_view>>{
           {name + 4, "0000000a"},      // no such type
           {name + 8, "7fffffff"},      // past the store
           {name + 12, "00000002"},     // a string has one value
           {name + 12, "00000000"},     // none
           {sizes + 12, "ffffffff"},    // more numbers than there is room for
           {sizes + 12, "40000001"},    // whose size wraps in 32 bits
           {strings + 12, "ffffffff"},  // more strings than bytes
       }) {
    RecordingSink sink;
    EXPECT_FALSE(Unpack(kRpm, WithBytes(kGzip, at, hex), sink)) << hex;
    EXPECT_FALSE(kRpm.measure(WithBytes(kGzip, at, hex))) << hex;
  }
}

TEST(RpmTest, LyingHeaderSizesAreErrors) {
  for (const std::size_t header : {kSignatureAt, HeaderAt(kGzip)}) {
    for (const char* sizes : {"00000000 00000010", "00010000 00000010",
                              "00000010 10000000", "0000ffff 0fffffff"}) {
      const Bytes lying = WithBytes(kGzip, header + 8, sizes);
      RecordingSink sink;
      EXPECT_FALSE(Unpack(kRpm, lying, sink)) << sizes;
      EXPECT_FALSE(kRpm.measure(lying)) << sizes;
    }
  }
}

TEST(RpmTest, APayloadSizeThatLiesIsAnError) {
  const std::size_t entry = EntryOf(kGzip, kSignatureAt, 1000);
  const std::uint32_t count = *ReadAt<Be32>(kGzip, kSignatureAt + 8);
  const std::size_t at =
      kSignatureAt + kIntro + count * 16 + *ReadAt<Be32>(kGzip, entry + 8);
  for (const char* size : {"00000000", "00000010", "ffffffff"}) {
    RecordingSink sink;
    EXPECT_FALSE(Unpack(kRpm, WithBytes(kGzip, at, size), sink)) << size;
    EXPECT_FALSE(kRpm.measure(WithBytes(kGzip, at, size))) << size;
  }
}

// A package of version 3 as the oldest tools made them: a signature of the
// size alone, a header without a region.
TEST(RpmTest, ReadsAPackageWithoutRegionsAndDigests) {
  Bytes lead = Hex("edabeedb 0300 0000 0001 6100");
  lead.resize(96);
  lead[77] = 1;
  lead[79] = 5;
  const Bytes signature = Hex(R"(
      8eade801 00000000 00000001 00000004
      000003e8 00000004 00000000 00000001  # SIZE, INT32
      0000002a 00000000)");  // 42; padding to 8
  const Bytes rest = Hex(R"(
      8eade801 00000000 00000001 00000002
      000003e8 00000006 00000000 00000001  # NAME, STRING
      6100
      3037 30373031 3030)");
  const Bytes image = Concat(Concat(lead, signature), rest);
  RecordingSink sink;
  const auto result = Unpack(kRpm, image, sink);
  ASSERT_TRUE(result) << result.error().what;
  std::string why;
  EXPECT_TRUE(sink.Accounts(image.size(), &why)) << why;
  ASSERT_NE(sink.Find("payload.cpio"), nullptr);
  EXPECT_EQ(AsText(sink.Find("payload.cpio")->content), "07070100");
  EXPECT_EQ(kRpm.measure(image).value_or(0), image.size());
}

TEST(RpmTest, RefusesOtherBytes) {
  for (const auto& [at, hex] :
       std::initializer_list<std::pair<std::size_t, std::string_view>>{
           {0, "edabeedc"},             // the magic
           {4, "05"},                   // a version that does not exist
           {6, "0002"},                 // neither binary nor source
           {78, "0001"},                // a signature that is no header
           {kSignatureAt, "8eade802"},  // a header version
           {kSignatureAt + 4, "01"},    // reserved
       }) {
    EXPECT_FALSE(kRpm.matches(WithBytes(kGzip, at, hex)) &&
                 HasMagic(kRpm, WithBytes(kGzip, at, hex)))
        << hex;
  }
}

}  // namespace
}  // namespace assay::formats
