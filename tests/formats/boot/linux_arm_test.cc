#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "tests/support/hex.h"
#include "tests/support/recording_sink.h"
#include "tests/support/sweep.h"
#include "verifier/formats/format.h"

namespace assay::formats {

extern const Format kLinuxArm;
namespace {

using testing::Attempt;
using testing::Concat;
using testing::ForEachFlip;
using testing::ForEachPrefix;
using testing::Hex;
using testing::RecordedMember;
using testing::RecordingSink;
using testing::Sample;

const Bytes kXzImage = Sample("formats/linux_arm/xz.hex");

std::string Names(const RecordingSink& sink) {
  std::string names;
  for (const RecordedMember& member : sink.members) {
    names += member.member.name + " ";
    EXPECT_TRUE(member.member.stored) << member.member.name;
  }
  return names;
}

TEST(LinuxArmTest, FindsTheKernelInBothByteOrders) {
  struct Case {
    const char* name;
    const char* members;
  };
  for (const Case& expected :
       std::to_array<Case>({{"gzip", "head vmlinux.gz tail "},
                            {"big", "head vmlinux.gz tail "},
                            {"old", "kernel "},
                            {"xz", "head vmlinux.xz tail dtb dtb2 "}})) {
    const Bytes image =
        Sample(std::string("formats/linux_arm/") + expected.name + ".hex");
    RecordingSink sink;
    const auto result = Unpack(kLinuxArm, image, sink);
    ASSERT_TRUE(result) << expected.name << result.error().what;
    EXPECT_EQ(Names(sink), expected.members) << expected.name;
    EXPECT_TRUE(sink.anomalies.empty());
    std::string why;
    EXPECT_TRUE(sink.Accounts(image.size(), &why)) << expected.name << why;
    EXPECT_EQ(kLinuxArm.measure(Concat(image, Hex("ff"))).value_or(0),
              image.size());
  }
}

// The loader holds the magic of xz as text, before the kernel itself.
TEST(LinuxArmTest, AMagicInTheLoaderIsNotTheKernel) {
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kLinuxArm, kXzImage, sink));
  EXPECT_NE(AsText(sink.Find("head")->content).find("7zXZ"),
            std::string_view::npos);
  const Bytes& kernel = sink.Find("vmlinux.xz")->content;
  EXPECT_EQ(AsText(kernel).substr(kernel.size() - 2), "YZ");
  EXPECT_EQ(AsText(sink.Find("dtb2")->content).substr(0, 2), "\xd0\x0d");
}

TEST(LinuxArmTest, PrefixesEndInErrorsOrBeforeATree) {
  ForEachPrefix(kLinuxArm, kXzImage, [&](const Attempt& attempt) {
    const ByteView prefix = ByteView(kXzImage).first(attempt.at);
    const auto size = kLinuxArm.measure(prefix);
    EXPECT_EQ(attempt.ok, size.has_value()) << attempt.at;
    EXPECT_LE(size.value_or(0), attempt.at);
  });
  const Bytes gzip = Sample("formats/linux_arm/gzip.hex");
  ForEachPrefix(kLinuxArm, gzip, [&](const Attempt& attempt) {
    EXPECT_FALSE(attempt.ok) << attempt.at;
  });
}

// Nothing but the payload has a checksum: flips are read within the bytes.
TEST(LinuxArmTest, EveryFlipIsAccountedFor) {
  ForEachFlip(kLinuxArm, kXzImage, [&](const Attempt& attempt) {
    EXPECT_LE(attempt.consumed, kXzImage.size());
    if (attempt.at >= 0x24 && attempt.at < 0x28) {
      EXPECT_FALSE(attempt.ok);
    }
  });
}

TEST(LinuxArmTest, HeadersThatContradictThemselvesAreNotLinux) {
  for (const std::size_t at : {0x24U, 0x27U, 0x30U, 0x33U}) {
    Bytes wrong = kXzImage;
    wrong[at] ^= 0x55U;
    EXPECT_FALSE(kLinuxArm.matches(wrong)) << at;
  }
  Bytes empty = kXzImage;
  std::fill_n(empty.begin() + 0x2c, 4, std::uint8_t{0});
  EXPECT_FALSE(kLinuxArm.matches(empty));
  Bytes brief = empty;
  brief[0x2c] = 0x30;  // ends inside its own header
  EXPECT_FALSE(kLinuxArm.matches(brief));
}

// A table or a size outside of the image leaves the kernel in one piece.
TEST(LinuxArmTest, LyingTablesAreNotFollowed) {
  for (const auto& [at, value] :
       {std::pair<std::size_t, std::uint8_t>{0x3a, 9}, {0x3b, 0xff}}) {
    Bytes lying = kXzImage;
    lying[at] = value;
    RecordingSink sink;
    ASSERT_TRUE(Unpack(kLinuxArm, lying, sink)) << at;
    EXPECT_EQ(Names(sink), "kernel dtb dtb2 ") << at;
    std::string why;
    EXPECT_TRUE(sink.Accounts(lying.size(), &why)) << why;
  }
  const auto table = ReadAt<Le32>(kXzImage, 0x38);
  ASSERT_TRUE(table);
  for (const unsigned value : {0x01U, 0x80U, 0xffU}) {
    Bytes lying = kXzImage;
    lying[*table + 11] =
        static_cast<std::uint8_t>(value);  // the kernel's end, far outside
    RecordingSink sink;
    ASSERT_TRUE(Unpack(kLinuxArm, lying, sink));
    EXPECT_EQ(Names(sink), "kernel dtb dtb2 ");
  }
}

TEST(LinuxArmTest, AnImageThatEndsPastTheInputIsTruncated) {
  Bytes lying = kXzImage;
  lying[0x2e] = 0x10;
  EXPECT_EQ(kLinuxArm.measure(lying).error().code, ErrorCode::kTruncated);
}

}  // namespace
}  // namespace assay::formats
