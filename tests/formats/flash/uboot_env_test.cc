#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/hex.h"
#include "tests/support/image_checks.h"
#include "tests/support/recording_sink.h"
#include "tests/support/wrapper_checks.h"
#include "verifier/base/crc32.h"
#include "verifier/formats/format.h"

namespace assay::formats {

extern const Format kUbootEnv;
namespace {

using testing::Concat;
using testing::ExpectGood;
using testing::ExpectKept;
using testing::RecordingSink;
using testing::Sample;
using testing::SweepImage;

constexpr std::array kAll = {"single", "erased", "redundant",
                             "big",    "large",  "odd"};

Bytes Image(std::string_view name) {
  return Sample(fmt::format("formats/uboot_env/{}.hex", name));
}

// As make.sh has it, with NULs for line ends.
std::string Variables() {
  std::string text =
      "baudrate=115200\n"
      "bootargs=console=ttyS0,115200 root=/dev/mtdblock3\n"
      "bootcmd=run load; bootm 0x80800000\n"
      "bootdelay=3\n"
      "ethaddr=00:11:22:33:44:55\n"
      "load=sf probe 0; sf read 0x80800000 0x50000 0x300000\n"
      "passwd=admin\n";
  std::replace(text.begin(), text.end(), '\n', '\0');
  return text;
}

// An environment of that text, little-endian, with a right CRC.
Bytes Make(std::string_view text, std::size_t size, std::uint8_t filler = 0) {
  Bytes image(size, filler);
  std::copy(text.begin(), text.end(), image.begin() + 4);
  const std::uint32_t crc = Crc32(ByteView(image).subspan(4));
  for (std::size_t i = 0; i < 4; ++i) {
    image[i] = static_cast<std::uint8_t>(crc >> (8 * i));
  }
  return image;
}

std::string Text(std::string text) {
  std::replace(text.begin(), text.end(), '|', '\0');
  return text;
}

TEST(UbootEnvTest, ReadsWhatMkenvimageWrote) {
  for (const char* name : kAll) {
    RecordingSink sink;
    const auto result = Unpack(kUbootEnv, Image(name), sink);
    ASSERT_TRUE(result) << name << ": " << result.error().what;
    ASSERT_EQ(sink.members.size(), 1U);
    EXPECT_EQ(AsText(sink.members[0].content), Variables()) << name;
    EXPECT_EQ(sink.members[0].member.name, "environment");
    EXPECT_EQ(sink.members[0].member.origin->offset,
              name == std::string_view("redundant") ? 5U : 4U);
  }
}

TEST(UbootEnvTest, EndsWhereItsChecksumHolds) {
  for (const char* name : {"single", "erased", "redundant", "big", "large"}) {
    SCOPED_TRACE(name);
    ExpectGood(kUbootEnv, Image(name));
  }
  // A size that nobody would try is that of the whole input.
  EXPECT_EQ(kUbootEnv.measure(Image("odd")).value_or(0), 1000U);
  EXPECT_FALSE(kUbootEnv.measure(Concat(Image("odd"), Bytes(24, 1))));
}

TEST(UbootEnvTest, TwoCopiesAreTwo) {
  const Bytes image = Image("redundant");
  EXPECT_EQ(kUbootEnv.measure(Concat(image, image)).value_or(0), image.size());
  const Bytes erased = Concat(Image("erased"), Bytes(100'000, 0xff));
  EXPECT_EQ(kUbootEnv.measure(erased).value_or(0), 0x800U);
}

// A head ends before a large one does.
TEST(UbootEnvTest, ALargeOneIsKnownByItsHead) {
  const Bytes image = Image("large");
  ASSERT_GT(image.size(), Input::kPeekLimit);
  EXPECT_TRUE(kUbootEnv.matches(ByteView(image).first(Input::kPeekLimit)));
  EXPECT_FALSE(kUbootEnv.matches(ByteView(image).first(70'000)));
  EXPECT_FALSE(kUbootEnv.measure(ByteView(image).first(Input::kPeekLimit)));
}

// Under the checksum, but read by nobody.
TEST(UbootEnvTest, WhatFollowsTheVariablesIsSlack) {
  const Bytes image = Make(Text("bootcmd=boot||old=hidden||"), 512);
  EXPECT_TRUE(kUbootEnv.matches(image));
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kUbootEnv, image, sink));
  EXPECT_EQ(AsText(sink.members[0].content), Text("bootcmd=boot|"));
  EXPECT_EQ(sink.regions.back().use, RegionUse::kSlack);
  std::string why;
  EXPECT_TRUE(sink.Accounts(512, &why)) << why;
}

TEST(UbootEnvTest, AVariableThatIsSetTwiceIsSaid) {
  for (const char* text : {"a=1|b=2|b=3||", "a=1|b=2|a=3||"}) {
    RecordingSink sink;
    ASSERT_TRUE(Unpack(kUbootEnv, Make(Text(text), 512), sink)) << text;
    EXPECT_TRUE(sink.Saw("uboot_env.repeated-variable"));
  }
}

// A right checksum is no environment without the text.
TEST(UbootEnvTest, RefusesWhatIsNoText) {
  for (const char* text :
       {"||", "=1||", "noequals||", "a b=1||", "a=1|noequals||", "a=1",
        "\x01\x02=1||", "a=\x02||", "a=\x7f||",
        "a=1|a=2|a=3|a=4|a=5|a=6|a=7|a=8|a=9|a=0||"}) {
    EXPECT_FALSE(kUbootEnv.matches(Make(Text(text), 512, 'x'))) << text;
  }
  EXPECT_FALSE(kUbootEnv.matches({}));
  EXPECT_FALSE(kUbootEnv.matches(Bytes(4096, 0)));
  EXPECT_FALSE(kUbootEnv.matches(Bytes(4096, 0xff)));
}

// Nor the text without the checksum.
TEST(UbootEnvTest, NoFlippedByteIsOverlooked) {
  for (const char* name : {"single", "erased", "redundant", "big"}) {
    const Bytes image = Image(name);
    for (std::size_t at = 0; at < image.size(); ++at) {
      if (name == std::string_view("redundant") && at == 4) {
        continue;  // the flag has no checksum
      }
      Bytes damaged = image;
      damaged[at] ^= 0x01U;
      EXPECT_FALSE(kUbootEnv.matches(damaged)) << name << " byte " << at;
    }
  }
}

TEST(UbootEnvTest, NoPrefixIsTakenForTheWhole) {
  const Bytes image = Image("single");
  for (std::size_t size = 0; size < image.size(); ++size) {
    EXPECT_FALSE(kUbootEnv.matches(ByteView(image).first(size))) << size;
  }
}

TEST(UbootEnvTest, PrefixesAndFlipsAreKept) {
  SweepImage(kUbootEnv, Image("odd"));
  SweepImage(kUbootEnv, Image("redundant"), 31);
}

// Wherever in a heap of variables it is asked, the answer is cheap.
TEST(UbootEnvTest, TextAloneCostsLittle) {
  for (const char* piece : {"board=x|", "board=", "args=x||", "arch=arch=|"}) {
    std::string heap;
    while (heap.size() < (1U << 20U)) {
      heap += Text(piece);
    }
    const ByteView bytes = AsBytes(heap);
    for (std::size_t at = 0; at < 100'000; ++at) {
      EXPECT_FALSE(kUbootEnv.matches(
          bytes.subspan(at, std::min(bytes.size() - at, Input::kPeekLimit))));
    }
  }
}

}  // namespace
}  // namespace assay::formats
