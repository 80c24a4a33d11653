#include <gtest/gtest.h>

#include <array>

#include "tests/support/hex.h"
#include "tests/support/recording_sink.h"
#include "tests/support/sweep.h"
#include "verifier/formats/format.h"

namespace assay::formats {

extern const Format kLinuxArm64;
namespace {

using testing::Attempt;
using testing::Concat;
using testing::ForEachFlip;
using testing::ForEachPrefix;
using testing::Hex;
using testing::RecordedMember;
using testing::RecordingSink;
using testing::Sample;

Bytes Image(const std::string& name) {
  return Sample("formats/linux_arm64/" + name + ".hex");
}

std::string Names(const RecordingSink& sink) {
  std::string names;
  for (const RecordedMember& member : sink.members) {
    names += member.member.name + " ";
    EXPECT_TRUE(member.member.stored) << member.member.name;
  }
  return names;
}

TEST(LinuxArm64Test, GivesTheKernelAndItsSignature) {
  struct Case {
    const char* name;
    const char* members;
  };
  for (const Case& expected :
       std::to_array<Case>({{"arm64", "kernel "},
                            {"riscv", "kernel "},
                            {"signed", "kernel signature.p7 "},
                            {"zimg", "head vmlinux.gz tail "}})) {
    const Bytes image = Image(expected.name);
    ASSERT_TRUE(kLinuxArm64.matches(image)) << expected.name;
    RecordingSink sink;
    const auto result = Unpack(kLinuxArm64, image, sink);
    ASSERT_TRUE(result) << expected.name << result.error().what;
    EXPECT_EQ(Names(sink), expected.members) << expected.name;
    EXPECT_TRUE(sink.anomalies.empty());
    std::string why;
    EXPECT_TRUE(sink.Accounts(image.size(), &why)) << expected.name << why;
    EXPECT_EQ(kLinuxArm64.measure(image).value_or(0), image.size());
  }
}

TEST(LinuxArm64Test, TheSectionsOfAnEfiImageSayWhereItEnds) {
  for (const char* name : {"signed", "zimg"}) {
    const Bytes image = Image(name);
    EXPECT_EQ(kLinuxArm64.measure(Concat(image, Bytes(100, 0xff))).value_or(0),
              image.size());
  }
  // Without them it goes on to image_size at most, which counts memory too.
  const Bytes plain = Image("arm64");
  EXPECT_EQ(kLinuxArm64.measure(Concat(plain, Bytes(9000, 0xff))).value_or(0),
            plain.size() + 4096);
}

TEST(LinuxArm64Test, TheCompressedKernelIsWholeAndAlone) {
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kLinuxArm64, Image("zimg"), sink));
  const Bytes& kernel = sink.Find("vmlinux.gz")->content;
  const auto size = ReadAt<Le32>(kernel, kernel.size() - 4);
  ASSERT_TRUE(size);
  EXPECT_EQ(*size, 13U * 40U);
}

TEST(LinuxArm64Test, PrefixesOfEfiImagesFail) {
  for (const char* name : {"signed", "zimg"}) {
    const Bytes image = Image(name);
    ForEachPrefix(kLinuxArm64, image, [&](const Attempt& attempt) {
      const auto size = kLinuxArm64.measure(ByteView(image).first(attempt.at));
      EXPECT_EQ(attempt.ok, size.has_value()) << name << attempt.at;
      // Too short for its PE headers it is like an image without them.
      EXPECT_TRUE(!attempt.ok || attempt.at < 0x200) << name << attempt.at;
    });
  }
  const Bytes plain = Image("riscv");
  ForEachPrefix(kLinuxArm64, plain, [&](const Attempt& attempt) {
    EXPECT_EQ(attempt.ok, attempt.at >= 64) << attempt.at;
  });
}

TEST(LinuxArm64Test, EveryFlipIsAccountedFor) {
  for (const char* name : {"signed", "zimg", "riscv"}) {
    const Bytes image = Image(name);
    ForEachFlip(kLinuxArm64, image, [&](const Attempt& attempt) {
      EXPECT_LE(attempt.consumed, image.size());
    });
  }
}

TEST(LinuxArm64Test, HeadersThatContradictThemselvesAreNotLinux) {
  struct Case {
    const char* name;
    std::size_t at;
    std::uint8_t value;
  };
  for (const Case& wrong : std::to_array<Case>({
           {"arm64", 56, 'a'},
           {"arm64", 24, 0x10},  // an unknown flag
           {"arm64", 40, 1},     // reserved
           {"arm64", 12, 1},     // an offset of 4 GiB
           {"riscv", 48, 'r'},
           {"riscv", 59, 6},
           {"zimg", 4, 'Z'},
           {"zimg", 2, 1},
           {"zimg", 15, 1},  // the payload's size
           {"zimg", 11, 1},  // its offset
           {"zimg", 12, 0},
           {"zimg", 8, 0x08},
           {"zimg", 60, 0},  // no PE header
       })) {
    Bytes image = Image(wrong.name);
    image[wrong.at] = wrong.value;
    if (wrong.at == 12 && wrong.value == 0) {
      image[13] = 0;  // an empty payload
    }
    if (wrong.at == 8) {
      image[9] = 0;  // a payload in the header
    }
    EXPECT_FALSE(kLinuxArm64.matches(image)) << wrong.name << wrong.at;
  }
}

}  // namespace
}  // namespace assay::formats
