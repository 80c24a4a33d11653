#include <gtest/gtest.h>

#include "tests/support/hex.h"
#include "tests/support/recording_sink.h"
#include "tests/support/sweep.h"
#include "verifier/formats/format.h"

namespace assay::formats {

extern const Format kLinuxX86;
namespace {

using testing::Attempt;
using testing::Concat;
using testing::ForEachFlip;
using testing::ForEachPrefix;
using testing::Hex;
using testing::RecordedMember;
using testing::RecordingSink;
using testing::Sample;

const Bytes kPlain = Sample("formats/linux_x86/plain.hex");
const Bytes kSigned = Sample("formats/linux_x86/signed.hex");

std::string Names(const RecordingSink& sink) {
  std::string names;
  for (const RecordedMember& member : sink.members) {
    names += member.member.name + " ";
    EXPECT_TRUE(member.member.stored) << member.member.name;
  }
  return names;
}

TEST(LinuxX86Test, FindsThePayloadWithoutTheSizeBehindIt) {
  RecordingSink sink;
  std::uint64_t consumed = 0;
  ASSERT_TRUE(Unpack(kLinuxX86, Concat(kPlain, Hex("00ff")), sink, &consumed));
  EXPECT_EQ(Names(sink), "setup head vmlinux.xz tail ");
  EXPECT_TRUE(sink.anomalies.empty());
  const Bytes& payload = sink.Find("vmlinux.xz")->content;
  EXPECT_EQ(AsText(payload).substr(payload.size() - 2), "YZ");
  EXPECT_EQ(AsText(sink.Find("head")->content), std::string(48, 'H'));
  std::string why;
  EXPECT_TRUE(sink.Accounts(kPlain.size(), &why)) << why;
  EXPECT_EQ(kLinuxX86.measure(Concat(kPlain, Hex("00ff"))).value_or(0),
            kPlain.size());
}

TEST(LinuxX86Test, ASignatureBelongsToTheImageAndNotToItsCrc) {
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kLinuxX86, kSigned, sink));
  EXPECT_EQ(Names(sink), "setup head vmlinux.xz tail signature.p7 ");
  EXPECT_TRUE(sink.anomalies.empty());
  EXPECT_EQ(AsText(sink.Find("signature.p7")->content).substr(2, 15),
            "inertinertinert");
  std::string why;
  EXPECT_TRUE(sink.Accounts(kSigned.size(), &why)) << why;
  EXPECT_EQ(kLinuxX86.measure(kSigned).value_or(0), kSigned.size());
}

TEST(LinuxX86Test, AnAlteredByteBreaksTheCrc) {
  Bytes damaged = kPlain;
  damaged[1024 + 10] ^= 1U;
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kLinuxX86, damaged, sink));
  EXPECT_TRUE(sink.Saw("linux_x86.crc-mismatch"));
}

// Linux 6.16 and later have no CRC: its absence is no anomaly, and the last
// four bytes belong to the code.
TEST(LinuxX86Test, LaterKernelsHaveNoCrc) {
  Bytes later = kPlain;
  later[0x302] = '1';
  later[0x303] = '9';
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kLinuxX86, later, sink));
  EXPECT_TRUE(sink.anomalies.empty());
  const auto origin = sink.Find("tail")->member.origin;
  ASSERT_TRUE(origin);
  EXPECT_EQ(origin->end(), later.size());
}

TEST(LinuxX86Test, OldProtocolsHaveOneBody) {
  Bytes old = kPlain;
  old[0x206] = 0x04;
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kLinuxX86, old, sink));
  EXPECT_EQ(Names(sink), "setup kernel ");
}

// Boot programs that pose as a kernel end in the middle of a paragraph.
TEST(LinuxX86Test, TheLastParagraphMayBeShort) {
  Bytes old = kPlain;
  old[0x206] = 0x04;
  for (const std::size_t missing : {1U, 15U, 16U}) {
    RecordingSink sink;
    const ByteView cut = ByteView(old).first(old.size() - missing);
    EXPECT_EQ(Unpack(kLinuxX86, cut, sink).has_value(), missing < 16);
    EXPECT_EQ(kLinuxX86.measure(cut).value_or(0),
              missing < 16 ? cut.size() : 0);
  }
}

TEST(LinuxX86Test, SectionsMayGoOnBehindTheCode) {
  Bytes longer = Concat(kSigned, Bytes(64, 'x'));
  constexpr std::size_t kSection = 0x40 + 24 + 160;
  const std::size_t size = longer.size() - 512;
  longer[kSection + 16] = static_cast<std::uint8_t>(size);
  longer[kSection + 17] = static_cast<std::uint8_t>(size >> 8U);
  longer[kSection - 160 + 144 + 4] = 0;  // not signed
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kLinuxX86, longer, sink));
  ASSERT_NE(sink.Find("sections"), nullptr);
  EXPECT_EQ(sink.Find("sections")->member.origin->end(), longer.size());
  EXPECT_EQ(kLinuxX86.measure(longer).value_or(0), longer.size());
}

TEST(LinuxX86Test, EveryProperPrefixFails) {
  for (const Bytes& image : {kPlain, kSigned}) {
    ForEachPrefix(kLinuxX86, image, [&](const Attempt& attempt) {
      EXPECT_FALSE(attempt.ok) << attempt.at;
      EXPECT_FALSE(kLinuxX86.measure(ByteView(image).first(attempt.at)));
    });
  }
}

// The CRC covers everything; only what says where things lie, or that the
// kernel is a later one, may lift it.
TEST(LinuxX86Test, EveryFlippedByteIsNoticed) {
  const auto lifts = [](std::size_t at) {
    return (at >= 0x1f4 && at < 0x1f8) || at == 0x206 || at == 0x20e ||
           at == 0x20f || (at >= 0x248 && at < 0x250) ||
           (at >= 0x300 && at < 0x304);
  };
  ForEachFlip(kLinuxX86, kPlain, [&](const Attempt& attempt) {
    EXPECT_TRUE(!attempt.ok || lifts(attempt.at) ||
                attempt.sink->Saw("linux_x86.crc-mismatch"))
        << attempt.at;
  });
}

TEST(LinuxX86Test, HeadersThatContradictThemselvesAreNotLinux) {
  for (const auto& [at, value] :
       {std::pair<std::size_t, std::uint8_t>{0x1fe, 0},
        {0x202, 'h'},
        {0x206, 3},
        {0x207, 3},
        {0x1f1, 65},
        {0x200, 0xe9},
        {0x24b, 0xff},
        {0x24f, 0xff}}) {
    Bytes wrong = kPlain;
    wrong[at] = value;
    if (at == 0x206) {
      wrong[0x207] = 2;
    }
    EXPECT_FALSE(kLinuxX86.matches(wrong)) << at;
  }
}

TEST(LinuxX86Test, LyingSignaturesAreRefused) {
  constexpr std::size_t kDirectory = 0x40 + 24 + 144;
  Bytes beyond = kSigned;
  beyond[kDirectory + 5] = 0x10;
  EXPECT_FALSE(kLinuxX86.measure(beyond));
  Bytes entry = kSigned;
  entry[kSigned.size() - 32] = 0xff;  // longer than the directory says
  RecordingSink sink;
  EXPECT_FALSE(Unpack(kLinuxX86, entry, sink));
  // Far behind the image it is somebody else's.
  Bytes far = kSigned;
  far[kDirectory + 1] = 0x70;
  EXPECT_LT(kLinuxX86.measure(far).value_or(~0ULL), kSigned.size());
}

}  // namespace
}  // namespace assay::formats
